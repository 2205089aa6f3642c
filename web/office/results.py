"""The result of a case with the figures that a checker looks at: error, uncertainty, limit, verdict of each point.

It is read out of a part of the bench's STATE by the same functions as the customer's page, so that both say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from web.customer.faults import FaultNote, fault_notes
from web.customer.points import point_rows
from web.customer.scene import State, scene_of
from web.numbers import decimals_for, limit, signed, unsigned
from web.texts import reason_sentence, text


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One test point; figures are written, and empty where it has none."""

    phrase: str
    details: str
    error: str
    uncertainty: str
    limit: str
    headline: str
    verdict: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """marks: why the result is no official one."""

    rows: tuple[ResultRow, ...]
    marks: tuple[str, ...]
    faults: tuple[FaultNote, ...]


def shown_result(state: State, position: str, language: str) -> Shown:
    rows = point_rows(state, position, language, reason_sentence)
    results = state["positions"][position].get("results") or {}
    marks = [
        reason_sentence(mark, language) for mark in (state.get("run") or {}).get("not_official_because") or []
    ]
    if (state.get("bench") or {}).get("kind") == "simulated":
        marks.insert(0, text("page.simulated_detail", language))
    return Shown(
        rows=tuple(_row(row, results.get(row.key) or {}, language) for row in rows),
        marks=tuple(marks),
        faults=tuple(
            fault_notes(state, position, scene_of(state, position), rows, language, reason_sentence)
        ),
    )


def _row(row: Any, result: dict[str, Any], language: str) -> ResultRow:
    error, uncertainty = result.get("percentage_error_pct"), result.get("expanded_uncertainty_pct")
    decimals = decimals_for(uncertainty) if uncertainty else 2
    coverage = result.get("coverage_factor")
    notes = row.notes if not coverage else (*row.notes, text("checking.coverage", language, k=coverage))
    return ResultRow(
        phrase=row.phrase,
        details=row.details,
        error=signed(error, decimals) if error else "",
        uncertainty=unsigned(uncertainty, decimals) if uncertainty else "",
        limit=f"±{limit(result['mpe_pct'])}" if result.get("mpe_pct") else "",
        headline=row.headline,
        verdict=text(f"case_value.{row.verdict}", language) if row.verdict else "",
        reasons=row.reasons,
        notes=notes,
    )
