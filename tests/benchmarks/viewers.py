"""A case that many watch at once: how late a change is on their screens, what it costs the bench, and a killed server.

    ./dev bench viewers [--viewers N] [--seconds S] [--publish S]

A real web process, and viewers as connections of one client process that take the events as `live.js` does and come
back as it does (after 1 to 1.5 s). Four looks:

    changes     a bench that says five changes a second; from when it has said one until a viewer has it
    case        the same, with the stream of a case, as its customer has it: a visit, masked screens, and every three
                seconds the question whether the visit lasts
    pulses      the simulated bench measuring in real time, at this `publish_period_s`; from a pulse on its line until a
                viewer has a screen that counts it, and CPU of its process with and without viewers
    killed      the web process is killed and started again; from then until all viewers have a whole screen again

Times are CLOCK_MONOTONIC, which all processes of a machine share.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from bench.control.client import ControlClient
from tests.benchmarks.process_figures import cpu_during, cpu_s
from tests.casework import stories
from tests.following import states
from tests.web import canned
from tests.web.fake_bench import FakeBench
from web.casework import cases, invitations
from web.casework.store import Casework
from web.wall_time import now

EVERY_S = 0.2
RETRY_S, SPREAD_S = 1.0, 0.5
"""As in web/static/live.js."""
_ALL_WITHIN_S, _ENDS_WITHIN_S = 120.0, 20.0
_EVENT = re.compile(rb"event: (snapshot|change)\ndata: ([^\n]*)\n\n")
_PULSES = re.compile(rb'"pulses": (\d+)')
_PLAN = """
title = "viewers: one long load point"
rule_set = "jjg596-2012"
load_points = ["Imax 1.0"]
minimum_time_s = {seconds}.0
longest_time_s = {longest}.0

[[meter]]
position = "1"
serial = "SIM-000001"
accuracy_class = "1"
meter_constant_imp_per_kWh = 1200.0
nominal_voltage_V = 220.0
basic_current_A = 10.0
maximum_current_A = 60.0
"""

# --- the client process


@dataclass
class Seen:
    """By the viewers. changes: (pulses shown, when); screens: when a viewer got a whole one; tries that failed."""

    changes: list[tuple[int, float]] = field(default_factory=list)
    screens: list[tuple[int, float]] = field(default_factory=list)


def watch(port: int, viewers: int, cookie: str, view: str, parent: Connection) -> None:
    """The client process: says when all viewers have a screen; when its parent says something, what was `Seen`."""
    seen, selector = Seen(), selectors.DefaultSelector()
    have_said = False
    buffers: dict[int, bytearray] = {}
    again: dict[int, float] = dict.fromkeys(range(viewers), 0.0)
    while not parent.poll():
        now = time.monotonic()
        for viewer in [v for v, at in again.items() if at <= now]:
            opened = _asked(port, cookie, view)
            if opened is None:
                again[viewer] = now + RETRY_S + random.random() * SPREAD_S
                continue
            del again[viewer]
            buffers[viewer] = bytearray()
            selector.register(opened, selectors.EVENT_READ, viewer)
        for key, _ in selector.select(0.05):
            viewer, connection = key.data, key.fileobj
            assert isinstance(connection, socket.socket)
            if not _read(connection, viewer, buffers[viewer], seen):
                selector.unregister(connection)
                connection.close()
                again[viewer] = time.monotonic() + RETRY_S + random.random() * SPREAD_S
        if not have_said and len({viewer for viewer, _ in seen.screens}) == viewers:
            have_said = True
            parent.send("all")
    for key in list(selector.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    parent.send(seen)


def _asked(port: int, cookie: str, view: str) -> socket.socket | None:
    """A connection that has asked for the public stream, or with a cookie for the visit's; None where nobody
    listens."""
    try:
        connection = socket.create_connection(("127.0.0.1", port), timeout=5.0)
    except OSError:
        return None
    asked = (
        f"GET /visit/stream HTTP/1.0\r\nCookie: visit={cookie}"
        if cookie
        else f"GET /stream?lang=zh&view={view} HTTP/1.0"
    )
    connection.sendall(f"{asked}\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return connection


def _read(connection: socket.socket, viewer: int, buffer: bytearray, seen: Seen) -> bool:
    """Take the events that have come whole. False: the stream has ended."""
    try:
        data = connection.recv(1 << 18)
    except OSError:
        return False
    now = time.monotonic()
    buffer += data
    end = 0
    for event in _EVENT.finditer(buffer):
        end = event.end()
        if event[1] == b"snapshot":
            seen.screens.append((viewer, now))
        if event[1] == b"change" and (pulses := _PULSES.search(event[2])):
            seen.changes.append((int(pulses[1]), now))
    del buffer[:end]
    return bool(data)


@contextmanager
def watching(port: int, viewers: int, cookie: str = "", view: str = "auto") -> Iterator[Connection]:
    """Viewers that all have a screen. Whoever sends something over the connection gets what was `Seen`.

    cookie: of a case's visit; empty: the public stream, of this view.
    Errors: RuntimeError where one does not get a screen.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    client = context.Process(target=watch, args=(port, viewers, cookie, view, theirs))
    client.start()
    try:
        if not ours.poll(_ALL_WITHIN_S):
            raise RuntimeError(f"{viewers} viewers have not all got a screen within {_ALL_WITHIN_S:g} s")
        ours.recv()
        yield ours
    finally:
        client.join(_ENDS_WITHIN_S)
        client.kill()


def seen_by(viewers: Connection) -> Seen:
    viewers.send("enough")
    seen = viewers.recv()
    assert isinstance(seen, Seen)
    return seen


# --- the servers


@contextmanager
def web(
    socket_path: Path, viewers: int, port: int = 0, casework: Path | None = None
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A web process, and its port."""
    options = ["--socket", str(socket_path), "--port", str(port), "--viewers", str(viewers)]
    options += [] if casework is None else ["--casework", str(casework)]
    with subprocess.Popen(
        [sys.executable, "-m", "web", *options], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip().rstrip("/")
        try:
            yield process, int(address.rpartition(":")[2])
        finally:
            process.terminate()


@dataclass(frozen=True, slots=True)
class Delays:
    """How late events were on the screens: half of them, 99 of 100, all; none: nothing was seen."""

    p50_s: float
    p99_s: float
    worst_s: float
    events: int

    @classmethod
    def of(cls, late_s: list[float]) -> Delays:
        p50, p99, worst = np.percentile(np.array(late_s), [50, 99, 100]) if late_s else [float("nan")] * 3
        return cls(float(p50), float(p99), float(worst), len(late_s))

    def __str__(self) -> str:
        p50, p99, worst = (f"{1000 * late_s:.0f} ms" for late_s in (self.p50_s, self.p99_s, self.worst_s))
        return f"p50 {p50}, p99 {p99}, at most {worst} ({self.events} events)"


@dataclass(frozen=True, slots=True)
class Changes:
    """missing: changes that a viewer had not seen. cpu: part of a core that the web took."""

    delays: Delays
    missing: int
    cpu: float

    def __str__(self) -> str:
        return f"{self.delays}; {self.missing} not seen; the web takes {100 * self.cpu:.0f} % of a core"


@dataclass(frozen=True, slots=True)
class Pulses:
    """cpu: part of a core that the measuring process took."""

    viewers: int
    delays: Delays
    cpu: float

    def __str__(self) -> str:
        said = f"{self.viewers} viewers: the measuring process takes {100 * self.cpu:.1f} % of a core"
        return f"{said}; {self.delays}" if self.delays.events else said


@dataclass(frozen=True, slots=True)
class Killed:
    """live: viewers with a whole screen again, the last after last_s; the new web answers after answers_s."""

    viewers: int
    live: int
    last_s: float
    answers_s: float

    def __str__(self) -> str:
        live = f"{self.live} of {self.viewers} live again, the last after {self.last_s:.1f} s"
        return f"{live}; the web answers after {self.answers_s:.1f} s"


# --- looks


def visited_case(path: Path, run_id: str) -> tuple[str, str]:
    """A case with this run under test, in a new file, and the cookie of its customer's visit."""
    casework = Casework(path, now)
    try:
        case = stories.received(casework, "SIM-000001")
        stories.tick_all(casework, case.id)
        cases.begin_test(casework, case.id, run_id, stories.VERIFIER)
        cookie, _ = invitations.accept(casework, invitations.invite(casework, case.id, stories.VERIFIER))
    finally:
        casework.close()
    return case.id, cookie


def changes(viewers: int, seconds: float, folder: Path, *, is_of_a_case: bool = False) -> Changes:
    """A bench whose every change counts one more pulse, with what comes with it while a meter is measured."""
    said_at: dict[int, float] = {}
    state = canned.measuring()
    casework, cookie = None, ""
    if is_of_a_case:
        casework = folder / "casework.sqlite"
        state["run"]["case"], cookie = visited_case(casework, str(state["run"]["id"]))
    with (
        FakeBench(folder / "changes.sock", state) as bench,
        web(bench.path, viewers, casework=casework) as (process, port),
    ):
        bench.wait_for_subscriber()
        with watching(port, viewers, cookie) as connection:
            _settle()
            before = cpu_s(process.pid)
            for number in range(1000, 1000 + round(seconds / EVERY_S)):
                said_at[number] = time.monotonic()
                bench.change(_pulse(bench.state, number))
                time.sleep(max(0.0, said_at[number] + EVERY_S - time.monotonic()))
            cpu = (cpu_s(process.pid) - before) / seconds
            seen = seen_by(connection)
    late = [at - said_at[number] for number, at in seen.changes if number in said_at]
    return Changes(Delays.of(late), viewers * len(said_at) - len(late), cpu)


def _pulse(state: Mapping[str, Any], number: int) -> dict[str, Any]:
    meter = state["positions"]["1"]
    t_s = f"{(number - 1000) * EVERY_S + 38:.1f}"
    U_pct = f"{6 / float(t_s):.4f}"
    running = meter["running"] | {"t_s": t_s, "pulses": number, "expanded_uncertainty_pct": U_pct}
    funnel = [*meter["funnel"], [t_s, "+0.3148", U_pct]]
    reference = {"power_W": f"{13_200 + number % 7}.1", "energy_Wh": f"{48_000 + number / 10:.2f}"}
    return {
        "positions": {"1": {"pulses": number, "running": running, "funnel": funnel}},
        "reference": reference,
    }


@contextmanager
def simulated_bench(folder: Path, seconds: float, publish_s: float) -> Iterator[tuple[int, Path]]:
    """Its process and its socket; it measures for so long."""
    code = (
        "import dataclasses, pathlib, sys\n"
        "from bench.app import open_bench\n"
        "from bench.commands.demo import demo_config\n"
        "from bench.service import Service, ending_on_signals\n"
        f"config = demo_config(pathlib.Path({str(folder)!r}), None, 1.0, 1)\n"
        f"often = dataclasses.replace(config.bench, publish_period_s={publish_s})\n"
        "config = dataclasses.replace(config, bench=often)\n"
        "with open_bench(config, print) as process, Service(process) as service, ending_on_signals(service.end):\n"
        "    print(config.socket_path, flush=True)\n"
        "    service.serve()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as bench:
        assert bench.stdout is not None
        socket_path = Path(bench.stdout.readline().strip())
        try:
            with ControlClient(socket_path, 60.0) as client:
                client.start(_PLAN.format(seconds=round(seconds), longest=round(seconds) + 60))
            yield bench.pid, socket_path
        finally:
            bench.send_signal(signal.SIGINT)


def pulses(viewers: int, seconds: float, folder: Path, publish_s: float) -> Pulses:
    """The simulated bench in real time under so many viewers."""
    with (
        simulated_bench(folder / f"bench-{viewers}", 4 * seconds, publish_s) as (pid, socket_path),
        web(socket_path, max(viewers, 1)) as (_, port),
        watching(port, viewers) as connection,
    ):
        pulsed_at: dict[int, list[float]] = {}
        follower = threading.Thread(target=follow_pulses, args=(socket_path, pulsed_at), daemon=True)
        follower.start()
        _settle(8.0)
        since = time.monotonic()
        cpu = cpu_during(seconds, {"bench": pid})["bench"]
        seen = seen_by(connection)
    late = [
        at - max(before)
        for n, at in seen.changes
        if at >= since and (before := last_before(pulsed_at, n, at))
    ]
    return Pulses(viewers, Delays.of(late), cpu)


def last_before(pulsed_at: Mapping[int, list[float]], number: int, at: float) -> list[float]:
    """When there was a pulse of this number until then; a window that begins anew counts from 0 again."""
    return [pulsed for pulsed in pulsed_at.get(number, []) if pulsed <= at]


def follow_pulses(socket_path: Path, pulsed_at: dict[int, list[float]], position: str = "1") -> None:
    """When each pulse was on the line of the position, as the bench itself says."""
    try:
        with ControlClient(socket_path, None) as client:
            for state in states(client):
                meter = state.get("positions", {}).get(position, {})
                if meter.get("last_pulse_ns") is not None:
                    pulsed_at.setdefault(int(meter["pulses"]), []).append(meter["last_pulse_ns"] / 1e9)
    except ConnectionError:
        return  # the bench has ended


def killed(viewers: int, folder: Path) -> Killed:
    """The web process dies under its viewers and is started again on the same port, as systemd does."""
    with FakeBench(folder / "killed.sock", canned.measuring()) as bench, ExitStack() as first:
        process, port = first.enter_context(web(bench.path, viewers))
        connection = first.enter_context(watching(port, viewers))
        _settle()
        process.kill()
        process.wait()
        died_at = time.monotonic()
        with web(bench.path, viewers, port):
            ready_s = time.monotonic() - died_at
            _settle(8.0)
            seen = seen_by(connection)
    again = {viewer: at - died_at for viewer, at in reversed(seen.screens) if at > died_at}
    return Killed(viewers, len(again), max(again.values(), default=float("nan")), ready_s)


def _settle(seconds: float = 5.0) -> None:
    time.sleep(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--publish", type=float, default=0.2, help="publish_period_s of the simulated bench")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"changes: {changes(wanted.viewers, wanted.seconds, folder)}", flush=True)
        print(f"case: {changes(wanted.viewers, wanted.seconds, folder, is_of_a_case=True)}", flush=True)
        for viewers in (0, wanted.viewers):
            print(f"pulses: {pulses(viewers, wanted.seconds, folder, wanted.publish)}", flush=True)
        print(f"killed: {killed(wanted.viewers, folder)}", flush=True)


if __name__ == "__main__":
    main()
