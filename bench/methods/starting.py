"""Starting: at the starting current the meter must emit, each pulse within the rule's time.

Two pulses are wanted, since the first may come from what was left in the meter's counting before the load. A meter that
does not start and a line that is dead for that time show the same, so a FAIL is watched twice, with the line proven
before, between and after; two watches that disagree are INVALID.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from bench.methods.briefing import Attempt, Briefing, Concluded, failed, invalid, passed
from bench.methods.line_proof import SHORTEST_SHARE
from bench.methods.silent_test import watch_between_proofs
from bench.methods.steps import PulseWatch
from bench.plans.points import PlannedPoint
from calibration.quantities import Finding, Outcome
from calibration.reasons import Reason
from calibration.starting import StartingTest, starting_test


def starting(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    first = yield from _watched_once(b, point, attempt, positions)
    again = tuple(p for p in positions if first[p].verdict.outcome is Outcome.FAIL)
    if not again:
        return first
    second = yield from _watched_once(b, point, attempt, again)
    return {**first, **{p: _confirmed(second[p]) for p in again}}


def _confirmed(second: Concluded) -> Concluded:
    """What a position that did not start at first comes to by its second watch."""
    if second.verdict.outcome is not Outcome.PASS:
        return second
    return Concluded(invalid(Finding(Reason.WATCHES_DISAGREE)), figures=second.figures)


def _watched_once(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    rules = {p: starting_test(b.checked.rules, b.checked.meters[p]) for p in positions}
    enough = max(rule.pulses for rule in rules.values())
    longest_s = {p: rule.pulses * rule.limit_s for p, rule in rules.items()}
    closest_s = {p: SHORTEST_SHARE * rule.pulse_period_s for p, rule in rules.items()}

    def judge(position: str, watch: PulseWatch) -> Concluded:
        return _judge(rules[position], watch)

    return (
        yield from watch_between_proofs(b, point, attempt, positions, enough, longest_s, closest_s, judge)
    )


def _judge(rule: StartingTest, watch: PulseWatch) -> Concluded:
    waits_s = [t1 - t0 for t0, t1 in pairwise((0.0, *watch.pulses_s))][: rule.pulses]
    figures = {
        "starting_current_A": f"{rule.starting_current_A:g}",
        "pulses": str(len(watch.pulses_s)),
        "needed_pulses": str(rule.pulses),
        "limit_s": f"{rule.limit_s:.1f}",
        "waits_s": ", ".join(f"{wait_s:.1f}" for wait_s in waits_s),
        **_longest_wait(rule, watch, waits_s),
    }
    if len(waits_s) == rule.pulses and max(waits_s) <= rule.limit_s:
        return Concluded(passed(), figures=figures)
    values = {"current": f"{rule.starting_current_A:g}", "seconds": f"{rule.limit_s:.0f}"}
    slow = Finding(Reason.DOES_NOT_START, values)
    return Concluded(failed(slow), figures=figures)


def _longest_wait(rule: StartingTest, watch: PulseWatch, waits_s: list[float]) -> Mapping[str, str]:
    """The wait that decides. unended_wait_s: where a pulse is missing, how long it had been waited for."""
    if len(waits_s) == rule.pulses:
        return {"longest_wait_s": f"{max(waits_s):.1f}"}
    unended_s = watch.watched_s - sum(waits_s)
    return {
        "longest_wait_s": f"{max(*waits_s, unended_s):.1f}" if waits_s else f"{unended_s:.1f}",
        "unended_wait_s": f"{unended_s:.1f}",
    }
