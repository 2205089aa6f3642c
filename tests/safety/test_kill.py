"""A measuring process that is killed at any instant: what leaves it is watched from outside.

A hundred times SIGKILL, in every phase of a run. The edges of the feed stop, so the retriggerable timer of the
contactor (modelled as a 74HC123 works: it holds for a time after each edge, whatever the level is) drops; the next
start takes the load off before anything else, shows idle, and feeds nothing until somebody has pressed start.
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
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.records.journal import JournalReader
from calibration.quantities import NS_PER_S

KILLS = 100
CHAINS = 4
"""State folders, side by side; in each one process follows the other."""
HOLDS_NS = NS_PER_S // 4
"""Of the timer: many turns of the panel (20 ms)."""
AIMS = ("waiting_for_start", "applying", "settling", "measuring", "removing")
_LONGEST_DELAY_S = {"waiting_for_start": 0.05, "applying": 0.04, "removing": 0.04}


@dataclass(frozen=True)
class Event:
    at_ns: int
    what: str


@dataclass
class Timer:
    """A retriggerable monostable: closed until HOLDS_NS after its last edge."""

    edges_ns: list[int] = field(default_factory=list)

    def is_closed(self, at_ns: int) -> bool:
        return any(0 <= at_ns - edge_ns < HOLDS_NS for edge_ns in self.edges_ns)


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
        """Reads what it has still said."""
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


class Chain:
    """Processes one after another on the same state folder; the timer is the same piece of hardware for all."""

    def __init__(self, server: Victims, folder: Path, rng: random.Random) -> None:
        self._server = server
        self._state = folder / "state"
        self._rng = rng
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / "wire"))
        self._listener.listen()
        self._path = folder / "wire"
        self.timer = Timer()
        self.killed_in: list[str] = []

    def start(self) -> Watched:
        """The next process: off before anything else, and idle; the contactor drops and stays so."""
        pid = int(self._server.ask(f"{self._state} {self._path}"))
        process = Watched(pid, self._listener.accept()[0])
        process.until("lamp idle")
        last_edge_ns = max(self.timer.edges_ns, default=0)
        looked = process.until("turn", after_ns=last_edge_ns + HOLDS_NS)
        assert process.told[:2] == ["removing", "removed"], "off before anything else"
        assert set(process.told[2:]) == {"lamp idle", "turn"}, "nothing is fed or applied without a press"
        assert not self.timer.is_closed(looked.at_ns)
        return process

    def kill_once(self, aim: str) -> None:
        process = self.start()
        process.connection.sendall(b"run ")
        if aim == "removing":
            process.until("phase measuring")
            process.connection.sendall(b"stop ")
            process.until("removing", after_ns=process.until("applied").at_ns)
        else:
            process.until(aim if aim == "applying" else f"phase {aim}")
        deadline_s = time.monotonic() + self._rng.uniform(0.0, _LONGEST_DELAY_S.get(aim, 0.4))
        while (left_s := deadline_s - time.monotonic()) > 0:
            assert process.read(left_s)
        process.kill()
        edges = [event.at_ns for event in process.events if event.what == "feed"]
        self.timer.edges_ns += edges
        self.killed_in.append(phase_of(process.told))
        if aim in ("settling", "measuring", "removing"):
            assert self.timer.is_closed(edges[-1]), "it was held while the load was on"
            assert edges[0] > process.until("lamp live_voltage").at_ns

    def close(self) -> None:
        self.start().kill()
        self._listener.close()


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
    assert killed_in.total() == KILLS
    assert all(killed_in[aim] >= KILLS // 20 for aim in AIMS), killed_in
    for number in range(CHAINS):
        journal = JournalReader(tmp_path / f"{number}" / "state")
        runs = [[r.kind for r in journal.run(run_id)] for run_id in journal.run_ids()]
        journal.close()
        assert all(kinds[0] == "run_started" and kinds[-1] in ("interrupted", "run_ended") for kinds in runs)


@pytest.mark.parametrize("aim", ["applying", "phase settling", "phase measuring"])
def test_an_emergency_stop_is_removed_by_the_turn_that_reads_it_whatever_the_other_threads_do(
    tmp_path: Path, aim: str
) -> None:
    with victims() as server:
        chain = Chain(server, tmp_path, random.Random(1))
        process = chain.start()
        process.connection.sendall(b"run ")
        process.until(aim)
        process.connection.sendall(b"emergency ")
        process.until("phase finished")
        process.kill()
        chain.close()
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
    chain = Chain(server, folder, rng)
    try:
        for aim in aims:
            chain.kill_once(aim)
    finally:
        chain.close()
    return chain.killed_in
