"""Uncertainty of a percentage error by the GUM (JCGM 100:2008): rows of a budget, and what they come to.

Every row is a standard uncertainty in per cent of the energy and comes from a named source with a
distribution. The rows are independent, so they combine as the root of the sum of squares (GUM 5.1.2); the
effective degrees of freedom follow Welch and Satterthwaite (GUM G.4.1), unrounded; the coverage factor is
Student's t for them at 95.45 %, which is 2.00 where every row is well known and 13.97 for a pair of readings.

The rows of the alignment come from the estimators; here are those that stand in every budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, inf, isfinite, sqrt

from calibration.quantities import BudgetRow
from calibration.reference_standard import ReferenceCard
from calibration.student_t import coverage_factor

COVERAGE_PROBABILITY = 0.9545

BENCH_CLOCK_LIMIT_PPM = 50.0
"""Half width of the bench clock's rate where nothing better is known. The integral of power measures time with it;
where pulses and registers are both stamped by it, its rate cancels."""

REPEATABILITY = "repeatability"
"""Source of the row of what several runs scatter."""

_SQRT3 = sqrt(3.0)
_SQRT6 = sqrt(6.0)


@dataclass(frozen=True, slots=True)
class Combined:
    """A combined budget: uncertainties in the unit of its rows (%), effective degrees of freedom, may be infinite."""

    standard_uncertainty: float
    degrees_of_freedom: float
    coverage_factor: float
    expanded_uncertainty: float


def combine(rows: Sequence[BudgetRow], coverage_probability: float = COVERAGE_PROBABILITY) -> Combined:
    """Combine independent rows (GUM 5.1.2, G.4.1); an empty budget is zero with infinite degrees of freedom.

    Errors: ValueError naming a row whose uncertainty is not finite, or whose degrees of freedom are not above 0.
    """
    for row in rows:
        if not isfinite(row.standard_uncertainty_pct):
            raise ValueError(f"the budget row {row.source!r} has no finite uncertainty")
        if not row.degrees_of_freedom > 0.0:
            raise ValueError(f"the budget row {row.source!r} has {row.degrees_of_freedom} degrees of freedom")
    parts = [(row.standard_uncertainty_pct, row.degrees_of_freedom) for row in rows]
    standard = sqrt(fsum(u * u for u, _ in parts))
    dof = effective_degrees_of_freedom(parts)
    k = coverage_factor(dof, coverage_probability)
    return Combined(standard, dof, k, k * standard)


def effective_degrees_of_freedom(parts: Sequence[tuple[float, float]]) -> float:
    """Welch-Satterthwaite, u^4 / sum(u_i^4/nu_i), for pairs (u_i, nu_i); nu_i may be infinite."""
    if not any(u for u, _ in parts):
        return inf
    largest = max(u for u, _ in parts)
    # Relative to the largest, so that fourth powers of small figures do not underflow.
    relative = [(u / largest, dof) for u, dof in parts]
    spread = fsum(u**4 / dof for u, dof in relative)
    return fsum(u * u for u, _ in relative) ** 2 / spread if spread > 0.0 else inf


def normal_row(
    source: str, standard_uncertainty_pct: float, degrees_of_freedom: float = inf, *, shared: bool = False
) -> BudgetRow:
    """A row that is known as a standard uncertainty (%)."""
    return BudgetRow(source, standard_uncertainty_pct, "normal", 1.0, 1.0, degrees_of_freedom, shared)


def relative_row(
    source: str, relative: float, *, distribution: str = "normal", shared: bool = False
) -> BudgetRow:
    """A row that is known as a relative standard uncertainty (dimensionless)."""
    return BudgetRow(source, 100.0 * relative, distribution, 1.0, 1.0, inf, shared)


def rectangular_row(source: str, half_width_pct: float, *, shared: bool = False) -> BudgetRow:
    """A row of which only bounds +-half_width (%) are known: u = a/sqrt(3) (GUM 4.3.7)."""
    return BudgetRow(source, half_width_pct, "rectangular", _SQRT3, 1.0, inf, shared)


def reference_calibration_row(card: ReferenceCard) -> BudgetRow:
    """Expanded uncertainty of the reference's certificate over its own coverage factor."""
    return BudgetRow(
        "reference_calibration", card.calibration_U_pct, "normal", card.coverage_factor, 1.0, inf, shared=True
    )


def reference_drift_row(card: ReferenceCard) -> BudgetRow:
    """How far the reference may have drifted since its certificate (rectangular)."""
    return rectangular_row("reference_drift", card.drift_pct, shared=True)


def reference_stability_row(card: ReferenceCard) -> BudgetRow:
    """The reference's class or short-term stability (rectangular)."""
    return rectangular_row("reference_stability", card.stability_pct, shared=True)


def reference_interpolation_row(card: ReferenceCard) -> BudgetRow:
    """What may be off between the points of the reference's certificate (rectangular)."""
    return rectangular_row("reference_interpolation", card.interpolation_pct, shared=True)


def register_resolution_row(step_Wh: float, energy_Wh: float) -> BudgetRow:
    """Two readings of a register with step r (Wh), or a count of whole pulses of r, around an energy (Wh).

    Each end is known to a step (rectangular, r/sqrt(12)); their difference is triangular, +-r: u = r/sqrt(6).
    """
    return BudgetRow("register_resolution", 100.0 * step_Wh / energy_Wh, "triangular", _SQRT6, 1.0, inf)


def influence_row(source: str, half_width: float, coefficient_pct: float) -> BudgetRow:
    """An influence quantity within +-half_width (its own unit), its coefficient in % per that unit."""
    return rectangular_row(source, half_width * abs(coefficient_pct), shared=True)


def clock_rate_row(source: str, half_width_ppm: float) -> BudgetRow:
    """Rate of the bench clock within +-half_width (ppm), for results that rest on it."""
    return rectangular_row(source, half_width_ppm * 1e-4)


def repeatability_row(sd_pct: float, degrees_of_freedom: float, averaged: int) -> BudgetRow:
    """Type A: standard deviation (%) of one run, for the mean of `averaged` runs (GUM 4.2.3; pooled: 4.2.4)."""
    if averaged < 1:
        raise ValueError(f"a mean of {averaged} runs has no repeatability; give one run or more")
    return BudgetRow(REPEATABILITY, sd_pct, "normal", sqrt(averaged), 1.0, degrees_of_freedom)


def rounding_row(step_pct: float) -> BudgetRow:
    """Reporting a value rounded to a step a (%): u = a/(2 sqrt(3))."""
    return rectangular_row("rounding", 0.5 * step_pct, shared=True)


def reference_class_row(card: ReferenceCard) -> BudgetRow:
    """A reference without a calibration is only known to be within its class (rectangular)."""
    return rectangular_row("reference_class", card.accuracy_class_pct, shared=True)


def standing_rows(card: ReferenceCard) -> tuple[BudgetRow, ...]:
    """The rows that every estimator of a window has in common; rows that are zero are left out.

    A card that states no calibration does not make a perfect reference: its class stands in.
    """
    known = reference_calibration_row(card) if card.calibration_U_pct > 0.0 else reference_class_row(card)
    rows = (
        known,
        reference_interpolation_row(card),
        reference_drift_row(card),
        reference_stability_row(card),
        influence_row(
            "reference_temperature", card.temperature_off_K, card.temperature_coefficient_pct_per_K
        ),
        influence_row("reference_voltage", card.voltage_off_V, card.voltage_coefficient_pct_per_V),
    )
    return tuple(row for row in rows if row.half_width_pct != 0.0)


_STANDING_SOURCES = frozenset(
    {
        "reference_calibration",
        "reference_class",
        "reference_drift",
        "reference_stability",
        "reference_interpolation",
        "reference_temperature",
        "reference_voltage",
    }
)


def is_standing(row: BudgetRow) -> bool:
    """Whether a row comes from `standing_rows`: the same in each run at a load point, so it does not average out."""
    return row.source in _STANDING_SOURCES
