"""The table of steps: each test point with its result, its mark on the common scale and its reasons. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from calibration.reasons import REMARKS
from web import numbers
from web.customer.figures import ErrorFigures, error_figures
from web.customer.items import Found, found
from web.customer.judging import judging_notes, verdict_key
from web.customer.scene import Scene, State, points_of, scene_of
from web.customer.wording import AT_A_LOAD, duration, item_name, item_of, load_details, point_phrase
from web.plots import ScaleMark, half_range_pct, scale_mark
from web.texts import Say, plain_reason, reason_sentence, text

_FAILS_BESIDE_THE_ERROR = frozenset({"unbalance", "error_in_guard_band"})
"""Reasons that fail a load point whose own error is within its limit."""
_WAITS = {str(scene): str(scene) for scene in (Scene.WAITING_FOR_START, Scene.WAITING_FOR_LOAD)}
"""Phases in which the running step waits for a person."""
WAYS = ("pulses", "power_time", "register")


@dataclass(frozen=True, slots=True)
class PointRow:
    """One step of the plan as the customer's table shows it."""

    key: str
    number: int
    item: str
    phrase: str
    details: str
    state: str
    planned: str
    figures: ErrorFigures | None
    headline: str
    """What stands in the place of the error where the step has none: a count, a time, a register."""
    verdict: str | None
    verdict_text: str | None
    """Name of the text that says it: a verdict may be conditional."""
    cause: str
    """Why the step failed, where that is not its error being beyond the limit; else ""."""
    reasons: tuple[str, ...]
    finding: str
    """What a step that is no comparison has found, in a sentence."""
    notes: tuple[str, ...]
    """Quiet remarks: how it was judged, what the bench warns of, and that it took more than one try."""
    advice: str
    """What the bench advises the staff to do about this step; else ""."""
    true_error: str | None
    mark: ScaleMark | None
    ways: tuple[str | None, ...] | None
    """The written errors of the ways in the order of WAYS, None where one was not used."""

    @property
    def is_error(self) -> bool:
        """An error at a load: what "the largest difference" is looked for among."""
        return self.item == "basic_error"


@dataclass(frozen=True, slots=True)
class PointGroup:
    """Neighbouring steps of one item. name is "" for a step that stands alone: its row says it all."""

    name: str
    done: str
    rows: tuple[PointRow, ...]


def point_rows(state: State, position: str, language: str, reason_said: Say = plain_reason) -> list[PointRow]:
    """All steps of a position in their order, finished or not. reason_said: to staff, `reason_sentence`."""
    meter = state["positions"][position]
    results = meter.get("results", {})
    rule = str((state.get("run") or {}).get("decision_rule") or "")
    half = _half_axis_pct(results)
    quantity = str(meter.get("quantity") or "active")
    states = _states(state, position)
    return [
        _row(
            number,
            key,
            point,
            results.get(key) or {},
            states[key],
            half,
            quantity,
            rule,
            language,
            reason_said,
        )
        for number, (key, point) in enumerate(points_of(state, position), start=1)
    ]


def groups_of(rows: list[PointRow], language: str) -> list[PointGroup]:
    """The rows under the names of their items."""
    groups = []
    for item, members in groupby(rows, key=lambda row: row.item):
        of_item = tuple(members)
        done = sum(row.verdict is not None for row in of_item)
        name = item_name(item, language) if len(of_item) > 1 else ""
        groups.append(
            PointGroup(name, text("points.group", language, done=done, count=len(of_item)), of_item)
        )
    return groups


def worst(rows: list[PointRow], results: Mapping[str, Mapping[str, Any]]) -> PointRow | None:
    """The step whose error is the largest part of its limit; None where no step has both."""
    with_both = [
        row for row in rows if row.is_error and row.figures is not None and row.figures.mpe is not None
    ]
    return max(with_both, key=lambda row: part_of_limit(results[row.key]), default=None)


def part_of_limit(result: Mapping[str, Any]) -> Decimal:
    """How much of what is allowed an error uses: only to find the largest, never shown."""
    return abs(Decimal(result["percentage_error_pct"])) / Decimal(result["mpe_pct"])


def _half_axis_pct(results: Mapping[str, Mapping[str, Any]]) -> float:
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
    result: dict[str, Any],
    state: str,
    half_pct: float,
    quantity: str,
    rule: str,
    language: str,
    reason_said: Say,
) -> PointRow:
    item, planned_s = item_of(point), point.get("planned_s")
    tells = found(item, result.get("figures") or {}, language) or Found("", "")
    return PointRow(
        key=key,
        number=number,
        item=item,
        phrase=point_phrase(point, quantity, language),
        details=load_details(point, quantity),
        state="done" if result else state,
        planned=""
        if planned_s is None
        else text("points.planned", language, duration=duration(planned_s, language)),
        figures=error_figures(result) if item in AT_A_LOAD else None,
        headline=tells.headline,
        verdict=result.get("verdict"),
        verdict_text=verdict_key(result),
        cause=_cause(item, result, language, reason_said),
        reasons=_reasons(result, language, reason_said),
        finding=tells.sentence,
        notes=_notes(point, result, rule, language),
        advice=reason_sentence(point["warning"], language) if point.get("warning") else "",
        true_error=_true_error(result, language),
        mark=_mark(result, half_pct) if item in AT_A_LOAD else None,
        ways=_ways(result),
    )


def _states(state: State, position: str) -> dict[str, str]:
    """How each step without a result stands for this meter, which may be disturbed or out while others go on."""
    scene, waits = scene_of(state, position), _WAITS.get(str(state.get("phase")))
    found = {}
    for key, point in points_of(state, position):
        said = str(point["state"])
        if scene is Scene.SKIPPED or (scene is Scene.SPOILT and key == state.get("point")):
            said = str(scene)
        elif waits is not None and said == "settling":
            # Its load a person has to let on, or to set.
            said = waits
        found[key] = said
    return found


def _cause(item: str, result: dict[str, Any], language: str, reason_said: Say) -> str:
    if result.get("verdict") != "FAIL":
        return ""
    beside_the_error = [
        finding
        for finding in result.get("reasons", [])
        if finding["reason"] not in REMARKS
        and (item != "basic_error" or finding["reason"] in _FAILS_BESIDE_THE_ERROR)
    ]
    return reason_said(beside_the_error[0], language) if beside_the_error else ""


def _reasons(result: dict[str, Any], language: str, reason_said: Say) -> tuple[str, ...]:
    """Why a verdict is what it is; beside a pass they are remarks, not reasons, and some are nothing else."""
    explains = result.get("verdict") in ("FAIL", "INVALID")
    said = ((finding, reason_said(finding, language)) for finding in result.get("reasons", []))
    return tuple(
        text("points.why", language, reason=sentence)
        if explains and finding["reason"] not in REMARKS
        else sentence
        for finding, sentence in said
    )


def _warned(warning: Mapping[str, Any], language: str) -> str:
    """A customer cannot set another load: it is said what it means for the figure."""
    key = f"point_warning.{warning['reason']}"
    return text(key, language) if key in text else reason_sentence(warning, language)


def _notes(point: dict[str, Any], result: dict[str, Any], rule: str, language: str) -> tuple[str, ...]:
    notes = judging_notes(result, rule, language)
    if warning := point.get("warning"):
        notes.append(_warned(warning, language))
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
    ways = result.get("three_ways")
    U = result.get("expanded_uncertainty_pct") or (result.get("figures") or {}).get(
        "expanded_uncertainty_pct"
    )
    if not ways or U is None:
        return None
    decimals = numbers.decimals_for(U)
    return tuple(
        None if ways.get(way) is None else numbers.percent(numbers.signed(ways[way], decimals))
        for way in WAYS
    )
