"""Starting: at the starting current the meter must emit, each pulse within the rule's time.

Two pulses are wanted, since the first may come from what was left in the meter's counting before the load. A meter that
does not start and a line that is dead for that time show the same, so a FAIL is watched twice, with the line proven
before, between and after; two watches that disagree are INVALID.
"""

from __future__ import annotations

from functools import partial

from bench.methods.briefing import Briefing
from bench.methods.conclusions import Attempt, Concluded, failed, passed
from bench.methods.line_proof import SHORTEST_SHARE
from bench.methods.silent_test import Silence, watch_until_confirmed
from bench.methods.steps import PulseWatch
from bench.plans.points import PlannedPoint
from calibration.pulse_waits import pulse_waits
from calibration.quantities import Finding
from calibration.reasons import Reason
from calibration.starting import StartingTest, starting_test


def starting(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    silences = {}
    for p in positions:
        rule = starting_test(b.checked.rules, b.checked.meters[p])
        longest_s, closest_s = rule.pulses * rule.limit_s, SHORTEST_SHARE * rule.pulse_period_s
        silences[p] = Silence(rule.pulses, longest_s, closest_s, partial(_judge, rule))
    return (yield from watch_until_confirmed(b, point, attempt, silences))


def _judge(rule: StartingTest, watch: PulseWatch) -> Concluded:
    waits = pulse_waits(watch.pulses_s, rule.pulses, watch.watched_s)
    figures = {
        "starting_current_A": f"{rule.starting_current_A:g}",
        "pulses": str(len(watch.pulses_s)),
        "needed_pulses": str(rule.pulses),
        "limit_s": f"{rule.limit_s:.1f}",
        **waits.figures,
    }
    if waits.are_within(rule.limit_s):
        return Concluded(passed(), figures=figures)
    values = {"current": f"{rule.starting_current_A:g}", "seconds": f"{rule.limit_s:.0f}"}
    return Concluded(failed(Finding(Reason.DOES_NOT_START, values)), figures=figures)
