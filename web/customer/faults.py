"""The list of what went wrong in a run, each with what happens next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from web.customer.points import PointRow
from web.customer.scene import Scene, Stage, State, faults_of, faults_of_running_point, stage_of
from web.customer.wording import exact_time
from web.texts import Say, plain_reason, text


@dataclass(frozen=True, slots=True)
class FaultNote:
    sentence: str
    details: tuple[str, ...]
    """When, at which step, at which attempt, and what is done about it; only what is known."""


def fault_notes(
    state: State,
    position: str,
    scene: Scene,
    rows: list[PointRow],
    language: str,
    reason_said: Say = plain_reason,
) -> list[FaultNote]:
    """The faults that concern a position, newest first. reason_said: to staff, `reason_sentence`."""
    is_over = stage_of(scene) is Stage.FINISHED
    by_key = {row.key: row for row in rows}
    repeated = faults_of_running_point(state, position)
    notes = []
    for fault in reversed(faults_of(state, position)):
        row = by_key.get(fault.get("point"))
        follows = _what_follows(fault, row, is_over=is_over, is_repeated_now=fault in repeated)
        details = (
            text("fault.at", language, time=exact_time(fault["at_s"], language)),
            row.phrase if row else "",
            text("fault.attempt", language, attempt=fault["attempt"])
            if (fault.get("attempt") or 1) > 1
            else "",
            text(follows, language) if follows else "",
        )
        sentence = reason_said(fault, language)
        notes.append(FaultNote(sentence, tuple(detail for detail in details if detail)))
    return notes


def _what_follows(
    fault: dict[str, Any], row: PointRow | None, *, is_over: bool, is_repeated_now: bool
) -> str | None:
    """The text that says it; None for a fault that was only noted and made no attempt invalid."""
    if row is not None and (row.verdict == "INVALID" or (is_over and row.verdict is None)):
        return "fault.next_invalid"
    if fault.get("is_repeated") is False:
        return None
    if is_repeated_now and (row is None or row.verdict is None):
        return "fault.next_repeat"
    return "fault.next_repeated"
