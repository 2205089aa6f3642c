"""Inside the virtual machine: its scripts, one after the other, in one boot.

    python -m tests.hil.boot "SCRIPT [ARGUMENT ...]" ...        a script is a module, such as tests.hil.show

Each has a process of its own, forked from this one, which has imported the program for all of them. A script that ends
badly leaves the others alone. What one prints stands between two lines with its name.
"""

from __future__ import annotations

import runpy
import shlex
import shutil
import sys
from importlib import import_module

from tests.hil.guest import Forked
from tests.hil.rig import FOLDER

BEGINS, ENDS = "== begins:", "== ends:"
_FOR_ALL = (
    *("bench.app", "bench.commands.run_cli", "bench.commands.serve_cli", "bench.commands.records_cli"),
    *("bench.sim.modbus_server", "firmware_io.modbus_reference", "firmware_io.dlt645_port"),
    *("firmware_io.gpio_edges", "firmware_io.gpiozero_panel", "firmware_io.relay_bank"),
    *("gpiod", "gpiozero", "dlt645", "numpy.random"),
)
"""None of them starts a thread: a process that is forked would not have it."""


def carry_out(script: str) -> None:
    name, *arguments = shlex.split(script)
    sys.argv[:] = [name, *arguments]
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def main() -> None:
    for module in _FOR_ALL:
        import_module(module)
    for script in sys.argv[1:]:
        shutil.rmtree(FOLDER, ignore_errors=True)
        print(BEGINS, script, flush=True)
        status = Forked(lambda script=script: carry_out(script)).wait()  # type: ignore[misc]
        print(ENDS, script, status, flush=True)


if __name__ == "__main__":
    main()
