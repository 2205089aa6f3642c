"""The course that no load and starting share: the line proven, a long watch at a load, the line proven again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bench.methods.briefing import Briefing
from bench.methods.conclusions import Attempt, Concluded, everywhere, invalid
from bench.methods.line_proof import prove_lines, unusable, watch_into
from bench.methods.loads import at_its_load
from bench.methods.steps import LINE_AFTER, LINE_BEFORE, TEST, PulseWatch, WatchPulses
from bench.plans.points import PlannedPoint
from calibration.quantities import Finding, Outcome
from calibration.reasons import Reason


@dataclass(frozen=True, slots=True)
class Silence:
    """How a position is watched: until it has shown so many pulses, or for longest_s (s). Two pulses that come closer
    than closest_s (s) are not the meter's. judge: asked for a watch on a line that was alive before and after it."""

    enough: int
    longest_s: float
    closest_s: float
    judge: Callable[[PulseWatch], Concluded]


def watch_between_proofs(
    b: Briefing, point: PlannedPoint, attempt: int, silences: Mapping[str, Silence]
) -> Attempt:
    """silences: by position."""
    assert point.load_point is not None
    before = yield from prove_lines(b, point, attempt, tuple(silences), LINE_BEFORE)
    concluded = {p: Concluded(invalid(*found)) for p, found in before.items() if found}
    alive = {p: silence.longest_s for p, silence in silences.items() if p not in concluded}
    if not alive:
        return concluded
    watched: dict[str, PulseWatch] = {}
    enough = max(silence.enough for silence in silences.values())
    step = WatchPulses(point.index, attempt, TEST, point.load_point, enough, alive)
    findings = yield from at_its_load(point, watch_into(watched, step))
    if findings:
        return concluded | everywhere(alive, invalid(*findings))
    after = yield from prove_lines(b, point, attempt, tuple(alive), LINE_AFTER)
    for p, watch in watched.items():
        found = (*unusable(watch, silences[p].closest_s), *after[p])
        concluded[p] = Concluded(invalid(*found)) if found else silences[p].judge(watch)
    return concluded


def watch_until_confirmed(
    b: Briefing, point: PlannedPoint, attempt: int, silences: Mapping[str, Silence]
) -> Attempt:
    """The same; a FAIL, which a line that is dead for a while gives too, is watched once more. Two watches that
    disagree are INVALID."""
    first = yield from watch_between_proofs(b, point, attempt, silences)
    again = {p: silence for p, silence in silences.items() if first[p].verdict.outcome is Outcome.FAIL}
    if not again:
        return first
    second = yield from watch_between_proofs(b, point, attempt, again)
    return {**first, **{p: _confirmed(concluded) for p, concluded in second.items()}}


def _confirmed(second: Concluded) -> Concluded:
    if second.verdict.outcome is not Outcome.PASS:
        return second
    return replace(second, verdict=invalid(Finding(Reason.WATCHES_DISAGREE)))
