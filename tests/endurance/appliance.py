"""The two processes of a bench on one state folder, as they are installed: the measuring process and the web.

Everything on this bench is simulated, and twenty times as fast as the clock; files, sockets and processes are real.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.control.client import ControlClient
from bench.errors import OperatorError

BENCH, WEB = "bench", "web"
_CONFIG = """
[bench]
id = "endurance"
state_dir = "{state_dir}"
socket = "{socket}"
edge_period_s = 0.5
publish_period_s = 4.0
evaluation_period_s = 5.0
minimum_free_MB = 1.0

[clock]
driver = "simulated"

[[position]]
name = "1"
driver = "sim"

[[position]]
name = "2"
driver = "sim"

[reference]
driver = "sim"
profile = "demo-reference"
timeout_s = 0.25

[reference.card]
model = "demo-reference"
serial = "SIM-1"
accuracy_class_pct = 0.05
energy_step_Wh = 0.01
refresh_s = 0.2
power_step_W = 0.1
calibration_U_pct = 0.02

[load_source]
driver = "sim"

[simulation]
speed = 20.0
"""
_METER = """
[[meter]]
position = "{position}"
serial = "SIM-00000{position}"
accuracy_class = "1"
meter_constant_imp_per_kWh = 1200.0
nominal_voltage_V = 220.0
basic_current_A = 10.0
maximum_current_A = 60.0
"""
PLAN = """
title = "endurance"
load_points = ["Imax 1.0", "Ib 1.0", "Ib 0.5L"]
minimum_time_s = 6.0
longest_time_s = 60.0
""" + "".join(_METER.format(position=position) for position in ("1", "2"))
"""Some five seconds of the clock, and six results."""
_WITHIN_S, _LOOK_S = 120.0, 0.05
"""A process answers within, in an emulated machine, too; and how often it is asked."""


class Appliance:
    """Both processes, and where to reach them. A context manager: none outlives it."""

    def __init__(self, folder: Path, socket_path: Path) -> None:
        """folder: of the state, made where it is missing; socket_path: a short one."""
        self.state_dir = folder / "state"
        self.casework = folder / "casework.sqlite"
        self.socket_path = socket_path
        self._config = folder / "bench.toml"
        folder.mkdir(parents=True, exist_ok=True)
        self._config.write_text(_CONFIG.format(state_dir=self.state_dir, socket=socket_path))
        self._log = folder / "processes.log"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
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

    def start(self, name: str) -> None:
        """Start a process; it answers when this returns. Errors: RuntimeError where it does not."""
        command = {
            BENCH: [_program("bench"), "serve", "--config", str(self._config), "--lang", "en"],
            WEB: [sys.executable, "-m", "web", *self._web_options()],
        }[name]
        answers = {BENCH: self._bench_answers, WEB: self._web_answers}[name]
        with self._log.open("a") as log:
            process = self._processes[name] = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + _WITHIN_S
        while not answers():
            self.require_alive()
            if time.monotonic() > end:
                raise RuntimeError(f"{name} ({process.pid}) does not answer within {_WITHIN_S:g} s")
            time.sleep(_LOOK_S)

    def _web_options(self) -> list[str]:
        return [
            *("--socket", str(self.socket_path), "--port", str(self.port), "--casework", str(self.casework))
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
