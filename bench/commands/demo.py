"""The demonstration: a simulated bench, its measuring process and the web process, with one command.

At speed 1 the plant stands behind a real Modbus TCP server and pipes in the kernel's edge format. Faster, it
is read in process, since a scaled clock would scale the latency of real servers, too.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from bench import logs
from bench.configuration.config import Config, parse_config
from bench.errors import OperatorError
from bench.plans.plan import CheckedPlan, parse_plan

_END_WITHIN_S = 10.0
_EDGES_S, _PUBLISH_S, _EVALUATE_S = 0.5, 10.0, 20.0
"""In fast virtual time nothing needs to happen more rarely than this (bench time)."""
_FASTEST = 25.0
_LONGEST_SOCKET_NAME = 100


def demo_config(state_dir: Path, meter_error_pct: float | None, speed: float, seed: int) -> Config:
    """The simulated bench; speed 0 is as fast as it goes."""
    config = parse_config(_text("demo-bench.toml"), "demo-bench.toml")
    position = config.position[0]
    if meter_error_pct is not None:
        position = dataclasses.replace(position, simulated_error_pct=meter_error_pct)
    with_servers = speed == 1.0
    slower = min(speed or _FASTEST, _FASTEST)
    usual = config.bench
    bench = dataclasses.replace(
        usual,
        state_dir=str(state_dir),
        socket=_short_socket(state_dir),
        edge_period_s=min(usual.edge_period_s * slower, _EDGES_S),
        publish_period_s=min(usual.publish_period_s * slower, _PUBLISH_S),
        evaluation_period_s=min(usual.evaluation_period_s * slower, _EVALUATE_S),
    )
    return dataclasses.replace(
        config,
        bench=bench,
        position=(position,),
        clock=dataclasses.replace(config.clock, driver="system" if with_servers else "simulated"),
        simulation=dataclasses.replace(config.simulation, seed=seed, speed=speed, servers=with_servers),
    )


def _short_socket(state_dir: Path) -> str:
    """Empty (the usual place) unless the path is longer than a Unix socket's name may be."""
    if len(os.fsencode(state_dir / "bench.sock")) <= _LONGEST_SOCKET_NAME:
        return ""
    return str(Path(tempfile.gettempdir()) / f"bench-demo-{os.getpid()}.sock")


def demo_plan(config: Config) -> CheckedPlan:
    return parse_plan(_text("demo-plan.toml"), [p.name for p in config.position], "demo-plan.toml")


def _text(name: str) -> str:
    return (resources.files("bench") / "sim" / name).read_text(encoding="utf-8")


@contextmanager
def web_process(
    socket_path: Path, host: str, port: int, tell: Callable[[str], None], casework: Path | None = None
) -> Iterator[None]:
    """The web process beside this one; `tell` gets the address of the page once it can be opened.

    casework: the file of its cases; None for the live page alone. Errors: OperatorError where it cannot start, such as
    a port that is in use.
    """
    command = [sys.executable, "-m", "web", "--socket", str(socket_path), "--host", host, "--port", str(port)]
    if casework is not None:
        command += ["--casework", str(casework)]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            _, complaint = process.communicate(timeout=_END_WITHIN_S)
            last = complaint.strip().splitlines()[-1:] or ["it ended without a word"]
            raise OperatorError(f"the web process did not start: {logs.said_in(last[0])}")
        tell(address)
        yield
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.communicate(timeout=_END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
