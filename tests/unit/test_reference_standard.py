"""The equipment card at a load point: interpolation in a certificate's table, and where it ends."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.load_points import LoadPoint
from calibration.nameplate import Quantity
from calibration.reference_standard import CardCorrection, ReferenceCard
from calibration.uncertainty import standing_rows

PLAIN = ReferenceCard("m", "s", 0.05, 0.01, 0.2, 0.1, indication_error_pct=0.03, calibration_U_pct=0.04)
TABLE = (
    CardCorrection(60.0, 1.0, 0.000, 0.010),
    CardCorrection(0.25, 1.0, 0.020, 0.030),
    CardCorrection(1.0, 1.0, 0.010, 0.020),
    CardCorrection(5.0, 1.0, -0.010, 0.015),
    CardCorrection(1.0, 0.5, 0.040, 0.030, "L"),
    CardCorrection(60.0, 0.5, 0.060, 0.025, "L"),
)
CARD = replace(PLAIN, corrections=TABLE)


def load(current_A: float, power_factor: float = 1.0, side: str = "", voltage_V: float = 220.0) -> LoadPoint:
    return LoadPoint("", voltage_V, current_A, power_factor, side)


def test_a_card_without_a_table_is_the_same_everywhere() -> None:
    assert PLAIN.at(load(5.0)) is PLAIN
    assert PLAIN.covers(load(1e-3, 0.5, "L"))
    assert [row.source for row in standing_rows(PLAIN)] == ["reference_calibration"]


@pytest.mark.parametrize("point", TABLE)
def test_the_points_of_the_certificate_are_hit(point: CardCorrection) -> None:
    there = load(point.current_A, point.power_factor, point.phase_side)
    found = CARD.at(there)
    assert (found.indication_error_pct, found.calibration_U_pct) == (point.indication_error_pct, point.U_pct)
    assert found.interpolation_pct == 0.0
    assert CARD.covers(there)
    assert (found.corrections, found.at(there)) == ((), found)


def test_between_two_currents_the_error_is_linear_in_the_logarithm() -> None:
    found = CARD.at(load(sqrt(5.0)))
    assert found.indication_error_pct == pytest.approx(0.0)
    assert found.calibration_U_pct == 0.020
    assert found.interpolation_pct == pytest.approx(0.010)
    rows = {row.source: row.standard_uncertainty_pct for row in standing_rows(found)}
    assert rows == pytest.approx(
        {"reference_calibration": 0.010, "reference_interpolation": 0.010 / sqrt(3.0)}
    )
    quarter = CARD.at(load(exp(0.25 * log(5.0))))
    assert quarter.indication_error_pct == pytest.approx(0.010 - 0.25 * 0.020)


def test_between_two_power_factors_the_error_is_linear_in_the_power_factor() -> None:
    found = CARD.at(load(60.0, 0.8, "L"))
    assert found.indication_error_pct == pytest.approx(0.4 * 0.060)
    assert found.calibration_U_pct == 0.025
    assert found.interpolation_pct == pytest.approx(0.030)


@pytest.mark.parametrize(
    ("there", "error_pct"),
    [
        (load(0.1), 0.020),
        (load(100.0), 0.000),
        (load(0.25, 0.5, "L"), 0.040),
        (load(60.0, 0.25, "L"), 0.060),
        (load(5.0, 0.8, "C"), -0.010),
    ],
)
def test_outside_the_table_the_nearest_point_is_taken_and_told(there: LoadPoint, error_pct: float) -> None:
    assert CARD.at(there).indication_error_pct == pytest.approx(error_pct)
    assert not CARD.covers(there)


def test_a_current_that_only_one_of_two_power_factors_covers_is_not_covered() -> None:
    assert CARD.covers(load(0.5))
    assert not CARD.covers(load(0.5, 0.8, "L"))


def test_a_table_may_be_for_certain_voltages() -> None:
    at_220, at_100 = (
        tuple(replace(c, voltage_V=v, indication_error_pct=c.indication_error_pct + v / 1000) for c in TABLE)
        for v in (220.0, 100.0)
    )
    card = replace(PLAIN, corrections=(*at_220, *at_100))
    assert card.at(load(5.0, voltage_V=220.0)).indication_error_pct == pytest.approx(0.21)
    assert card.at(load(5.0, voltage_V=230.0)).indication_error_pct == pytest.approx(0.21)
    assert card.at(load(5.0, voltage_V=100.0)).indication_error_pct == pytest.approx(0.09)
    assert card.covers(load(5.0, voltage_V=230.0))
    assert not card.covers(load(5.0, voltage_V=57.7))
    assert card.at(load(5.0, voltage_V=57.7)).indication_error_pct == pytest.approx(0.09)
    with_any = replace(card, corrections=(*at_220, *TABLE))
    assert with_any.covers(load(5.0, voltage_V=57.7))
    assert with_any.at(load(5.0, voltage_V=57.7)).indication_error_pct == -0.01


def test_a_table_for_active_energy_says_nothing_of_reactive() -> None:
    reactive = replace(load(5.0), quantity=Quantity.REACTIVE)
    assert not CARD.covers(reactive)
    assert CARD.at(reactive).indication_error_pct == 0.03


def test_voltage_alone_needs_no_certificate_of_energy() -> None:
    assert CARD.covers(load(0.0))
    assert CARD.at(load(0.0)) is CARD


@given(st.floats(0.01, 200.0), st.sampled_from([(1.0, ""), (0.8, "L"), (0.5, "L"), (0.25, "L"), (0.8, "C")]))
def test_interpolation_stays_between_its_neighbours(current_A: float, factor: tuple[float, str]) -> None:
    found = CARD.at(load(current_A, *factor))
    errors = [c.indication_error_pct for c in TABLE]
    assert min(errors) - 1e-12 <= found.indication_error_pct <= max(errors) + 1e-12
    assert found.calibration_U_pct in {c.U_pct for c in TABLE}
    assert found.interpolation_pct >= 0.0


@given(st.sampled_from(TABLE[:4]), st.sampled_from([0.99, 1.01]))
def test_the_error_does_not_jump_at_a_point_of_the_certificate(point: CardCorrection, beside: float) -> None:
    found = CARD.at(load(point.current_A * beside)).indication_error_pct
    assert found == pytest.approx(point.indication_error_pct, abs=3e-4)


@pytest.mark.parametrize(
    ("corrections", "said"),
    [
        ((TABLE[0], TABLE[0]), "two corrections"),
        ((CardCorrection(0.0, 1.0, 0.0, 0.01),), "needs a current"),
        ((CardCorrection(1.0, 1.0, 0.0, 0.0),), "an uncertainty above 0"),
        ((CardCorrection(1.0, 0.5, 0.0, 0.01),), "write 'L' or 'C'"),
        ((CardCorrection(1.0, 1.0, 0.0, 0.01, "L"),), "write 'L' or 'C'"),
        ((CardCorrection(1.0, 0.5, 0.0, 0.01, "X"),), "write 'L' or 'C'"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(
    corrections: tuple[CardCorrection, ...], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        replace(PLAIN, corrections=corrections)
