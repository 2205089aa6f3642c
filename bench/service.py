"""The bench as a service: the control socket in front of a measuring process, one run after another."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

from bench.canonical import JsonObject
from bench.control.asking import SignedIn
from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.control.server import ControlServer
from bench.errors import BenchError, NoRunError, OperatorError
from bench.plans.plan import CheckedPlan, parse_plan
from bench.plans.plan_record import with_room
from bench.process import MeasuringProcess, RunSummary
from bench.run.desk import OpenDesk
from bench.run.prepared import PreparedRun, Witnessed
from bench.safety.liveness import CONTROL, Liveness
from bench.safety.presses import By
from bench.service_health import process_health
from bench.service_office import OfficeService
from bench.service_staff import StaffService, UnderWay
from calibration.reasons import Reason, sentence

_RECORDS_AT_ONCE = 100
_BEGINS_WITHIN_S = 60.0
"""Of a run that was asked for; its first record takes milliseconds, a disk that fails is told after half a minute."""
_CONTROL_TURNS_WITHIN_S = 10.0
"""What is answered at once takes milliseconds and waits for no disk."""
_log = logging.getLogger(__name__)


class BenchCommands:
    """What the socket can do; called in its threads, carried out by the thread of the bench."""

    def __init__(self, process: MeasuringProcess) -> None:
        self.staff = StaffService(process, self._under_way)
        self.office = OfficeService(process, lambda: self._now() is not None)
        self._process = process
        self._lock = threading.Lock()
        self._wanted: PreparedRun | None = None
        self._running: PreparedRun | None = None
        self._is_served = self._is_over = False

    def records(self, since: int) -> tuple[list[JsonObject], int]:
        """Some records from `since` on: number and the exact text that was hashed."""
        stored = self._process.recorder.read(since, _RECORDS_AT_ONCE)
        records = [{"number": r.number, "body": r.body.decode("utf-8")} for r in stored]
        return records, since + len(records)

    def health(self) -> JsonObject:
        return process_health(self._process, is_run_under_way=self._now() is not None)

    def start(self, plan_text: str, resumed_id: str | None, by: tuple[str, str] | None) -> str:
        checked = parse_plan(plan_text, [p.name for p in self._process.config.position])
        self._require_idle()
        verifier = "" if by is None else self._process.let_in(*by)
        return self._want(self._process.prepare(checked, resumed_id, verifier))

    def start_case(
        self,
        by: SignedIn,
        case: str,
        plan_text: str,
        ticked: frozenset[str],
        resumed_id: str | None,
        room: Mapping[str, float],
    ) -> str:
        checked = parse_plan(with_room(plan_text, room), [p.name for p in self._process.config.position])
        self._require_idle()
        self.staff.require_may_start(by, case, checked, ticked)
        return self._want(self._process.prepare(checked, resumed_id, by.person, Witnessed(case, ticked)))

    def _want(self, run: PreparedRun) -> str:
        """Its id, once its first record is safe: a run that was acknowledged is in the journal, whatever comes."""
        with self._lock:
            if self._is_over:
                raise OperatorError(f"the bench ended before {run.run_id} began")
            self._require_idle()
            self._wanted = run
        if self._is_served:
            try:
                run.begun.result(_BEGINS_WITHIN_S)
            except TimeoutError:
                raise OperatorError(
                    f"{run.run_id} has not begun within {_BEGINS_WITHIN_S:g} s; look at the bench's log"
                ) from None
        return run.run_id

    @contextmanager
    def served(self) -> Iterator[None]:
        """While somebody carries out what is asked for; who asked for what nobody will is told."""
        self._is_served = True
        try:
            yield
        finally:
            with self._lock:
                self._is_over = True
                wanted, self._wanted = self._wanted, None
            if wanted is not None:
                wanted.never_began(OperatorError(f"the bench ended before {wanted.run_id} began"))

    def _require_idle(self) -> None:
        if self._now() is not None:
            raise RefusedByRuleError(Refusal.BENCH_BUSY)

    def _now(self) -> PreparedRun | None:
        """The run that is under way, or is about to be."""
        # In this order: a run that begins leaves the second place after it is in the first.
        return self._wanted or self._running

    def _under_way(self) -> UnderWay | None:
        run = self._now()
        return None if run is None else UnderWay(run.run_id, run.case, run.verifier)

    def require_runs(self, person: str) -> None:
        run = self._now()
        if run is None:
            raise NoRunError
        if run.verifier != person:
            raise RefusedByRuleError(Refusal.NOT_YOUR_RUN)

    def stop(self) -> None:
        with self._lock:
            self._stop_now()

    def stop_own(self, verifier: str) -> None:
        with self._lock:
            self.require_runs(verifier)
            self._stop_now()

    def _stop_now(self) -> None:
        waiting, self._wanted = self._wanted, None
        if waiting is not None:
            waiting.never_began(OperatorError(f"{waiting.run_id} was stopped before it began"))
        if not self.end_run() and waiting is None:
            raise NoRunError

    def end_run(self) -> bool:
        """End the run that is under way, or is about to be; False where none is. Waits for no lock: signal handlers
        call it."""
        running = self._running
        if running is not None:
            running.stop.set()
        return running is not None

    def confirm(self) -> None:
        self._process.confirm(By.CONSOLE)

    def skip(self, position: str, why: str) -> None:
        self._process.skip(position, why)

    def answer(self, position: str, fields: dict[str, str], rest_ok: bool) -> JsonObject:
        desk = self._process.equipment.desk
        if not isinstance(desk, OpenDesk):
            raise OperatorError("this bench answers by itself (desk.driver = 'sim'); it asks nobody")
        held = desk.answer(position, fields, rest_ok=rest_ok)
        return {"held": held.answers, "open": list(held.open), "replaced": held.replaced}

    def take_wanted(self) -> PreparedRun | None:
        """The run that is asked for; it is under way from now on."""
        with self._lock:
            self._running, self._wanted = self._wanted, None
            return self._running

    def take(self, run: PreparedRun) -> None:
        """A run that nobody asked for over the socket is under way."""
        with self._lock:
            self._require_idle()
            self._running = run

    def done(self) -> None:
        with self._lock:
            self._running = None


class Service:
    """Runs until `end()`, which any thread or a signal handler may call."""

    def __init__(self, process: MeasuringProcess) -> None:
        self._process = process
        self._commands = BenchCommands(process)
        self._clock = process.equipment.disk_clock
        self._liveness = Liveness({CONTROL: _CONTROL_TURNS_WITHIN_S}, self._clock.now_ns())
        self._server = ControlServer(
            process.config.socket_path,
            process.live,
            self._commands,
            turned=lambda: self._liveness.turned(CONTROL, self._clock.now_ns()),
        )
        self._end = threading.Event()

    def __enter__(self) -> Service:
        self._liveness.begin(self._clock.now_ns())
        self._server.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._server.close()

    def silent(self) -> tuple[str, ...]:
        """Names of the loops that should have turned by now. Asked again and again: the control socket's thread, to
        which nobody may come for days, turns for it.
        """
        silent = (*self._process.silent(), *self._liveness.silent(self._clock.now_ns()))
        self._server.ask_to_turn()
        return silent

    def end(self) -> None:
        self._end.set()
        self._commands.end_run()

    def run_one(self, checked: CheckedPlan) -> RunSummary:
        """A run that was asked for here and not over the socket."""
        run = self._process.prepare(checked)
        self._commands.take(run)
        return self._carry_out(run)

    def serve(self) -> None:
        """Carry out what comes over the socket. A run that a device ends is logged; the bench goes on."""
        pause_s = self._process.config.bench.publish_period_s
        with self._commands.served():
            while not self._end.is_set():
                run = self._commands.take_wanted()
                if run is None:
                    self._process.wait_idle(pause_s)
                    continue
                if (expired_on := self._process.expired_on()) is not None:
                    _log.warning("%s", sentence(Reason.CERTIFICATE_EXPIRED, {"day": expired_on}, "en"))
                try:
                    summary = self._carry_out(run)
                    _log.info("run %s: %s", summary.run_id, summary.verdict.value)
                except BenchError as error:
                    _log.error("the run ended: %s", error)

    def _carry_out(self, run: PreparedRun) -> RunSummary:
        if self._end.is_set():  # it came before the run was under way
            run.stop.set()
        try:
            return self._process.carry_out(run)
        except Exception as error:
            run.never_began(error)
            raise
        finally:
            self._commands.done()


@contextmanager
def ending_on_signals(end: Callable[[], object]) -> Iterator[None]:
    """SIGTERM, SIGINT and SIGHUP (the terminal has gone) call `end`, so that a run ends in order and is recorded.

    `end` says False where there is nothing that it could end: then the command itself is interrupted, once, for a
    second signal must not break off the removal of the load. A SIGHUP that is ignored (nohup) stays so.
    """
    is_interrupted = False

    def on_signal(number: int, frame: FrameType | None) -> None:
        nonlocal is_interrupted
        if end() is False and not is_interrupted:
            is_interrupted = True
            raise KeyboardInterrupt

    heard = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        heard.append(signal.SIGHUP)
    before = {number: signal.signal(number, on_signal) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def nothing_to_end() -> bool:
    """Of a command that leads no run: a signal interrupts it, and what it has opened it closes."""
    return False
