"""What a measurement came to, as its records hold it: each kind of figure written, and below it read back.

A real of a result is text with fixed decimals, so that two machines write the same bytes; what is read back is that
text's value, and what a replay compares is the text. Inputs are kept exactly instead (`frozen`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bench.canonical import JsonObject, decimal_text
from bench.methods.steps import Conclude
from bench.records.frozen import from_json, to_json
from calibration.quantities import BudgetRow, ErrorResult, Estimate, Finding, Verdict
from calibration.runs import PointResult


def result_figures(result: ErrorResult) -> JsonObject:
    """An `ErrorResult` with its figures as text of fixed decimals."""
    window = result.window
    return {
        "load_point": result.load_point,
        "window": to_json(window) if window else None,
        "estimator": result.estimator,
        "estimator_version": result.estimator_version,
        "meter_energy_Wh": decimal_text(result.meter_energy_Wh),
        "reference_energy_read_Wh": decimal_text(result.reference_energy_read_Wh),
        "reference_energy_Wh": decimal_text(result.reference_energy_Wh),
        "percentage_error_pct": decimal_text(result.percentage_error_pct),
        "standard_uncertainty_pct": decimal_text(result.standard_uncertainty_pct),
        "degrees_of_freedom": _degrees(result.degrees_of_freedom),
        "coverage_factor": decimal_text(result.coverage_factor),
        "expanded_uncertainty_pct": decimal_text(result.expanded_uncertainty_pct),
        "rows": [_row(row) for row in result.rows],
        "estimates": [_estimate(estimate) for estimate in result.estimates],
        "findings": to_json(result.findings),
    }


def read_result(figures: Mapping[str, Any]) -> ErrorResult:
    """A result from its record, for what cannot be computed anew; of its estimates without their budgets."""
    return from_json(ErrorResult, figures)


def conclusion(step: Conclude) -> JsonObject:
    """The body of a verdict's record: what a replay must find again."""
    verdict = step.verdict
    return {
        "point": step.point,
        "attempt": step.attempt,
        "position": step.position,
        "verdict": verdict.outcome.value,
        "decision_rule": verdict.decision_rule,
        "mpe_pct": decimal_text(verdict.mpe_pct),
        "conditional": verdict.conditional,
        "probability_of_conformity": decimal_text(verdict.probability_of_conformity),
        "acceptance_limit_pct": decimal_text(verdict.acceptance_limit_pct),
        "decided_value": verdict.decided_value,
        "findings": to_json(verdict.findings),
        "mean": None if step.mean is None else _mean(step.mean),
        "figures": dict(step.figures),
        "is_repeated": step.will_repeat,
    }


def read_conclusion(fields: JsonObject, runs: tuple[ErrorResult, ...]) -> Conclude:
    """A verdict from its record; runs: of the attempt, from the records of its windows."""
    return Conclude(
        fields["point"],
        fields["attempt"],
        fields["position"],
        from_json(Verdict, {**fields, "outcome": fields["verdict"]}),
        fields["is_repeated"],
        runs,
        None if fields["mean"] is None else from_json(PointResult, fields["mean"]),
        fields["figures"],
    )


def as_recorded(step: Conclude) -> Conclude:
    """A conclusion as its records give it back, its runs, too.

    What is shown while a run lasts is made of this, so that it has the digits that the record has for ever: a figure
    that was rounded to what a record holds and then to what a page shows can differ in its last digit from one that was
    rounded once.
    """
    return read_conclusion(conclusion(step), tuple(read_result(result_figures(run)) for run in step.runs))


def read_findings(found: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Findings from their record."""
    return tuple(from_json(Finding, f) for f in found)


def _mean(mean: PointResult) -> JsonObject:
    """The mean of the runs with its budget."""
    return {
        "runs_pct": [decimal_text(error_pct) for error_pct in mean.runs_pct],
        "mean_pct": decimal_text(mean.mean_pct),
        "sample_sd_pct": decimal_text(mean.sample_sd_pct),
        "rounded_pct": None if mean.rounded_pct is None else str(mean.rounded_pct),
        "standard_uncertainty_pct": decimal_text(mean.standard_uncertainty_pct),
        "degrees_of_freedom": _degrees(mean.degrees_of_freedom),
        "coverage_factor": decimal_text(mean.coverage_factor),
        "expanded_uncertainty_pct": decimal_text(mean.expanded_uncertainty_pct),
        "rows": [_row(row) for row in mean.rows],
    }


def _row(row: BudgetRow) -> JsonObject:
    return {
        "source": row.source,
        "half_width_pct": decimal_text(row.half_width_pct),
        "distribution": row.distribution,
        "divisor": decimal_text(row.divisor),
        "sensitivity": decimal_text(row.sensitivity),
        "standard_uncertainty_pct": decimal_text(row.standard_uncertainty_pct),
        "degrees_of_freedom": _degrees(row.degrees_of_freedom),
        "shared": row.shared,
    }


def _estimate(estimate: Estimate) -> JsonObject:
    return {
        "estimator": estimate.estimator,
        "version": estimate.version,
        "window": to_json(estimate.window),
        "reference_energy_Wh": decimal_text(estimate.reference_energy_Wh),
        "standard_uncertainty_pct": decimal_text(estimate.standard_uncertainty_pct),
        "findings": to_json(estimate.findings),
    }


def _degrees(value: float | None) -> str | None:
    """Degrees of freedom of a type B row are infinite, which `inf` says in text; large ones need no decimals."""
    return None if value is None else f"{value:.4g}"
