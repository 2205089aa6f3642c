"""What a run shows of itself: the STATE of docs/architecture.md, kept by the runner.

Presentation only: figures are turned into text here and nothing is computed from them. Measured figures are
text with fixed decimals; counts and instants are integers.
"""

from __future__ import annotations

from bench.acquisition import Acquisition
from bench.canonical import JsonObject
from bench.figures import (
    finding_of,
    funnel_point,
    points,
    positions,
    reference_state,
    result_of,
    running_figures,
    seconds,
    thinned,
)
from bench.measuring import PointMeasurement
from bench.plan import CheckedPlan
from bench.ports import ClockState
from bench.steps import Conclude
from calibration.quantities import NS_PER_S, ErrorResult, Finding, InstrumentFault, Outcome, Verdict


class Progress:
    """The changing part of the live state for one run."""

    def __init__(self, header: JsonObject, checked: CheckedPlan | None = None) -> None:
        self._header = header
        self._checked = checked
        self.phase = "idle"
        self.run: JsonObject | None = None
        self.point: int | None = None
        self.measurement: PointMeasurement | None = None
        self._points = points(checked) if checked else {}
        self._positions = positions(checked) if checked else {}
        self._planned_s: dict[int, float | None] = {}
        self._faults: list[JsonObject] = []

    def start(self, run_id: str, clock: ClockState, rule_set_is_provisional: bool) -> None:
        plan = self._plan.plan
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
        self._points[str(point)]["planned_s"] = seconds(planned_s)

    def enter(self, phase: str, point: int, state: str) -> None:
        """The point and what happens to it: settling, measuring, done."""
        self.phase, self.point = phase, point
        self._points[str(point)]["state"] = state
        if phase == "applying":
            self.measurement = None
            for position in self._positions.values():
                position.update(running=None, waiting=[], funnel=[], pulses=0)

    def look(self, results: dict[str, ErrorResult]) -> None:
        """A running estimate for each position."""
        assert self.measurement is not None
        for position, result in results.items():
            shown = self._positions[position]
            shown["waiting"] = [finding_of(f) for f in result.findings]
            if result.percentage_error_pct is None or result.window is None:
                shown["running"] = None  # an old figure must not pass for what is true now
                continue
            wanted = self.measurement.step.wanted_uncertainty_pct[position]
            mpe_pct = self._plan.points[self.measurement.step.point].mpe_pct[position]
            shown["running"] = running_figures(result, mpe_pct, wanted, self.measurement.step.minimum_time_s)
            shown["funnel"] = thinned([*shown["funnel"], funnel_point(result)])

    def conclude(self, step: Conclude, true_error_pct: float | None) -> None:
        """The result of a position. An attempt that is repeated is shown as a fault, not as a result."""
        shown = self._positions[step.position]
        if not step.will_repeat:
            shown["results"][str(step.point)] = result_of(
                step, self._plan.points[step.point].load_point.name, true_error_pct
            )
            self._points[str(step.point)]["state"] = "done"

    def fault(self, position: str | None, fault: InstrumentFault) -> None:
        at_s = str(round(fault.at_ns / NS_PER_S, 1))
        entry = {"at_s": at_s, "position": position, "point": None if self.point is None else str(self.point)}
        self._faults.append({**entry, **finding_of(fault.finding)})

    def abandon(self, positions: dict[str, dict[int, Outcome]], finding: Finding) -> None:
        """The run ended before everything was concluded: what is missing is INVALID for this reason."""
        for position, shown in self._positions.items():
            for point in self._plan.points:
                if point.index not in positions[position]:
                    verdict = Verdict(
                        Outcome.INVALID,
                        self._plan.plan.decision_rule,
                        point.mpe_pct[position],
                        findings=(finding,),
                    )
                    missing = Conclude(point.index, 0, position, None, verdict, False)
                    shown["results"][str(point.index)] = result_of(missing, point.load_point.name, None)

    def finish(self, verdicts: dict[str, Outcome], overall: Outcome, phase: str) -> None:
        assert self.run is not None
        self.phase, self.point, self.measurement = phase, None, None
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
            "next": self._next(clock.monotonic_ns),
        }

    def results(self) -> dict[str, dict[str, JsonObject]]:
        """Position -> point -> the result as it is shown: also what `--json` prints."""
        return {position: dict(shown["results"]) for position, shown in self._positions.items()}

    def _count_pulses(self) -> None:
        if self.measurement is None:
            return
        for position in self.measurement.positions:
            stamps = self.measurement.edges(position).of_kind(self._plan.meters[position].test_output_edge)
            self._positions[position]["pulses"] = len(stamps)
            if len(stamps):
                self._positions[position]["last_pulse_ns"] = int(stamps[-1])

    def _ends_in_s(self, now_ns: int) -> str | None:
        if self.measurement is None or self.point is None:
            return None
        planned_s = self._planned_s.get(self.point)
        if planned_s is None:
            return None
        return seconds(max(0.0, planned_s - self.measurement.elapsed_s(now_ns)))

    def _next(self, now_ns: int) -> JsonObject | None:
        """What comes after what happens now, and when as far as it is planned."""
        if self.point is None:
            return None
        if self.phase != "measuring":
            return {"what": "measure", "point": str(self.point), "in_s": None}
        following = self.point + 1
        what = "settle" if following < len(self._plan.points) else "finish"
        point = str(following) if what == "settle" else None
        return {"what": what, "point": point, "in_s": self._ends_in_s(now_ns)}

    @property
    def _plan(self) -> CheckedPlan:
        assert self._checked is not None, "there is a plan while a run is shown"
        return self._checked
