"""A measuring process that is killed at any instant: what leaves it is watched from outside.

A hundred times SIGKILL, in every phase of a run. The edges of the feed stop with the process, so the retriggerable
timer of the contactor drops; the next start takes the load off before anything else, shows idle, and feeds nothing
until somebody has pressed start.
"""

from __future__ import annotations

import os
import random
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.records.journal_reading import JournalReader

KILLS = 100
CHAINS = 4
"""State folders, side by side; in each one process follows the other."""
IDLE_TURNS = 10
"""Of the panel: so many without a press feed nothing."""
AIMS = ("waiting_for_start", "applying", "settling", "measuring", "removing")
"""Each lasts until the kill, however slow the machine is: nobody presses start, or the source hangs in its command, or
the load is never steady for long enough."""
_LONGEST_DELAY_S = 0.1


@dataclass(frozen=True)
class Event:
    at_ns: int
    what: str


class Victims:
    """The server that forks them. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.safety.victim"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )

    def ask(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self._lock:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            return self.process.stdout.readline()


@contextmanager
def victims() -> Iterator[Victims]:
    server = Victims()
    try:
        yield server
    finally:
        server.process.communicate()


class Watched:
    """One measuring process and its wire."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.connection = connection
        self.events: list[Event] = []
        self._rest = b""

    def read(self, within_s: float | None = None) -> bool:
        """More events; False where the process is gone. Waits for them, or so long."""
        ready, _, _ = select.select([self.connection], [], [], within_s)
        if not ready:
            return True
        if not (data := self.connection.recv(65_536)):
            return False
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            at_ns, what = line.decode().split(" ", 1)
            self.events.append(Event(int(at_ns), what))
        return True

    def until(self, what: str, after_ns: int = 0) -> Event:
        seen = 0
        while True:
            for event in self.events[seen:]:
                if event.what == what and event.at_ns > after_ns:
                    return event
            seen = len(self.events)
            assert self.read(), (
                f"it ended before {what}: {[e.what for e in self.events if e.what != 'turn'][-5:]}"
            )

    def kill(self) -> None:
        """Reads what it has still said. A second time: nothing."""
        if self.connection.fileno() < 0:
            return
        os.kill(self.pid, signal.SIGKILL)
        while self.read():
            pass
        self.connection.close()

    @property
    def told(self) -> list[str]:
        return [event.what for event in self.events]


def phase_of(told: list[str]) -> str:
    """In which phase of a run a process was, by what it has said."""
    phase = "idle"
    for what in told:
        if what in ("applying", "removing"):
            phase = what
        elif what == "removed":
            phase = "idle"
        elif what.startswith("phase "):
            phase = what.removeprefix("phase ")
    return phase


def require_fed_while_on(told: list[str]) -> None:
    """Every turn feeds from the load's command to its removal, and none before live voltage is lit."""
    assert "feed" not in told[: told.index("lamp live_voltage")]
    on = told[told.index("applying") :]
    if "removing" in on:
        on = on[: on.index("removing")]
    of_the_panel = [what for what in on if what in ("turn", "feed")]
    turns = of_the_panel[of_the_panel.index("turn") :]
    assert turns == ["turn", "feed"] * (len(turns) // 2) + ["turn"] * (len(turns) % 2)


class Chain:
    """Processes one after another on the same state folder. A context manager: none outlives it."""

    def __init__(self, server: Victims, folder: Path, rng: random.Random) -> None:
        self._server = server
        self._state = folder / "state"
        self._rng = rng
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / "wire"))
        self._listener.listen()
        self._path = folder / "wire"
        self._process: Watched | None = None
        self.killed_in: list[str] = []

    def __enter__(self) -> Chain:
        return self

    def __exit__(self, *unused: object) -> None:
        if self._process is not None:
            self._process.kill()
        self._listener.close()

    def start(self, steady_for_s: float = 0.1) -> Watched:
        """The next process, once the one before is gone: off before anything else, and idle; nothing is fed."""
        if self._process is not None:
            self._process.kill()
        pid = int(self._server.ask(f"{self._state} {self._path} {steady_for_s}"))
        self._process = process = Watched(pid, self._listener.accept()[0])
        process.until("lamp idle")
        assert process.told[:2] == ["removing", "removed"], "off before anything else"
        while process.told.count("turn") < IDLE_TURNS:
            assert process.read()
        assert set(process.told[2:]) == {"lamp idle", "turn"}, "nothing is fed or applied without a press"
        return process

    def kill_once(self, aim: str) -> None:
        process = self.start(steady_for_s=60.0 if aim == "settling" else 0.1)
        orders = {"waiting_for_start": b"run ", "applying": b"hang run start "}
        process.connection.sendall(orders.get(aim, b"run start "))
        if aim == "removing":
            process.until("phase measuring")
            process.connection.sendall(b"hang stop ")
            process.until("removing", after_ns=process.until("applied").at_ns)
        else:
            process.until(aim if aim == "applying" else f"phase {aim}")
        deadline_s = time.monotonic() + self._rng.uniform(0.0, _LONGEST_DELAY_S)
        while (left_s := deadline_s - time.monotonic()) > 0:
            assert process.read(left_s)
        process.kill()
        self.killed_in.append(phase_of(process.told))
        if aim == "waiting_for_start":
            assert not {"feed", "applying"} & set(process.told)
        elif aim != "applying":
            require_fed_while_on(process.told)


def test_a_process_that_is_killed_holds_no_contactor_and_the_next_one_begins_with_the_load_off(
    tmp_path: Path,
) -> None:
    aims = [AIMS[number % len(AIMS)] for number in range(KILLS)]
    random.Random(5).shuffle(aims)
    with victims() as server, ThreadPoolExecutor(CHAINS) as threads:
        futures = [
            threads.submit(
                one_chain, server, tmp_path / f"{number}", random.Random(number), aims[number::CHAINS]
            )
            for number in range(CHAINS)
        ]
        killed_in = Counter(phase for future in futures for phase in future.result())
    assert killed_in == dict.fromkeys(AIMS, KILLS // len(AIMS))
    for number in range(CHAINS):
        journal = JournalReader(tmp_path / f"{number}" / "state")
        runs = [[r.kind for r in journal.run(run_id)] for run_id in journal.run_ids()]
        journal.close()
        assert all(kinds[0] == "run_started" and kinds[-1] in ("interrupted", "run_ended") for kinds in runs)


@pytest.mark.parametrize("aim", ["applying", "phase settling", "phase measuring"])
def test_an_emergency_stop_is_removed_by_the_turn_that_reads_it_whatever_the_other_threads_do(
    tmp_path: Path, aim: str
) -> None:
    with victims() as server, Chain(server, tmp_path, random.Random(1)) as chain:
        process = chain.start()
        process.connection.sendall(b"run start ")
        process.until(aim)
        process.connection.sendall(b"emergency ")
        process.until("phase finished")
        process.kill()
        chain.start()
    read = process.told.index("turn STOP")
    of_the_load = [
        what for what in process.told[read + 1 :] if what in ("feed", "applying", "removing", "turn STOP")
    ]
    assert of_the_load[0] == "removing", "in the same turn, and past an apply that is under way"
    assert not {"feed", "applying"} & set(of_the_load)
    commands = [what for what in process.told if what in ("applied", "removed")]
    assert commands[-1] == "removed"
    assert [what for what in process.told if what.startswith("lamp")][-1] == "lamp invalid"


def one_chain(server: Victims, folder: Path, rng: random.Random, aims: list[str]) -> list[str]:
    folder.mkdir()
    with Chain(server, folder, rng) as chain:
        for aim in aims:
            chain.kill_once(aim)
        chain.start()
    return chain.killed_in
