"""The two processes of a bench on one state folder, as they are installed: the measuring process and the web.

Everything on this bench is simulated, usually twenty times as fast as the clock; files, sockets and processes are real.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from bench.control.client import ControlClient
from bench.errors import OperatorError
from tests.benchmarks.positions import bench_text, plan_text

BENCH, WEB = "bench", "web"
_PLAN = """
title = "endurance"
load_points = {load_points}
minimum_time_s = {seconds}
longest_time_s = {longest_s}
"""
_WITHIN_S, _LOOK_S = 120.0, 0.05
"""A process answers within, in an emulated machine, too; and how often it is asked."""


def plan_of(positions: int, load_points: Sequence[str], seconds: float) -> str:
    """So many equal meters; seconds of the bench for each load point."""
    settings = _PLAN.format(
        load_points=json.dumps(list(load_points)), seconds=seconds, longest_s=seconds + 60.0
    )
    return plan_text(positions, settings)


PLAN = plan_of(2, ("Imax 1.0", "Ib 1.0", "Ib 0.5L"), 6.0)
"""Some five seconds of the clock at the usual speed, and six results."""


class Process(Protocol):
    """What is needed of a process that was begun."""

    pid: int

    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def wait(self) -> int: ...


class Appliance:
    """Both processes, and where to reach them. A context manager: none outlives it."""

    def __init__(
        self,
        folder: Path,
        socket_path: Path,
        positions: int = 2,
        speed: float = 20.0,
        viewers: int = 50,
        *,
        has_cases: bool = True,
    ) -> None:
        """folder: of the state, made where it is missing; socket_path: a short one; speed: of the simulated plant,
        against the clock; at 1 the reference is a server, and edges come through pipes; has_cases: the web has its
        casework, and then the public page shows no pulses."""
        self.state_dir = folder / "state"
        self.casework = folder / "casework.sqlite"
        self.socket_path = socket_path
        self._config = folder / "bench.toml"
        folder.mkdir(parents=True, exist_ok=True)
        self._config.write_text(self._config_text(positions, speed))
        self._viewers = viewers
        self._has_cases = has_cases
        self._log = folder / "processes.log"
        self._processes: dict[str, Process] = {}
        self.port = _free_port()
        """Of the web; the same after each start."""

    def __enter__(self) -> Appliance:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with ExitStack() as ends:
            for name in list(self._processes):
                ends.callback(self.kill, name)

    def _config_text(self, positions: int, speed: float) -> str:
        text = bench_text(self.state_dir, positions)
        is_real = speed == 1.0
        for before, after in (
            ("state_dir = ", f'socket = "{self.socket_path}"\nstate_dir = '),
            ("edge_period_s = 0.25", f"edge_period_s = {0.025 * speed}"),
            ("publish_period_s = 2.0", f"publish_period_s = {0.2 * speed}"),
            ("speed = 0\n", f"speed = {speed}\nservers = {str(is_real).lower()}\n"),
            *([('[clock]\ndriver = "simulated"', '[clock]\ndriver = "system"')] if is_real else []),
        ):
            assert before in text, before
            text = text.replace(before, after)
        return text

    def start(self, name: str) -> None:
        """Start a process; it answers when this returns. Errors: RuntimeError where it does not."""
        arguments = {
            BENCH: ["serve", "--config", str(self._config), "--lang", "en"],
            WEB: self._web_options(),
        }[name]
        answers = {BENCH: self._bench_answers, WEB: self._web_answers}[name]
        with self._log.open("a") as log:
            process = self._processes[name] = self._begin(name, arguments, log.fileno())
        end = time.monotonic() + _WITHIN_S
        while not answers():
            self.require_alive()
            if time.monotonic() > end:
                raise RuntimeError(f"{name} ({process.pid}) does not answer within {_WITHIN_S:g} s")
            time.sleep(_LOOK_S)

    def _begin(self, name: str, arguments: Sequence[str], log: int) -> Process:
        program = {BENCH: [_program("bench")], WEB: [sys.executable, "-m", "web"]}[name]
        return subprocess.Popen([*program, *arguments], stdout=log, stderr=log)

    def _web_options(self) -> list[str]:
        return [
            *("--socket", str(self.socket_path), "--port", str(self.port)),
            *("--viewers", str(self._viewers)),
            *(("--casework", str(self.casework)) if self._has_cases else ()),
        ]

    def _bench_answers(self) -> bool:
        try:
            with ControlClient(self.socket_path, _WITHIN_S) as client:
                return bool(client.snapshot())
        except OperatorError:
            return False

    def _web_answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=_WITHIN_S).close()
        except OSError:
            return False
        return True

    def kill(self, name: str) -> None:
        """SIGKILL, and gone. One that is gone already: nothing."""
        process = self._processes.pop(name, None)
        if process is not None:
            process.kill()
            process.wait()

    def state(self) -> dict[str, object]:
        """What a person at the bench sees: phase, load and lamp."""
        with ControlClient(self.socket_path, _WITHIN_S) as client:
            state = client.snapshot()
        return {key: state[key] for key in ("phase", "is_energised", "lamp")}

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def require_alive(self) -> None:
        """Errors: RuntimeError, with the last words, where a process has ended by itself."""
        for name, process in self._processes.items():
            if (status := process.poll()) is not None:
                raise RuntimeError(f"{name} ended by itself with {status}: {self._log.read_text()[-2000:]}")


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def results_of(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What a state of the bench says was measured: `position/point` to verdict and error."""
    return {
        f"{position}/{point}": {
            "verdict": result["verdict"],
            "percentage_error_pct": result["percentage_error_pct"],
            "expanded_uncertainty_pct": result["expanded_uncertainty_pct"],
        }
        for position, of_position in state["positions"].items()
        for point, result in of_position["results"].items()
    }
