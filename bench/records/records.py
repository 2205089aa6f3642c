"""The bodies of the journal's records: what is frozen when a run starts, and what a result consists of.

`result_figures` is also what a replay compares, digit by digit.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.canonical import JsonObject, decimal_text
from bench.methods.steps import Conclude, CountPulses
from bench.plans.plan import CheckedPlan
from bench.records.frozen import to_json
from bench.records.versions import computation
from calibration.quantities import (
    BudgetRow,
    ErrorResult,
    Estimate,
    Finding,
    InstrumentFault,
    Verdict,
)
from calibration.runs import PointResult

POSITIONS_SKIPPED = "positions_skipped"
"""Kind of the record of `AskSkipped`; there is none where nobody was taken out since the last one."""
ENVIRONMENT_READ = "environment_read"
"""Kind of a record that answers no step: temperature and humidity, every minute where there is a sensor."""
FORMAT = 2
"""Of a run's records. Format 1 knew load points of basic error only and did not keep its rule set."""


def frozen_inputs(checked: CheckedPlan) -> JsonObject:
    """What a run's results are computed with, as far as it follows from the plan."""
    return {
        "format": FORMAT,
        "computation": computation(),
        "plan": checked.source,
        "decision_rule": checked.plan.decision_rule,
        "rule_set": {
            "name": checked.plan.rule_set,
            "edition": checked.rules.edition,
            "sha256": checked.rules.sha256,
            "text": checked.rules_text,
        },
        "meters": {position: to_json(meter) for position, meter in checked.meters.items()},
        "test_points": [
            {
                "item": p.item.value,
                "load_point": to_json(p.load_point),
                "positions": list(p.positions),
                "mpe_pct": to_json(p.mpe_pct),
            }
            for p in checked.points
        ],
    }


def window_inputs(
    step: CountPulses,
    run_ns: tuple[int, int],
    clock_slew_ppm: float,
    line_faults: Mapping[str, tuple[InstrumentFault, ...]],
    decided_at_ns: Mapping[str, int],
) -> JsonObject:
    """Of one run at a load point: what beside the raw files its results were computed from."""
    return {
        "point": step.point,
        "attempt": step.attempt,
        "run_number": step.run,
        "load_point": to_json(step.load_point),
        "stability_pct": to_json(step.stability_pct),
        "wanted_uncertainty_pct": to_json(step.wanted_uncertainty_pct),
        "run_first_ns": run_ns[0],
        "run_last_ns": run_ns[1],
        "decided_at_ns": dict(decided_at_ns),
        "clock_slew_ppm": to_json(clock_slew_ppm),
        "line_faults": {p: [to_json(f) for f in faults] for p, faults in line_faults.items()},
    }


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
        "findings": findings(result.findings),
    }


def verdict_figures(verdict: Verdict) -> JsonObject:
    return {
        "verdict": verdict.outcome.value,
        "decision_rule": verdict.decision_rule,
        "mpe_pct": decimal_text(verdict.mpe_pct),
        "conditional": verdict.conditional,
        "probability_of_conformity": decimal_text(verdict.probability_of_conformity),
        "acceptance_limit_pct": decimal_text(verdict.acceptance_limit_pct),
        "decided_value": verdict.decided_value,
        "findings": findings(verdict.findings),
    }


def conclusion(step: Conclude) -> JsonObject:
    """The body of a verdict's record: what a replay must find again."""
    return {
        "point": step.point,
        "attempt": step.attempt,
        "position": step.position,
        **verdict_figures(step.verdict),
        "mean": None if step.mean is None else mean_figures(step.mean),
        "figures": dict(step.figures),
        "is_repeated": step.will_repeat,
    }


def mean_figures(mean: PointResult) -> JsonObject:
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


def findings(found: tuple[Finding, ...]) -> list[JsonObject]:
    return [{"reason": f.reason.value, "values": dict(f.values)} for f in found]


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
        "findings": findings(estimate.findings),
    }


def _degrees(value: float | None) -> str | None:
    """Degrees of freedom of a type B row are infinite, which `inf` says in text; large ones need no decimals."""
    return None if value is None else f"{value:.4g}"
