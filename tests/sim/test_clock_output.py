"""The 1 Hz output of a simulated meter, against the clock of the plant."""

import numpy as np
import pytest

from bench.sim.faults import Fault, FaultEvent
from bench.sim.in_process import SimPulseInput
from bench.sim.meter import MeterModel
from bench.sim.plant import PlantSetup
from calibration.load_points import LoadPoint
from calibration.quantities import FALLING, NS_PER_S, RISING
from tests.sim.rig import FULL_LOAD, Rig

VOLTAGE_ALONE = LoadPoint("Un", 220.0, 0.0, 1.0)
JITTER_S = 10e-6


class ClockRig(Rig):
    """A rig that reads the clock outputs, too: lines after those of the meters."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for _ in self.setup.clock_errors_s_per_day:
            self.lines.append(SimPulseInput(self.plant, len(self.lines), self.clock))
            self._edges.append([])

    def seconds(self, line: int) -> np.ndarray:
        return (self.edges(line).of_kind(RISING) - self.origin_ns) / NS_PER_S


@pytest.mark.parametrize("error_s_per_day", [0.0, 0.6, -30.0])
def test_its_seconds_have_the_stated_error_under_any_load(error_s_per_day: float) -> None:
    rig = ClockRig(PlantSetup(clock_errors_s_per_day=(error_s_per_day,)))
    for load in (VOLTAGE_ALONE, FULL_LOAD, VOLTAGE_ALONE):
        rig.source.apply(load)
        rig.run(200.0)
    at_s = rig.seconds(1)
    period_s = (at_s[-1] - at_s[0]) / (len(at_s) - 1)
    # A clock that gains shows more of its seconds in a day, so each is shorter.
    assert 86_400.0 / period_s - 86_400.0 == pytest.approx(error_s_per_day, abs=86_400 * 5 * JITTER_S / 600)
    assert len(at_s) == pytest.approx(600, abs=1)
    assert np.all(np.abs(np.diff(at_s) - period_s) < 8 * JITTER_S)
    edges = rig.edges(1)
    assert np.array_equal(edges.line_seqno, np.arange(1, len(edges) + 1))
    assert np.all(edges.kind[0::2] == RISING)
    assert np.all(edges.kind[1::2] == FALLING)


def test_it_is_dark_without_voltage_and_keeps_its_phase() -> None:
    rig = ClockRig(PlantSetup(clock_errors_s_per_day=(0.0,)))
    rig.run(10.0)
    assert len(rig.edges(1)) == 0
    spans = []
    for _ in range(2):
        on_s = (rig.clock.now_ns() - rig.origin_ns) / NS_PER_S
        rig.source.apply(VOLTAGE_ALONE)
        rig.run(20.3)
        rig.source.remove()
        spans.append((on_s, (rig.clock.now_ns() - rig.origin_ns) / NS_PER_S))
        rig.run(7.4)
    at_s = rig.seconds(1)
    assert all(any(on - JITTER_S * 5 <= t <= off + JITTER_S * 5 for on, off in spans) for t in at_s)
    assert len(at_s) == pytest.approx(40, abs=2)
    assert np.ptp((at_s - at_s[0] + 0.5) % 1.0) < 10 * JITTER_S


def test_each_clock_has_a_line_and_an_error_of_its_own() -> None:
    meters = (MeterModel(), MeterModel())
    rig = ClockRig(PlantSetup(meters, clock_errors_s_per_day=(100.0, -100.0)))
    rig.source.apply(FULL_LOAD)
    rig.run(900.0)
    fast, slow = rig.seconds(2), rig.seconds(3)
    assert (fast[-1] - fast[0]) / (len(fast) - 1) < 1.0 < (slow[-1] - slow[0]) / (len(slow) - 1)


def test_its_line_can_be_unplugged_and_the_meters_is_not() -> None:
    fault = FaultEvent(Fault.UNPLUGGED_LINE, 10.0, 30.0, line=1, load_application=0)
    rig = ClockRig(PlantSetup(faults=(fault,), clock_errors_s_per_day=(0.0,)))
    rig.source.apply(FULL_LOAD)
    rig.run(60.0)
    assert np.max(np.diff(rig.seconds(1))) == pytest.approx(31.0, abs=1.0)
    assert np.max(np.diff(rig.seconds(0))) < 3.0


def test_clocks_change_nothing_of_what_the_plant_was_without_them() -> None:
    def stamps(setup: PlantSetup) -> np.ndarray:
        rig = Rig(setup)
        rig.source.apply(FULL_LOAD)
        return rig.run(60.0).edges().timestamp_ns

    assert np.array_equal(stamps(PlantSetup()), stamps(PlantSetup(clock_errors_s_per_day=(1.0, 2.0))))
