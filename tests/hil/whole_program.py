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
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware_io.edge_records import RECORD_BYTES
from tests.hil import rig
from tests.hil.guest import running_rig, wait_for, wait_until

HERE = Path(__file__).parent
FOLDER = Path("/run/hil")
STATE = FOLDER / "state"
EDGES_BEFORE_BURST = 60


def edges_recorded() -> int:
    """Edge records of the window on disk so far."""
    return sum(path.stat().st_size for path in STATE.rglob("edges-1.bin")) // RECORD_BYTES


def overflow(bench: subprocess.Popen[str], driver: subprocess.Popen[bytes]) -> int:
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
def technician() -> Iterator[int]:
    """A terminal, and somebody who presses Enter there now and then: the load of this bench is set by hand."""
    ours, terminal = pty.openpty()
    end = threading.Event()

    def press_enter() -> None:
        while not end.wait(1.0):
            os.write(ours, b"\n")

    thread = threading.Thread(target=press_enter)
    thread.start()
    try:
        yield terminal
    finally:
        end.set()
        thread.join()
        os.close(terminal)
        os.close(ours)


def main() -> None:
    wants_overflow = "--overflow" in sys.argv
    report: dict[str, object] = {"true_errors_pct": rig.TRUE_ERRORS_PCT}
    program = str(Path(sys.executable).with_name("bench"))
    config = ["--config", str(HERE / "bench.toml")]
    command = [program, "run", str(HERE / "plan.toml"), *config, "--json", "--lang", "en"]
    with running_rig(FOLDER) as driver, technician() as terminal:
        with subprocess.Popen(command, stdin=terminal, stdout=subprocess.PIPE, text=True) as bench:
            if wants_overflow:
                report["burst_edges"] = overflow(bench, driver)
            printed, _ = bench.communicate()
        report["exit_status"] = bench.returncode
    shown = json.loads(printed)
    report["bench"] = shown
    replay = subprocess.run([program, "replay", shown["run"], *config], check=False)
    report["replay_exit_status"] = replay.returncode
    report["reasons"] = reasons_recorded() if wants_overflow else []
    print(json.dumps(report))


if __name__ == "__main__":
    main()
