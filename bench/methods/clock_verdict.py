"""From the windows of a clock output to a verdict, by the plan's rule, in seconds a day."""

from __future__ import annotations

from dataclasses import replace

from bench.methods.briefing import Briefing
from bench.methods.conclusions import Concluded, invalid
from bench.methods.decision import verdict_by_rule
from bench.methods.steps import ClockWatch
from calibration.clock_correction import bench_rate
from calibration.clock_error import clock_error
from calibration.conformity import round_to_step, signed_text
from calibration.meter_edges import STAMP_JITTER_S
from calibration.quantities import Finding
from calibration.reasons import Reason
from calibration.rules import ClockRule


def judge_clock(b: Briefing, rule: ClockRule, watch: ClockWatch) -> Concluded:
    """PASS, FAIL or INVALID of one clock."""
    if watch.findings:
        return Concluded(invalid(*watch.findings))
    rate = bench_rate(watch.rate, b.pps_U_ppm, b.clock_frequency_U_ppm)
    if rate is None:
        return Concluded(invalid(*(watch.why_no_rate or (Finding(Reason.CLOCK_NOT_TRACEABLE),))))
    windows = [rate.daily_error_s(period_s) for period_s in watch.periods_s]
    found = clock_error(
        windows, window_s=rule.window_s, frequency_U_ppm=rate.U_ppm, stamp_sd_s=STAMP_JITTER_S
    )
    figures = {
        "error_s_per_day": f"{found.error_s_per_day:+.4f}",
        "rounded_s_per_day": signed_text(round_to_step(found.error_s_per_day, rule.step_s_per_day)),
        "limit_s_per_day": str(rule.limit_s_per_day),
        "expanded_uncertainty_s_per_day": f"{found.expanded_uncertainty_s_per_day:.4f}",
        "windows": str(len(windows)),
    }
    if watch.rate is not None:
        figures["bench_clock_rate_ppm"] = f"{rate.rate_ppm:+.4f}"
        figures["bench_clock_U_ppm"] = f"{rate.U_ppm:.4f}"
    verdict = verdict_by_rule(
        b,
        found.error_s_per_day,
        found.standard_uncertainty_s_per_day,
        found.expanded_uncertainty_s_per_day,
        float(rule.limit_s_per_day),
        rule.step_s_per_day,
        is_in_pct=False,
        beyond=Reason.CLOCK_BEYOND_LIMIT,
    )
    return Concluded(replace(verdict, findings=(*verdict.findings, *watch.why_no_rate)), figures=figures)
