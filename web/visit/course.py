"""The course of a run as its customer reads it: each step with its state, why it pauses, what went wrong, and what was
done about it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from web.customer.faults import FaultNote, fault_notes
from web.customer.points import PointRow, point_rows
from web.customer.scene import Scene, State, faults_of, scene_of
from web.texts import plain_reason, text

_PAUSES = frozenset({Scene.WAITING_FOR_START, Scene.WAITING_FOR_LOAD, Scene.ASKING})
"""Scenes in which the bench waits for a person."""


@dataclass(frozen=True, slots=True)
class Step:
    """state: waiting, done, or what is going on. result: the verdict's word or the figure. events: newest last."""

    number: int
    name: str
    details: str
    state: str
    state_text: str
    planned: str
    verdict: str | None
    verdict_text: str | None
    result: str
    pause: str
    """Why it does not go on just now; else ""."""
    events: tuple[FaultNote, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """steps in their order; apart: what went wrong outside of every step."""

    steps: tuple[Step, ...]
    apart: tuple[FaultNote, ...]


def course_of(state: State, position: str, language: str) -> Course:
    """The course of the run that STATE is of."""
    scene = scene_of(state, position)
    rows = point_rows(state, position, language)
    # Both lists are of the same faults, and the notes come newest first.
    notes = list(reversed(fault_notes(state, position, scene, rows, language)))
    of_point: dict[str | None, list[FaultNote]] = {}
    for fault, note in zip(faults_of(state, position), notes, strict=True):
        of_point.setdefault(fault.get("point"), []).append(note)
    running = state.get("point")
    steps = tuple(
        _step(
            row,
            _pause(state, scene, language) if row.key == running else "",
            of_point.pop(row.key, []),
            language,
        )
        for row in rows
    )
    return Course(steps, tuple(note for notes in of_point.values() for note in notes))


def _step(row: PointRow, pause: str, events: list[FaultNote], language: str) -> Step:
    result = f"{row.figures.error} ± {row.figures.uncertainty}" if row.figures else row.headline
    return Step(
        number=row.number,
        name=row.phrase,
        details=row.details,
        state="done" if row.verdict else row.state,
        state_text="" if row.verdict else text(f"points.{row.state}", language),
        planned=row.planned,
        verdict=row.verdict,
        verdict_text=row.verdict_text,
        result=result,
        pause=pause,
        events=tuple(events),
    )


def _pause(state: State, scene: Scene, language: str) -> str:
    """Why the running step waits, with what is in the way where the bench knows it."""
    waits = state.get("waits_for") or {}
    if waits.get("what") == "rest":
        return text("visit_course.rest", language)
    if scene not in _PAUSES:
        return ""
    why = text(f"visit_course.{scene}", language)
    in_the_way = waits.get("why_not")
    return f"{why} {plain_reason(in_the_way, language)}" if in_the_way else why
