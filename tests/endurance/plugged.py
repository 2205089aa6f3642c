"""Inside the virtual machine, from one pulled plug to the next: first judge what the last one has left, then work.

    python -m tests.endurance.plugged FOLDER TOLD

FOLDER is on the disk; TOLD, on the host, has what was acknowledged on this disk before, a JSON object a line. Prints
`{"judged": ...}`, and then, until the plug is pulled, each thing that is acknowledged.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.commands import cli
from tests.endurance.acknowledged import AtWork, Said
from tests.endurance.appliance import BENCH, WEB, Appliance, Process
from tests.endurance.judging import broken_by_bench, broken_by_web, interrupted_runs, is_idle_and_off
from tests.hil.guest import Forked
from web.__main__ import main as web_main

SOCKET = Path("/run/endurance.sock")
_PROGRAMS: dict[str, Callable[[], object]] = {BENCH: cli.main, WEB: web_main}


class ForkedAppliance(Appliance):
    """Its processes are forked from this one, which has imported both programs: emulated, that takes long each time."""

    def _begin(self, name: str, arguments: Sequence[str], log: int) -> Process:
        def run() -> None:
            sys.argv[:] = [name, *arguments]
            _PROGRAMS[name]()

        return Forked(run, None, log, log)


def tell(said: Said) -> None:
    print(json.dumps(said), flush=True)


def main() -> None:
    folder, told_by = Path(sys.argv[1]), Path(sys.argv[2])
    told = [json.loads(line) for line in told_by.read_text().splitlines()]
    with ForkedAppliance(folder, SOCKET) as appliance:
        appliance.start(BENCH)
        appliance.start(WEB)
        broken = [*broken_by_bench(appliance.state_dir, told), *broken_by_web(appliance.casework, told)]
        if not is_idle_and_off(appliance.state()):
            broken.append(f"the bench is not idle and off, but {appliance.state()}")
        cut_short = interrupted_runs(appliance.state_dir)
        tell({"judged": len(told), "broken": broken, "interrupted": cut_short})
        with AtWork(appliance, tell, cut_short[-1] if cut_short else ""):
            threading.Event().wait()


if __name__ == "__main__":
    main()
