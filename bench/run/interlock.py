"""Which step is allowed in which state of the load: a pure table, asked by the runner before every step."""

from __future__ import annotations

from enum import StrEnum

from bench.methods.steps import (
    ApplyLoad,
    Ask,
    AskSkipped,
    Conclude,
    CountPulses,
    Hold,
    PassEnergy,
    ReadMeters,
    RemoveLoad,
    Settle,
    Step,
    WatchClock,
    WatchPulses,
)


class LoadState(StrEnum):
    OFF = "off"
    APPLIED = "applied"
    """Commanded; nobody knows yet whether it is reached."""
    STEADY = "steady"


_NEEDS_STEADY = {
    LoadState.OFF: "no load is applied",
    LoadState.APPLIED: "the load has not been seen to be steady",
}
_FORBIDDEN: dict[type[Step], dict[LoadState, str]] = {
    # For each step the states that forbid it, with the reason. A state that is not named allows it.
    ApplyLoad: {
        LoadState.APPLIED: "another load is applied; remove it first",
        LoadState.STEADY: "another load is applied; remove it first",
    },
    Settle: {LoadState.OFF: "no load is applied"},
    **dict.fromkeys((CountPulses, WatchPulses, WatchClock, Hold, PassEnergy, ReadMeters), _NEEDS_STEADY),
    Ask: {},
    AskSkipped: {},
    RemoveLoad: {},
    Conclude: {},
}


def why_not(state: LoadState, step: Step) -> str | None:
    """None where the step is allowed in this state, else why it is not."""
    return _FORBIDDEN[type(step)].get(state)
