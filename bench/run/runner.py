"""The runner: the only interpreter of steps.

How it works. A method is a generator; the runner takes a step from it, asks the interlock, has the step carried out
(the load by `load.py`, what is measured by `observer.py`, what is asked by `asker.py`), and sends back what came of it.
Whatever ends a run (the method's end, a stop, a signal, a device or a disk that fails, a defect in this program)
leaves through one `finally` that removes the load. A run always ends with a record, unless the process is killed: then
the next start of the bench writes `interrupted`.
"""

from __future__ import annotations

from bench.canonical import JsonObject
from bench.errors import OperatorError
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
    Skipped,
    Step,
    StepResult,
    WatchClock,
    WatchPulses,
)
from bench.records.frozen import to_json
from bench.records.kinds import LOAD_REMOVED, POSITIONS_SKIPPED, VERDICT
from bench.records.results import as_recorded, conclusion
from bench.refusals import RefusedError
from bench.registry.kept_texts import What
from bench.run.asker import Asker
from bench.run.context import RunContext
from bench.run.interlock import why_not
from bench.run.load import RunLoad
from bench.run.observer import Observer
from bench.run.prepared import PreparedRun
from bench.run.progress import Progress
from bench.run.said import LONGEST, is_line
from bench.run.spans import Spans
from bench.run.under_way import RunStoppedError, RunUnderWay
from bench.run.verdicts import RunVerdicts, overall
from bench.safety.guarded_source import LoadRefusedError
from calibration.quantities import Finding, Outcome
from calibration.reasons import Reason


class Runner:
    """Carries out one run. `stop()` and `skip()` may be called from any thread, `stop()` from a signal handler."""

    def __init__(self, context: RunContext, prepared: PreparedRun, progress: Progress) -> None:
        self._c = context
        self._checked = prepared.checked
        self._progress = progress
        self._run = RunUnderWay(context, prepared, progress)
        self._load = RunLoad(self._run)
        spans = Spans(self._run)
        self._observer = Observer(self._run, spans, self._load.refuse_what_fell)
        self._asker = Asker(self._run, spans)
        self._skips_recorded: dict[str, str] = {}
        taken_over = {where: taken.outcome for where, taken in prepared.briefing.taken_over.items()}
        self._verdicts = RunVerdicts(prepared.checked, taken_over)

    def stop(self) -> None:
        self._run.stop()

    def skip(self, position: str, why: str) -> None:
        """Take a position out of the run; nobody waits for it any more.

        Errors: OperatorError for a position that is not in it (any more), or without a reason.
        """
        skipped = self._run.skipped
        if position not in self._checked.meters:
            known = ", ".join(self._checked.meters)
            raise OperatorError(f"no position {position!r} is in this run; it has {known}")
        if not is_line(why):
            raise RefusedError("say_why", longest=LONGEST)
        if position in skipped:
            said = self._c.texts.shown(skipped[position])
            raise OperatorError(f"position {position} is out of this run already: {said}")
        skipped[position] = self._run.keep(What.SKIP, why.strip())
        self._run.progress.skip(position)

    def run(self, method: Method, frozen: JsonObject) -> Outcome:
        """The verdict of the whole run. Errors: what a device or the journal raised, after the load is off."""
        self._run.start(frozen)
        try:
            try:
                self._interpret(method)
            finally:
                method.close()
                try:
                    self._load.remove()
                finally:
                    self._c.load_source.disarm()
        except (RunStoppedError, LoadRefusedError) as ended:
            return self._end((ended.finding,), "finished")
        except BaseException as error:
            self._end((Finding(Reason.DEVICE_FAILED, {"detail": str(error)}),), "interrupted")
            raise
        return self._end((), "finished")

    def _interpret(self, method: Method) -> None:
        answer: StepResult = None
        while True:
            try:
                step = method.send(answer)
            except StopIteration:
                return
            if reason := why_not(self._load.state, step):
                raise RuntimeError(f"the method asked for {type(step).__name__}, but {reason}")
            self._run.check()
            answer = self._carry_out(step)

    def _carry_out(self, step: Step) -> StepResult:
        match step:
            case ApplyLoad():
                self._load.apply(step)
            case Settle():
                return self._load.settle(step)
            case RemoveLoad():
                self._load.remove()
                self._run.record(LOAD_REMOVED, {})
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
                return self._asker.read_meters(step)
            case Ask():
                return self._asker.ask(step)
            case AskSkipped():
                return self._tell_skipped()
        return None

    def _tell_skipped(self) -> Skipped:
        """All skips so far, recorded where there are new ones."""
        skipped = dict(self._run.skipped)
        if skipped != self._skips_recorded:
            self._run.record(POSITIONS_SKIPPED, {"why": skipped})
            self._skips_recorded = skipped
        return Skipped(skipped)

    def _conclude(self, step: Conclude) -> None:
        if not step.will_repeat:
            reasons = [finding.reason for finding in step.verdict.findings]
            self._verdicts.conclude(step.point, step.position, step.verdict.outcome, reasons)
        is_invalid = step.verdict.outcome is Outcome.INVALID
        if step.will_repeat or (is_invalid and step.attempt > 0):
            self._run.tell(step.position, step.verdict.findings, is_repeated=step.will_repeat)
        self._run.record(VERDICT, conclusion(step))
        load_point = self._checked.points[step.point].load_point
        true_error_pct = (
            None if load_point is None else self._c.equipment.true_error_pct(step.position, load_point)
        )
        self._progress.conclude(as_recorded(step), true_error_pct)
        self._run.publish()

    def _end(self, found: tuple[Finding, ...], phase: str) -> Outcome:
        """Whatever the plan wanted and did not get is INVALID. Errors: what the journal raised."""
        positions = self._verdicts.of_positions()
        outcome = overall(list(positions.values()))
        try:
            self._record_end(found, positions, outcome)
        except BaseException as error:
            # No verdict is shown that is not in the journal, and nothing goes on that has ended.
            if not found:
                self._tell_end((Finding(Reason.DEVICE_FAILED, {"detail": str(error)}),))
            self._progress.finish(dict.fromkeys(positions, Outcome.INVALID), Outcome.INVALID, "interrupted")
            self._run.publish()
            raise
        self._progress.finish(positions, outcome, phase)
        self._run.publish()
        return outcome

    def _record_end(
        self, found: tuple[Finding, ...], positions: dict[str, Outcome], outcome: Outcome
    ) -> None:
        self._tell_end(found)
        self._run.read_environment()
        body: JsonObject = {
            "verdict": outcome.value,
            "positions": {p: o.value for p, o in positions.items()},
            "findings": to_json(found),
        }
        ambient = self._run.ambient
        if (environment := ambient.summary()) is not None:
            body |= {
                "environment": environment,
                "worth": self._progress.kind.value,
                "not_official_because": to_json(ambient.why_not(self._checked.rules.conditions)),
            }
        self._run.end(body)

    def _tell_end(self, found: tuple[Finding, ...]) -> None:
        """Why it ends before everything was concluded; nothing where it was."""
        self._run.tell(None, found)
        if found:
            self._progress.abandon(self._verdicts, found[0])
