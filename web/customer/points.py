"""The table of steps: each load point with its result, its mark on the common scale and its reasons. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from web import numbers
from web.customer.figures import ErrorFigures, error_figures
from web.customer.scene import State
from web.customer.wording import load_details, load_phrase
from web.plots import ScaleMark, half_range_pct, scale_mark
from web.texts import reason_sentence, text

WAYS = ("pulses", "power_time", "register")


@dataclass(frozen=True, slots=True)
class PointRow:
    """One step of the plan as the customer's table shows it."""

    key: str
    number: int
    phrase: str
    details: str
    state: str
    planned: str
    figures: ErrorFigures | None
    verdict: str | None
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    """Quiet remarks: what the bench warns of at this load, and that it took more than one try."""
    true_error: str | None
    mark: ScaleMark | None
    ways: tuple[str | None, ...] | None
    """The written errors of the ways in the order of WAYS, None where one was not used."""


def point_rows(state: State, position: str, language: str) -> list[PointRow]:
    """All steps of the run in their order, finished or not."""
    results = state["positions"][position].get("results", {})
    half = _half_axis_pct(results)
    return [
        _row(number, key, point, results.get(key), half, language)
        for number, (key, point) in enumerate(in_order(state), start=1)
    ]


def in_order(state: State) -> list[tuple[str, dict[str, Any]]]:
    """The load points by their index; as text "10" would come before "2"."""
    return sorted(state.get("points", {}).items(), key=lambda item: int(item[0]))


def worst(rows: list[PointRow], state: State, position: str) -> PointRow | None:
    """The step whose error is the largest part of its limit; None where no step has both."""
    results = state["positions"][position].get("results", {})

    def part_of_limit(row: PointRow) -> Decimal:
        result = results[row.key]
        return abs(Decimal(result["percentage_error_pct"])) / Decimal(result["mpe_pct"])

    with_both = [row for row in rows if row.figures is not None and row.figures.mpe is not None]
    return max(with_both, key=part_of_limit, default=None)


def _half_axis_pct(results: dict[str, dict[str, Any]]) -> float:
    limits = [float(r["mpe_pct"]) for r in results.values() if r.get("mpe_pct") is not None]
    errors = [
        float(r["percentage_error_pct"])
        for r in results.values()
        if r.get("percentage_error_pct") is not None
    ]
    return half_range_pct(limits, errors)


def _row(
    number: int,
    key: str,
    point: dict[str, Any],
    result: dict[str, Any] | None,
    half_pct: float,
    language: str,
) -> PointRow:
    result = result or {}
    figures = error_figures(result)
    planned_s = point.get("planned_s")
    return PointRow(
        key=key,
        number=number,
        phrase=load_phrase(point, language),
        details=load_details(point, language),
        state="done" if result else str(point["state"]),
        planned=""
        if planned_s is None
        else text("points.planned", language, seconds=round(float(planned_s))),
        figures=figures,
        verdict=result.get("verdict"),
        reasons=tuple(
            reason_sentence(found["reason"], found.get("values", {}), language)
            for found in result.get("reasons", [])
        ),
        notes=_notes(point, result, language),
        true_error=_true_error(result, language),
        mark=_mark(result, half_pct),
        ways=_ways(result),
    )


def _notes(point: dict[str, Any], result: dict[str, Any], language: str) -> tuple[str, ...]:
    notes = []
    if warning := point.get("warning"):
        notes.append(reason_sentence(warning["reason"], warning.get("values", {}), language))
    if (attempts := int(result.get("attempts") or 0)) > 1:
        notes.append(text("points.tried", language, count=attempts))
    return tuple(notes)


def _mark(result: dict[str, Any], half_pct: float) -> ScaleMark | None:
    wanted = ("percentage_error_pct", "expanded_uncertainty_pct", "mpe_pct")
    if any(result.get(name) is None for name in wanted):
        return None
    error, U, mpe = (float(result[name]) for name in wanted)
    return scale_mark(error, U, mpe, half_pct)


def _true_error(result: dict[str, Any], language: str) -> str | None:
    """What the simulated meter's error was set to; only a simulated bench knows it."""
    true, U = result.get("true_error_pct"), result.get("expanded_uncertainty_pct")
    if true is None or U is None:
        return None
    written = numbers.percent(numbers.signed(true, numbers.decimals_for(U)))
    return text("points.true_error", language, error=written)


def _ways(result: dict[str, Any]) -> tuple[str | None, ...] | None:
    ways, U = result.get("three_ways"), result.get("expanded_uncertainty_pct")
    if not ways or U is None:
        return None
    decimals = numbers.decimals_for(U)
    return tuple(
        None if ways.get(way) is None else numbers.percent(numbers.signed(ways[way], decimals))
        for way in WAYS
    )
