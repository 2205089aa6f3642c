"""What a witnessed run showed when it was over is kept with its case, as it was shown then."""

from __future__ import annotations

from web.after.outcome import outcome_of
from web.casework import outcomes
from web.casework.store import Casework
from web.customer.scene import State

OVER = frozenset({"finished", "interrupted"})
"""Phases of a run that has ended and is still shown."""


def keep_if_over(casework: Casework, state: State) -> None:
    """Keep what a state shows of a case's run that has ended; once, however often it is seen. Errors: OperatorError."""
    run, position = state.get("run") or {}, _only_position(state)
    if state.get("phase") in OVER and run.get("case") and position is not None:
        outcomes.keep(casework, str(run["case"]), str(run["id"]), outcome_of(state, position))


def _only_position(state: State) -> str | None:
    """A witnessed run has one meter."""
    names = list(state.get("positions") or {})
    return names[0] if len(names) == 1 else None
