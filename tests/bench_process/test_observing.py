"""What a line showed in a span of time."""

from __future__ import annotations

import numpy as np
import pytest

from bench.measurement.observing import seconds_pulses
from calibration.quantities import NS_PER_S, RISING, EdgeTrain
from calibration.reasons import Reason


def seconds(at_s: list[float]) -> EdgeTrain:
    stamps = np.rint(np.array(at_s) * NS_PER_S).astype(np.int64)
    return EdgeTrain(stamps, np.full(len(stamps), RISING, np.int64), np.arange(len(stamps)))


EVEN = [0.5 + k for k in range(20)]


def test_even_seconds_have_their_period() -> None:
    assert seconds_pulses(seconds(EVEN), 0, 2, 10.0, ()).periods_s == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize(
    ("at_s", "pulses", "shortest", "longest"),
    [
        ([], "0", "—", "—"),
        (EVEN[:12], "12", "1.000", "1.000"),
        (EVEN[:10] + EVEN[11:], "19", "1.000", "2.000"),
        (sorted([*EVEN, 7.75]), "21", "0.250", "1.000"),
    ],
)
def test_an_output_that_gives_no_seconds_is_told_by_its_figures(
    at_s: list[float], pulses: str, shortest: str, longest: str
) -> None:
    (found,) = seconds_pulses(seconds(at_s), 0, 2, 10.0, ()).findings
    assert found.reason is Reason.CLOCK_OUTPUT_UNUSABLE
    assert found.values == {"pulses": pulses, "seconds": "20", "shortest": shortest, "longest": longest}
