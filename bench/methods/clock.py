"""Clock: the 1 Hz output against the bench clock, the mean of some windows, in seconds a day.

0.5 s/d are 5.8 ppm, so a bench whose clock's rate is not known far better than that refuses the test. Where a pulse
each true second is wired, the rate is measured in the very span of the test: the meter is corrected for it, and its
uncertainty stands in the budget. Where those pulses stay away, the configured figure has to do, and it is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import hypot

from bench.methods.briefing import Attempt, Briefing, Concluded, at_load, everywhere, invalid, unjudged
from bench.methods.judgement import verdict_by_rule
from bench.methods.steps import ClockWatch, Hold, RemoveLoad, Settled, WatchClock
from bench.plans.points import PlannedPoint
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
    if U_ppm is None and b.pps_U_ppm is None:
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
    return {p: _judge(b, rule, watched[p]) for p in positions}


def _judge(b: Briefing, rule: ClockRule, watch: ClockWatch) -> Concluded:
    if watch.findings:
        return Concluded(invalid(*watch.findings))
    rate_ppm, U_ppm = _bench_rate_ppm(b, watch)
    if U_ppm is None:
        return Concluded(invalid(*(watch.why_no_rate or (Finding(Reason.CLOCK_NOT_TRACEABLE),))))
    windows = [
        error_from_period_s_per_day(period_s / (1.0 + rate_ppm * 1e-6)) for period_s in watch.periods_s
    ]
    found = clock_error(windows, window_s=rule.window_s, frequency_U_ppm=U_ppm, stamp_sd_s=STAMP_JITTER_S)
    step = rule.step_s_per_day
    figures = {
        "error_s_per_day": f"{found.error_s_per_day:+.4f}",
        "rounded_s_per_day": signed_text(round_to_step(found.error_s_per_day, step)),
        "limit_s_per_day": str(rule.limit_s_per_day),
        "expanded_uncertainty_s_per_day": f"{found.expanded_uncertainty_s_per_day:.4f}",
        "windows": str(len(windows)),
    }
    if watch.rate is not None:
        figures["bench_clock_rate_ppm"] = f"{rate_ppm:+.4f}"
        figures["bench_clock_U_ppm"] = f"{U_ppm:.4f}"
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
    return Concluded(replace(verdict, findings=(*verdict.findings, *watch.why_no_rate)), figures=figures)


def _bench_rate_ppm(b: Briefing, watch: ClockWatch) -> tuple[float, float | None]:
    """By how much the bench clock was fast, and the expanded uncertainty of that; None where it is not known."""
    if watch.rate is None or b.pps_U_ppm is None:
        return 0.0, b.clock_frequency_U_ppm
    return watch.rate.rate_ppm, hypot(watch.rate.expanded_uncertainty_ppm, b.pps_U_ppm)
