"""Budgets against the GUM's own examples, worked cases and an independent implementation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import cos, inf, sin, sqrt
from statistics import fmean, stdev
from typing import Any

import pytest
from GTC import core
from GTC.reporting import k_factor
from hypothesis import given
from hypothesis import strategies as st

from calibration.quantities import BudgetRow
from calibration.reference_standard import ReferenceCard
from calibration.uncertainty import (
    clock_rate_row,
    combine,
    effective_degrees_of_freedom,
    influence_row,
    is_standing,
    normal_row,
    rectangular_row,
    register_resolution_row,
    relative_row,
    repeatability_row,
    rounding_row,
    standing_rows,
)
from tests.unit.worked_cases import items


def rows_of(parts: list[tuple[float, float]]) -> list[BudgetRow]:
    return [normal_row(f"row {i}", u, dof) for i, (u, dof) in enumerate(parts)]


@pytest.mark.parametrize(("given_", "expected"), items("C18"))
def test_budgets_agree_with_the_worked_cases(given_: dict[str, Any], expected: dict[str, Any]) -> None:
    combined = combine(rows_of([(c["u"], c["nu"] or inf) for c in given_["components"]]))
    assert combined.standard_uncertainty == pytest.approx(expected["uc"], rel=2e-6)
    assert combined.degrees_of_freedom == pytest.approx(expected["nu_eff"], rel=1e-4)
    k = expected.get("k_95p45", expected.get("k_95p45_at_nu4"))
    assert combined.coverage_factor == pytest.approx(k, abs=5e-5)
    U = expected.get("U_k95p45", expected.get("U"))
    assert combined.expanded_uncertainty == pytest.approx(U, abs=5e-6)


def test_gum_h1_end_gauge_is_reproduced() -> None:
    """JCGM 100:2008 H.1: u_c = 32 nm, 16 degrees of freedom, t99 = 2.92, U99 = 93 nm."""
    length_nm = 50e-3 * 1e9
    comparison = combine(
        [
            # random scatter of the comparator; its random and its systematic effects
            normal_row("repeatability", 13.0 / sqrt(5), 24.0),
            normal_row("comparator, random", 3.9, 5.0),
            normal_row("comparator, systematic", 6.7, 8.0),
        ]
    )
    assert comparison.standard_uncertainty == pytest.approx(9.7, abs=0.05)
    assert comparison.degrees_of_freedom == pytest.approx(25.6, abs=0.2)
    rows = [
        normal_row("standard", 25.0, 18.0),
        normal_row("difference", 9.7, 25.6),
        BudgetRow("difference of expansion coefficients", 0.58e-6, "rectangular", 1.0, length_nm * 0.1, 50.0),
        BudgetRow("difference of temperatures", 0.029, "rectangular", 1.0, length_nm * 11.5e-6, 2.0),
    ]
    assert [r.standard_uncertainty_pct for r in rows] == pytest.approx([25.0, 9.7, 2.9, 16.6], abs=0.1)
    combined = combine(rows, coverage_probability=0.99)
    assert combined.standard_uncertainty == pytest.approx(32.0, abs=0.5)
    assert int(combined.degrees_of_freedom) == 16
    assert combined.coverage_factor == pytest.approx(2.92, abs=0.03)
    assert combined.expanded_uncertainty == pytest.approx(93.0, abs=1.0)


# JCGM 100:2008, table H.2: V in V, I in mA, phase in rad, each set taken at once.
H2_VOLTS = (5.007, 4.994, 5.005, 4.990, 4.999)
H2_MILLIAMPS = (19.663, 19.639, 19.640, 19.685, 19.678)
H2_PHASES = (1.0456, 1.0438, 1.0468, 1.0428, 1.0433)


@pytest.mark.parametrize(
    ("quantity", "mean_ohm", "u_ohm"),
    [(cos, 127.732, 0.071), (sin, 219.847, 0.295), (lambda _: 1.0, 254.260, 0.236)],
    ids=["resistance", "reactance", "impedance"],
)
def test_gum_h2_is_reproduced_by_its_second_approach(
    quantity: Callable[[float], float], mean_ohm: float, u_ohm: float
) -> None:
    """H.2.4: each quantity evaluated from each set, so that correlations are in the data."""
    values = [
        v / (i * 1e-3) * quantity(phase)
        for v, i, phase in zip(H2_VOLTS, H2_MILLIAMPS, H2_PHASES, strict=True)
    ]
    mean = fmean(values)
    combined = combine([repeatability_row(100.0 * stdev(values) / mean, 4.0, averaged=5)])
    assert mean == pytest.approx(mean_ohm, abs=0.0006)
    assert combined.standard_uncertainty * mean / 100.0 == pytest.approx(u_ohm, abs=0.0006)
    assert combined.degrees_of_freedom == 4.0


parts = st.lists(
    st.tuples(st.floats(1e-6, 10.0), st.one_of(st.just(inf), st.floats(1.0, 1e5))), min_size=1, max_size=15
)


@given(parts)
def test_random_budgets_agree_with_gtc_to_1e_9(budget: list[tuple[float, float]]) -> None:
    independent = sum((core.ureal(0.0, u, dof) for u, dof in budget), start=core.ureal(0.0, 1e-30))
    combined = combine(rows_of(budget))
    assert combined.standard_uncertainty == pytest.approx(core.uncertainty(independent), rel=1e-9)
    dof = core.dof(independent)
    assert combined.degrees_of_freedom == pytest.approx(dof, rel=1e-9)
    assert combined.coverage_factor == pytest.approx(k_factor(dof, 95.45), rel=1e-9)


@given(parts, st.floats(1e-6, 10.0))
def test_another_row_never_makes_a_budget_smaller(budget: list[tuple[float, float]], more: float) -> None:
    fewer = combine(rows_of(budget))
    with_one_more = combine(rows_of([*budget, (more, inf)]))
    assert with_one_more.standard_uncertainty >= fewer.standard_uncertainty
    assert with_one_more.degrees_of_freedom >= fewer.degrees_of_freedom * (1 - 1e-12)


@given(parts)
def test_effective_degrees_of_freedom_stay_between_the_least_and_the_sum(
    budget: list[tuple[float, float]],
) -> None:
    dofs = [dof for _, dof in budget]
    assert min(dofs) * (1 - 1e-12) <= combine(rows_of(budget)).degrees_of_freedom <= sum(dofs) * (1 + 1e-9)


def test_an_empty_budget_is_zero_and_perfectly_known() -> None:
    combined = combine([])
    assert (combined.standard_uncertainty, combined.degrees_of_freedom) == (0.0, inf)


@pytest.mark.parametrize(("u", "dof"), [(float("nan"), inf), (0.1, 0.0), (0.1, float("nan"))])
def test_a_row_that_cannot_be_combined_is_named(u: float, dof: float) -> None:
    with pytest.raises(
        ValueError, match=r"^the budget row 'odd' has (no finite uncertainty|0.0 degrees|nan degrees)"
    ):
        combine([normal_row("odd", u, dof)])


def test_standing_rows_are_divided_by_what_their_distribution_asks() -> None:
    card = ReferenceCard(
        "m", "s", 0.1, 0.01, 0.2, 0.1, calibration_U_pct=0.02, drift_pct=0.03, stability_pct=0.05
    )
    found = {row.source: row.standard_uncertainty_pct for row in standing_rows(card)}
    assert found == pytest.approx(
        {"reference_calibration": 0.01, "reference_drift": 0.0173205, "reference_stability": 0.0288675},
        abs=1e-7,
    )
    assert all(row.shared for row in standing_rows(card))


def test_rows_that_are_nothing_are_left_out() -> None:
    card = ReferenceCard("m", "s", 0.1, 0.01, 0.2, 0.1, calibration_U_pct=0.02)
    assert [row.source for row in standing_rows(card)] == ["reference_calibration"]


def test_rounding_to_a_tenth_costs_what_the_standard_texts_say() -> None:
    assert rounding_row(0.1).standard_uncertainty_pct == pytest.approx(0.0288675, abs=1e-7)


def test_register_resolution_is_that_of_two_independent_ends() -> None:
    # Var(U1 - U2) of two uniforms of width r is r^2/6.
    assert register_resolution_row(1.0, 100.0).standard_uncertainty_pct == pytest.approx(0.408248, abs=1e-6)


def test_influences_of_the_worked_budget_come_out() -> None:
    assert influence_row("temperature", 2.0, 0.005).standard_uncertainty_pct == pytest.approx(
        0.0057735, abs=1e-7
    )
    assert influence_row("voltage", 0.5, -0.01).standard_uncertainty_pct == pytest.approx(0.0028868, abs=1e-7)


def test_a_clock_of_50_ppm_is_0_005_percent_at_most() -> None:
    assert clock_rate_row("bench_clock", 50.0).half_width_pct == pytest.approx(0.005)


def test_repeatability_of_a_mean_falls_with_the_root_of_its_runs() -> None:
    row = repeatability_row(0.0163878, 9.0, averaged=3)
    assert row.standard_uncertainty_pct == pytest.approx(0.0094615, abs=5e-7)
    assert row.degrees_of_freedom == 9.0
    with pytest.raises(ValueError, match=r"^a mean of 0 runs .*give one run or more$"):
        repeatability_row(0.01, 9.0, averaged=0)


def test_rows_between_the_points_of_a_certificate_stand_in_every_budget() -> None:
    card = ReferenceCard("m", "s", 0.1, 0.01, 0.2, 0.1, calibration_U_pct=0.02, interpolation_pct=0.03)
    rows = standing_rows(card)
    assert {r.source: r.standard_uncertainty_pct for r in rows}["reference_interpolation"] == pytest.approx(
        0.03 / sqrt(3)
    )
    assert all(is_standing(row) for row in rows)
    assert not is_standing(normal_row("alignment_scale", 0.01))


def test_a_reference_without_a_calibration_is_known_to_its_class_only() -> None:
    card = ReferenceCard("m", "1", 1.0, 0.01, 0.2, 0.1)
    (row,) = standing_rows(card)
    assert row.source == "reference_class"
    assert row.standard_uncertainty_pct == pytest.approx(1.0 / 3**0.5)
    assert "reference_class" not in {r.source for r in standing_rows(replace(card, calibration_U_pct=0.02))}


CARD = ReferenceCard(
    "m", "s", 0.5, 0.01, 0.2, 0.1, calibration_U_pct=0.06, coverage_factor=3.0, drift_pct=0.03,
    stability_pct=0.05, interpolation_pct=0.07, temperature_off_K=2.0, temperature_coefficient_pct_per_K=-0.01,
    voltage_off_V=10.0, voltage_coefficient_pct_per_V=0.002, certificate_voltage_V=230.0,
)  # fmt: skip
RECTANGULAR, TRIANGULAR = sqrt(3.0), sqrt(6.0)


def test_the_rows_of_the_reference_standard_stand_in_this_order_and_are_shared() -> None:
    assert standing_rows(CARD) == tuple(
        BudgetRow(f"reference_{source}", pytest.approx(half_width), distribution, divisor, 1.0, inf, True)
        for source, half_width, distribution, divisor in (
            ("calibration", 0.06, "normal", 3.0),
            ("interpolation", 0.07, "rectangular", RECTANGULAR),
            ("drift", 0.03, "rectangular", RECTANGULAR),
            ("stability", 0.05, "rectangular", RECTANGULAR),
            ("temperature", 0.02, "rectangular", RECTANGULAR),
            ("voltage", 0.02, "rectangular", RECTANGULAR),
        )
    )
    by_class, *others = standing_rows(replace(CARD, calibration_U_pct=0.0))
    assert by_class == BudgetRow("reference_class", 0.5, "rectangular", RECTANGULAR, 1.0, inf, True)
    assert tuple(others) == standing_rows(CARD)[1:]
    assert all(is_standing(row) for row in (by_class, *others))


def test_a_row_says_its_source_distribution_and_divisor() -> None:
    """GUM 4.3.7: +-a/sqrt(3); 4.3.9: triangular a/sqrt(6); what is known as a standard uncertainty is divided by 1."""
    rows = {
        normal_row("a", 0.1): ("a", 0.1, "normal", 1.0, 1.0, inf, False),
        normal_row("a", 0.1, 4.0, shared=True): ("a", 0.1, "normal", 1.0, 1.0, 4.0, True),
        relative_row("b", 0.02): ("b", 2.0, "normal", 1.0, 1.0, inf, False),
        relative_row("b", 0.02, distribution="triangular", shared=True): (
            "b", 2.0, "triangular", 1.0, 1.0, inf, True,
        ),
        rectangular_row("c", 0.3): ("c", 0.3, "rectangular", RECTANGULAR, 1.0, inf, False),
        register_resolution_row(0.5, 200.0): (
            "register_resolution", 0.25, "triangular", TRIANGULAR, 1.0, inf, False,
        ),
        influence_row("temperature", 2.0, -0.25): ("temperature", 0.5, "rectangular", RECTANGULAR, 1.0, inf, True),
        clock_rate_row("bench_clock", 5e3): ("bench_clock", 0.5, "rectangular", RECTANGULAR, 1.0, inf, False),
        rounding_row(0.5): ("rounding", 0.25, "rectangular", RECTANGULAR, 1.0, inf, True),
        repeatability_row(0.02, 40.0, averaged=4): ("repeatability", 0.02, "normal", 2.0, 1.0, 40.0, False),
        repeatability_row(0.02, 40.0, averaged=1): ("repeatability", 0.02, "normal", 1.0, 1.0, 40.0, False),
    }  # fmt: skip
    assert list(rows) == [BudgetRow(*fields) for fields in rows.values()]
    assert all(row.shared is fields[-1] for row, fields in rows.items())


def test_a_budget_of_nothing_is_perfectly_known_whatever_its_degrees_of_freedom() -> None:
    assert effective_degrees_of_freedom([(0.0, 4.0), (0.0, inf)]) == inf
    assert effective_degrees_of_freedom([(0.0, 4.0), (1e-200, 5.0)]) == 5.0
