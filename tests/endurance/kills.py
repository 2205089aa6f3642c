"""SIGKILL at random instants, of the measuring process and of the web, while runs are measured and customers write.

    ./dev endure kills [--kills N] [--seed N]

N of each process, in turn. After each: what was acknowledged is there, the run that was cut short is marked, every run
recomputes to the same digits from its raw files, the web's histories hold, the bench is idle with its load off, and a
web that died has not touched the run. Half of the runs that were cut short are gone on with. Ends with 1 if any of it
was not so.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.endurance.acknowledged import AtWork, Said
from tests.endurance.appliance import BENCH, WEB, Appliance
from tests.endurance.judging import broken_by_bench, broken_by_web, interrupted_runs, is_idle_and_off

KILLS_OF_A_FOLDER = 10
"""Then a new one: every run of a folder is recomputed after every kill."""
_LONGEST_S = 8.0
"""Of work before a kill; a run takes some five seconds."""


@dataclass
class Tally:
    """What was killed, acknowledged, interrupted, gone on with, and found broken."""

    killed: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    interrupted: int = 0
    resumed: int = 0
    broken: dict[str, None] = field(default_factory=dict)
    """Each once, though every judgement finds it again."""

    def found(self, broken: Iterable[str]) -> None:
        self.broken.update(dict.fromkeys(broken))

    def lines(self) -> list[str]:
        acknowledged = ", ".join(f"{count} {what}" for what, count in sorted(self.told.items()))
        return [
            f"killed: {self.killed[BENCH]} measuring processes, {self.killed[WEB]} web processes",
            f"acknowledged: {acknowledged}",
            f"runs marked interrupted: {self.interrupted}; of them gone on with: {self.resumed}",
            f"broken: {len(self.broken)}",
            *self.broken,
        ]


def endure(kills: int, seed: int, tell: Callable[[str], None]) -> Tally:
    """kills: of each process."""
    rng, tally = random.Random(seed), Tally()
    victims = [BENCH, WEB] * kills
    for first in range(0, len(victims), KILLS_OF_A_FOLDER):
        with tempfile.TemporaryDirectory(prefix="kills") as name:
            _one_folder(Path(name), victims[first : first + KILLS_OF_A_FOLDER], rng, tally)
        tell(f"{min(first + KILLS_OF_A_FOLDER, len(victims))} of {len(victims)}: {len(tally.broken)} broken")
    return tally


def _one_folder(folder: Path, victims: list[str], rng: random.Random, tally: Tally) -> None:
    told: list[Said] = []
    go_on_with = ""
    with Appliance(folder / "bench", folder / "s") as appliance:
        appliance.start(BENCH)
        appliance.start(WEB)
        for victim in victims:
            with AtWork(appliance, told.append, go_on_with):
                time.sleep(rng.uniform(0.0, _LONGEST_S))
                before = appliance.state()
                appliance.kill(victim)
            appliance.start(victim)
            tally.killed[victim] += 1
            after = appliance.state()
            if victim == WEB:
                go_on_with = ""
                tally.found(broken_by_web(appliance.casework, told))
                if after["phase"] == "interrupted":
                    tally.found([f"the web was killed, and {before} became {after}"])
            else:
                tally.found(broken_by_bench(appliance.state_dir, told))
                if not is_idle_and_off(after):
                    tally.found([f"after a kill the bench is not idle and off, but {after}"])
                cut_short = interrupted_runs(appliance.state_dir)
                go_on_with = cut_short[-1] if cut_short and rng.random() < 0.5 else ""
        tally.interrupted += len(interrupted_runs(appliance.state_dir))
    tally.told.update(said["what"] for said in told)
    tally.resumed += sum(1 for said in told if said.get("resumed"))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    tally = endure(wanted.kills, wanted.seed, lambda line: print(line, file=sys.stderr, flush=True))
    print("\n".join(tally.lines()))
    sys.exit(1 if tally.broken else 0)


if __name__ == "__main__":
    main()
