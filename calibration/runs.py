"""Several runs at one load point come to one result: their mean, with a budget of its own.

What is common to all runs (the standing rows of the reference standard) does not average out and counts once, as it
is. The rest of a run's budget is what the bench foresees of its own scatter: alignment, pulses, source. The runs show
that scatter as well, so it would be counted twice if both stood in the budget. The larger of the two stands:

    u_A = max(s/sqrt(n), u_window)

u_window is not divided by sqrt(n): runs of one load application share much of their alignment (their errors correlate
0.87 to 1), so n of them say little more of it than one, and agree with each other better than with the truth.

s is the sample's standard deviation from six runs on. From fewer it is hardly known (Student's t is 13.97 for a pair),
so the bench's pooled repeatability stands in, with its own degrees of freedom (GUM 4.2.4), unless the runs scatter more
than that and the window together explain by an F test: what a window foresees of its own alignment, runs may show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import fsum, inf, isfinite, sqrt
from statistics import stdev

from calibration.conformity import round_to_step
from calibration.quantities import BudgetRow, ErrorResult, Finding
from calibration.reasons import Reason
from calibration.student_t import AS_GOOD_AS_INFINITE, regularised_incomplete_beta
from calibration.uncertainty import REPEATABILITY, combine, is_standing, repeatability_row, rounding_row

RUNS_THAT_SPEAK_FOR_THEMSELVES = 6
"""From so many runs on their own standard deviation is used."""
SCATTER_SIGNIFICANCE = 0.01
"""Runs that scatter as usual are called scattered in so many of all cases."""


@dataclass(frozen=True, slots=True)
class PooledRepeatability:
    """Standard deviation of one run (% of the energy) from many earlier ones on this bench (GUM H.3.6, 4.2.4)."""

    sd_pct: float
    degrees_of_freedom: float

    def __post_init__(self) -> None:
        if not (self.sd_pct > 0.0 and isfinite(self.sd_pct) and self.degrees_of_freedom >= 1.0):
            raise ValueError(
                f"a pooled repeatability needs a standard deviation above 0 and 1 degree of freedom or more, "
                f"not {self.sd_pct} % and {self.degrees_of_freedom}"
            )


def pool(scatters: Sequence[tuple[float, int]]) -> PooledRepeatability:
    """Standard deviations (%) with their degrees of freedom to one: s^2 = sum(nu_i s_i^2)/sum(nu_i) (GUM H.3.6).

    Errors: ValueError without any, or where none of them scatters.
    """
    degrees = sum(nu for _, nu in scatters)
    variance = fsum(nu * sd_pct**2 for sd_pct, nu in scatters) / degrees if degrees else 0.0
    return PooledRepeatability(sqrt(variance), float(degrees))


@dataclass(frozen=True, slots=True)
class PointResult:
    """The error of one meter at one load point from all its runs; all figures in % of the energy.

    sample_sd_pct: of the runs (n - 1), None for one run. rounded_pct: the mean in whole rounding steps, None where
    nothing is rounded. findings: remarks, of which none takes the number away; RUNS_SCATTER where the runs scatter more
    than the bench's pooled repeatability and their windows explain.
    """

    runs_pct: tuple[float, ...]
    mean_pct: float
    sample_sd_pct: float | None
    rows: tuple[BudgetRow, ...]
    standard_uncertainty_pct: float
    degrees_of_freedom: float
    coverage_factor: float
    expanded_uncertainty_pct: float
    rounded_pct: Decimal | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def rests_on_scatter(self) -> bool:
        """Whether the scatter of runs stands in the budget, and not what their windows foresee."""
        return any(row.source == REPEATABILITY for row in self.rows)

    @property
    def rests_on_few_runs(self) -> bool:
        """Whether that scatter is the runs' own and they are too few to know it."""
        n = len(self.runs_pct)
        own = (r for r in self.rows if r.source == REPEATABILITY and r.half_width_pct == self.sample_sd_pct)
        return n < RUNS_THAT_SPEAK_FOR_THEMSELVES and any(r.degrees_of_freedom == n - 1.0 for r in own)


def combine_runs(
    runs: Sequence[ErrorResult], pooled: PooledRepeatability | None, step_pct: Decimal | None
) -> PointResult:
    """One result from the runs of a load point, in any order; step_pct: rounding step of what is reported, or None.

    Errors: ValueError without runs, for a run without a number, or for runs of different load points.
    """
    errors_pct = tuple(_error_pct(run) for run in runs)
    if len({run.load_point for run in runs}) != 1:
        raise ValueError("runs to combine must be of one load point, and there must be at least one")
    # In decimal, so that the mean of 1.0 and 1.1 lies on the half step that it is.
    mean = sum((Decimal(repr(e)) for e in errors_pct), Decimal()) / len(errors_pct)
    sample_sd_pct = stdev(errors_pct) if len(errors_pct) > 1 else None
    window = _widest_window(runs)
    is_scattered = sample_sd_pct is not None and _scatters(sample_sd_pct, len(errors_pct), pooled, window)
    rows = (
        *_standing_rows(runs),
        *_scatter_rows(len(runs), window, sample_sd_pct, None if is_scattered else pooled),
        *(() if step_pct is None else (rounding_row(float(step_pct)),)),
    )
    combined = combine(rows)
    return PointResult(
        runs_pct=errors_pct,
        mean_pct=float(mean),
        sample_sd_pct=sample_sd_pct,
        rows=rows,
        standard_uncertainty_pct=combined.standard_uncertainty,
        degrees_of_freedom=combined.degrees_of_freedom,
        coverage_factor=combined.coverage_factor,
        expanded_uncertainty_pct=combined.expanded_uncertainty,
        rounded_pct=None if step_pct is None else round_to_step(mean, step_pct),
        findings=_remarks(sample_sd_pct, pooled, is_scattered=is_scattered),
    )


def _error_pct(run: ErrorResult) -> float:
    if run.percentage_error_pct is None or not isfinite(run.percentage_error_pct):
        raise ValueError(f"a run at {run.load_point} has no number; combine only runs that have one")
    return float(run.percentage_error_pct)


def _standing_rows(runs: Sequence[ErrorResult]) -> tuple[BudgetRow, ...]:
    """Each standing row once: that of the run where it is largest (they differ by the error only)."""
    largest: dict[str, BudgetRow] = {}
    for row in (row for run in runs for row in run.rows if is_standing(row)):
        known = largest.get(row.source)
        if known is None or row.standard_uncertainty_pct > known.standard_uncertainty_pct:
            largest[row.source] = row
    return tuple(largest.values())


def _widest_window(runs: Sequence[ErrorResult]) -> tuple[BudgetRow, ...]:
    """All rows but the standing ones, of the run where they are widest."""
    windows = [tuple(row for row in run.rows if not is_standing(row)) for run in runs]
    return max(windows, key=_standard_uncertainty)


def _scatter_rows(
    n: int, widest: tuple[BudgetRow, ...], sample_sd_pct: float | None, pooled: PooledRepeatability | None
) -> tuple[BudgetRow, ...]:
    """What stands for u_A: the rows of the widest window, or one row of repeatability."""
    if pooled is not None and n < RUNS_THAT_SPEAK_FOR_THEMSELVES:
        sd_pct, degrees_of_freedom = pooled.sd_pct, pooled.degrees_of_freedom
    elif sample_sd_pct is not None:
        sd_pct, degrees_of_freedom = sample_sd_pct, n - 1.0
    else:
        return widest
    repeatability = repeatability_row(sd_pct, degrees_of_freedom, n)
    return (
        (repeatability,) if repeatability.standard_uncertainty_pct > _standard_uncertainty(widest) else widest
    )


def _standard_uncertainty(rows: Sequence[BudgetRow]) -> float:
    return sqrt(fsum(row.standard_uncertainty_pct**2 for row in rows))


def _scatters(
    sample_sd_pct: float, n: int, pooled: PooledRepeatability | None, window: tuple[BudgetRow, ...]
) -> bool:
    """Whether runs scatter more than the pooled repeatability and what the window foresees of itself explain."""
    if pooled is None:
        return False
    expected = combine((repeatability_row(pooled.sd_pct, pooled.degrees_of_freedom, 1), *window))
    ratio = (sample_sd_pct / expected.standard_uncertainty) ** 2
    return f_tail(ratio, n - 1.0, expected.degrees_of_freedom) < SCATTER_SIGNIFICANCE


def f_tail(ratio: float, upper_dof: float, lower_dof: float) -> float:
    """P(F > ratio) of the ratio of two sample variances with these degrees of freedom (may be infinite below).

    I_x(nu2/2, nu1/2) with x = nu2/(nu2 + nu1 F) (NIST Digital Library of Mathematical Functions, 8.17).
    """
    lower = min(lower_dof, AS_GOOD_AS_INFINITE)
    if ratio == inf:
        return 0.0
    return regularised_incomplete_beta(lower / 2.0, upper_dof / 2.0, lower / (lower + upper_dof * ratio))


def _remarks(
    sample_sd_pct: float | None, pooled: PooledRepeatability | None, *, is_scattered: bool
) -> tuple[Finding, ...]:
    if sample_sd_pct is None and pooled is None:
        return (Finding(Reason.REPEATABILITY_UNKNOWN),)
    if is_scattered and pooled is not None:
        values = {"sd": f"{sample_sd_pct:.3f}", "pooled": f"{pooled.sd_pct:.3f}"}
        return (Finding(Reason.RUNS_SCATTER, values),)
    return ()
