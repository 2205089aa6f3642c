"""Inside the virtual machine: `bench run` itself, two meters at once, against the rig.

    python -m tests.hil.whole_program [--overflow]

Prints one JSON object: what `bench run --json` printed and its exit status, that of `bench replay` of the
same run, and the true errors; with --overflow also how many edges the kernel got while the program was
stopped, and every reason in the journal.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware_io.edge_records import RECORD_BYTES
from tests.hil import rig
from tests.hil.guest import Forked, bench_program, running_rig, wait_for, wait_until
from tests.hil.rig import FOLDER

HERE = Path(__file__).parent
STATE = FOLDER / "state"
EDGES_BEFORE_BURST = 60


def edges_recorded() -> int:
    """Edge records of the window on disk so far."""
    return sum(path.stat().st_size for path in STATE.rglob("edges-1.bin")) // RECORD_BYTES


def overflow(bench: Forked, driver: Forked) -> int:
    """Stop the program in its window, make a burst it cannot read, let it go on; edges of the burst."""
    wait_until(lambda: edges_recorded() > EDGES_BEFORE_BURST, bench, "edges in the window")
    (FOLDER / "victim").write_text(str(bench.pid))
    os.kill(driver.pid, signal.SIGUSR1)
    told = FOLDER / "burst"
    wait_for(told, driver)
    return int(json.loads(told.read_text())["edges"])


def reasons_recorded() -> list[dict[str, object]]:
    """All findings of all results in the journal, with their figures."""
    journal = sqlite3.connect(STATE / "journal.sqlite")
    records = [json.loads(body) for (body,) in journal.execute("SELECT body FROM record ORDER BY number")]
    journal.close()
    found: list[dict[str, object]] = []

    def collect(node: object) -> None:
        if isinstance(node, dict):
            if "reason" in node and "values" in node:
                found.append({"reason": node["reason"], "values": node["values"]})
            for child in node.values():
                collect(child)
        elif isinstance(node, list):
            for child in node:
                collect(child)

    collect(records)
    return found


@contextmanager
def technician(ours: int) -> Iterator[None]:
    """Somebody who presses Enter at a terminal now and then: the load of this bench is set by hand."""
    end = threading.Event()

    def press_enter() -> None:
        while not end.wait(1.0):
            os.write(ours, b"\n")

    thread = threading.Thread(target=press_enter)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def main() -> None:
    wants_overflow = "--overflow" in sys.argv
    report: dict[str, object] = {"true_errors_pct": rig.TRUE_ERRORS_PCT}
    config = ("--config", str(HERE / "bench.toml"))
    options = (str(HERE / "plan.toml"), *config, "--json", "--lang", "en")
    ours, terminal = pty.openpty()
    printed, said = FOLDER / "printed.json", FOLDER / "said.txt"
    with running_rig(FOLDER) as driver:
        # Not to the machine's console: on a terminal the progress is drawn again and again, most of the machine's work.
        with printed.open("w") as out, said.open("w") as err:
            bench = bench_program(["run", *options], terminal, out.fileno(), err.fileno())
        with technician(ours):
            if wants_overflow:
                report["burst_edges"] = overflow(bench, driver)
            report["exit_status"] = bench.wait()
    sys.stderr.write(said.read_text())
    shown = json.loads(printed.read_text())
    report["bench"] = shown
    report["replay_exit_status"] = bench_program(["replay", shown["run"], *config], None, 2).wait()
    report["reasons"] = reasons_recorded() if wants_overflow else []
    print(json.dumps(report))


if __name__ == "__main__":
    main()
