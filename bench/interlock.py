"""Which step is allowed in which state of the load: a pure table, asked by the runner before every step."""

from __future__ import annotations

from enum import StrEnum

from bench.steps import ApplyLoad, Conclude, CountPulses, RemoveLoad, Settle, Step


class LoadState(StrEnum):
    OFF = "off"
    APPLIED = "applied"
    """Commanded; nobody knows yet whether it is reached."""
    STEADY = "steady"


_FORBIDDEN: dict[type[Step], dict[LoadState, str]] = {
    # For each step the states that forbid it, with the reason. A state that is not named allows it.
    ApplyLoad: {
        LoadState.APPLIED: "another load is applied; remove it first",
        LoadState.STEADY: "another load is applied; remove it first",
    },
    Settle: {LoadState.OFF: "no load is applied"},
    CountPulses: {
        LoadState.OFF: "no load is applied",
        LoadState.APPLIED: "the load has not been seen to be steady",
    },
    RemoveLoad: {},
    Conclude: {},
}


def why_not(state: LoadState, step: Step) -> str | None:
    """None where the step is allowed in this state, else why it is not."""
    return _FORBIDDEN[type(step)].get(state)
