"""What a run shows of itself: the STATE of docs/architecture.md, kept by the runner.

Presentation only: figures are turned into text here and nothing is computed from them. Measured figures are
text with fixed decimals; counts and instants are integers.
"""

from __future__ import annotations

from typing import Any

from bench.acquisition import Acquisition
from bench.canonical import JsonObject, decimal_text
from bench.measuring import PointMeasurement
from bench.plan import CheckedPlan
from bench.ports import ClockState
from bench.steps import Conclude
from calibration.percentage_error import percentage_error_pct
from calibration.quantities import (
    NS_PER_S,
    ErrorResult,
    Estimate,
    Finding,
    InstrumentFault,
    MeterUnderTest,
    Outcome,
)

_FUNNEL_LENGTH = 200
"""Points of the funnel plot; a longer run is thinned to every second one, again and again."""


class Progress:
    """The changing part of the live state for one run."""

    def __init__(self, header: JsonObject, checked: CheckedPlan | None = None) -> None:
        self._header = header
        self._checked = checked
        self.phase = "idle"
        self.run: JsonObject | None = None
        self.point: int | None = None
        self.measurement: PointMeasurement | None = None
        self.next: JsonObject | None = None
        self._points = _points(checked) if checked else {}
        self._positions = _positions(checked) if checked else {}
        self._planned_s: dict[int, float | None] = {}
        self._faults: list[JsonObject] = []

    def start(self, run_id: str, clock: ClockState, rule_set_is_provisional: bool) -> None:
        assert self._checked is not None
        plan = self._checked.plan
        self.phase = "starting"
        self.run = {
            "id": run_id,
            "title": plan.title,
            "rule_set": plan.rule_set,
            "rule_set_is_provisional": rule_set_is_provisional,
            "decision_rule": plan.decision_rule,
            "started": clock.wall_time,
            "verdict": None,
        }

    def plan_point(self, point: int, planned_s: float | None) -> None:
        self._planned_s[point] = planned_s
        self._points[str(point)]["planned_s"] = _seconds(planned_s)

    def enter(self, phase: str, point: int, state: str) -> None:
        """The point and what happens to it: settling, measuring, done."""
        self.phase, self.point = phase, point
        self._points[str(point)]["state"] = state
        if phase == "applying":
            self.measurement = None
            for position in self._positions.values():
                position.update(running=None, funnel=[], pulses=0)

    def look(self, results: dict[str, ErrorResult]) -> None:
        """A running estimate for each position."""
        assert self.measurement is not None
        for position, result in results.items():
            shown = self._positions[position]
            if result.percentage_error_pct is None or result.window is None:
                continue
            wanted = self.measurement.step.wanted_uncertainty_pct[position]
            mpe_pct = self._mpe_pct(position)
            shown["running"] = _running(result, mpe_pct, wanted, self.measurement.step.minimum_time_s)
            shown["funnel"] = _thinned([*shown["funnel"], _funnel_point(result)])

    def conclude(self, step: Conclude, true_error_pct: float | None) -> None:
        """The result of a position. An attempt that is repeated is shown as a fault, not as a result."""
        shown = self._positions[step.position]
        if not step.will_repeat:
            shown["results"][str(step.point)] = _result(step, true_error_pct)
            self._points[str(step.point)]["state"] = "done"
        self.point = None if not step.will_repeat else self.point

    def fault(self, position: str | None, fault: InstrumentFault) -> None:
        at_s = str(round(fault.at_ns / NS_PER_S, 1))
        entry = {"at_s": at_s, "position": position, "point": None if self.point is None else str(self.point)}
        self._faults.append({**entry, **_finding(fault.finding)})

    def finish(self, verdicts: dict[str, Outcome], overall: Outcome, phase: str) -> None:
        assert self.run is not None
        self.phase, self.point, self.measurement, self.next = phase, None, None, None
        self.run = {**self.run, "verdict": overall.value}
        for position, outcome in verdicts.items():
            self._positions[position]["verdict"] = outcome.value

    def state(self, clock: ClockState, acquisition: Acquisition) -> JsonObject:
        """A new STATE; shares nothing that changes later."""
        self._count_pulses()
        return {
            "bench": self._header,
            "clock": {
                "monotonic_ns": clock.monotonic_ns,
                "wall_time": clock.wall_time,
                "is_disciplined": clock.is_disciplined,
            },
            "phase": self.phase,
            "run": self.run,
            "points": {key: dict(point) for key, point in self._points.items()},
            "point": None if self.point is None else str(self.point),
            "ends_in_s": self._ends_in_s(clock.monotonic_ns),
            "reference": reference_state(acquisition, clock.monotonic_ns),
            "positions": {
                key: {**shown, "results": dict(shown["results"])} for key, shown in self._positions.items()
            },
            "faults": list(self._faults),
            "next": self.next,
        }

    def results(self) -> dict[str, dict[str, JsonObject]]:
        """Position -> point -> the result as it is shown: also what `--json` prints."""
        return {position: dict(shown["results"]) for position, shown in self._positions.items()}

    def _count_pulses(self) -> None:
        if self.measurement is None:
            return
        for position in self.measurement.positions:
            stamps = self.measurement.edges(position).of_kind(self._meter(position).test_output_edge)
            self._positions[position]["pulses"] = len(stamps)
            if len(stamps):
                self._positions[position]["last_pulse_ns"] = int(stamps[-1])

    def _ends_in_s(self, now_ns: int) -> str | None:
        if self.measurement is None or self.point is None:
            return None
        planned_s = self._planned_s.get(self.point)
        if planned_s is None:
            return None
        return _seconds(max(0.0, planned_s - self.measurement.elapsed_s(now_ns)))

    def _meter(self, position: str) -> MeterUnderTest:
        assert self._checked is not None
        return self._checked.meters[position]

    def _mpe_pct(self, position: str) -> float:
        assert self._checked is not None
        assert self.point is not None
        return self._checked.points[self.point].mpe_pct[position]


def _points(checked: CheckedPlan) -> dict[str, JsonObject]:
    return {
        str(p.index): {
            "name": p.load_point.name,
            "voltage_V": f"{p.load_point.voltage_V:g}",
            "current_A": f"{p.load_point.current_A:g}",
            "power_factor": f"{p.load_point.power_factor:.1f}{p.load_point.phase_side}",
            "power_W": f"{p.load_point.active_power_W:.1f}",
            "planned_s": None,
            "state": "waiting",
        }
        for p in checked.points
    }


def _positions(checked: CheckedPlan) -> dict[str, JsonObject]:
    return {
        position: {
            "serial": meter.serial,
            "meter_type": meter.meter_type,
            "accuracy_class": meter.accuracy_class,
            "meter_constant_imp_per_kWh": f"{meter.meter_constant_imp_per_kWh:g}",
            "pulses": 0,
            "last_pulse_ns": None,
            "running": None,
            "funnel": [],
            "results": {},
            "verdict": None,
        }
        for position, meter in checked.meters.items()
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


def _running(result: ErrorResult, mpe_pct: float, wanted_pct: float, minimum_time_s: float) -> JsonObject:
    assert result.window is not None
    t_s, U_pct = result.window.duration_s, result.expanded_uncertainty_pct or 0.0
    # The leading terms fall as one over the time, so this is when U reaches what is wanted.
    left_s = max(minimum_time_s - t_s, t_s * (U_pct / wanted_pct - 1.0), 0.0)
    return {
        "t_s": decimal_text(t_s, 1),
        "pulses": result.window.intervals,
        "meter_energy_Wh": decimal_text(result.meter_energy_Wh, 3),
        "reference_energy_Wh": decimal_text(result.reference_energy_Wh, 3),
        "percentage_error_pct": decimal_text(result.percentage_error_pct, 4),
        "expanded_uncertainty_pct": decimal_text(U_pct, 4),
        "estimator": result.estimator,
        "mpe_pct": f"{mpe_pct:g}",
        "decision_in_s": _seconds(left_s),
    }


def _funnel_point(result: ErrorResult) -> list[str | None]:
    assert result.window is not None
    error_pct, U_pct = result.percentage_error_pct, result.expanded_uncertainty_pct
    return [decimal_text(result.window.duration_s, 1), decimal_text(error_pct, 4), decimal_text(U_pct, 4)]


def _thinned(funnel: list[Any]) -> list[Any]:
    return funnel if len(funnel) <= _FUNNEL_LENGTH else [*funnel[:-1:2], funnel[-1]]


def _result(step: Conclude, true_error_pct: float | None) -> JsonObject:
    result, verdict = step.result, step.verdict
    findings = {f.reason: f for f in (*verdict.findings, *(result.findings if result else ()))}
    shown: JsonObject = {
        "load_point": result.load_point if result else None,
        "percentage_error_pct": decimal_text(result.percentage_error_pct, 4) if result else None,
        "expanded_uncertainty_pct": decimal_text(result.expanded_uncertainty_pct, 4) if result else None,
        "coverage_factor": decimal_text(result.coverage_factor, 2) if result else None,
        "mpe_pct": None if verdict.mpe_pct is None else f"{verdict.mpe_pct:g}",
        "estimator": result.estimator if result else None,
        "pulses": result.window.intervals if result and result.window else 0,
        "meter_energy_Wh": decimal_text(result.meter_energy_Wh, 4) if result else None,
        "reference_energy_Wh": decimal_text(result.reference_energy_Wh, 4) if result else None,
        "verdict": verdict.outcome.value,
        "reasons": [_finding(f) for f in findings.values()],
        "three_ways": _three_ways(result),
    }
    if true_error_pct is not None:
        shown["true_error_pct"] = decimal_text(true_error_pct, 4)
    return shown


def _three_ways(result: ErrorResult | None) -> JsonObject:
    """The error by counted pulses, by power x time and by the meter's own register, side by side."""
    ways: JsonObject = {"pulses": None, "power_time": None, "register": None}
    if result is None or result.percentage_error_pct is None:
        return ways
    ways["pulses"] = f"{result.percentage_error_pct:+.2f}"
    for estimate in result.estimates:
        if estimate.estimator == "power_integral" and estimate.is_valid:
            ways["power_time"] = f"{_error_of(estimate, result):+.2f}"
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


def _finding(finding: Finding) -> JsonObject:
    return {"reason": finding.reason.value, "values": dict(finding.values)}


def _seconds(value: float | None) -> str | None:
    return None if value is None else str(round(value))
