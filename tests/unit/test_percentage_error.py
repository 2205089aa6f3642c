"""The percentage error against worked cases, and the ways its sign has been got wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.percentage_error import (
    corrected_reference_energy_Wh,
    meter_energy_Wh,
    nominal_time_s,
    percentage_error_pct,
    power_time_error_pct,
    primary_energy_Wh,
    pulse_comparison_error_pct,
)
from tests.unit.worked_cases import items

errors_pct = st.floats(-50.0, 50.0)
constants = st.floats(100.0, 100_000.0)
powers_W = st.floats(10.0, 50_000.0)


@pytest.mark.parametrize(("given_", "expected"), items("C12"))
def test_pulse_comparison_agrees_with_the_worked_cases(
    given_: dict[str, Any], expected: dict[str, Any]
) -> None:
    error = pulse_comparison_error_pct(
        given_["N"],
        given_["CL"],
        given_["m"],
        given_["C0"],
        given_["KI"],
        given_["KU"],
        float(given_["gamma0"]),
    )
    assert error == pytest.approx(expected["gamma"], abs=5e-7)


@pytest.mark.parametrize(("given_", "expected"), items("C13"))
def test_power_time_agrees_with_the_worked_cases(given_: dict[str, Any], expected: dict[str, Any]) -> None:
    power_W = given_["phases"] * given_["U"] * given_["I"] * given_["pf"]
    assert power_W == expected["P_W"]
    assert nominal_time_s(given_["N"], given_["C"], power_W) == pytest.approx(
        expected["T_theory_s"], abs=5e-7
    )
    error = power_time_error_pct(given_["N"], given_["C"], power_W, given_["t_s"])
    assert error == pytest.approx(expected["gamma"], abs=5e-7)


def test_a_meter_whose_pulses_take_too_long_is_slow_and_negative_by_every_way() -> None:
    # 10 pulses at 1,200 imp/kWh and 550 W should take 54.545 s and took 54.6 s.
    reference_Wh = 550.0 * 54.6 / 3600.0
    by_energy = percentage_error_pct(meter_energy_Wh(10, 1200.0), reference_Wh)
    by_pulses = pulse_comparison_error_pct(10, 1200.0, reference_Wh * 24_000.0, 24_000_000.0)
    by_time = power_time_error_pct(10, 1200.0, 550.0, 54.6)
    assert by_energy < 0.0
    assert by_energy == pytest.approx(by_pulses, abs=1e-9)
    assert by_energy == pytest.approx(by_time, abs=1e-9)
    assert by_energy == pytest.approx(-0.0999, abs=1e-6)


@given(errors_pct, constants, powers_W, st.integers(1, 10_000))
def test_the_true_error_of_a_meter_is_found_with_its_sign(
    error_pct: float, constant: float, power_W: float, pulses: int
) -> None:
    # A meter with this error takes 1/(1 + error) of the nominal time for its pulses.
    time_s = pulses * 3.6e6 / (constant * power_W) / (1.0 + error_pct / 100.0)
    found = percentage_error_pct(meter_energy_Wh(pulses, constant), power_W * time_s / 3600.0)
    assert found == pytest.approx(error_pct, abs=1e-9)
    assert power_time_error_pct(pulses, constant, power_W, time_s) == pytest.approx(error_pct, abs=1e-9)


@given(st.floats(-10.0, 10.0), st.floats(1.0, 1e6))
def test_a_reference_that_reads_too_much_is_corrected_downwards(
    indication_pct: float, true_Wh: float
) -> None:
    read_Wh = true_Wh * (1.0 + indication_pct / 100.0)
    assert corrected_reference_energy_Wh(read_Wh, indication_pct) == pytest.approx(true_Wh, rel=1e-12)


def test_correcting_the_energy_and_adding_gamma0_agree_to_first_order() -> None:
    meter_Wh, read_Wh, gamma0 = 101.0, 100.0, 0.05
    corrected = percentage_error_pct(meter_Wh, corrected_reference_energy_Wh(read_Wh, gamma0))
    added = pulse_comparison_error_pct(101, 1000.0, 100.0, 1000.0, indication_error_pct=gamma0)
    assert corrected - added == pytest.approx(1.0 * gamma0 / 100.0, rel=1e-9)


def test_transformers_multiply_the_side_behind_them_only() -> None:
    # The meter counts 10 kWh on the primary side; the reference, behind 20:1 and 100:1, reads 5 Wh.
    primary_Wh = primary_energy_Wh(5.0, ct_ratio=20.0, vt_ratio=100.0)
    assert primary_Wh == 10_000.0
    assert percentage_error_pct(meter_energy_Wh(10_000, 1000.0), primary_Wh) == 0.0
    assert pulse_comparison_error_pct(10_000, 1000.0, 5_000, 1_000_000.0, 20.0, 100.0) == 0.0


@pytest.mark.parametrize("nothing", [0.0, -1.0, float("nan")])
@pytest.mark.parametrize(
    ("name", "compute"),
    [
        ("meter_constant_imp_per_kWh", lambda x: meter_energy_Wh(10, x)),
        ("ct_ratio", lambda x: primary_energy_Wh(5.0, x, 100.0)),
        ("vt_ratio", lambda x: primary_energy_Wh(5.0, 20.0, x)),
        ("reference_Wh", lambda x: percentage_error_pct(1.0, x)),
        ("reference_pulses", lambda x: pulse_comparison_error_pct(10, 1000.0, x, 1000.0)),
        ("meter_constant_imp_per_kWh", lambda x: pulse_comparison_error_pct(10, x, 10, 1000.0)),
        ("reference_constant_imp_per_kWh", lambda x: pulse_comparison_error_pct(10, 1000.0, 10, x)),
        ("ct_ratio", lambda x: pulse_comparison_error_pct(10, 1000.0, 10, 1000.0, x, 1.0)),
        ("vt_ratio", lambda x: pulse_comparison_error_pct(10, 1000.0, 10, 1000.0, 1.0, x)),
        ("meter_constant_imp_per_kWh", lambda x: nominal_time_s(10, x, 100.0)),
        ("power_W", lambda x: nominal_time_s(10, 1000.0, x)),
        ("time_s", lambda x: power_time_error_pct(10, 1000.0, 100.0, x)),
    ],
)
def test_a_figure_that_is_not_above_nothing_is_refused_by_its_name(
    name: str, compute: Callable[[float], float], nothing: float
) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be positive, not {nothing}$"):
        compute(nothing)


def test_an_error_of_indication_of_minus_hundred_percent_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^an error of indication of -100.0 % leaves no energy$"):
        corrected_reference_energy_Wh(10.0, -100.0)
