"""What a run shows of itself: the STATE of docs/architecture.md, kept by the runner.

Presentation only: figures are turned into text here and nothing is computed from them. Measured figures are
text with fixed decimals; counts and instants are integers.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from math import ceil
from types import MappingProxyType

from bench.canonical import JsonObject
from bench.measurement.acquisition import Acquisition
from bench.measurement.environment import Ambient
from bench.measurement.machine import MachineWatch
from bench.measurement.measuring import PointMeasurement
from bench.methods.steps import Ask, Conclude, PulseWatch
from bench.plans.plan import CheckedPlan
from bench.ports import ClockState, MeterReading
from bench.records.frozen import to_json
from bench.registry.kept_texts import KeptTexts
from bench.run.figures import (
    funnel_point,
    points,
    positions,
    pps_state,
    question_of,
    reference_state,
    result_of,
    running_figures,
    seconds,
    thinned,
    told_of,
    waited_for,
    window_left_s,
)
from bench.run.remaining import Remaining
from bench.run.verdicts import RunVerdicts
from bench.safety.arming import Waiting
from calibration.quantities import (
    NS_PER_S,
    RISING,
    ErrorResult,
    Finding,
    InstrumentFault,
    Kind,
    Outcome,
    Verdict,
)

_PPS_EVERY_NS = 10 * NS_PER_S


class Progress:
    """The changing part of the live state for one run."""

    def __init__(
        self,
        header: JsonObject,
        checked: CheckedPlan | None = None,
        *,
        pps_edge: int = RISING,
        texts: KeptTexts | None = None,
    ) -> None:
        """texts: those that findings and answers refer to."""
        self._texts = KeptTexts() if texts is None else texts
        self._header = header
        self._checked = checked
        self.phase = "idle"
        self.run: JsonObject | None = None
        self.point: int | None = None
        self.measurement: PointMeasurement | None = None
        self._points = points(checked) if checked else {}
        self._positions = positions(checked) if checked else {}
        self._remaining = Remaining()
        self._started_ns = 0
        self._attempts: dict[int, int] = {}
        self._faults: list[JsonObject] = []
        self._question: JsonObject | None = None
        self._waiting: Waiting | None = None
        self._not_official: list[JsonObject] = []
        self._environment: JsonObject | None = None
        self._machine: JsonObject | None = None
        self._pps_edge = pps_edge
        self._pps_looked_ns = -_PPS_EVERY_NS
        self._pps_shown: JsonObject | None = None

    def tell_worth(self, because: tuple[Finding, ...]) -> None:
        """Everything that keeps the run from being official."""
        self._not_official = to_json(because)

    @property
    def kind(self) -> Kind:
        """What the run is worth, as far as is known."""
        return Kind(self._header["kind"])

    def tell_environment(self, ambient: Ambient) -> None:
        """Temperature and humidity so far, and what they say against the conditions."""
        latest, summary = ambient.latest, ambient.summary()
        if latest is None or summary is None:
            return
        self._environment = {
            "temperature_C": None if latest.temperature_C is None else f"{latest.temperature_C:.1f}",
            "humidity_pct": None if latest.humidity_pct is None else f"{latest.humidity_pct:.0f}",
            "over_run": summary,
        }
        self._lower(ambient.why_not(self._plan.rules.conditions))

    def tell_machine(self, machine: MachineWatch) -> None:
        """How the computer is, and was in this run."""
        self._machine = machine.summary()

    def _lower(self, because: tuple[Finding, ...]) -> None:
        """Less than official from now on. A reason that is known already is told with its newest figures."""
        if not because:
            return
        anew = {f.reason.value: to_json(f) for f in because}
        kept = [f for f in self._not_official if f["reason"] not in anew]
        self._not_official = [*kept, *anew.values()]
        if self.kind is Kind.OFFICIAL:
            self._header = {**self._header, "kind": Kind.INFORMATIVE.value}
        if self.run is not None:
            self.run = {**self.run, "not_official_because": self._not_official}

    def take_over(self, results: Mapping[tuple[int, str], JsonObject]) -> None:
        """Results that an earlier run has given, by test point and position."""
        for (point, position), result in results.items():
            self._positions[position]["results"][str(point)] = result
            done = self._plan.points[point].positions
            if all((point, p) in results for p in done):
                self._points[str(point)]["state"] = "done"

    def start(self, run_id: str, clock: ClockState, *, case: str = "", verifier: str = "") -> None:
        """case: id of the witnessed case, verifier: of the person; "" for none."""
        plan = self._plan.plan
        self.phase = "starting"
        self._started_ns = clock.monotonic_ns
        self.run = {
            "id": run_id,
            "title": self._texts.shown(plan.title),
            "rule_set": plan.rule_set,
            "decision_rule": plan.decision_rule,
            "started": clock.wall_time,
            "case": case or None,
            "verifier": verifier or None,
            "not_official_because": self._not_official,
            "verdict": None,
        }

    def plan_point(self, point: int, window_s: float | None, warning: Finding | None = None) -> None:
        """Before the run: how long each of its windows will take (s), and what speaks against its load."""
        self._remaining.plan(point, window_s)
        shown = self._points[str(point)]
        shown["planned_s"] = seconds(None if window_s is None else shown["runs"] * window_s)
        shown["warning"] = to_json(warning)

    def plan_step(self, point: int, whole_s: float) -> None:
        """Before the run: how long a step without a comparison will take (s)."""
        self._points[str(point)]["planned_s"] = seconds(whole_s)

    def enter(self, phase: str, point: int, state: str) -> None:
        """The point and what happens to it: settling, measuring, done."""
        self.phase, self.point = phase, point
        self._points[str(point)]["state"] = state
        self._attempts.setdefault(point, 1)
        if phase != "measuring":
            self.measurement = None
            self._remaining.forget()
        for position in self._positions.values():
            position["watching"] = None
        if phase == "applying":
            for position in self._positions.values():
                position.update(running=None, waiting=[], funnel=[], pulses=0, window=1, is_spoilt=False)

    def count(self, measurement: PointMeasurement) -> None:
        """A window begins. Positions of this load that have all of theirs, and are not in it, wait for it."""
        step = measurement.step
        self.measurement = measurement
        self.enter("measuring", step.point, "measuring")
        self._remaining.begin(measurement)
        for position, view in self._positions.items():
            if position in measurement.positions:
                # An old figure must not pass for what is true of the new window.
                view.update(running=None, waiting=[], funnel=[], window=step.run + 1, is_spoilt=False)
            elif view["running"] is not None:
                # Also of one whose last window was ended by the longest time: nothing more comes of it.
                view["running"] = {**view["running"], "waits_for_others": True}

    def watch(
        self, stage: str, whole: float, gone: float, seen: Mapping[str, PulseWatch], enough: int
    ) -> None:
        """How far a step without a comparison has come: of `whole` (s, or Wh of stage `energy`) so much is gone."""
        shown = {"stage": stage, "whole": f"{whole:.0f}", "gone": f"{gone:.0f}", "enough": enough}
        for position, view in self._positions.items():
            if not seen or position in seen:
                pulses = len(seen[position].pulses_s) if seen else None
                view["watching"] = {**shown, "pulses": pulses}
        self._remaining.watch(None if stage == "energy" else max(whole - gone, 0.0))

    def ask(
        self,
        question: Ask | None,
        answers: Mapping[str, Mapping[str, str]],
        displays: Mapping[str, MeterReading] = MappingProxyType({}),
    ) -> None:
        """The question that stands, and who has answered; None: it stands no longer. displays: of simulated meters."""
        self._question = None if question is None else question_of(question, answers, displays)

    def wait_for(self, waiting: Waiting | None) -> None:
        """What the technician must do before it goes on; None: it goes on."""
        self._waiting = waiting

    def skip(self, position: str) -> None:
        """Nobody waits for it any more. From any thread."""
        self._positions[position]["is_skipped"] = True

    def look(
        self, results: dict[str, ErrorResult], now_ns: int, skipped: Container[str] = frozenset()
    ) -> None:
        """A running estimate for each position. now_ns: when it was made, on the bench clock. skipped: whom nobody
        waits for."""
        assert self.measurement is not None
        step = self.measurement.step
        left = {
            position: self._window_left_s(self.measurement, position, result, now_ns)
            for position, result in results.items()
            if result.percentage_error_pct is not None and result.window is not None
        }
        awaited = {position: left_s for position, left_s in left.items() if position not in skipped}
        # Nor for one whose window is spoilt: the next look ends its part.
        is_complete = all(
            position in left or position in skipped or PointMeasurement.is_broken(result)
            for position, result in results.items()
        )
        following_s = self._remaining.look(self.measurement, awaited, now_ns, is_complete=is_complete)
        elapsed_s = self.measurement.elapsed_s(now_ns)
        for position, result in results.items():
            shown = self._positions[position]
            shown["waiting"] = to_json(result.findings)
            shown["is_spoilt"] = self.measurement.is_spoilt(position)
            if position not in left:
                shown["running"] = None  # an old figure must not pass for what is true now
                continue
            mpe_pct = self._plan.points[step.point].mpe_pct.get(position)
            # In its last window it waits for nobody: that will be as long as this one was until it had all.
            met_s = self._remaining.met_s(position, left[position], elapsed_s)
            spared_s = elapsed_s - met_s if step.to_come else 0.0
            decision_in_s = ceil(left[position] + following_s - spared_s)
            waits = not decision_in_s and (not is_complete or any(awaited.values()))
            shown["running"] = running_figures(result, mpe_pct, decision_in_s, waits=waits)
            shown["funnel"] = thinned([*shown["funnel"], funnel_point(result)])

    def _window_left_s(
        self, measurement: PointMeasurement, position: str, result: ErrorResult, now_ns: int
    ) -> int:
        """Whole seconds until the position has what ends its part in this window; 0 only when it has it."""
        if not measurement.step.looks_s:
            planned_left_s = self._remaining.planned_left_s(measurement, now_ns)
            return window_left_s(result, measurement.step, position, now_ns, planned_left_s)
        # Only a declared look decides then, whatever the uncertainty is.
        if position in measurement.decided or measurement.next_look_ns is None:
            return 0
        return max(1, ceil((measurement.next_look_ns - now_ns) / NS_PER_S))

    def identified(
        self, told: Mapping[str, MeterReading], findings: Mapping[str, tuple[Finding, ...]], at_ns: int
    ) -> None:
        """What the meters told of themselves, and which did not answer."""
        for position, reading in told.items():
            self._positions[position]["told"] = told_of(reading)
        for position, found in findings.items():
            for finding in found:
                self.fault(position, InstrumentFault(at_ns, finding))

    def conclude(self, step: Conclude, true_error_pct: float | None) -> None:
        """The result of a position. An attempt that is repeated is shown as a fault, not as a result."""
        if step.will_repeat:
            self._attempts[step.point] = step.attempt + 2
        else:
            attempts = step.attempt + 1 if step.point in self._attempts else 0
            point = self._plan.points[step.point]
            result = result_of(step, point, attempts, true_error_pct)
            self._positions[step.position]["results"][str(step.point)] = self._texts.shown(result)
            self._points[str(step.point)]["state"] = "done"

    def fault(self, position: str | None, fault: InstrumentFault, *, is_repeated: bool = False) -> None:
        """A fault of an instrument; is_repeated: it made an attempt INVALID that is tried again.

        What one attempt has told already is not told again: a reference that is silent fails at every poll.
        """
        at_s = max(0, fault.at_ns - self._started_ns) / NS_PER_S
        point = self.point
        entry = {
            "position": position,
            "point": None if point is None else str(point),
            "attempt": None if point is None else self._attempts.get(point),
            "is_repeated": is_repeated,
            **self._texts.shown(to_json(fault.finding)),
        }
        if not any(entry.items() <= told.items() for told in self._faults):
            self._faults.append({"at_s": f"{at_s:.1f}", **entry})

    def abandon(self, verdicts: RunVerdicts, finding: Finding) -> None:
        """The run ended before everything was concluded: what is missing is INVALID for this reason."""
        for position, shown in self._positions.items():
            for point in self._plan.points:
                if position in point.positions and not verdicts.has(point.index, position):
                    mpe_pct = point.mpe_pct.get(position)
                    rule = self._plan.plan.decision_rule
                    verdict = Verdict(Outcome.INVALID, rule, mpe_pct, findings=(finding,))
                    missing = Conclude(point.index, 0, position, verdict, False)
                    attempts = self._attempts.get(point.index, 0)
                    shown["results"][str(point.index)] = result_of(missing, point, attempts, None)

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
                "pps": self._pps(acquisition, clock.monotonic_ns),
            },
            "environment": self._environment,
            "machine": self._machine,
            "phase": self.phase,
            "run": self.run,
            "points": {key: dict(point) for key, point in self._points.items()},
            "point": None if self.point is None else str(self.point),
            "ends_in_s": self._ends_in_s(clock.monotonic_ns),
            "reference": reference_state(acquisition, clock.monotonic_ns),
            "positions": {
                key: {**shown, "results": dict(shown["results"])} for key, shown in self._positions.items()
            },
            "question": self._question,
            "waits_for": None if self._waiting is None else waited_for(self._waiting, clock.monotonic_ns),
            "faults": list(self._faults),
            "next": self._next(clock.monotonic_ns),
        }

    def _pps(self, acquisition: Acquisition, now_ns: int) -> JsonObject | None:
        """Looked at now and then: it changes slowly, and costs more than all else that is published."""
        if now_ns - self._pps_looked_ns >= _PPS_EVERY_NS:
            self._pps_looked_ns = now_ns
            self._pps_shown = pps_state(acquisition, self._pps_edge, now_ns)
        return self._pps_shown

    def _count_pulses(self) -> None:
        if self.measurement is None:
            return
        for position in self.measurement.positions:
            stamps = self.measurement.edges(position).of_kind(self._plan.meters[position].test_output_edge)
            self._positions[position]["pulses"] = len(stamps)
            if len(stamps):
                self._positions[position]["last_pulse_ns"] = int(stamps[-1])

    def _ends_in_s(self, now_ns: int) -> str | None:
        """Until every position has what it needs."""
        if self.point is None or (self.measurement is None and self.phase != "watching"):
            return None
        measurement = None if self.phase == "watching" else self.measurement
        return self._remaining.in_s(measurement, now_ns)

    def _next(self, now_ns: int) -> JsonObject | None:
        """What comes after what happens now, and when as far as it is planned."""
        if self.point is None:
            return None
        if self.phase not in ("measuring", "watching", "asking"):
            return {"what": "measure", "point": str(self.point), "in_s": None}
        following = self.point + 1
        what = "settle" if following < len(self._plan.points) else "finish"
        point = str(following) if what == "settle" else None
        return {"what": what, "point": point, "in_s": self._ends_in_s(now_ns)}

    @property
    def _plan(self) -> CheckedPlan:
        assert self._checked is not None, "there is a plan while a run is shown"
        return self._checked
