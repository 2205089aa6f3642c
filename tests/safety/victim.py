"""Measuring processes to be killed: a server that forks them when it is told to, and what each does.

    python -m tests.safety.victim

Everything is imported and hashed once. A line `STATE_DIR WIRE STEADY_FOR_S` on stdin forks a process, whose id is
printed; its loads must be steady for so long. It connects to the Unix socket WIRE and writes there, line by line, what
leaves it for the wires of the bench: every edge of the feed, every lamp, every turn of the panel, every command of the
load before and after the source has carried it out; each with its CLOCK_MONOTONIC. So what has happened is seen from
outside, also of a process that is no more. Its orders come from there, too:

    run        begin a run
    start      press the start button, over and over
    stop       end the run
    hang       from now on the source does not come to an end with a command
    emergency  press the emergency stop
"""

from __future__ import annotations

import dataclasses
import importlib
import os
import socket
import sys
import threading
import time

from bench.app import compose
from bench.ports import Clock, Lamp, LoadSource, Panel, PanelInputs
from bench.process import MeasuringProcess
from bench.records.software import software_identity
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S
from tests.bench_process.support import BENCH, PLAN, parse_config, plan_of

_TAKES_NS = NS_PER_S // 20
"""What a source takes for a command."""
_HANGS_NS = 3600 * NS_PER_S


class Wire:
    """To whoever watches from outside."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._lock = threading.Lock()

    def tell(self, event: str) -> None:
        with self._lock:
            self._socket.sendall(f"{time.monotonic_ns()} {event}\n".encode())

    def orders(self) -> list[str]:
        """The next orders; waits for them. Empty: nobody watches any more."""
        return self._socket.recv(100).decode().split()


class WiredPanel:
    """In front of the simulated one."""

    has_start_button = True

    def __init__(self, inner: Panel, wire: Wire) -> None:
        self._inner, self._wire = inner, wire
        self._reads = 0
        self.is_stop_pressed = self.is_start_wanted = False

    def read(self) -> PanelInputs:
        is_stop_pressed = self.is_stop_pressed
        self._wire.tell("turn STOP" if is_stop_pressed else "turn")
        self._reads += 1
        start_pressed = self.is_start_wanted and self._reads % 8 >= 4
        return PanelInputs(emergency_stop_pressed=is_stop_pressed, start_pressed=start_pressed)

    def feed(self) -> None:
        self._wire.tell("feed")

    def show(self, lamp: Lamp, sounds: bool) -> None:
        self._wire.tell(f"lamp {lamp}")

    def close(self) -> None:
        self._inner.close()


class WiredSource:
    def __init__(self, inner: LoadSource, wire: Wire, clock: Clock) -> None:
        self._inner, self._wire, self._clock = inner, wire, clock
        self.takes_ns = _TAKES_NS

    def apply(self, load_point: LoadPoint) -> None:
        self._wire.tell("applying")
        self._clock.wait_until(self._clock.now_ns() + self.takes_ns)
        self._inner.apply(load_point)
        self._wire.tell("applied")

    def remove(self) -> None:
        self._wire.tell("removing")
        self._clock.wait_until(self._clock.now_ns() + self.takes_ns)
        self._inner.remove()
        self._wire.tell("removed")

    def close(self) -> None:
        self._inner.close()


def _text(state_dir: str, steady_for_s: float) -> str:
    """A reference that is slow on a busy machine is not what is looked at, and would keep a process from starting."""
    text = BENCH.format(state_dir=state_dir, simulation="servers = true") + '\n[panel]\ndriver = "sim"\n'
    return (
        text.replace('driver = "simulated"', 'driver = "system"')
        .replace("speed = 0", "speed = 1")
        .replace("edge_period_s = 0.25\npublish_period_s = 2.0", "publish_period_s = 0.05")
        .replace("\ntimeout_s = 0.25", "\ntimeout_s = 30.0")
        .replace("settle_timeout_s = 10.0", f"steady_for_s = {steady_for_s}\nsettle_timeout_s = 600.0")
    )


def live(state_dir: str, wire: Wire, steady_for_s: float) -> None:
    config = parse_config(_text(state_dir, steady_for_s), "bench.toml")
    equipment = compose(config, wire.tell)
    assert equipment.panel is not None
    panel = WiredPanel(equipment.panel, wire)
    source = WiredSource(equipment.load_source, wire, equipment.clock)
    wired = dataclasses.replace(equipment, load_source=source, panel=panel)
    is_wanted = threading.Event()
    with MeasuringProcess(config, wired) as process:

        def obey() -> None:
            while orders := wire.orders():
                for order in orders:
                    match order:
                        case "run":
                            is_wanted.set()
                        case "start":
                            panel.is_start_wanted = True
                        case "hang":
                            source.takes_ns = _HANGS_NS
                        case "stop":
                            process.stop_run()
                        case "emergency":
                            panel.is_stop_pressed = True

        def tell_phase(sequence: int, patch: dict[str, object], state: dict[str, object]) -> None:
            if "phase" in patch:
                wire.tell(f"phase {state['phase']}")

        threading.Thread(target=obey, daemon=True).start()
        process.live.listen(tell_phase)
        while True:
            while not is_wanted.is_set():
                process.wait_idle(0.02)
            is_wanted.clear()
            process.run(plan_of(PLAN))


def serve() -> None:
    # What `compose` would else import in every process anew.
    for module in (
        "bench.sim.modbus_server",
        "bench.sim.panel",
        "bench.sim.station",
        "firmware_io.recording",
    ):
        importlib.import_module(module)
    software_identity()
    for line in sys.stdin:
        while _has_reaped():
            pass
        state_dir, path, steady_for_s = line.split()
        if (child := os.fork()) == 0:
            try:
                live(state_dir, Wire(path), float(steady_for_s))
            except BrokenPipeError:
                os._exit(0)
        print(child, flush=True)


def _has_reaped() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


if __name__ == "__main__":
    serve()
