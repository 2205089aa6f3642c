"""The result of a case as its customer reads it: one verdict, every test, and what to do next. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from calibration.bill import PointError, measured_errors
from web.after.outcome import Outcome, state_of
from web.customer.scene import Scene, State
from web.customer.view import View, build_view

NEXT_STEPS = {
    Scene.PASS: ("pass_bill", "pass_doubt"),
    Scene.FAIL: ("fail_replace", "fail_money", "fail_doubt"),
    Scene.INVALID: ("invalid_repeat", "invalid_cost"),
    Scene.INTERRUPTED: ("invalid_repeat", "invalid_cost"),
    Scene.UNJUDGED: ("unjudged_meaning", "pass_doubt"),
}
"""Names of the texts `after_next.NAME` for each way in which a test ends."""

NOTHING_SAID = (Scene.INVALID, Scene.INTERRUPTED)
"""Ends that say nothing about the meter: no bill stands on the load points that were measured before them."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a result page shows of the run. errors: what a bill can stand on."""

    state: State
    position: str
    view: View
    run_id: str
    is_conditional: bool
    next_steps: tuple[str, ...]
    errors: tuple[PointError, ...]


def result_of(outcome: Outcome, language: str) -> Result:
    """The result that an outcome says, in a language."""
    state, position = state_of(outcome)
    view = build_view(state, position, language)
    meter = state["positions"][position]
    results = meter.get("results") or {}
    return Result(
        state=state,
        position=position,
        view=view,
        run_id=str((state.get("run") or {}).get("id") or ""),
        is_conditional=any(result.get("conditional") for result in results.values()),
        next_steps=NEXT_STEPS.get(view.scene, ()),
        errors=() if view.scene in NOTHING_SAID else _errors(state, meter, results),
    )


def _errors(state: State, meter: State, results: dict[str, State]) -> tuple[PointError, ...]:
    return measured_errors(state.get("points") or {}, results, str(meter.get("quantity") or "active"))
