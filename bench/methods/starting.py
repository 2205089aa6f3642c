"""Starting: at the starting current the meter must emit, each pulse within the rule's time.

Two pulses are wanted, since the first may come from what was left in the meter's counting before the load.
"""

from __future__ import annotations

from itertools import pairwise

from bench.methods.briefing import Attempt, Briefing, Concluded, failed, passed
from bench.methods.silent_test import watch_between_proofs
from bench.points import PlannedPoint
from bench.steps import PulseWatch
from calibration.quantities import Finding
from calibration.reasons import Reason
from calibration.starting import starting_test


def starting(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    rules = {p: starting_test(b.checked.rules, b.checked.meters[p]) for p in positions}

    def judge(position: str, watch: PulseWatch) -> Concluded:
        rule = rules[position]
        waits_s = [t1 - t0 for t0, t1 in pairwise((0.0, *watch.pulses_s))][: rule.pulses]
        figures = {
            "starting_current_A": f"{rule.starting_current_A:g}",
            "pulses": str(len(watch.pulses_s)),
            "needed_pulses": str(rule.pulses),
            "limit_s": f"{rule.limit_s:.1f}",
            "waits_s": ", ".join(f"{wait_s:.1f}" for wait_s in waits_s),
        }
        if len(waits_s) == rule.pulses and max(waits_s) <= rule.limit_s:
            return Concluded(passed(), figures=figures)
        values = {"current": f"{rule.starting_current_A:g}", "seconds": f"{rule.limit_s:.0f}"}
        slow = Finding(Reason.DOES_NOT_START, values)
        return Concluded(failed(slow), figures=figures)

    enough = max(rule.pulses for rule in rules.values())
    longest_s = {p: rule.pulses * rule.limit_s for p, rule in rules.items()}
    return (yield from watch_between_proofs(b, point, attempt, positions, enough, longest_s, judge))
