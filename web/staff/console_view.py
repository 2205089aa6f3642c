"""What the console shows of a case, from what the four say of it (next_act.py). Pure.

`Told` is what was asked of casework and of the measuring side for one page; `console_of` makes of it what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from web.customer.scene import State, points_of
from web.customer.wording import load_details
from web.staff.health import Health, health_rows
from web.staff.next_act import (
    WAITS,
    Act,
    Reader,
    Second,
    Situation,
    bench_of,
    next_act,
    second_acts,
)
from web.staff.plan_table import PlanRow, planned_rows, rows_of
from web.staff.serials import is_same
from web.texts import reason_sentence, text


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a case at one moment.

    verifier, checker: ids, with their names in `names`. measuring: the answer of `case`, None where the bench has not
    heard of it or does not answer. planned: points as `plan_check` answers, None where nobody could say. drafts,
    certificates: of its runs. ticks: how many times each check was ticked or not, only to notice a change.
    """

    case_id: str
    case_state: str
    serial: str
    verifier: str | None
    checker: str | None
    reader: str
    names: Mapping[str, str] = field(default_factory=dict)
    outcome: str | None = None
    has_plan: bool = False
    ticked: Mapping[str, bool] = field(default_factory=dict)
    questions: Sequence[tuple[int, str, bool]] = ()
    """Number, words, and whether it is answered."""
    measuring: Mapping[str, Any] | None = None
    planned: Sequence[Mapping[str, Any]] | None = None
    drafts: Sequence[Mapping[str, Any]] = ()
    certificates: Sequence[Mapping[str, Any]] = ()
    state: State | None = None
    is_connected: bool = False
    age_s: float | None = None
    kept: tuple[State, str] | None = None
    """What the last run showed when it was over, as STATE with its position: the bench may have gone on."""

    @property
    def open_checks(self) -> tuple[str, ...]:
        return tuple(check for check, is_ticked in self.ticked.items() if not is_ticked)


def with_moment(told: Told, state: State | None, *, is_connected: bool, age_s: float | None) -> Told:
    """The same, with what the bench says now."""
    return replace(told, state=state, is_connected=is_connected, age_s=age_s)


@dataclass(frozen=True, slots=True)
class ActShown:
    """The next act in words. button: "" where there is nothing for the reader to press."""

    act: Act
    title: str
    does: str
    button: str

    @property
    def is_waiting(self) -> bool:
        """Whether it is somebody else's turn."""
        return self.act in WAITS


@dataclass(frozen=True, slots=True)
class Console:
    situation: Situation
    act: ActShown
    seconds: tuple[Second, ...]
    state: State | None
    """STATE where it is about this case, else None: another case's figures are nothing to show here."""
    position: str | None
    rows: list[PlanRow]
    has_plan: bool
    health: list[Health]
    draft: Mapping[str, Any] | None
    certificate: Mapping[str, Any] | None
    differs: tuple[str, str] | None
    """Names of the verifiers by the bench and by the case, where the two do not agree."""
    layout: str
    spoken: str


def console_of(told: Told, language: str) -> Console:
    situation = situation_of(told)
    act = next_act(situation)
    is_ours = ((told.state or {}).get("run") or {}).get("case") == told.case_id
    ours = told.state if is_ours else None
    position = position_of(ours, told.serial)
    result = (ours, position) if ours is not None or told.kept is None else told.kept
    title = text(f"act.{act}", language)
    return Console(
        situation=situation,
        act=ActShown(act, title, _does(act, told, *result, language), _button(act, told, language)),
        seconds=second_acts(situation),
        state=ours,
        position=position,
        rows=_rows(told, *result, language),
        has_plan=told.has_plan,
        health=health_rows(told.state, told.age_s, language),
        draft=told.drafts[0] if told.drafts else None,
        certificate=_standing(told.certificates),
        differs=_differs(told),
        layout=_layout(act, told),
        spoken=_spoken(title, told, language),
    )


def situation_of(told: Told) -> Situation:
    standing = _standing(told.certificates)
    return Situation(
        case_state=told.case_state,
        reader=_reader(told),
        bench=bench_of(told.state, told.is_connected, told.case_id),
        measuring=None if told.measuring is None else str(told.measuring["state"]),
        open_checks=len(told.open_checks),
        verdict=told.outcome,
        missing=_missing(told.drafts),
        certificate=None if standing is None else str(standing["number"]),
    )


def _reader(told: Told) -> Reader:
    if told.reader == told.verifier:
        return Reader.VERIFIER
    return Reader.CHECKER if told.reader == told.checker else Reader.OTHER


NEEDED = ("verifier", "checker")


def _missing(drafts: Sequence[Mapping[str, Any]]) -> tuple[str, ...] | None:
    """Roles that have not signed the newest draft; None where there is no draft."""
    if not drafts:
        return None
    signed = {str(signature["role"]) for signature in drafts[0]["signatures"]}
    return tuple(role for role in NEEDED if role not in signed)


def _standing(certificates: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return next((one for one in certificates if one.get("stands")), None)


def _differs(told: Told) -> tuple[str, str] | None:
    there = (told.measuring or {}).get("verifier")
    if there is None or there == told.verifier:
        return None
    return told.names.get(there, there), told.names.get(told.verifier or "", told.verifier or "—")


def position_of(state: State | None, serial: str) -> str | None:
    """The position that this meter is at."""
    if state is None:
        return None
    positions = state.get("positions") or {}
    return next((p for p, meter in positions.items() if is_same(str(meter["serial"]), serial)), None)


def _rows(told: Told, ours: State | None, position: str | None, language: str) -> list[PlanRow]:
    if ours is not None and position is not None:
        return rows_of(ours, position, language)
    return planned_rows(told.planned or (), language)


def _button(act: Act, told: Told, language: str) -> str:
    return "" if act in WAITS else text(_key(f"act_button.{act}", told), language)


def _key(key: str, told: Told) -> str:
    """The text of an act; a simulated bench may have no start button, so what is said of that has its own."""
    simulated = f"{key}_simulated"
    kind = ((told.state or {}).get("bench") or {}).get("kind")
    return simulated if kind == "simulated" and simulated in text else key


def _does(act: Act, told: Told, ours: State | None, position: str | None, language: str) -> str:
    standing = _standing(told.certificates)
    verdict = told.outcome or "INVALID"
    values: dict[str, object] = {
        "verifier": told.names.get(told.verifier or "", told.verifier or "—"),
        "checker": told.names.get(told.checker or "", told.checker or "—"),
        "count": len(told.open_checks),
        "why": _why(act, ours, position, language),
        "load": _load(ours, position),
        "verdict": text(f"verdict.{verdict}", language),
        "draft": told.drafts[0]["id"] if told.drafts else "—",
        "certificate": standing["number"] if standing else text("act_does.no_certificate", language),
    }
    return text(_key(f"act_does.{act}", told), language, **values)


def _why(act: Act, ours: State | None, position: str | None, language: str) -> str:
    """What is in the way of energising, or what made the last run INVALID; "" where it is not known here."""
    if ours is None:
        return ""
    if act is Act.CLEAR_THE_WAY:
        return reason_sentence(ours["waits_for"]["why_not"], language).rstrip(".。")
    results = ours["positions"][position]["results"] if position is not None else {}
    because = [
        found for result in results.values() if result["verdict"] == "INVALID" for found in result["reasons"]
    ]
    end = "。" if language == "zh" else ". "
    return f"{reason_sentence(because[0], language).rstrip('.。')}{end}" if because else ""


def _load(ours: State | None, position: str | None) -> str:
    if ours is None or position is None:
        return "—"
    point = dict(points_of(ours, position)).get(str(ours.get("point")))
    return load_details(point, "active") or "—" if point else "—"


def _layout(act: Act, told: Told) -> str:
    """Changes when something with a button or a form on the page has changed."""
    ticked = "".join("1" if is_ticked else "0" for is_ticked in told.ticked.values())
    answered = "".join("1" if is_answered else "0" for _, _, is_answered in told.questions)
    question = (told.state or {}).get("question") or {}
    return "|".join(
        (
            str(act),
            told.case_state,
            str(told.verifier),
            ticked,
            answered,
            ",".join(question.get("answered") or ()),
        )
    )


def _spoken(title: str, told: Told, language: str) -> str:
    """What a screen reader says when it changes: a new question of the customer before the next act."""
    waiting = [words for _, words, is_answered in told.questions if not is_answered]
    asked = text("console.new_question", language, text=waiting[-1]) if waiting else ""
    return f"{asked} {title}".strip()
