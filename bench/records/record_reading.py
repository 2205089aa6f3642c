"""Results and verdicts back from their records, with the recorded decimals. The counterpart of `records.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bench.canonical import JsonObject
from bench.methods.steps import Conclude
from calibration.quantities import BudgetRow, ErrorResult, Estimate, Finding, Outcome, Verdict, Window
from calibration.reasons import Reason
from calibration.runs import PointResult


def read_findings(found: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Findings from their record."""
    return tuple(Finding(Reason(f["reason"]), dict(f["values"])) for f in found)


def read_result(figures: Mapping[str, Any]) -> ErrorResult:
    """A result from its record, for what cannot be computed anew; of its estimates without their budgets."""
    window = figures["window"]
    return ErrorResult(
        figures["load_point"],
        None if window is None else Window(**window),
        figures["estimator"],
        figures["estimator_version"],
        _real(figures["meter_energy_Wh"]),
        _real(figures["reference_energy_read_Wh"]),
        _real(figures["reference_energy_Wh"]),
        _real(figures["percentage_error_pct"]),
        _real(figures["standard_uncertainty_pct"]),
        _real(figures["degrees_of_freedom"]),
        _real(figures["coverage_factor"]),
        _real(figures["expanded_uncertainty_pct"]),
        _rows(figures["rows"]),
        tuple(_estimate(e) for e in figures["estimates"]),
        read_findings(figures["findings"]),
    )


def read_conclusion(fields: JsonObject, runs: tuple[ErrorResult, ...]) -> Conclude:
    """A verdict from its record; runs: of the attempt, from the records of its windows."""
    verdict = Verdict(
        Outcome(fields["verdict"]),
        fields["decision_rule"],
        _real(fields["mpe_pct"]),
        fields["conditional"],
        read_findings(fields["findings"]),
        _real(fields["probability_of_conformity"]),
        _real(fields["acceptance_limit_pct"]),
        fields["decided_value"],
    )
    mean = None if fields["mean"] is None else _mean(fields["mean"])
    return Conclude(
        fields["point"],
        fields["attempt"],
        fields["position"],
        verdict,
        fields["is_repeated"],
        runs,
        mean,
        fields["figures"],
    )


def _mean(figures: JsonObject) -> PointResult:
    return PointResult(
        runs_pct=tuple(float(error_pct) for error_pct in figures["runs_pct"]),
        mean_pct=float(figures["mean_pct"]),
        sample_sd_pct=_real(figures["sample_sd_pct"]),
        is_scattered=False,
        rows=_rows(figures["rows"]),
        standard_uncertainty_pct=float(figures["standard_uncertainty_pct"]),
        degrees_of_freedom=float(figures["degrees_of_freedom"]),
        coverage_factor=float(figures["coverage_factor"]),
        expanded_uncertainty_pct=float(figures["expanded_uncertainty_pct"]),
    )


def _estimate(figures: JsonObject) -> Estimate:
    return Estimate(
        figures["estimator"],
        figures["version"],
        Window(**figures["window"]),
        _real(figures["reference_energy_Wh"]),
        findings=read_findings(figures["findings"]),
    )


def _rows(rows: Iterable[JsonObject]) -> tuple[BudgetRow, ...]:
    return tuple(
        BudgetRow(
            r["source"], float(r["half_width_pct"]), r["distribution"], float(r["divisor"]),
            float(r["sensitivity"]), float(r["degrees_of_freedom"]), r["shared"],
        )
        for r in rows
    )  # fmt: skip


def _real(text: str | None) -> float | None:
    return None if text is None else float(text)
