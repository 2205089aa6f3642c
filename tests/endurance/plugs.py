"""The plug pulled at random instants, in the virtual machine, while runs are measured and customers write.

    ./dev endure plugs [--pulls N] [--seed N]

The machine is killed as a pulled plug does: what it had not synced is lost, what it had synced is on its disk. It boots
again from that disk, and what was acknowledged before must be there, as after a kill (`kills.py`), the file systems and
databases must have mended themselves, and the bench must be idle with its load off. Ends with 1 if it was not so.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.process_figures import cpu_s
from tests.endurance.acknowledged import Said

RUN = Path(__file__).parents[1] / "hil" / "run"
PULLS_OF_A_DISK = 5
"""Then a new one: every run of a disk is recomputed after every pull."""
_DISK_MB = 256
_LONGEST_S = 60.0
"""Of work before a pull, from the first acknowledgement on, of the machine's processor: in a second of the clock a host
that is busy elsewhere lets it do little."""
_LOOK_S = 0.1
_BOOT_LIMIT_S = 7200
_MACHINES = 2


@dataclass
class Pulled:
    """Of one disk."""

    pulls: int = 0
    told: list[Said] = field(default_factory=list)
    interrupted: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)


def pull(pulls: int, seed: int, folder: Path, tell: Callable[[str], None]) -> Pulled:
    """Pull the plug so often on one new disk, and judge after each. Errors: RuntimeError where a machine does not get
    to work at all."""
    rng, pulled, disk = random.Random(seed), Pulled(), folder / "disk"
    with disk.open("wb") as file:
        file.truncate(_DISK_MB << 20)
    subprocess.run(["/sbin/mkfs.ext4", "-q", disk], check=True)
    for number in range(pulls + 1):
        told = folder / "told"
        told.write_text("".join(json.dumps(said) + "\n" for said in pulled.told))
        for said in _machine(disk, told, rng, is_last=number == pulls):
            if "judged" in said:
                pulled.broken += said["broken"]
                pulled.interrupted.update(said["interrupted"])
            else:
                pulled.told.append(said)
        pulled.pulls += number < pulls
        tell(
            f"disk {folder.name}, machine {number + 1}: {len(pulled.told)} acknowledged, {len(pulled.broken)} broken"
        )
    return pulled


def _machine(disk: Path, told: Path, rng: random.Random, *, is_last: bool) -> Iterator[Said]:
    """What one machine says from its boot to its pulled plug; the last one is pulled when it has judged."""
    command = [sys.executable, "-m", "tests.endurance.plugged", "/run/disk/bench", str(told)]
    machine = subprocess.Popen(
        [RUN, "--no-jumps", "--disk", disk, "--timeout", str(_BOOT_LIMIT_S), "--", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=RUN.parents[2],
    )
    assert machine.stdout is not None
    words: list[str] = []
    has_judged = False
    pull_at = None
    with ThreadPoolExecutor(1) as timer:
        for line in machine.stdout:
            words.append(line)
            if not (line.startswith("{") and line.endswith("}\n")):
                continue
            said = json.loads(line)
            yield said
            has_judged = has_judged or "judged" in said
            if pull_at is None and has_judged and (is_last or "judged" not in said):
                after_s = 0.0 if is_last else rng.uniform(0.0, _LONGEST_S)
                pull_at = timer.submit(_pull_after, machine.pid, after_s)
    machine.wait()
    if not has_judged:
        raise RuntimeError("a machine did not get to work: " + "".join(words)[-3000:])


def _pull_after(run: int, seconds: float) -> None:
    (machine,) = (
        pid for pid in _descendants(run) if Path(f"/proc/{pid}/comm").read_text().startswith("qemu")
    )
    end = cpu_s(machine) + seconds
    while cpu_s(machine) < end:
        time.sleep(_LOOK_S)
    os.kill(machine, signal.SIGKILL)


def _descendants(parent: int) -> list[int]:
    children = [
        int(pid)
        for task in Path(f"/proc/{parent}/task").iterdir()
        for pid in (task / "children").read_text().split()
    ]
    return [*children, *(pid for child in children for pid in _descendants(child))]


def endure(pulls: int, seed: int, tell: Callable[[str], None]) -> list[Pulled]:
    """One result a disk."""
    with tempfile.TemporaryDirectory(prefix="plugs") as name, ThreadPoolExecutor(_MACHINES) as pool:
        disks = []
        for number in range((pulls + PULLS_OF_A_DISK - 1) // PULLS_OF_A_DISK):
            folder = Path(name) / f"{number}"
            folder.mkdir()
            of_this = min(PULLS_OF_A_DISK, pulls - number * PULLS_OF_A_DISK)
            disks.append(pool.submit(pull, of_this, seed + number, folder, tell))
        results = []
        for disk in disks:
            results.append(disk.result())
            tell(f"{sum(r.pulls for r in results)} of {pulls}: {sum(len(r.broken) for r in results)} broken")
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pulls", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    results = endure(wanted.pulls, wanted.seed, lambda line: print(line, file=sys.stderr, flush=True))
    told = Counter(said["what"] for result in results for said in result.told)
    broken = [each for result in results for each in dict.fromkeys(result.broken)]
    print(f"plugs pulled: {sum(result.pulls for result in results)}")
    print("acknowledged: " + ", ".join(f"{count} {what}" for what, count in sorted(told.items())))
    print(f"runs marked interrupted: {sum(len(result.interrupted) for result in results)}")
    print("\n".join([f"broken: {len(broken)}", *broken]))
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
