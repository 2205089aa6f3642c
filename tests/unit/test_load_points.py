"""Load points by their names, and the power they mean."""

from __future__ import annotations

from typing import Any

import pytest

from calibration.load_points import parse_load_point
from calibration.nameplate import Wiring
from tests.unit.nameplates import meter
from tests.unit.worked_cases import items


@pytest.mark.parametrize(("worked", "expected"), items("C22"))
def test_power_of_a_load_point_agrees_with_the_worked_cases(
    worked: dict[str, Any], expected: dict[str, Any]
) -> None:
    wiring = {"1ph": Wiring.SINGLE_PHASE, "3P3W": Wiring.THREE_WIRE}[worked["wiring"]]
    tested = meter(wiring=wiring, nominal_voltage_V=worked["U"], basic_current_A=worked["I"])
    load_point = parse_load_point({1: "Ib 1.0", 0.5: "Ib 0.5L"}[worked["pf"]], tested)
    assert load_point.compared_power == pytest.approx(expected["P_W"], abs=5e-7)


@pytest.mark.parametrize(
    ("name", "current_A", "power_factor", "side"),
    [
        ("Ib 1.0", 5.0, 1.0, ""),
        ("0.1Ib 0.5L", 0.5, 0.5, "L"),
        ("Imax 0.8C", 60.0, 0.8, "C"),
        ("0.5Imax 0.25L", 30.0, 0.25, "L"),
        (" 0.05In  1.0 ", 0.25, 1.0, ""),
    ],
)
def test_names_of_load_points_are_understood(
    name: str, current_A: float, power_factor: float, side: str
) -> None:
    load_point = parse_load_point(name, meter())
    assert (load_point.current_A, load_point.power_factor, load_point.phase_side) == (
        current_A,
        power_factor,
        side,
    )
    assert (load_point.voltage_V, load_point.name) == (220.0, " ".join(name.split()))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ib", "no load point"),
        ("Ib 0.5L A B", "no load point"),
        ("5A 1.0", "no current"),
        ("0.1ib 1.0", "no current"),
        ("2Imax 1.0", "outside 0 to Imax"),
        ("13Ib 1.0", "outside 0 to Imax"),
        ("0Ib 1.0", "outside 0 to Imax"),
        ("Ib 0.5", "no power factor"),
        ("Ib 1.0L", "no power factor"),
        ("Ib 0.0L", "no power factor"),
        ("Ib 1.2", "no power factor"),
    ],
)
def test_a_load_point_that_means_nothing_says_how_to_write_one(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_load_point(name, meter())
