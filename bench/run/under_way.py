"""What all parts of a run share while it is under way: how it waits, what it records, what it tells.

Everything that waits waits on the bench's clock in slices of the publishing period, so a stop is heard and
the live state stays fresh; in virtual time the same waits turn the loops.

A fault comes from a loop, which writes it into the arrays of `Acquisition`; at the next slice it is told to `Progress`,
where the page and the terminal find it. What a step makes of it is the method's verdict.
"""

from __future__ import annotations

from collections.abc import Callable

from bench.before_run.plan_check import steps_s
from bench.canonical import JsonObject
from bench.line_names import PPS_LINE, REFERENCE_LINE, clock_line
from bench.measurement.environment import Ambient, read_environment
from bench.measurement.machine import MachineWatch
from bench.plans.forecast import warning_of, window_s
from bench.records.frozen import to_json
from bench.records.kinds import ENVIRONMENT_READ, MACHINE_READ
from bench.registry.kept_texts import What
from bench.run.context import RunContext
from bench.run.prepared import PreparedRun
from bench.run.progress import Progress
from bench.safety.liveness import RUNNER
from calibration.quantities import NS_PER_S, Finding, InstrumentFault
from calibration.reasons import Reason


class RunStoppedError(Exception):
    """The run ends here; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.reason.value)
        self.finding = finding


class RunUnderWay:
    """skipped: positions that nobody waits for any more, and why; grows while a step is carried out.

    load_fault: asked at every slice why the load that is applied must be taken away.
    """

    def __init__(self, context: RunContext, prepared: PreparedRun, progress: Progress) -> None:
        self.context = context
        self.checked = prepared.checked
        self.progress = progress
        self.ambient = Ambient(prepared.checked.plan.ambient_temperature_C, prepared.reading)
        self.machine = MachineWatch(context.equipment.machine)
        self.skipped: dict[str, str] = {}
        self.load_fault: Callable[[], Finding | None] = lambda: None
        self._who = prepared
        self.start_is_press = prepared.start_is_press
        self._run_id = prepared.run_id
        self._stop = prepared.stop
        acquisition = context.acquisition
        self._told: dict[str | None, int] = {None: len(acquisition.reference_faults)}
        self._told.update((p, len(faults)) for p, faults in acquisition.line_faults.items())
        for point, windows in prepared.briefing.planned.items():
            progress.plan_point(point, window_s(windows), warning_of(windows))
        for index, whole_s in steps_s(prepared.briefing, prepared.config).items():
            progress.plan_step(index, whole_s)
        progress.tell_worth(prepared.because)
        if prepared.resumed is not None:
            progress.take_over(prepared.resumed.results)
        progress.tell_environment(self.ambient)

    def start(self, frozen: JsonObject) -> None:
        """frozen: everything that its results will be computed with."""
        clock = self.context.clock.state()
        self.context.recorder.start_run(self._run_id, self._lines(), clock, frozen)
        self._who.begun.set_result(None)
        now, who = self.context.clock.state(), self._who
        self.progress.start(self._run_id, now, case=who.case, verifier=who.verifier)
        self._read_machine()
        self.publish()

    def stop(self) -> None:
        self._stop.set()

    def end(self, body: JsonObject) -> None:
        self.context.recorder.end_run(self._run_id, self.context.clock.state(), body)

    def record(self, kind: str, body: JsonObject) -> None:
        self.context.recorder.append(self._run_id, kind, self.context.clock.state(), body)

    def record_with_raw(self, kind: str, body: JsonObject) -> None:
        """The same, with the raw files as they are now."""
        self.context.recorder.append_with_raw(self._run_id, kind, self.context.clock.state(), body)

    def keep(self, what: What, text: str) -> str:
        """The reference that stands for a free text in records. Errors: OperatorError where it cannot be kept."""
        return self.context.texts.keep(what, text, self.context.clock.state().wall_time)

    def publish(self) -> None:
        self.context.publish(self.progress)

    def _lines(self) -> list[str]:
        """The pulse lines that are recorded: of the meters, of their clock outputs, the reference standard's own."""
        wanted = [line for p in self.checked.meters for line in (p, clock_line(p))]
        has_line = self.context.acquisition.has_line
        return [line for line in (*wanted, REFERENCE_LINE, PPS_LINE) if has_line(line)]

    def wait_s(self, duration_s: float) -> None:
        """Wait on the bench's clock; publish meanwhile. Errors: RunStoppedError, and what a loop died of."""
        clock = self.context.clock
        until_ns = clock.now_ns() + round(duration_s * NS_PER_S)
        slice_ns = round(self.context.pace.publish_s * NS_PER_S)
        while (now_ns := clock.now_ns()) < until_ns:
            self.check()
            clock.wait_until(min(until_ns, now_ns + slice_ns))
            if self.ambient.is_due(clock.now_ns()):
                self.read_environment()
            self._read_machine()
            self._tell_new_faults()
            self.publish()

    def check(self) -> None:
        """Errors: RunStoppedError where the run must end, and what a loop died of."""
        c = self.context
        c.loops.check()
        now_ns = c.clock.now_ns()
        c.liveness.turned(RUNNER, now_ns)
        if (tripped := c.load_source.tripped) is not None:
            raise RunStoppedError(tripped)
        if silent := c.liveness.silent(now_ns):
            raise RunStoppedError(Finding(Reason.LOOP_STALLED, {"loop": silent[0]}))
        if self._stop.is_set():
            raise RunStoppedError(Finding(Reason.STOPPED_BY_OPERATOR))
        if (found := self.load_fault()) is not None:
            raise RunStoppedError(found)

    def read_environment(self) -> None:
        """A reading of temperature and humidity, recorded; what it says against the conditions counts from now on."""
        sensor = self.context.equipment.environment
        if sensor is None:
            return
        reading = read_environment(sensor, self.context.clock.now_ns())
        self.ambient.add(reading)
        self.record(ENVIRONMENT_READ, to_json(reading))
        self.progress.tell_environment(self.ambient)

    def _read_machine(self) -> None:
        """Where the computer says something anew, it is recorded."""
        reading = self.machine.due(self.context.clock.now_ns())
        if reading is not None:
            self.record(MACHINE_READ, to_json(reading))
            self.progress.tell_machine(self.machine)

    def tell(self, position: str | None, found: tuple[Finding, ...], *, is_repeated: bool = False) -> None:
        """Show what was found now; position None: of the bench."""
        for finding in found:
            fault = InstrumentFault(self.context.clock.now_ns(), finding)
            self.progress.fault(position, fault, is_repeated=is_repeated)

    def _tell_new_faults(self) -> None:
        """What the loops found since the last look."""
        acquisition = self.context.acquisition
        found: dict[str | None, list[InstrumentFault]] = {None: acquisition.reference_faults}
        found.update((p, acquisition.line_faults[p]) for p in self._lines())
        for position, faults in found.items():
            for fault in faults[self._told.get(position, 0) :]:
                self.progress.fault(position, fault)
            self._told[position] = len(faults)
