"""Inside the virtual machine: the simulated plant on real kernel lines and a real serial line.

The plant of `bench.sim` runs in real time in processes of its own. Its meters' pulses drive the pull of
gpio-sim lines, so the kernel sees edges and stamps them in its interrupt; its reference standard answers
Modbus RTU on a PTY. What measures them sees a GPIO chip and a serial port, nothing of the simulation.

Edges are driven by one process, with real-time priority, and registers served by another: the machine has
one emulated processor, and an edge that waits for a Modbus reply would be an error of the rig. Both compute
the same plant, which depends only on its seed and its instants.

    python -m tests.hil.rig FOLDER [--whole]    serve until SIGTERM; FOLDER/reference is the serial port; FOLDER/ready
                                                appears when everything runs

With --whole FOLDER/meter is the port of a DL/T 645 meter, and the reference shows what the relays of the bench let
through: the lines of its contactor and its relay are read back. The lines of the meters pulse all the same; the load is
then without any fluctuation, or the two plants would not be equal.

Signals from the test: SIGUSR1 makes a burst of pulses on the first line while FOLDER/victim (a process id)
is stopped, so that its queue overflows; FOLDER/burst then tells how many edges the kernel got meanwhile. SIGUSR1 to
the process in FOLDER/reference.pid or FOLDER/meter.pid pulls that port out, and puts it in again.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from bench.clock import SystemClock
from bench.sim.meter import MeterModel
from bench.sim.modbus_server import RegisterServer
from bench.sim.plant import Plant, PlantSetup
from bench.sim.pty_pair import PtyPair
from bench.sim.reference import ReferenceModel
from bench.sim.source import SourceModel
from calibration.load_points import LoadPoint
from calibration.quantities import FALLING, NS_PER_S, RISING
from firmware_io.dlt645 import DataId
from firmware_io.reference_profiles import load_profile

FOLDER = Path("/run/hil")
"""Where a script has its state and the rig its ports."""
LINES = (17, 27)
METER_ADDRESS = "202611260001"
TRUE_ERRORS_PCT = (0.42, -0.65)
METER_CONSTANT_IMP_PER_KWH = 1200.0
LOAD, VOLTAGE_ALONE = LoadPoint("Imax 1.0", 220.0, 60.0, 1.0), LoadPoint("Un", 220.0, 0.0, 1.0)
CONTACTOR, RELAY = 23, 24
"""Lines that the bench of show.toml drives."""
PROFILE = "demo-reference"
REFERENCE = ReferenceModel(energy_step_Wh=0.01, refresh_s=0.2, power_step_W=0.1)
BURST_PULSES = 1500
_TURN_NS, _LOOK_NS = 100_000_000, 50_000_000
_TAKEN_AHEAD_NS = 300_000_000
_CHIPS = Path("/sys/devices/platform/gpio-sim.0")


class SimulatedLine:
    """One line of the gpio-sim chip, driven through its pull. edges: how often its level has changed."""

    def __init__(self, number: int) -> None:
        (pull,) = _CHIPS.glob(f"gpiochip*/sim_gpio{number}/pull")
        self._fd = os.open(pull, os.O_WRONLY)
        self._kind = FALLING
        self.edges = 0
        os.write(self._fd, b"pull-down")

    def drive(self, kind: int) -> None:
        """Make an edge; a level that is there already is none."""
        if kind != self._kind:
            os.pwrite(self._fd, b"pull-up" if kind == RISING else b"pull-down", 0)
            self._kind = kind
            self.edges += 1

    def close(self) -> None:
        os.close(self._fd)


def make_plant(origin_ns: int, *, is_whole: bool) -> Plant:
    """The plant without a load. Equal origins (ns) give equal plants."""
    meters = tuple(MeterModel(METER_CONSTANT_IMP_PER_KWH, error_pct=error) for error in TRUE_ERRORS_PCT)
    source = SourceModel(steadiness_pct=0.0) if is_whole else SourceModel()
    return Plant(PlantSetup(meters, REFERENCE, source), seed=7, origin_ns=origin_ns)


def follow_relays(plant: Plant) -> None:
    """Apply to the plant what the bench's contactor and relay let through, for ever."""
    clock = SystemClock()
    (contactor, relay) = (next(_CHIPS.glob(f"gpiochip*/sim_gpio{line}/value")) for line in (CONTACTOR, RELAY))
    before: LoadPoint | None = None
    while True:
        wanted = None
        if contactor.read_text().strip() == "1":
            wanted = LOAD if relay.read_text().strip() == "1" else VOLTAGE_ALONE
        if wanted is not before:
            if wanted is None:
                plant.remove(clock.now_ns())
            else:
                plant.apply(wanted, clock.now_ns())
            before = wanted
        clock.wait_until(clock.now_ns() + _LOOK_NS)


Closing = Callable[[], object]


def serve_port(name: Path, plug_in: Callable[[str], Closing]) -> None:
    """A device on a serial line at `name` until SIGTERM; SIGUSR1 pulls it out and puts it in again.

    plug_in: opens the device at a port and gives what closes it. The name stays, as under /dev/serial/by-id; the port
    behind it is another one each time.
    """
    signals = {signal.SIGTERM, signal.SIGUSR1}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    name.with_name(f"{name.name}.pid").write_text(str(os.getpid()))
    while True:
        pair = PtyPair()
        close = plug_in(pair.paths[0])
        name.unlink(missing_ok=True)
        name.symlink_to(pair.paths[1])
        received = signal.sigwait(signals)
        name.unlink()
        close()
        pair.close()
        if received == signal.SIGTERM or signal.sigwait(signals) == signal.SIGTERM:
            return


def serve_reference(folder: Path, origin_ns: int, *, is_whole: bool) -> None:
    """The process of the reference standard: Modbus RTU."""
    plant = make_plant(origin_ns, is_whole=is_whole)
    if is_whole:
        threading.Thread(target=follow_relays, args=(plant,), daemon=True).start()
    else:
        plant.apply(LOAD, origin_ns)

    def plug_in(port: str) -> Closing:
        server = RegisterServer(plant, load_profile(PROFILE), SystemClock())
        server.serial(port)
        return server.close

    serve_port(folder / "reference", plug_in)


def serve_meter(folder: Path) -> None:
    """The process of the first meter's communication port: a meter of an independent library."""
    from dlt645 import MeterServerService

    def plug_in(port: str) -> Closing:
        server = MeterServerService.new_rtu_server(port, 8, 1, 9600, "N", 0.2)
        server.set_address(bytes.fromhex(METER_ADDRESS)[::-1])  # as on the wire
        server.set_00(int(DataId.ENERGY_FORWARD), 1206.42)
        server.set_04(int(DataId.ACTIVE_CONSTANT), f"{METER_CONSTANT_IMP_PER_KWH:06.0f}")
        server.start()
        return server.stop

    serve_port(folder / "meter", plug_in)


class EdgeDriver:
    """Drives the lines from the plant; `turn` is one step of its loop."""

    def __init__(self, folder: Path, origin_ns: int, *, is_whole: bool) -> None:
        self._folder = folder
        self._clock = SystemClock()
        self._plant = make_plant(origin_ns, is_whole=is_whole)
        self._plant.apply(LOAD, origin_ns)
        self._lines = [SimulatedLine(number) for number in LINES]
        self._due: deque[tuple[int, int, int]] = deque()
        self._first_muted_until_ns = 0
        self._burst_at_ns: int | None = None
        self.lateness_ns: list[int] = []
        self.wants_burst = False

    def skip(self) -> None:
        """Forget the edges of the time it took to start: driven at once they would be a burst."""
        for index in range(len(self._lines)):
            self._plant.take_edges(index, self._clock.now_ns())

    def turn(self) -> None:
        """Drive the edges of the next tenth of a second, each at its instant."""
        now_ns = self._clock.now_ns()
        self._take(now_ns + _TAKEN_AHEAD_NS)
        if self.wants_burst:
            self.wants_burst = False
            # Nothing may wait in the queue when the victim stops, or the count would not be exact.
            self._burst_at_ns = now_ns + NS_PER_S
            self._first_muted_until_ns = now_ns + 3 * NS_PER_S
            self._lines[0].drive(FALLING)
        if self._burst_at_ns is not None and now_ns >= self._burst_at_ns:
            self._burst_at_ns = None
            self._burst()
        until_ns = now_ns + _TURN_NS
        while self._due and self._due[0][0] <= until_ns:
            self._clock.wait_until(self._due[0][0])
            self._drive_next()
        self._clock.wait_until(until_ns)

    def _take(self, until_ns: int) -> None:
        """Take edges from the plant well before they are due: drawing it on takes 20 ms at times."""
        taken = list(self._due)
        for index in range(len(self._lines)):
            edges = self._plant.take_edges(index, until_ns)
            if edges is not None:
                pairs = zip(edges.timestamp_ns.tolist(), edges.kind.tolist(), strict=True)
                taken += [(at_ns, index, kind) for at_ns, kind in pairs]
        self._due = deque(sorted(taken))

    def _drive_next(self) -> None:
        at_ns, index, kind = self._due.popleft()
        if index == 0 and at_ns < self._first_muted_until_ns:
            return
        self._lines[index].drive(kind)
        self.lateness_ns.append(self._clock.now_ns() - at_ns)

    def _burst(self) -> None:
        """Overflow the queue of the first line of a process that cannot read; the other line goes on."""
        victim = int((self._folder / "victim").read_text())
        self._take(self._clock.now_ns() + 5 * NS_PER_S)
        before = self._lines[0].edges
        os.kill(victim, signal.SIGSTOP)
        for _ in range(BURST_PULSES):
            self._lines[0].drive(RISING)
            self._lines[0].drive(FALLING)
            while self._due[0][0] <= self._clock.now_ns():
                self._drive_next()
        os.kill(victim, signal.SIGCONT)
        told = self._folder / "burst.part"
        told.write_text(json.dumps({"edges": self._lines[0].edges - before}))
        told.rename(self._folder / "burst")

    def close(self) -> None:
        for line in self._lines:
            line.close()


def drive_edges(folder: Path, origin_ns: int, *, is_whole: bool) -> None:
    """The process of the pulse lines, until SIGTERM."""
    driver = EdgeDriver(folder, origin_ns, is_whole=is_whole)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGUSR1, lambda *_: setattr(driver, "wants_burst", True))
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    driver.skip()
    (folder / "ready").touch()
    while not stop.is_set():
        driver.turn()
    driver.close()
    late_ms = [ns / 1e6 for ns in sorted(driver.lateness_ns)]
    if late_ms:
        print(
            f"rig: {len(late_ms)} edges, late by {late_ms[len(late_ms) // 2]:.2f} ms (median), "
            f"{late_ms[-1]:.1f} ms (worst)",
            flush=True,
        )


def serve(folder: Path, *, is_whole: bool) -> None:
    """Until SIGTERM. folder: of the ports, made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    origin_ns = SystemClock().now_ns()
    new = multiprocessing.get_context("fork").Process
    servers = {
        "reference": new(target=serve_reference, args=(folder, origin_ns), kwargs={"is_whole": is_whole})
    }
    if is_whole:
        servers["meter"] = new(target=serve_meter, args=(folder,))
    for server in servers.values():
        server.start()
    try:
        for name, server in servers.items():
            while server.is_alive() and not (folder / name).exists():
                server.join(0.05)
        drive_edges(folder, origin_ns, is_whole=is_whole)
    finally:
        for server in servers.values():
            server.terminate()
            server.join()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), is_whole="--whole" in sys.argv)
