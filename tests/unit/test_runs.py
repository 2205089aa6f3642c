"""Runs of one load point come to one result: what is counted once, what averages out, and what is told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import exp, inf, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.quantities import BudgetRow, ErrorResult, Finding
from calibration.reasons import Reason
from calibration.runs import PointResult, PooledRepeatability, combine_runs, f_tail, pool
from calibration.uncertainty import combine, normal_row
from tests.unit.worked_cases import items

REFERENCE = normal_row("reference_calibration", 0.01, shared=True)


def run(error_pct: float | None, alignment_pct: float = 0.005, load_point: str = "Ib 1.0") -> ErrorResult:
    if error_pct is None:
        return ErrorResult.refused(load_point, None, [Finding(Reason.PULSE_MISSING)])
    rows = (normal_row("alignment_scale", alignment_pct), REFERENCE)
    return ErrorResult(load_point, None, "fused", 1, percentage_error_pct=error_pct, rows=rows)


def by_name(point: PointResult) -> dict[str, BudgetRow]:
    found = {row.source: row for row in point.rows}
    assert len(found) == len(point.rows)
    return found


def is_scattered(point: PointResult) -> bool:
    return Reason.RUNS_SCATTER in {finding.reason for finding in point.findings}


POOLED = PooledRepeatability(0.02, 40.0)


@pytest.mark.parametrize(("given_", "expected"), items("C17"))
def test_ten_runs_have_the_scatter_of_the_worked_case(
    given_: dict[str, Any], expected: dict[str, Any]
) -> None:
    point = combine_runs([run(e, 0.001) for e in given_["data"]], POOLED, None)
    assert point.mean_pct == pytest.approx(expected["mean"], abs=6e-5)
    assert point.sample_sd_pct == pytest.approx(expected["s"], abs=5e-8)
    row = by_name(point)["repeatability"]
    assert row.standard_uncertainty_pct == pytest.approx(expected["u_mean_of_10"], abs=5e-8)
    assert row.degrees_of_freedom == 9.0
    assert not is_scattered(point)


@pytest.mark.parametrize(("given_", "expected"), items("C07"))
def test_means_are_rounded_as_in_the_worked_cases(given_: dict[str, Any], expected: dict[str, Any]) -> None:
    texts = given_["first"] + (given_["extra_if_needed"] if expected["triggered"] else [])
    point = combine_runs([run(float(t)) for t in texts], POOLED, Decimal(given_["step"]))
    assert point.mean_pct == pytest.approx(expected["final_mean"])
    assert point.rounded_pct == Decimal(expected["rounded"])
    assert len(point.runs_pct) == expected["n_used"]


def test_a_mean_on_the_half_step_is_rounded_as_it_is_written() -> None:
    # In binary (1.0 + 1.1)/2 and its like may lie beside the half step that they are.
    assert combine_runs([run(1.1), run(1.0)], POOLED, Decimal("0.1")).rounded_pct == Decimal("1.0")
    assert combine_runs([run(0.1), run(0.2), run(0.15)], POOLED, Decimal("0.1")).rounded_pct == Decimal("0.2")


def test_fewer_than_six_runs_use_the_pooled_repeatability() -> None:
    row = by_name(combine_runs([run(0.30), run(0.31)], POOLED, None))["repeatability"]
    assert row.standard_uncertainty_pct == pytest.approx(0.02 / sqrt(2))
    assert row.degrees_of_freedom == 40.0
    five = by_name(combine_runs([run(0.3 + 0.01 * i) for i in range(5)], POOLED, None))["repeatability"]
    six = by_name(combine_runs([run(0.3 + 0.01 * i) for i in range(6)], POOLED, None))["repeatability"]
    assert (five.degrees_of_freedom, six.degrees_of_freedom) == (40.0, 5.0)


def test_a_pair_without_a_pooled_repeatability_pays_for_its_one_degree_of_freedom() -> None:
    point = combine_runs([run(0.2, 0.0), run(0.4, 0.0)], None, None)
    assert by_name(point)["repeatability"].degrees_of_freedom == 1.0
    assert point.coverage_factor > 10.0
    assert (
        combine_runs([run(0.2, 0.0), run(0.4, 0.0)], PooledRepeatability(0.14, 40.0), None).coverage_factor
        < 2.1
    )


def test_one_run_alone_says_that_its_repeatability_is_unknown() -> None:
    point = combine_runs([run(0.3)], None, None)
    assert [f.reason for f in point.findings] == [Reason.REPEATABILITY_UNKNOWN]
    assert set(by_name(point)) == {"alignment_scale", "reference_calibration"}
    assert point.sample_sd_pct is None
    with_pooled = combine_runs([run(0.3)], POOLED, None)
    assert with_pooled.findings == ()
    assert by_name(with_pooled)["repeatability"].standard_uncertainty_pct == pytest.approx(0.02)


def test_of_alignment_and_scatter_the_larger_counts_once() -> None:
    aligned_badly = combine_runs([run(0.30, 0.03), run(0.31, 0.05)], POOLED, None)
    assert by_name(aligned_badly)["alignment_scale"].standard_uncertainty_pct == 0.05
    assert set(by_name(aligned_badly)) == {"alignment_scale", "reference_calibration"}
    scattered = combine_runs([run(0.30, 0.003), run(0.31, 0.005)], POOLED, None)
    assert set(by_name(scattered)) == {"repeatability", "reference_calibration"}


def test_what_is_common_to_all_runs_does_not_average_out() -> None:
    rng = np.random.default_rng(1)
    point = combine_runs([run(float(e), 1e-6) for e in rng.normal(0.3, 1e-4, 400)], POOLED, None)
    assert point.standard_uncertainty_pct == pytest.approx(REFERENCE.standard_uncertainty_pct, rel=1e-3)


def test_runs_that_scatter_far_beyond_the_pooled_repeatability_are_told_and_believed() -> None:
    point = combine_runs([run(0.1), run(0.4)], POOLED, None)
    assert is_scattered(point)
    (told,) = point.findings
    assert (told.reason, told.values) == (Reason.RUNS_SCATTER, {"sd": "0.212", "pooled": "0.020"})
    row = by_name(point)["repeatability"]
    assert row.half_width_pct == pytest.approx(0.3 / sqrt(2))
    assert row.degrees_of_freedom == 1.0
    quiet = combine_runs([run(0.30), run(0.34)], POOLED, None)
    assert not is_scattered(quiet)
    assert quiet.findings == ()


@pytest.mark.parametrize(
    ("upper", "lower", "percentile"),
    # Upper 1 % points of F, from printed tables.
    [(1, 10, 10.04), (1, 40, 7.31), (3, 20, 4.94), (5, 30, 3.70), (1, inf, 6.635), (9, inf, 2.407)],
)
def test_the_f_test_knows_the_printed_percentiles(upper: float, lower: float, percentile: float) -> None:
    assert f_tail(percentile, upper, lower) == pytest.approx(0.01, rel=0.01)


def test_runs_that_scatter_as_usual_are_called_scattered_once_in_a_hundred() -> None:
    rng = np.random.default_rng(4)
    pooled = PooledRepeatability(0.02, inf)
    called = sum(
        is_scattered(combine_runs([run(float(e)) for e in rng.normal(0.3, 0.02, 4)], pooled, None))
        for _ in range(2000)
    )
    assert 5 < called < 40


def test_rounding_is_a_row_where_the_rounded_value_is_reported() -> None:
    exact = combine_runs([run(0.3), run(0.31)], POOLED, None)
    rounded = combine_runs([run(0.3), run(0.31)], POOLED, Decimal("0.1"))
    assert exact.rounded_pct is None
    assert by_name(rounded)["rounding"].standard_uncertainty_pct == pytest.approx(0.0288675, abs=1e-7)
    assert rounded.standard_uncertainty_pct > exact.standard_uncertainty_pct


def test_a_standing_row_is_that_of_the_run_where_it_is_largest() -> None:
    steep = replace(run(0.3), rows=(replace(REFERENCE, sensitivity=1.01),))
    point = combine_runs([run(0.3, 0.0), steep], None, None)
    assert by_name(point)["reference_calibration"].sensitivity == 1.01


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8), st.randoms())
def test_the_order_of_runs_does_not_matter(errors: list[float], random: Any) -> None:
    shuffled = random.sample(errors, len(errors))
    one, other = (combine_runs([run(e) for e in some], POOLED, Decimal("0.1")) for some in (errors, shuffled))
    assert other.mean_pct == pytest.approx(one.mean_pct, abs=1e-12)
    assert other.expanded_uncertainty_pct == pytest.approx(one.expanded_uncertainty_pct)
    assert one.expanded_uncertainty_pct == combine(one.rows).expanded_uncertainty


def test_the_interval_of_two_runs_holds_the_truth() -> None:
    """2,000 load points of two runs: reference and scatter drawn from what the budget states."""
    rng = np.random.default_rng(8)
    inside = 0
    for _ in range(2000):
        reference = rng.normal(0.0, 0.01)
        point = combine_runs(
            [run(float(0.3 + reference + e), 1e-4) for e in rng.normal(0, 0.02, 2)], POOLED, None
        )
        inside += abs(point.mean_pct - 0.3) <= point.expanded_uncertainty_pct
    assert 0.94 <= inside / 2000 <= 0.98


@pytest.mark.parametrize("share", [0.0, 0.9, 1.0])
def test_a_window_wider_than_the_repeatability_makes_no_ordinary_runs_scattered(share: float) -> None:
    """2,000 pairs with u_window = 0.12 six times the pooled 0.02; share: of its variance, what a pair has in common."""
    rng = np.random.default_rng(9)
    inside = scattered = 0
    for _ in range(2000):
        common = rng.normal(0.0, 0.12 * share**0.5)
        own = rng.normal(0.0, 0.12 * (1.0 - share) ** 0.5, 2) + rng.normal(0.0, 0.02, 2)
        point = combine_runs([run(float(0.3 + common + e), 0.12) for e in own], POOLED, None)
        inside += abs(point.mean_pct - 0.3) <= point.expanded_uncertainty_pct
        scattered += is_scattered(point)
    assert inside / 2000 >= 0.945
    assert scattered / 2000 <= 0.02


def test_six_runs_after_two_that_scatter_hold_the_truth() -> None:
    """The bench's course where a pair scatters: 2,000 benches that scatter ten times as much as they are known to."""
    rng = np.random.default_rng(10)
    inside = flagged = 0
    for _ in range(2000):
        runs = [run(float(0.3 + e), 0.005) for e in rng.normal(0.0, 0.2, 6)]
        point = combine_runs(runs[:2], POOLED, None)
        if point.rests_on_few_runs:
            point = combine_runs(runs, POOLED, None)
            assert not point.rests_on_few_runs
            inside += abs(point.mean_pct - 0.3) <= point.expanded_uncertainty_pct
            flagged += 1
    assert flagged > 1400  # the others happened to agree: nothing tells them from ordinary pairs
    assert inside / flagged >= 0.945


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ([], "^runs to combine must be of one load point, and there must be at least one$"),
        (
            [run(0.3), run(0.3, load_point="Ib 0.5L")],
            "^runs to combine must be of one load point, and there must be at least one$",
        ),
        ([run(0.3), run(None)], "^a run at Ib 1.0 has no number; combine only runs that have one$"),
        ([run(float("nan"))], "^a run at Ib 1.0 has no number; combine only runs that have one$"),
    ],
)
def test_what_cannot_be_combined_is_refused(runs: list[ErrorResult], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        combine_runs(runs, POOLED, None)


@pytest.mark.parametrize(("sd", "dof"), [(0.0, 40.0), (0.02, 0.99), (inf, 40.0), (float("nan"), 40.0)])
def test_a_repeatability_that_is_none_is_refused(sd: float, dof: float) -> None:
    said = "^a pooled repeatability needs a standard deviation above 0 and 1 degree of freedom or more, not "
    with pytest.raises(ValueError, match=f"{said}{sd} % and {dof}$"):
        PooledRepeatability(sd, dof)


def test_scatters_are_pooled_by_their_degrees_of_freedom() -> None:
    """GUM H.3.6; the variance by hand: (9 x 0.0004 + 3 x 0.0016)/12 = 0.0007."""
    pooled = pool([(0.02, 9), (0.04, 3)])
    assert (pooled.sd_pct, pooled.degrees_of_freedom) == (pytest.approx(0.0007**0.5), 12.0)
    alone = pool([(0.02, 1)])
    assert (alone.sd_pct, alone.degrees_of_freedom) == (pytest.approx(0.02), 1.0)
    for nothing in ([], [(0.0, 5)]):
        with pytest.raises(ValueError, match=r"^a pooled repeatability needs"):
            pool(nothing)


def test_a_mean_of_all_runs_carries_what_its_budget_says() -> None:
    point = combine_runs([run(0.30), run(0.31), run(0.35)], POOLED, Decimal("0.1"))
    assert point.runs_pct == (0.30, 0.31, 0.35)
    assert (point.mean_pct, point.rounded_pct) == (0.32, Decimal("0.3"))
    assert point.sample_sd_pct == pytest.approx(0.0264575, abs=1e-7)
    combined = combine(point.rows)
    assert point.standard_uncertainty_pct == combined.standard_uncertainty
    assert point.degrees_of_freedom == combined.degrees_of_freedom
    assert point.coverage_factor == combined.coverage_factor
    assert point.expanded_uncertainty_pct == combined.expanded_uncertainty
    assert [row.source for row in point.rows] == ["reference_calibration", "repeatability", "rounding"]
    assert point.standard_uncertainty_pct == pytest.approx(
        (0.01**2 + 0.02**2 / 3 + (0.05 / 3**0.5) ** 2) ** 0.5
    )


def test_of_equal_alignment_and_scatter_the_alignment_stands() -> None:
    point = combine_runs([run(0.3, 0.01), run(0.3, 0.01)], PooledRepeatability(0.01 * sqrt(2), 40.0), None)
    assert not point.rests_on_scatter
    wider = combine_runs([run(0.3, 0.01), run(0.3, 0.01)], PooledRepeatability(0.0142, 40.0), None)
    assert wider.rests_on_scatter


def test_the_widest_window_is_that_with_the_largest_uncertainty_of_all_its_rows() -> None:
    one_row = replace(run(0.3), rows=(normal_row("alignment_scale", 0.04), REFERENCE))
    two_rows = replace(
        run(0.3), rows=(normal_row("alignment_scale", 0.03), normal_row("pulse", 0.03), REFERENCE)
    )
    for runs in ([one_row, two_rows], [two_rows, one_row]):
        assert set(by_name(combine_runs(runs, POOLED, None))) == {
            "alignment_scale",
            "pulse",
            "reference_calibration",
        }


@pytest.mark.parametrize(("pooled", "scattered"), [(POOLED, True), (PooledRepeatability(0.2, 40.0), False)])
def test_six_runs_stand_by_their_own_scatter_and_say_whether_it_is_unusual(
    pooled: PooledRepeatability, scattered: bool
) -> None:
    point = combine_runs([run(0.3 + 0.1 * i) for i in range(6)], pooled, None)
    assert is_scattered(point) is scattered
    row = by_name(point)["repeatability"]
    assert (row.half_width_pct, row.degrees_of_freedom) == (pytest.approx(0.187083, abs=1e-6), 5.0)
    assert not point.rests_on_few_runs


def test_the_f_test_ends_at_nothing_and_everything() -> None:
    assert f_tail(inf, 1.0, 40.0) == 0.0
    assert f_tail(0.0, 1.0, 40.0) == 1.0
    # F(1, nu) is the square of Student's t: 2.228 at 10 degrees of freedom leaves 5 % (GUM table G.2).
    assert f_tail(2.2281389**2, 1.0, 10.0) == pytest.approx(0.05, rel=1e-6)
    # Chi-square with 2 degrees of freedom: exp(-x/2), here 2 F = 6.
    assert f_tail(3.0, 2.0, inf) == pytest.approx(exp(-3.0), rel=1e-4)


@pytest.mark.parametrize(
    ("errors_pct", "scattered"),
    [
        ((0.3, 0.3728), False),
        ((0.3, 0.3730), True),
        ((0.2666, 0.2666, 0.3334, 0.3334), False),
        ((0.2660, 0.2660, 0.3340, 0.3340), True),
    ],
)
def test_runs_are_scattered_from_the_upper_one_percent_point_on(
    errors_pct: tuple[float, ...], scattered: bool
) -> None:
    """Chi-square tables: 6.635 for 1, 11.345/3 for 3 degrees of freedom: s beyond 2.576 or 1.945 times 0.02 %."""
    pooled = PooledRepeatability(0.02, inf)
    assert is_scattered(combine_runs([run(e, 1e-9) for e in errors_pct], pooled, None)) is scattered


def test_the_largest_standing_row_stands_wherever_its_run_was() -> None:
    steep = replace(run(0.3), rows=(replace(REFERENCE, sensitivity=1.01),))
    for runs in ([steep, run(0.3)], [run(0.3), steep]):
        assert by_name(combine_runs(runs, POOLED, None))["reference_calibration"].sensitivity == 1.01


def test_a_repeatability_that_is_hardly_known_is_one() -> None:
    assert PooledRepeatability(0.02, 1.0).degrees_of_freedom == 1.0
