"""A flood of the pages and of the socket changes no result: real processes, the same seed, with a flood and without."""

from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from pathlib import Path
from subprocess import PIPE
from typing import Any

from bench.records.journal_reading import JournalReader
from tests.bench_process.support import BENCH
from tests.bench_process.test_command import REPOSITORY
from tests.web.test_serve import start as web_started

LINES = (
    b"\n", b"[" * 5000 + b"\n", b"\xff" * 4096 + b"\n", b'{"do":"health"}\n', b'{"do":"records","since":0}\n',
    b'{"do":"stop","session":"of nobody"}\n' * 20, b'{"do":"start","plan":"x","session":"of nobody"}\n',
    b'{"do":"sign_in","by":"P1","password":"x"}\n',
)  # fmt: skip
"""The flood is of the bench's own user here: what it must not command comes as somebody's who is not signed in."""
PAGES = ("", "stream", "health", "position/1", "position/%00", "?lang=en&lang=zh", "nowhere", "x" * 3000)
OF_THE_RUN = {"load_steady", "window", "verdict"}
BETWEEN_S = 0.002
"""Some hundreds a second of each kind: the machine is to be flooded, not the other tests on it."""
KINDS, AT_ONCE = ("lines", "viewers", "pages"), 20
"""So much of each kind has come before the run begins."""


class Flood:
    """Threads that ask without end, until they are told to stop. sent: how much of each kind."""

    def __init__(self, path: Path, address: str) -> None:
        self._path, self._address = path, address
        self._ends = threading.Event()
        self.sent: Counter[str] = Counter()
        self._flows = {kind: threading.Event() for kind in KINDS}
        ways = [self._socket, self._silent, self._pages]
        self._threads = [threading.Thread(target=way, args=(seed,)) for seed, way in enumerate(ways)]

    def __enter__(self) -> Flood:
        for thread in self._threads:
            thread.start()
        for flows in self._flows.values():
            assert flows.wait(60), self.sent
        return self

    def __exit__(self, *exc: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _count(self, kind: str) -> None:
        self.sent[kind] += 1
        if self.sent[kind] >= AT_ONCE:
            self._flows[kind].set()
        self._ends.wait(BETWEEN_S)

    def _socket(self, seed: int) -> None:
        """Lines that are none, and commands that are refused; the answers are not always waited for."""
        chance = random.Random(seed)
        while not self._ends.is_set():
            with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
                client.settimeout(5)
                client.connect(str(self._path))
                for _ in range(20):
                    client.sendall(chance.choice(LINES))
                    self._count("lines")
                if chance.random() < 0.5:
                    client.recv(1 << 16)

    def _silent(self, seed: int) -> None:
        """Viewers that never read."""
        while not self._ends.is_set():
            with ExitStack() as several, suppress(OSError):
                for _ in range(10):
                    client = several.enter_context(socket.socket(socket.AF_UNIX))
                    client.connect(str(self._path))
                    client.sendall(b'{"do":"subscribe"}\n' * 3)
                    self._count("viewers")
                self._ends.wait(0.2)

    def _pages(self, seed: int) -> None:
        chance = random.Random(seed)
        while not self._ends.is_set():
            with (
                suppress(OSError, ValueError),
                urllib.request.urlopen(self._address + chance.choice(PAGES), timeout=5) as page,
            ):
                page.read(200)
            self._count("pages")


def carried_out(folder: Path, flood: Callable[[Path, str], AbstractContextManager[object]]) -> str:
    """Both processes, and one run in virtual time with the flood around it; its id."""
    folder.mkdir()
    (folder / "bench.toml").write_text(BENCH.format(state_dir=folder / "state", simulation=""))
    command = [sys.executable, "-m", "tests.bench_process.one_run", str(folder / "bench.toml")]
    path = folder / "state" / "bench.sock"
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=PIPE, stdout=PIPE, text=True) as bench:
        assert bench.stdin is not None
        assert bench.stdout is not None
        try:
            assert bench.stdout.readline() == "ready\n"
            with web_started("--socket", str(path), "--port", "0") as web:
                assert web.stdout is not None
                try:
                    with flood(path, web.stdout.readline().strip()):
                        bench.stdin.write("go\n")
                        bench.stdin.flush()
                        return bench.stdout.readline().strip()
                finally:
                    web.terminate()
        finally:
            bench.stdin.close()


def results(state_dir: Path, run: str) -> list[dict[str, Any]]:
    """What was measured and judged, with the hashes of the raw files that it comes from."""
    journal = JournalReader(state_dir)
    try:
        fields = [record.fields() for record in journal.run(run)]
    finally:
        journal.close()
    return [json.loads(json.dumps(f)) for f in fields if f["kind"] in OF_THE_RUN]


def test_a_flood_of_socket_and_pages_changes_no_result(tmp_path: Path) -> None:
    floods: list[Flood] = []

    def flood(path: Path, address: str) -> Flood:
        floods.append(Flood(path, address))
        return floods[0]

    found = {}
    for name, around in (("quiet", lambda path, address: nullcontext()), ("flooded", flood)):
        run = carried_out(tmp_path / name, around)
        found[name] = results(tmp_path / name / "state", run)
    assert [record["kind"] for record in found["quiet"]].count("window") >= 1
    assert found["flooded"] == found["quiet"]
