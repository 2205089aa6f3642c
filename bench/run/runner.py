"""The runner: the only interpreter of steps, and the only one who commands the load.

How it works. A method is a generator; the runner takes a step from it, asks the interlock, carries the step
out, and sends back what came of it. Whatever ends a run (the method's end, a stop, a signal, a device or a
disk that fails, a defect in this program) leaves through one `finally` that removes the load. A run always
ends with a record, unless the process is killed: then the next start of the bench writes `interrupted`.

It does not watch the contacts of the panel: the panel's loop removes the load by itself (`bench/safety/`), and the
runner finds the guard of the source tripped when it looks next, and ends the run with that finding.

Everything that waits waits on the bench's clock in slices of the publishing period, so a stop is heard and
the live state stays fresh; in virtual time the same waits turn the loops.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from bench.canonical import JsonObject
from bench.errors import InstrumentError, OperatorError
from bench.line_names import PPS_LINE, REFERENCE_LINE, clock_line
from bench.measurement.environment import Ambient, read_environment
from bench.measurement.measuring import PointMeasurement
from bench.measurement.settling import SettleWatch
from bench.methods.steps import (
    ApplyLoad,
    Ask,
    AskSkipped,
    Conclude,
    CountPulses,
    Hold,
    Method,
    PassEnergy,
    ReadMeters,
    RemoveLoad,
    Settle,
    Settled,
    Skipped,
    Step,
    StepResult,
    WatchClock,
    WatchPulses,
)
from bench.plans.plan import CheckedPlan
from bench.records.frozen import to_json
from bench.records.journal_reading import ENVIRONMENT_READ, POSITIONS_SKIPPED, VERDICT
from bench.records.results import conclusion
from bench.refusals import RefusedError
from bench.run.context import RunContext
from bench.run.interlock import LoadState, why_not
from bench.run.observer import Observer
from bench.run.progress import Progress
from bench.run.said import LONGEST, is_line
from bench.run.verdicts import RunVerdicts, overall
from bench.safety.arming import Waiting
from bench.safety.guarded_source import LoadRefusedError
from bench.safety.liveness import RUNNER
from bench.safety.presses import What
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, Finding, InstrumentFault, Outcome
from calibration.reasons import Reason

_REMOVE_ATTEMPTS = 3
_ASK_SOURCE_EVERY_S = 1.0


class RunStoppedError(Exception):
    """Somebody asked for the end of the run."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.reason.value)
        self.finding = finding


class Runner:
    """Carries out one run. `stop()` and `skip()` may be called from any thread, `stop()` from a signal handler."""

    def __init__(
        self,
        context: RunContext,
        checked: CheckedPlan,
        progress: Progress,
        run_id: str,
        ambient: Ambient,
        stop: threading.Event | None = None,
    ) -> None:
        """ambient: of this run, which goes on reading it. stop: ends the run; may be set before it begins."""
        self._ambient = ambient
        self._c = context
        self._checked = checked
        self._progress = progress
        self._run_id = run_id
        self._load = LoadState.OFF
        self._watch: SettleWatch | None = None
        self._steady_ns = 0
        self._ask_source_ns = 0
        self._has_armed = False
        self._stop = threading.Event() if stop is None else stop
        self._skipped: dict[str, str] = {}
        self._skips_recorded: dict[str, str] = {}
        acquisition = context.acquisition
        self._told: dict[str | None, int] = {None: len(acquisition.reference_faults)}
        self._told.update((p, len(faults)) for p, faults in acquisition.line_faults.items())
        self._verdicts = RunVerdicts(checked, {})
        self._observer = Observer(
            context, checked, progress, run_id, self._wait_s, self._refuse_what_fell, self._skipped, ambient
        )

    def stop(self) -> None:
        self._stop.set()

    def skip(self, position: str, why: str) -> None:
        """Take a position out of the run; nobody waits for it any more.

        Errors: OperatorError for a position that is not in it (any more), or without a reason.
        """
        if position not in self._checked.meters:
            known = ", ".join(self._checked.meters)
            raise OperatorError(f"no position {position!r} is in this run; it has {known}")
        if not is_line(why):
            raise RefusedError("say_why", longest=LONGEST)
        if position in self._skipped:
            raise OperatorError(f"position {position} is out of this run already: {self._skipped[position]}")
        self._skipped[position] = why.strip()

    def run(
        self, method: Method, frozen: JsonObject, taken_over: Mapping[tuple[int, str], Outcome]
    ) -> Outcome:
        """The verdict of the whole run. Errors: what a device or the journal raised, after the load is off.

        taken_over: verdicts by test point and position that an earlier run has given.
        """
        self._verdicts = RunVerdicts(self._checked, taken_over)
        c = self._c
        c.recorder.start_run(self._run_id, self._lines(), c.clock.state(), frozen)
        self._progress.start(self._run_id, c.clock.state())
        c.publish(self._progress)
        try:
            try:
                self._interpret(method)
            finally:
                method.close()
                try:
                    self._remove_load()
                finally:
                    c.load_source.disarm()
        except (RunStoppedError, LoadRefusedError) as ended:
            return self._end((ended.finding,), "finished")
        except BaseException as error:
            self._end((Finding(Reason.DEVICE_FAILED, {"detail": str(error)}),), "interrupted")
            raise
        return self._end((), "finished")

    def _lines(self) -> list[str]:
        """The pulse lines that are recorded: of the meters, of their clock outputs, the reference standard's own."""
        wanted = [line for p in self._checked.meters for line in (p, clock_line(p))]
        return [line for line in (*wanted, REFERENCE_LINE, PPS_LINE) if line in self._c.acquisition.edges]

    def _interpret(self, method: Method) -> None:
        answer: StepResult = None
        while True:
            try:
                step = method.send(answer)
            except StopIteration:
                return
            if reason := why_not(self._load, step):
                raise RuntimeError(f"the method asked for {type(step).__name__}, but {reason}")
            self._check()
            answer = self._carry_out(step)

    def _carry_out(self, step: Step) -> StepResult:
        match step:
            case ApplyLoad():
                self._apply(step)
            case Settle():
                return self._settle(step)
            case RemoveLoad():
                self._remove_load()
                self._record("load_removed", {})
            case Conclude():
                self._conclude(step)
            case CountPulses():
                return self._observer.count(step)
            case WatchPulses():
                return self._observer.watch(step)
            case WatchClock():
                return self._observer.watch_clock(step)
            case Hold():
                return self._observer.hold(step)
            case PassEnergy():
                return self._observer.pass_energy(step)
            case ReadMeters():
                return self._observer.read_meters(step)
            case Ask():
                return self._observer.ask(step)
            case AskSkipped():
                return self._tell_skipped()
        return None

    def _apply(self, step: ApplyLoad) -> None:
        self._progress.enter("applying", step.point, "settling")
        self._rest(step.load_point)
        press = self._c.arming.arm(
            self._wait_s, lambda waiting: self._show(waiting, step.point), is_first=not self._has_armed
        )
        self._has_armed = True
        self._progress.enter("applying", step.point, "settling")
        applied = {"point": step.point, "load_point": to_json(step.load_point), "armed": to_json(press)}
        self._record("load_applied", applied)
        self._load = LoadState.APPLIED  # before the command: a command that fails half-way is a load, too
        self._c.load_source.apply(step.load_point)

    def _rest(self, load_point: LoadPoint) -> None:
        """Wait until a high current may follow the one before, and say so."""
        clock, rest_s = self._c.clock, self._c.load_times.rest_s(load_point, self._c.clock.now_ns())
        if rest_s <= 0.0:
            return
        rests = Finding(
            Reason.LOAD_RESTS, {"current": f"{load_point.current_A:g}", "seconds": f"{rest_s:.0f}"}
        )
        self._progress.wait_for(Waiting(What.REST, (), rests, clock.now_ns() + round(rest_s * NS_PER_S)))
        try:
            while (left_s := self._c.load_times.rest_s(load_point, clock.now_ns())) > 0.0:
                self._wait_s(left_s)
        finally:
            self._progress.wait_for(None)

    def _show(self, waiting: Waiting | None, point: int) -> None:
        if waiting is not None:
            self._progress.enter(f"waiting_for_{waiting.what}", point, "settling")
        self._progress.wait_for(waiting)

    def _settle(self, step: Settle) -> Settled:
        c = self._c
        confirmed = None
        if c.is_set_by_hand:
            confirmed = c.arming.confirm_load(self._wait_s, lambda waiting: self._show(waiting, step.point))
        self._progress.enter("settling", step.point, "settling")
        told = {"point": step.point, "confirmed": to_json(confirmed)}
        watch = c.load_watch.begin(step.load_point, c.clock.now_ns())
        while not watch.is_steady(c.acquisition, c.clock.now_ns()):
            if watch.is_over(c.clock.now_ns()):
                settled = Settled(watch.why_not_reached(c.acquisition, c.clock.now_ns()))
                found = to_json(settled.findings)
                self._record("load_not_reached", {**told, "findings": found})
                return settled
            self._wait_s(min(c.pace.publish_s, c.load_watch.look_every_s))
        self._load = LoadState.STEADY
        self._watch, self._steady_ns = watch, c.clock.now_ns()
        # The waiting began anew after it, for a reference in another range may read otherwise.
        fell = watch.fell(c.acquisition, watch.began_ns, self._steady_ns)
        fallen = () if fell is None else (fell,)
        self._tell(None, fallen)
        self._record("load_steady", {**told, "findings": to_json(fallen)})
        return Settled()

    def _refuse_what_fell(self, measurement: PointMeasurement) -> None:
        """A fall between the last look at the load and the run's first instant is in nobody's readings."""
        acquisition = self._c.acquisition
        if self._watch is None:
            return
        fell = self._watch.fell(acquisition, self._steady_ns, measurement.first_ns)
        self._watch = None
        if fell is not None:
            for position in measurement.positions:
                acquisition.line_faults[position].append(InstrumentFault(measurement.first_ns, fell))

    def _tell_skipped(self) -> Skipped:
        """All skips so far, recorded where there are new ones."""
        skipped = dict(self._skipped)
        if skipped != self._skips_recorded:
            self._record(POSITIONS_SKIPPED, {"why": skipped})
            self._skips_recorded = skipped
        return Skipped(skipped)

    def _conclude(self, step: Conclude) -> None:
        if not step.will_repeat:
            reasons = [finding.reason for finding in step.verdict.findings]
            self._verdicts.conclude(step.point, step.position, step.verdict.outcome, reasons)
        is_invalid = step.verdict.outcome is Outcome.INVALID
        if step.will_repeat or (is_invalid and step.attempt > 0):
            self._tell(step.position, step.verdict.findings, is_repeated=step.will_repeat)
        self._record(VERDICT, conclusion(step))
        load_point = self._checked.points[step.point].load_point
        true_error_pct = None if load_point is None else self._c.true_error_pct(step.position, load_point)
        self._progress.conclude(step, true_error_pct)
        self._c.publish(self._progress)

    def _remove_load(self) -> None:
        """Safe to call in any state; tries again where the source does not take it the first time."""
        if self._load is LoadState.OFF:
            return
        for attempt in range(_REMOVE_ATTEMPTS):
            try:
                self._c.load_source.remove()
                break
            except InstrumentError:
                if attempt == _REMOVE_ATTEMPTS - 1:
                    raise
        self._load = LoadState.OFF
        self._c.publish(self._progress)

    def _end(self, found: tuple[Finding, ...], phase: str) -> Outcome:
        """Whatever the plan wanted and did not get is INVALID."""
        positions = self._verdicts.of_positions()
        outcome = overall(list(positions.values()))
        self._read_environment()
        body: JsonObject = {
            "verdict": outcome.value,
            "positions": {p: o.value for p, o in positions.items()},
            "findings": to_json(found),
        }
        if (environment := self._ambient.summary()) is not None:
            against = to_json(self._ambient.why_not(self._checked.rules.conditions))
            body |= {
                "environment": environment,
                "worth": self._progress.kind.value,
                "not_official_because": against,
            }
        self._tell(None, found)
        if found:
            self._progress.abandon(self._verdicts, found[0])
        self._c.recorder.end_run(self._run_id, self._c.clock.state(), body)
        self._progress.finish(positions, outcome, phase)
        self._c.publish(self._progress)
        return outcome

    def _record(self, kind: str, body: JsonObject) -> None:
        self._c.recorder.append(self._run_id, kind, self._c.clock.state(), body)

    def _wait_s(self, duration_s: float) -> None:
        """Wait on the bench's clock; publish meanwhile. Errors: RunStoppedError, and what a loop died of."""
        clock = self._c.clock
        until_ns = clock.now_ns() + round(duration_s * NS_PER_S)
        slice_ns = round(self._c.pace.publish_s * NS_PER_S)
        while (now_ns := clock.now_ns()) < until_ns:
            self._check()
            clock.wait_until(min(until_ns, now_ns + slice_ns))
            if self._ambient.is_due(clock.now_ns()):
                self._read_environment()
            self._tell_faults()
            self._c.publish(self._progress)

    def _read_environment(self) -> None:
        """A reading of temperature and humidity, recorded; what it says against the conditions counts from now on."""
        if self._c.environment is None:
            return
        reading = read_environment(self._c.environment, self._c.clock.now_ns())
        self._ambient.add(reading)
        self._record(ENVIRONMENT_READ, to_json(reading))
        self._progress.tell_environment(self._ambient)

    def _check(self) -> None:
        c = self._c
        c.loops.check()
        now_ns = c.clock.now_ns()
        c.liveness.turned(RUNNER, now_ns)
        if (tripped := c.load_source.tripped) is not None:
            raise RunStoppedError(tripped)
        if silent := c.liveness.silent(now_ns):
            raise RunStoppedError(Finding(Reason.LOOP_STALLED, {"loop": silent[0]}))
        if self._stop.is_set():
            raise RunStoppedError(Finding(Reason.STOPPED_BY_OPERATOR))
        if (found := self._against_the_load()) is not None:
            raise RunStoppedError(found)

    def _against_the_load(self) -> Finding | None:
        """Why the load that is applied must be taken away. The source itself is asked once in a while: it may take a
        time-out, during which nothing is published."""
        now_ns = self._c.clock.now_ns()
        if self._load is LoadState.OFF:
            return None
        if (overdue := self._c.load_times.overdue(now_ns)) is not None:
            return overdue
        if now_ns < self._ask_source_ns:
            return None
        self._ask_source_ns = now_ns + round(_ASK_SOURCE_EVERY_S * NS_PER_S)
        self._c.liveness.turned(RUNNER, now_ns, away_s=self._c.source_facts.busy_s)
        return self._c.source_facts.fault()

    def _tell_faults(self) -> None:
        """Faults that the loops found since the last look, for the page."""
        acquisition = self._c.acquisition
        found: dict[str | None, list[InstrumentFault]] = {None: acquisition.reference_faults}
        found.update((p, acquisition.line_faults[p]) for p in self._lines())
        for position, faults in found.items():
            for fault in faults[self._told.get(position, 0) :]:
                self._progress.fault(position, fault)
            self._told[position] = len(faults)

    def _tell(self, position: str | None, found: tuple[Finding, ...], *, is_repeated: bool = False) -> None:
        for finding in found:
            fault = InstrumentFault(self._c.clock.now_ns(), finding)
            self._progress.fault(position, fault, is_repeated=is_repeated)
