"""Inside the virtual machine: what an edge costs through `GpioLine`, beside gpiozero, on the same pulses.

Two processes read one line each; both lines are driven together. CPU time is the whole reader's, with its
threads, from before the first pulse to after the last; it is the emulated machine's, so compare the two and
take neither for a Raspberry Pi's.

    python -m tests.hil.edge_cost                     prints one JSON object
    python -m tests.hil.edge_cost gpiod|gpiozero FOLDER      (its readers)
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.clock import SystemClock
from bench.ports import PulseInput
from calibration.quantities import FALLING, RISING
from firmware_io.gpio_edges import GpioLine
from firmware_io.gpiozero_edges import GpiozeroLine
from tests.hil.guest import LIMIT_S, wait_for
from tests.hil.rig import SimulatedLine

LABELS = ("pinctrl-bcm2711",)
LINES = {"gpiod": 22, "gpiozero": 23}
PULSES = 2000
SPACING_NS = 1_600_000
"""600 pulses a second, as a divided output of a class 0.05 reference gives."""
DRAIN_S = 0.02


def read_line(driver: str, folder: Path) -> None:
    """Read until SIGTERM, drained every 20 ms as the program does; print edges and CPU time."""
    line: PulseInput
    if driver == "gpiod":
        line = GpioLine(LINES[driver], chip_labels=LABELS)
    else:
        line = GpiozeroLine(LINES[driver], chip_labels=LABELS)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    (folder / driver).touch()
    edges = len(line.read().edges)
    began_s = time.process_time()
    while not stop.wait(DRAIN_S):
        edges += len(line.read().edges)
    edges += len(line.read().edges)
    cpu_s = time.process_time() - began_s
    line.close()
    print(json.dumps({"edges": edges, "cpu_us_per_edge": 1e6 * cpu_s / max(edges, 1)}))


def drive() -> None:
    """The same pulses on both lines."""
    clock = SystemClock()
    lines = [SimulatedLine(number) for number in LINES.values()]
    at_ns = clock.now_ns()
    for _ in range(PULSES):
        for kind in (RISING, FALLING):
            for line in lines:
                line.drive(kind)
        at_ns += SPACING_NS
        clock.wait_until(at_ns)
    for line in lines:
        line.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        readers = {
            driver: subprocess.Popen(
                [sys.executable, "-m", "tests.hil.edge_cost", driver, name], stdout=subprocess.PIPE
            )
            for driver in LINES
        }
        for driver, reader in readers.items():
            wait_for(folder / driver, reader)
        drive()
        time.sleep(1.0)
        report: dict[str, object] = {"driven_edges": 2 * PULSES}
        for driver, reader in readers.items():
            reader.terminate()
            printed, _ = reader.communicate(timeout=LIMIT_S)
            report[driver] = json.loads(printed)
    print(json.dumps(report))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        read_line(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
