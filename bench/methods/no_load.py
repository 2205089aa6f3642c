"""No load (creep): voltage and no current for the rule's time; more pulses than the rule allows fail at once."""

from __future__ import annotations

from bench.methods.briefing import Attempt, Briefing, Concluded, failed, passed
from bench.methods.silent_test import watch_between_proofs
from bench.methods.steps import PulseWatch
from bench.plans.points import PlannedPoint, rated_load
from calibration.load_points import parse_load_point
from calibration.nameplate import MeterUnderTest
from calibration.no_load import no_load_test
from calibration.percentage_error import nominal_time_s
from calibration.quantities import Finding
from calibration.reasons import Reason


def no_load(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    rules = {p: no_load_test(b.checked.rules, b.checked.meters[p]) for p in positions}

    def judge(position: str, watch: PulseWatch) -> Concluded:
        rule, pulses = rules[position], len(watch.pulses_s)
        figures = {
            "pulses": str(pulses),
            "allowed_pulses": str(rule.max_pulses),
            "watched_s": f"{watch.watched_s:.1f}",
            "duration_s": f"{rule.duration_s:.1f}",
            "test_voltage_V": f"{rule.test_voltage_V:g}",
        }
        if pulses <= rule.max_pulses:
            return Concluded(passed(), figures=figures)
        creeps = Finding(Reason.CREEPS, {"pulses": str(pulses), "allowed": str(rule.max_pulses)})
        return Concluded(failed(creeps), figures=figures)

    enough = 1 + max(rule.max_pulses for rule in rules.values())
    longest_s = {p: rule.duration_s for p, rule in rules.items()}
    closest_s = {p: _closest_s(b.checked.meters[p]) for p in positions}
    return (
        yield from watch_between_proofs(b, point, attempt, positions, enough, longest_s, closest_s, judge)
    )


def _closest_s(meter: MeterUnderTest) -> float:
    """A meter that creeps counts a few watts. Pulses as close as at its rated load come from a bouncing contact or from
    light, and a meter that counts its rated load without a current is for a person to look at."""
    rated = parse_load_point(rated_load({"": meter}), meter)
    return nominal_time_s(1, meter.constant_at_terminals_imp_per_kWh, rated.compared_power)
