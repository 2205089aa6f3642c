"""Which of the designed situations a customer is in, from the state of the bench. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

State = dict[str, Any]
"""STATE of docs/architecture.md."""


class Scene(StrEnum):
    """Every situation has its own sentence and its own look; nothing else may appear on the page."""

    NO_BENCH = "no_bench"
    IDLE = "idle"
    CUT_OFF = "cut_off"
    """No run, and the one before the bench started has no end: the power or the program failed in between."""
    STARTING = "starting"
    WAITING_FOR_START = "waiting_for_start"
    """Somebody at the bench must press start before a load is applied."""
    WAITING_FOR_LOAD = "waiting_for_load"
    """The technician sets the load by hand."""
    SETTLING = "settling"
    COUNTING = "counting"
    """Measuring, before the first estimate."""
    MEASURING = "measuring"
    WATCHING = "watching"
    """A step without a comparison: no load, starting, warming up, energy for the register, the clock."""
    ASKING = "asking"
    """The technician looks at the meters, or reads them."""
    OTHERS = "others"
    """This step is for other positions."""
    SPOILT = "spoilt"
    """Its part was disturbed, and others at this load are measured to their end."""
    SKIPPED = "skipped"
    """It was taken out of the run, in which others still are."""
    REPEATING = "repeating"
    """The running part was disturbed and is made again."""
    POINT_DONE = "point_done"
    WAITING_FOR_OTHERS = "waiting_for_others"
    """Its step is over, and another position still is at it."""
    INTERRUPTED = "interrupted"
    PASS = "pass"
    FAIL = "fail"
    INVALID = "invalid"
    UNJUDGED = "unjudged"
    """Finished, and the rule set stated no limit for anything that was measured."""


class Stage(StrEnum):
    """Which parts of the page a scene shows."""

    NOTHING = "nothing"
    RUNNING = "running"
    FINISHED = "finished"


_STAGES = {
    Scene.NO_BENCH: Stage.NOTHING,
    Scene.IDLE: Stage.NOTHING,
    Scene.CUT_OFF: Stage.NOTHING,
    Scene.PASS: Stage.FINISHED,
    Scene.FAIL: Stage.FINISHED,
    Scene.INVALID: Stage.FINISHED,
    Scene.UNJUDGED: Stage.FINISHED,
    Scene.INTERRUPTED: Stage.FINISHED,
}

_VERDICTS = {
    "PASS": Scene.PASS, "FAIL": Scene.FAIL, "INVALID": Scene.INVALID, "UNJUDGED": Scene.UNJUDGED,
}  # fmt: skip


def stage_of(scene: Scene) -> Stage:
    return _STAGES.get(scene, Stage.RUNNING)


def scene_of(state: State | None, position: str | None) -> Scene:
    """The scene of one position; of a bench without a position or without a run it is NO_BENCH, IDLE or
    CUT_OFF."""
    if state is None:
        return Scene.NO_BENCH
    if state.get("run") is None or position is None or state["phase"] == "idle":
        return Scene.CUT_OFF if state.get("interrupted") else Scene.IDLE
    phase = state["phase"]
    if phase == "interrupted":
        return Scene.INTERRUPTED
    if phase == "finished":
        return _finished(state, position)
    if phase == "starting":
        return Scene.STARTING
    return _running(state, position)


def _finished(state: State, position: str) -> Scene:
    """A finished run without a verdict is never shown as a pass."""
    verdict = state["positions"][position].get("verdict") or state["run"].get("verdict")
    return _VERDICTS.get(verdict, Scene.INVALID)


def _running(state: State, position: str) -> Scene:
    meter, point, phase = state["positions"][position], state.get("point"), state["phase"]
    if meter.get("is_skipped"):
        return Scene.SKIPPED
    if point is not None and point in meter.get("results", {}):
        return Scene.POINT_DONE if state["points"][point]["state"] == "done" else Scene.WAITING_FOR_OTHERS
    if point is not None and point not in dict(points_of(state, position)):
        return Scene.OTHERS
    if phase in (Scene.WAITING_FOR_START, Scene.WAITING_FOR_LOAD):
        return Scene(phase)
    if phase == "asking" or state.get("question"):
        return Scene.ASKING
    if phase == "watching":
        return Scene.WATCHING
    if phase == "measuring" and meter.get("is_spoilt") and _others_go_on(state):
        return Scene.SPOILT
    if phase == "measuring" and meter.get("running"):
        return Scene.MEASURING
    if faults_of_running_point(state, position):
        return Scene.REPEATING
    return Scene.COUNTING if phase == "measuring" else Scene.SETTLING


def _others_go_on(state: State) -> bool:
    """Whether anybody's window at the running point still gives a number; else all is over in a moment."""
    meters = state["positions"]
    running = (meters[p] for p in state["points"][state["point"]].get("positions") or meters)
    return any(not m.get("is_spoilt") and not m.get("is_skipped") for m in running)


def points_of(state: State, position: str) -> list[tuple[str, dict[str, Any]]]:
    """The test points of a position by their index; as text "10" would come before "2"."""
    points = sorted(state.get("points", {}).items(), key=lambda item: int(item[0]))
    return [(key, point) for key, point in points if position in (point.get("positions") or [position])]


def faults_of(state: State, position: str) -> list[dict[str, Any]]:
    """The faults of this run that concern a position: its own and those of the whole bench."""
    return [fault for fault in state.get("faults", []) if fault.get("position") in (None, position)]


def faults_of_running_point(state: State, position: str) -> list[dict[str, Any]]:
    """Those that made an attempt of the running point invalid; a bench that does not say so means all."""
    here = [fault for fault in faults_of(state, position) if fault.get("point") == state.get("point")]
    return [fault for fault in here if fault.get("is_repeated") is not False]
