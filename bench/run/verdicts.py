"""The verdicts of a run as they come, and what they come to for each position and for the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bench.items import Item
from bench.plans.plan import CheckedPlan
from calibration.quantities import Outcome
from calibration.reasons import Reason

_DOUBTS_PULSES = frozenset({Reason.CONSTANT_DIFFERS, Reason.REGISTER_DISAGREES})
"""Reasons of an INVALID meter constant test by which pulses and constant do not fit each other. (A register that
disagrees is INVALID only where register and reference agree and the pulses are alone.)"""


class RunVerdicts:
    """By position and test point. taken_over: what an earlier run has given."""

    def __init__(self, checked: CheckedPlan, taken_over: Mapping[tuple[int, str], Outcome]) -> None:
        self._checked = checked
        self._outcomes: dict[str, dict[int, Outcome]] = {p: {} for p in checked.meters}
        self._in_doubt: set[str] = set()
        for (point, position), outcome in taken_over.items():
            self._outcomes[position][point] = outcome

    def conclude(self, point: int, position: str, outcome: Outcome, reasons: Iterable[Reason]) -> None:
        """A verdict that is not repeated."""
        self._outcomes[position][point] = outcome
        is_constant = self._checked.points[point].item is Item.METER_CONSTANT
        if is_constant and outcome is Outcome.INVALID and _DOUBTS_PULSES & set(reasons):
            self._in_doubt.add(position)

    def has(self, point: int, position: str) -> bool:
        return point in self._outcomes[position]

    def of_positions(self) -> dict[str, Outcome]:
        """The verdict of each position; whatever the plan wanted of it and did not get is INVALID.

        A wrong constant in the plan looks like a bad meter. Where the run itself has found that constant in doubt, no
        FAIL that rests on it fails the meter.
        """
        return {position: overall(self._of_position(position)) for position in self._checked.meters}

    def _of_position(self, position: str) -> list[Outcome]:
        outcomes = []
        for point in self._checked.points:
            if position not in point.positions:
                continue
            outcome = self._outcomes[position].get(point.index, Outcome.INVALID)
            is_fail = outcome is Outcome.FAIL and point.item.facts.is_judged_by_pulses
            outcomes.append(Outcome.INVALID if is_fail and position in self._in_doubt else outcome)
        return outcomes


def overall(outcomes: list[Outcome]) -> Outcome:
    """FAIL where anything failed (that stands whatever else is missing), else INVALID, else PASS.

    What was measured and not judged changes nothing; alone it is UNJUDGED.
    """
    if Outcome.FAIL in outcomes:
        return Outcome.FAIL
    if Outcome.INVALID in outcomes or not outcomes:
        return Outcome.INVALID
    return Outcome.PASS if Outcome.PASS in outcomes else Outcome.UNJUDGED
