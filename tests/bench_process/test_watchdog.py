"""The watchdog is fed while every loop turns, also without data; a loop that stands stops it, and is named in the log.

The loops are the real ones of a measuring process, each in its thread, on a clock that the test moves.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bench.app import compose
from bench.clock import SystemClock
from bench.commands import serve_cli
from bench.measurement.acquisition import device_fault
from bench.ports import ClockState, EdgeBatch, ReferenceSample, StampedValue
from bench.process import MeasuringProcess
from bench.safety.liveness import CONTROL, JOURNAL, RUNNER
from bench.sd_notify import ServiceManager, WatchdogLoop
from bench.service import Service
from calibration.quantities import NS_PER_S, EdgeTrain
from tests.bench_process.support import BENCH, bench_config

LIMIT_S = 60.0
STEP_NS = NS_PER_S // 4
WATCHDOG_NS = 10 * NS_PER_S


class MovedClock:
    """Everybody waits on it; the test moves it, and waits until all that turn have turned."""

    def __init__(self) -> None:
        self._now_ns = SystemClock().now_ns()
        self._moved = threading.Condition()
        self._until_ns: dict[int, int] = {}
        self._is_over = False

    def now_ns(self) -> int:
        with self._moved:
            return self._now_ns

    def state(self) -> ClockState:
        return replace(SystemClock().state(), monotonic_ns=self.now_ns())

    def wait_until(self, at_ns: int) -> None:
        with self._moved:
            self._until_ns[threading.get_ident()] = at_ns
            self._moved.notify_all()
            assert self._moved.wait_for(lambda: self._now_ns >= at_ns or self._is_over, LIMIT_S)

    def move(self, by_ns: int, threads: int) -> None:
        """On, and until so many threads have turned and wait for a later instant."""
        with self._moved:
            self._now_ns += by_ns
            self._moved.notify_all()
            assert self._moved.wait_for(lambda: self._waiting() >= threads, LIMIT_S)

    def _waiting(self) -> int:
        return sum(at_ns > self._now_ns for at_ns in self._until_ns.values())

    def end(self) -> None:
        with self._moved:
            self._is_over = True
            self._moved.notify_all()


class Gate:
    """What a device waits at while it is shut, as in a call of the kernel that does not come back."""

    def __init__(self) -> None:
        self._is_open = threading.Event()
        self._is_held = threading.Event()
        self._is_open.set()

    def shut(self) -> None:
        self._is_open.clear()

    def open(self) -> None:
        self._is_open.set()

    def wait_until_held(self) -> None:
        assert self._is_held.wait(LIMIT_S)

    def passed(self) -> None:
        if not self._is_open.is_set():
            self._is_held.set()
            assert self._is_open.wait(LIMIT_S)


class SilentLine:
    """No meter ever pulses."""

    is_metrological = True

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def read(self) -> EdgeBatch:
        self._gate.passed()
        return EdgeBatch(b"", EdgeTrain.empty())

    def close(self) -> None:
        """Nothing is open."""


class Reference:
    """Answers, or is unplugged: each poll comes back with a fault."""

    def __init__(self, gate: Gate, clock: MovedClock) -> None:
        self._gate, self._clock = gate, clock
        self.is_unplugged = False

    def poll(self) -> ReferenceSample:
        self._gate.passed()
        now_ns = self._clock.now_ns()
        if self.is_unplugged:
            return ReferenceSample((), None, None, fault=device_fault(now_ns, "unplugged"))
        return ReferenceSample((), StampedValue(1.0, now_ns, now_ns + 1), None)

    def close(self) -> None:
        """Nothing is open."""


class Pings(ServiceManager):
    """systemd, which counts."""

    def __init__(self) -> None:
        super().__init__(None)
        self.count = 0

    def ping(self) -> None:
        self.count += 1


class ControlTurns:
    """Of the control socket's thread."""

    def __init__(self, service: Service) -> None:
        self._of_service = service._server._turned
        self._turned = threading.Event()
        service._server._turned = self._count

    def _count(self) -> None:
        self._of_service()
        self._turned.set()

    def forget(self) -> None:
        self._turned.clear()

    def wait_for_one(self) -> None:
        assert self._turned.wait(LIMIT_S)


@dataclass
class Rig:
    process: MeasuringProcess
    service: Service
    control: ControlTurns
    clock: MovedClock
    gates: dict[str, Gate]
    reference: Reference
    systemd: Pings
    watchdog: WatchdogLoop
    stands: str | None = None

    def go(self, seconds: float) -> None:
        """The bench without a run, for so long; the loop that stands does not turn meanwhile."""
        threads = 2 if self.stands in (None, JOURNAL, RUNNER, CONTROL) else 1
        for _ in range(round(seconds * NS_PER_S / STEP_NS)):
            self.clock.move(STEP_NS, threads)
            if self.stands != JOURNAL:
                # The journal's thread begins a turn after each; the second answer comes after a turn that began now.
                self.process.recorder.next_run_id()
                self.process.recorder.next_run_id()
            if self.stands != RUNNER:
                self.process.wait_idle(0.0)
            self.control.forget()
            self.watchdog.turn(self.clock.now_ns())
            if self.stands != CONTROL:
                self.control.wait_for_one()

    def stop(self, loop: str) -> None:
        """From now on this loop hangs in what it does."""
        self.stands = loop
        if loop == RUNNER:
            return
        self.gates[loop].shut()
        if loop == CONTROL:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(self.process.config.socket_path))
                client.sendall(b'{"do":"confirm"}\n')
                self.gates[loop].wait_until_held()
            return
        if loop == JOURNAL:
            self.process.recorder.put_samples([ReferenceSample((), None, None)])
        else:
            self.clock.move(STEP_NS, 1)
        self.gates[loop].wait_until_held()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    clock = MovedClock()
    gates = {"edges": Gate(), "reference": Gate(), JOURNAL: Gate(), CONTROL: Gate()}
    reference = Reference(gates["reference"], clock)

    def encode(sample: ReferenceSample) -> bytes:
        """Written by the journal's thread, which waits here as at a disk that does not answer."""
        gates[JOURNAL].passed()
        return b"sample\n"

    composed = compose(bench_config(tmp_path), lambda line: None)
    equipment = replace(
        composed,
        clock=clock,
        disk_clock=clock,
        in_virtual_time=False,
        pulse_inputs={"1": SilentLine(gates["edges"])},
        reference=reference,
        encode_sample=encode,
    )
    with ExitStack() as ending:
        process = MeasuringProcess(bench_config(tmp_path), equipment)
        ending.callback(process.close)
        service = Service(process)
        service._commands.confirm = gates[CONTROL].passed  # type: ignore[method-assign]
        turns = ControlTurns(service)
        ending.callback(service.__exit__)
        ending.callback(clock.end)
        for gate in gates.values():
            ending.callback(gate.open)
        process.__enter__()
        service.__enter__()
        process.recorder.start_run("run-000001", ["1"], clock.state(), {})
        systemd = Pings()
        watchdog = WatchdogLoop(systemd, WATCHDOG_NS, service.silent)
        yield Rig(process, service, turns, clock, gates, reference, systemd, watchdog)


def test_it_is_fed_while_only_data_are_missing(rig: Rig) -> None:
    rig.go(20)
    rig.reference.is_unplugged = True
    rig.go(40)
    assert rig.systemd.count == 60 * NS_PER_S // STEP_NS, "every turn of the watchdog has fed it"


@pytest.mark.parametrize("loop", ["edges", "reference", RUNNER, JOURNAL, CONTROL])
def test_a_loop_that_stands_stops_the_feeding_and_is_named(
    rig: Rig, loop: str, caplog: pytest.LogCaptureFixture
) -> None:
    rig.go(5)
    rig.stop(loop)
    with caplog.at_level(logging.ERROR):
        rig.go(15)
        fed = rig.systemd.count
        rig.go(5)
    assert rig.systemd.count == fed, "nothing is fed any more"
    assert {record.getMessage() for record in caplog.records} == {f"no turn lately: {loop}"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_it_is_not_fed_once_the_thread_of_the_socket_has_died(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die() -> None:
        raise SystemExit

    server = rig.service._server
    monkeypatch.setattr(server, "_send_changes", die)
    server.ask_to_turn()
    server._thread.join(LIMIT_S)
    server._listener.close()
    rig.stands = CONTROL
    rig.go(15)
    fed = rig.systemd.count
    rig.go(5)
    assert rig.systemd.count == fed


@pytest.mark.parametrize("loop", ["reference", CONTROL])
def test_it_is_fed_again_when_the_loop_goes_on(rig: Rig, loop: str) -> None:
    rig.stop(loop)
    rig.go(20)
    fed = rig.systemd.count
    rig.gates[loop].open()
    rig.stands = None
    rig.go(2)
    assert rig.systemd.count > fed


class SeenError(Exception):
    """What the watchdog of a serving bench asks."""


def test_a_serving_bench_has_the_socket_watched_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def watched(manager: object, clock: object, silent: Callable[[], tuple[str, ...]], status: str) -> None:
        monkeypatch.setattr(Service, "silent", lambda service: ("asked",))
        raise SeenError(*silent.__self__.silent())  # type: ignore[attr-defined]

    config = tmp_path / "bench.toml"
    config.write_text(BENCH.format(state_dir=tmp_path / "state", simulation=""))
    monkeypatch.setattr(serve_cli, "Watched", watched)
    with pytest.raises(SeenError, match="asked"):
        serve_cli._serve(config, "en", lambda line: None)
