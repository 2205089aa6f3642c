"""The course that no load and starting share: the line proven, a long watch at a load, the line proven again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.methods.briefing import Attempt, Briefing, Concluded, at_load, everywhere, invalid
from bench.methods.line_proof import AFTER, BEFORE, prove_lines, unusable
from bench.methods.steps import PulseWatch, RemoveLoad, WatchPulses
from bench.plans.points import PlannedPoint

Judge = Callable[[str, PulseWatch], Concluded]


def watch_between_proofs(
    b: Briefing,
    point: PlannedPoint,
    attempt: int,
    positions: tuple[str, ...],
    enough: int,
    longest_s: Mapping[str, float],
    closest_s: Mapping[str, float],
    judge: Judge,
) -> Attempt:
    """`judge` is asked for a watch on a line that was alive before and after it.

    closest_s: two pulses that come closer than this (s) are not the meter's.
    """
    assert point.load_point is not None
    before = yield from prove_lines(b, point, attempt, positions, BEFORE)
    concluded = {p: Concluded(invalid(*found)) for p, found in before.items() if found}
    alive = tuple(p for p in positions if p not in concluded)
    if not alive:
        return concluded
    findings = yield from at_load(point, point.load_point)
    if findings:
        yield RemoveLoad()
        return concluded | everywhere(alive, invalid(*findings))
    watched = yield WatchPulses(
        point.index, attempt, "test", point.load_point, enough, {p: longest_s[p] for p in alive}
    )
    yield RemoveLoad()
    after = yield from prove_lines(b, point, attempt, alive, AFTER)
    assert isinstance(watched, Mapping)
    for p in alive:
        watch = watched[p]
        assert isinstance(watch, PulseWatch)
        found = (*unusable(watch, closest_s[p]), *after[p])
        concluded[p] = Concluded(invalid(*found)) if found else judge(p, watch)
    return concluded
