"""The plan as a verifier reads it: every test point with what is wanted of it and how it stands. Pure.

Two sources: before a run, what the measuring side says of the plan; from its start on, the live state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from web import numbers
from web.customer.figures import error_figures
from web.customer.points import point_rows
from web.customer.scene import State, points_of
from web.customer.wording import duration, item_of, load_details
from web.feed import QUIET_PHASES
from web.texts import reason_sentence, text

_QUANTITY = "active"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One test point; texts are final, "" is what is not known or does not apply.

    state: `waiting`, `settling`, `measuring`, `done`. is_running: it is expanded.
    """

    number: int
    name: str
    load: str
    wanted: str
    planned: str
    error: str
    uncertainty: str
    state: str
    state_word: str
    verdict: str | None
    reasons: tuple[str, ...]
    is_running: bool = False


def item_title(item: str, language: str) -> str:
    """The item as verifiers call it; one that this web does not know, by its name."""
    return text(f"plan_item.{item}", language) if f"plan_item.{item}" in text else item


def planned_rows(points: Sequence[Mapping[str, Any]], language: str) -> list[PlanRow]:
    """Before a run: `points` as `plan_check` answers."""
    return [
        PlanRow(
            number=number,
            name=item_title(str(point["item"]), language),
            load=str(point.get("name") or ""),
            wanted="",
            planned=_time(point.get("planned_s"), language),
            error="",
            uncertainty="",
            state="waiting",
            state_word=text("plan_state.waiting", language),
            verdict=None,
            reasons=(),
        )
        for number, point in enumerate(points, start=1)
    ]


def rows_of(state: State, position: str, language: str) -> list[PlanRow]:
    """Of a run, under way or over."""
    shown = dict(points_of(state, position))
    meter = state["positions"][position]
    rows = []
    for told in point_rows(state, position, language, reason_sentence):
        point = shown[told.key]
        is_running = told.key == state.get("point") and told.verdict is None and _is_under_way(state)
        figures = told.figures
        if is_running and (running := meter.get("running")):
            figures = error_figures(running)
        rows.append(
            PlanRow(
                number=told.number,
                name=item_title(item_of(point), language),
                load=load_details(point, str(meter.get("quantity") or _QUANTITY)),
                wanted=_wanted(point, position),
                planned=_time(point.get("planned_s"), language),
                error=figures.error if figures else told.headline,
                uncertainty=figures.uncertainty if figures else "",
                state=told.state,
                state_word=_state_word(told.state, language),
                verdict=told.verdict,
                reasons=(*told.reasons, *told.notes, *filter(None, (told.advice,))),
                is_running=is_running,
            )
        )
    return rows


def _is_under_way(state: State) -> bool:
    return state["phase"] not in QUIET_PHASES


def _state_word(state: str, language: str) -> str:
    key = f"plan_state.{state}"
    return text(key if key in text else "plan_state.waiting", language)


def _wanted(point: Mapping[str, Any], position: str) -> str:
    wanted = (point.get("wanted_U_pct") or {}).get(position)
    return "" if wanted is None else numbers.percent(str(wanted))


def _time(seconds: object, language: str) -> str:
    return "" if seconds is None else duration(str(seconds), language)
