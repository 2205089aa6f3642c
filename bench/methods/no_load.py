"""No load (creep): voltage and no current for the rule's time; more pulses than the rule allows fail at once."""

from __future__ import annotations

from functools import partial

from bench.methods.briefing import Briefing
from bench.methods.conclusions import Attempt, Concluded, failed, passed
from bench.methods.silent_test import Silence, watch_between_proofs
from bench.methods.steps import PulseWatch
from bench.plans.points import PlannedPoint, rated_load_point
from calibration.nameplate import MeterUnderTest
from calibration.no_load import NoLoadTest, no_load_test
from calibration.percentage_error import nominal_time_s
from calibration.quantities import Finding
from calibration.reasons import Reason


def no_load(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    silences = {}
    for p in positions:
        meter = b.checked.meters[p]
        rule = no_load_test(b.checked.rules, meter)
        enough, closest_s = 1 + rule.max_pulses, _closest_s(meter)
        silences[p] = Silence(enough, rule.duration_s, closest_s, partial(_judge, rule))
    return (yield from watch_between_proofs(b, point, attempt, silences))


def _judge(rule: NoLoadTest, watch: PulseWatch) -> Concluded:
    pulses = len(watch.pulses_s)
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


def _closest_s(meter: MeterUnderTest) -> float:
    """A meter that creeps counts a few watts. Pulses as close as at its rated load come from a bouncing contact or from
    light, and a meter that counts its rated load without a current is for a person to look at."""
    rated = rated_load_point({"": meter})
    return nominal_time_s(1, meter.constant_at_terminals_imp_per_kWh, rated.compared_power)
