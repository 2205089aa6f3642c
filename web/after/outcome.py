"""What of a finished run is kept with its case, so that its result page stands when the bench has long gone on. Pure.

An outcome is a part of STATE (docs/architecture.md), word for word, so what is shown later is what was shown then:
    position   the meter's place on the bench
    bench, environment, run, points   as they are in STATE
    meter      STATE's part of that position
    faults     those of this position and of the whole bench
"""

from __future__ import annotations

from typing import Any

from web.customer.scene import State, faults_of

Outcome = dict[str, Any]

_SHARED = ("bench", "environment", "run", "points")


def outcome_of(state: State, position: str) -> Outcome:
    """The outcome of a position of a run that is over, with a verdict or interrupted."""
    kept: Outcome = {name: state.get(name) for name in _SHARED}
    meter = {**state["positions"][position], "running": None, "watching": None, "funnel": []}
    return kept | {
        "position": position,
        "phase": "interrupted" if state.get("phase") == "interrupted" else "finished",
        "meter": meter,
        "faults": faults_of(state, position),
    }


def state_of(outcome: Outcome) -> tuple[State, str]:
    """The outcome as a STATE that can be shown, and its position."""
    position = str(outcome["position"])
    state: State = {name: outcome.get(name) for name in _SHARED}
    return state | {
        "phase": outcome.get("phase") or "finished",
        "point": None,
        "positions": {position: outcome["meter"]},
        "faults": outcome.get("faults") or [],
    }, position
