"""Clock: the 1 Hz output against the bench clock, the mean of some windows, in seconds a day.

0.5 s/d are 5.8 ppm, so a bench whose clock's rate is not known far better than that refuses the test.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.methods.briefing import Attempt, Briefing, Concluded, at_load, everywhere, invalid, unjudged
from bench.methods.judgement import verdict_by_rule
from bench.points import PlannedPoint
from bench.steps import ClockWatch, Hold, RemoveLoad, Settled, WatchClock
from calibration.clock_error import clock_error, error_from_period_s_per_day
from calibration.conformity import round_to_step, signed_text
from calibration.meter_edges import STAMP_JITTER_S
from calibration.quantities import Finding
from calibration.reasons import Reason
from calibration.rules import ClockRule


def clock(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    rule, U_ppm = b.checked.rules.clock, b.clock_frequency_U_ppm
    if rule is None:
        return everywhere(positions, unjudged(Reason.RULES_ASK_NOTHING))
    if U_ppm is None:
        return everywhere(positions, invalid(Finding(Reason.CLOCK_NOT_TRACEABLE)))
    assert point.load_point is not None
    findings = yield from at_load(point, point.load_point)
    watched: object = None
    if not findings:
        plan = b.checked.plan
        warm_up_s = rule.warm_up_s if plan.clock_warm_up_s is None else plan.clock_warm_up_s
        held = yield Hold(point.index, attempt, point.load_point, warm_up_s, plan.stability_pct)
        assert isinstance(held, Settled)
        findings = held.findings
    if not findings:
        watched = yield WatchClock(point.index, attempt, positions, rule.windows, rule.window_s)
    yield RemoveLoad()
    if findings:
        return everywhere(positions, invalid(*findings))
    assert isinstance(watched, Mapping)
    return {p: _judge(b, rule, U_ppm, watched[p]) for p in positions}


def _judge(b: Briefing, rule: ClockRule, U_ppm: float, watch: ClockWatch) -> Concluded:
    if watch.findings:
        return Concluded(invalid(*watch.findings))
    windows = [error_from_period_s_per_day(period_s) for period_s in watch.periods_s]
    found = clock_error(windows, window_s=rule.window_s, frequency_U_ppm=U_ppm, stamp_sd_s=STAMP_JITTER_S)
    step = rule.step_s_per_day
    figures = {
        "error_s_per_day": f"{found.error_s_per_day:+.4f}",
        "rounded_s_per_day": signed_text(round_to_step(found.error_s_per_day, step)),
        "limit_s_per_day": str(rule.limit_s_per_day),
        "expanded_uncertainty_s_per_day": f"{found.expanded_uncertainty_s_per_day:.4f}",
        "windows": str(len(windows)),
    }
    verdict = verdict_by_rule(
        b,
        found.error_s_per_day,
        found.standard_uncertainty_s_per_day,
        found.expanded_uncertainty_s_per_day,
        float(rule.limit_s_per_day),
        step,
        is_in_pct=False,
        beyond=Reason.CLOCK_BEYOND_LIMIT,
    )
    return Concluded(verdict, figures=figures)
