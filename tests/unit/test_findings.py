"""What is told of many findings."""

from __future__ import annotations

from calibration.findings import each_reason_once
from calibration.quantities import Finding
from calibration.reasons import Reason


def test_a_reason_is_told_once_where_it_came_up_first_with_its_last_figures() -> None:
    found = [
        Finding(Reason.REFERENCE_SILENT, {"seconds": "1"}),
        Finding(Reason.PULSE_DOUBLED),
        Finding(Reason.REFERENCE_SILENT, {"seconds": "2"}),
    ]
    assert each_reason_once(found) == (found[2], found[1])
