"""Figures as people see them: what the live state shows of plans, results and the reference standard.

Presentation only. Measured figures are text with fixed decimals; counts and instants are integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import ceil
from typing import Any

from bench.canonical import JsonObject, decimal_text
from bench.items import TARIFF_REGISTERS, TOTAL_REGISTER
from bench.line_names import PPS_LINE
from bench.measurement.acquisition import Acquisition
from bench.measurement.observing import bench_clock_rate
from bench.methods.steps import Ask, Conclude, CountPulses
from bench.plans.forecast import planned_runs
from bench.plans.plan import CheckedPlan
from bench.plans.points import PlannedPoint
from bench.ports import MeterReading
from bench.records.frozen import to_json
from bench.safety.arming import Waiting
from calibration.clock_rate import SHORTEST_S
from calibration.findings import each_reason_once
from calibration.load_points import LoadPoint
from calibration.meter_edges import LATTICE_PULSES
from calibration.percentage_error import percentage_error_pct
from calibration.quantities import NS_PER_S, ErrorResult, Estimate

_PPS_EDGES = 1200
_FUNNEL_LENGTH = 200
"""Points of the funnel plot; a longer run is thinned to every second one, again and again."""
_PART_OF_EVERY_HALF = Decimal("0.005")
_WHOLE_DIGITS = 6
"""Of a display, before the decimal point."""


def points(checked: CheckedPlan) -> dict[str, JsonObject]:
    return {
        str(p.index): {
            "item": p.item.value,
            **_load(p.load_point),
            "positions": list(p.positions),
            "wanted_U_pct": _wanted(p, checked.plan.wanted_uncertainty),
            "planned_s": None,
            "runs": planned_runs(p, checked.plan),
            "warning": None,
            "state": "waiting",
        }
        for p in checked.points
    }


def _wanted(point: PlannedPoint, part: float) -> JsonObject | None:
    """U (%) that each position should have; None where nothing is compared."""
    if not point.item.facts.compares:
        return None
    return {p: f"{point.wanted_uncertainty_pct(p, part):.2g}" for p in point.positions}


def _load(load_point: LoadPoint | None) -> JsonObject:
    if load_point is None:
        return dict.fromkeys(
            ("name", "voltage_V", "current_A", "power_factor", "power_W", "loaded_phase", "direction")
        )
    return {
        "name": load_point.name,
        "voltage_V": f"{load_point.voltage_V:g}",
        "current_A": f"{load_point.current_A:g}",
        "power_factor": f"{load_point.power_factor:.1f}{load_point.phase_side}",
        "power_W": f"{load_point.compared_power:.1f}",
        "loaded_phase": load_point.loaded_phase or None,
        "direction": load_point.direction.value,
    }


def positions(checked: CheckedPlan) -> dict[str, JsonObject]:
    return {
        position: {
            "serial": meter.serial,
            "meter_type": meter.meter_type,
            "accuracy_class": meter.accuracy_class,
            "meter_constant_imp_per_kWh": f"{meter.meter_constant_imp_per_kWh:g}",
            "quantity": meter.quantity.value,
            "told": None,
            "pulses": 0,
            "window": 1,
            "last_pulse_ns": None,
            "running": None,
            "watching": None,
            "is_spoilt": False,
            "is_skipped": False,
            "funnel": [],
            "results": {},
            "verdict": None,
        }
        for position, meter in checked.meters.items()
    }


def told_of(reading: MeterReading) -> JsonObject:
    """What a meter told of itself over its port; None is what it did not tell."""
    clock, constant = reading.clock, reading.meter_constant_imp_per_kWh
    is_compared = clock is not None and clock.ahead_s is not None and clock.within_s is not None
    return {
        "address": reading.address or None,
        "meter_constant_imp_per_kWh": None if constant is None else str(constant),
        "clock": None if clock is None else clock.told,
        "clock_ahead_s": f"{clock.ahead_s:+.1f}" if clock and is_compared else None,
        "clock_within_s": f"{clock.within_s:.1f}" if clock and is_compared else None,
    }


def pps_state(acquisition: Acquisition, edge_kind: int, now_ns: int) -> JsonObject | None:
    """What the pulses of each second say of the bench clock over the last ten minutes; None where there are none."""
    if PPS_LINE not in acquisition.edges:
        return None
    store = acquisition.edges[PPS_LINE]
    edges = store.since(max(len(store) - _PPS_EDGES, 0))
    first_ns = int(edges.timestamp_ns[0]) if len(edges) else now_ns
    rate, why_not = bench_clock_rate(edges, edge_kind, (first_ns, now_ns))
    if len(edges) and now_ns - first_ns < (SHORTEST_S + 5) * NS_PER_S:
        why_not = ()  # too early to complain
    return {
        "rate_ppm": None if rate is None else f"{rate.rate_ppm:+.3f}",
        "expanded_uncertainty_ppm": None if rate is None else f"{rate.expanded_uncertainty_ppm:.3f}",
        "seconds": 0 if rate is None else rate.seconds,
        "reasons": to_json(why_not),
    }


def reference_state(acquisition: Acquisition, now_ns: int) -> JsonObject:
    """What the reference standard last said, and how old that is."""
    sample = acquisition.latest_sample
    if sample is None:
        return {"state": "silent", "age_s": None}
    answered = sample.energy_Wh or sample.power_W
    shown: JsonObject = {
        "state": "ok" if sample.fault is None else ("fault" if sample.replies else "silent"),
        "power_W": decimal_text(sample.power_W.value if sample.power_W else None, 1),
        "voltage_V": decimal_text(acquisition.auxiliary.get("voltage_V"), 2),
        "current_A": decimal_text(acquisition.auxiliary.get("current_A"), 3),
        "power_factor": decimal_text(acquisition.auxiliary.get("power_factor"), 3),
        "energy_Wh": decimal_text(sample.energy_Wh.value if sample.energy_Wh else None, 2),
        "latency_ms": None,
        "age_s": None,
    }
    if answered is not None:
        shown["latency_ms"] = decimal_text((answered.reply_ns - answered.request_ns) / 1e6, 1)
        shown["age_s"] = decimal_text(max(0, now_ns - answered.reply_ns) / NS_PER_S, 1)
    return shown


def window_left_s(
    result: ErrorResult, step: CountPulses, position: str, now_ns: int, planned_left_s: float = 0.0
) -> int:
    """Whole seconds until the position has its time, its pulses and its uncertainty in this window; 0 only when it has
    them. planned_left_s: until the window has lasted as planned."""
    assert result.window is not None
    t_s, intervals = result.window.duration_s, result.window.intervals
    U_pct, wanted_pct = result.expanded_uncertainty_pct or 0.0, step.wanted_uncertainty_pct[position]
    # A figure is that of its last pulse, and the next one is that of a pulse that is still to come.
    since_s = max((now_ns - result.window.last_ns) / NS_PER_S, 0.0)
    # The leading terms fall as one over the time, so this is when U reaches what is wanted.
    until_U_s = t_s * (U_pct / wanted_pct - 1.0)
    if intervals < LATTICE_PULSES and planned_left_s > 0.0:
        # So few pulses may seem to be on frames by chance: a U many times too large that will fall at once.
        until_U_s = min(until_U_s, planned_left_s + since_s)
    longest_s = max(
        step.minimum_time_s - t_s,
        (step.minimum_pulses - intervals) * t_s / max(intervals, 1),
        until_U_s,
    )
    if longest_s <= 0.0:
        return 0
    return max(ceil(max(longest_s, t_s / max(intervals, 1)) - since_s), 1)


def running_figures(
    result: ErrorResult, mpe_pct: float | None, decision_in_s: int, *, waits: bool
) -> JsonObject:
    """decision_in_s: with the windows that follow; waits: this position has what it needs, another one has not."""
    assert result.window is not None
    t_s, U_pct = result.window.duration_s, result.expanded_uncertainty_pct or 0.0
    return {
        "t_s": decimal_text(t_s, 1),
        "pulses": result.window.intervals,
        "meter_energy_Wh": decimal_text(result.meter_energy_Wh, 3),
        "reference_energy_Wh": decimal_text(result.reference_energy_Wh, 3),
        "percentage_error_pct": decimal_text(result.percentage_error_pct, 4),
        "expanded_uncertainty_pct": decimal_text(U_pct, 4),
        "estimator": result.estimator,
        "mpe_pct": None if mpe_pct is None else f"{mpe_pct:g}",
        "decision_in_s": str(decision_in_s),
        "waits_for_others": waits,
    }


def funnel_point(result: ErrorResult) -> list[str | None]:
    assert result.window is not None
    error_pct, U_pct = result.percentage_error_pct, result.expanded_uncertainty_pct
    return [decimal_text(result.window.duration_s, 1), decimal_text(error_pct, 4), decimal_text(U_pct, 4)]


def thinned(funnel: list[Any]) -> list[Any]:
    return funnel if len(funnel) <= _FUNNEL_LENGTH else [*funnel[:-1:2], funnel[-1]]


def unrounded_text(mean_pct: float) -> str | None:
    """The mean as it stands beside its rounded value: with four decimals, or with those of its record where four read
    as a half of a step, which may be rounded the other way. Halves of all steps that rule sets have are multiples of
    0.005.
    """
    short, recorded = decimal_text(mean_pct, 4), decimal_text(mean_pct)
    assert short is not None
    assert recorded is not None
    is_half = Decimal(short) % _PART_OF_EVERY_HALF == 0
    return recorded if is_half and Decimal(short) != Decimal(recorded) else short


def result_of(step: Conclude, point: PlannedPoint, attempts: int, true_error_pct: float | None) -> JsonObject:
    """attempts: how often the test point was tried; 0 where it was refused before a load was applied."""
    verdict, mean = step.verdict, step.mean
    last = step.runs[-1] if step.runs else None
    findings = each_reason_once((*verdict.findings, *(f for run in step.runs for f in run.findings)))
    shown: JsonObject = {
        "item": point.item.value,
        "load_point": point.load_point.name if point.load_point else None,
        "percentage_error_pct": decimal_text(mean.mean_pct, 4) if mean else None,
        "rounded_pct": verdict.decided_value,
        "unrounded_pct": unrounded_text(mean.mean_pct) if mean and verdict.decided_value else None,
        "expanded_uncertainty_pct": decimal_text(mean.expanded_uncertainty_pct, 4) if mean else None,
        "coverage_factor": decimal_text(mean.coverage_factor, 2) if mean else None,
        "mpe_pct": None if verdict.mpe_pct is None else f"{verdict.mpe_pct:g}",
        "runs_pct": [decimal_text(error_pct, 4) for error_pct in mean.runs_pct] if mean else [],
        "standard_deviation_pct": decimal_text(mean.sample_sd_pct, 5) if mean else None,
        "estimator": last.estimator if last else None,
        "pulses": sum(run.window.intervals for run in step.runs if run.window),
        "meter_energy_Wh": decimal_text(last.meter_energy_Wh, 4) if last else None,
        "reference_energy_Wh": decimal_text(last.reference_energy_Wh, 4) if last else None,
        "verdict": verdict.outcome.value,
        "decision_rule": verdict.decision_rule or None,
        "conditional": verdict.conditional,
        "probability_of_conformity": decimal_text(verdict.probability_of_conformity, 4),
        "figures": dict(step.figures),
        "reasons": to_json(findings),
        "attempts": attempts,
        "three_ways": _three_ways(last, step.figures),
    }
    if true_error_pct is not None and mean is not None:
        shown["true_error_pct"] = decimal_text(true_error_pct, 4)
    return shown


def question_of(
    question: Ask, answers: Mapping[str, Mapping[str, str]], displays: Mapping[str, MeterReading]
) -> JsonObject:
    return {
        "point": str(question.point),
        "item": question.item.value,
        "fields": list(question.fields),
        "positions": list(question.positions),
        "answered": list(question.answered_by(answers)),
        "displays": {position: _display(reading) for position, reading in displays.items()},
    }


def _display(reading: MeterReading) -> JsonObject:
    """Registers by their names, with all digits that the display has."""
    width = _WHOLE_DIGITS + (1 + reading.decimals if reading.decimals else 0)
    registers = zip(
        (TOTAL_REGISTER, *TARIFF_REGISTERS), (reading.total_kWh, *reading.tariffs_kWh), strict=False
    )
    return {name: f"{register:0{width}f}" for name, register in registers}


def waited_for(waiting: Waiting, now_ns: int) -> JsonObject:
    return {
        "what": waiting.what.value,
        "by": [by.value for by in waiting.by],
        "why_not": to_json(waiting.why_not),
        "left_s": str(max(0, ceil((waiting.until_ns - now_ns) / NS_PER_S))),
    }


def _three_ways(result: ErrorResult | None, figures: Mapping[str, str]) -> JsonObject:
    """The error by counted pulses, by power x time and by the meter's own register, side by side.

    The register takes part where it moves far enough: in the meter constant test, by its figures.
    """
    ways: JsonObject = {
        "pulses": figures.get("pulses_error_pct"),
        "power_time": None,
        "register": figures.get("register_error_pct"),
    }
    if result is None or result.percentage_error_pct is None:
        return ways
    ways["pulses"] = f"{result.percentage_error_pct:+.4f}"
    for estimate in result.estimates:
        if estimate.estimator == "power_integral" and estimate.is_valid:
            ways["power_time"] = f"{_error_of(estimate, result):+.4f}"
    return ways


def _error_of(estimate: Estimate, result: ErrorResult) -> float:
    """The error that this estimate gives by itself, with the reference corrected as in the result."""
    assert result.meter_energy_Wh is not None
    assert result.reference_energy_Wh is not None
    assert result.reference_energy_read_Wh is not None
    assert result.window is not None
    assert estimate.reference_energy_Wh is not None
    meter_Wh = result.meter_energy_Wh * estimate.window.intervals / result.window.intervals
    correction = result.reference_energy_Wh / result.reference_energy_read_Wh
    return percentage_error_pct(meter_Wh, estimate.reference_energy_Wh * correction)


def seconds(value: float | None) -> str | None:
    return None if value is None else str(round(value))
