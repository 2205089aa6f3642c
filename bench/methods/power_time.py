"""Power times time: the reference's power register over the bench clock, against the comparison of energies.

A cross-check and no verdict on the meter: the two ways share meter and pulses, so where they differ by more than their
uncertainties explain, an instrument is wrong and the test is INVALID (`calibration/evaluation.py` sees to that).
"""

from __future__ import annotations

from bench.methods.briefing import Briefing, card_at
from bench.methods.conclusions import Attempt, Concluded, everywhere, invalid, unjudged
from bench.methods.error_verdict import mean_of
from bench.methods.loads import at_its_load
from bench.methods.runs import Runs, count_runs
from bench.plans.points import PlannedPoint
from calibration.percentage_error import power_time_error_pct
from calibration.quantities import SECONDS_PER_HOUR, ErrorResult, Finding
from calibration.reasons import Reason


def power_time(b: Briefing, point: PlannedPoint, attempt: int, positions: tuple[str, ...]) -> Attempt:
    runs = Runs(positions)
    findings = yield from at_its_load(point, count_runs(b, point, attempt, runs, 1, judged=False))
    if findings:
        return everywhere(positions, invalid(*findings))
    indication_error_pct = card_at(b, point).indication_error_pct
    return {p: _cross_check(b, p, runs[p][0], indication_error_pct) for p in positions}


def _cross_check(b: Briefing, position: str, run: ErrorResult, indication_error_pct: float) -> Concluded:
    mean = mean_of(b, position, (run,))
    by_power = next((e for e in run.estimates if e.estimator == "power_integral" and e.is_valid), None)
    if mean is None or by_power is None or by_power.reference_energy_Wh is None:
        declined = by_power.findings if by_power is not None else (Finding(Reason.NO_VALID_ESTIMATOR),)
        return Concluded(invalid(*(run.findings or declined)), (run,))
    window, constant = by_power.window, b.checked.meters[position].constant_at_terminals_imp_per_kWh
    power_W = by_power.reference_energy_Wh * SECONDS_PER_HOUR / window.duration_s
    corrected_W = power_W / (1.0 + indication_error_pct / 100.0)
    error_pct = power_time_error_pct(window.intervals, constant, corrected_W, window.duration_s)
    figures = {
        "power_W": f"{corrected_W:.2f}",
        "time_s": f"{window.duration_s:.6f}",
        "pulses": str(window.intervals),
        "power_time_error_pct": f"{error_pct:+.4f}",
        "percentage_error_pct": f"{mean.mean_pct:+.4f}",
    }
    return Concluded(unjudged(Reason.NOT_JUDGED), (run,), mean, figures)
