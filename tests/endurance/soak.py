"""A bench that measures for hours at real speed, with viewers: nothing may grow.

    ./dev endure soak [--minutes N] [--positions N] [--viewers N]

Run follows run on 8 positions while 50 viewers watch. Once a minute: memory and descriptors of both processes,
and how late the changes of that minute were on the screens, against the instant of the pulse that they count. Judged is
the last third against the first one, once what a bench keeps of the last half hour has filled up. Ends with 1 where
own memory grew by more than 5 %, descriptors at all, or the median delay by more than a tenth, where both processes
together take more than 200 MB (PSS), or where a result was INVALID: nothing is wrong with this bench. How many
results hold the error that is simulated is said.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.control.client import ControlClient
from bench.errors import BenchError
from bench.records.journal_reading import JournalReader
from bench.records.kinds import RUN_ENDED
from bench.replay.recorded_run import recorded_state
from calibration.quantities import Outcome
from tests.benchmarks.positions import error_of
from tests.benchmarks.process_figures import MOST_MB, cpu_during, own_MB, pss_MB
from tests.benchmarks.viewers import follow_pulses, last_before, seen_by, watching
from tests.endurance.appliance import BENCH, WEB, Appliance, plan_of

WARM_UP_MINUTES = 45
"""Between two runs a bench forgets what is older than half an hour, and a run takes ten minutes."""
_RUN_S = 200.0
_WITHOUT_PULSES = 2
"""Minutes one after the other: between two runs there can be one, two are a defect."""


@dataclass(frozen=True)
class Taken:
    """By process: memory of its own and with its part of what is shared (MB), and open descriptors."""

    own_MB: dict[str, float]
    pss_MB: dict[str, float]
    descriptors: dict[str, int]


@dataclass(frozen=True)
class Minute:
    """late_s: median of the changes that were seen, None where none was; cpu: part of a core, by process."""

    taken: Taken
    late_s: float | None
    cpu: dict[str, float]

    def line(self) -> str:
        of_each = (
            f"{name}: {self.taken.own_MB[name]:.1f} MB of its own ({self.taken.pss_MB[name]:.1f} MB PSS), "
            f"{self.taken.descriptors[name]} descriptors, {100 * self.cpu[name]:.1f} %"
            for name in (BENCH, WEB)
        )
        late = (
            "no pulse"
            if self.late_s is None
            else f"a pulse is seen after {1000 * self.late_s:.0f} ms (median)"
        )
        return f"{'; '.join(of_each)}; {late}"


@dataclass(frozen=True)
class Result:
    """true_error_pct: that is simulated; shown: as a person reads it."""

    true_error_pct: float
    shown: dict[str, Any]

    @property
    def is_measured(self) -> bool:
        return bool(self.shown["verdict"] != Outcome.INVALID)

    @property
    def holds_the_truth(self) -> bool:
        """Of a measured one."""
        off_pct = float(self.shown["percentage_error_pct"]) - self.true_error_pct
        return abs(off_pct) <= float(self.shown["expanded_uncertainty_pct"])


def soak(minutes: int, positions: int, viewers: int, folder: Path) -> tuple[list[Minute], list[Result]]:
    """What was seen in each minute, and the results of the runs that ended.

    All watch the last position: of eight, its error is so near its limit that it is measured three times, while those
    who are through wait.
    """
    position = str(positions)
    plan = plan_of(positions, ("Ib 1.0",), _RUN_S)
    seen: list[Minute] = []
    pulsed_at: dict[int, list[float]] = {}
    is_over = threading.Event()
    with Appliance(folder / "bench", folder / "s", positions, 1.0, viewers, has_cases=False) as appliance:
        appliance.start(BENCH)
        appliance.start(WEB)
        operator = threading.Thread(target=run_after_run, args=(appliance, plan, is_over))
        operator.start()
        threading.Thread(
            target=follow_pulses, args=(appliance.socket_path, pulsed_at, position), daemon=True
        ).start()
        try:
            for _ in range(minutes):
                seen.append(one_minute(appliance, viewers, position, pulsed_at))
                print(f"{len(seen)}: {seen[-1].line()}", flush=True)
                appliance.require_alive()
                last = seen[-_WITHOUT_PULSES:]
                if len(last) == _WITHOUT_PULSES and all(minute.late_s is None for minute in last):
                    raise RuntimeError(f"no viewer has seen a change in {_WITHOUT_PULSES} minutes")
        finally:
            is_over.set()
            operator.join()
        return seen, results_in(appliance.state_dir)


def run_after_run(appliance: Appliance, plan: str, is_over: threading.Event) -> None:
    while not is_over.wait(1.0):
        try:
            with ControlClient(appliance.socket_path, 60.0) as client:
                client.start(plan)
        except BenchError:
            continue  # one is under way


def results_in(state_dir: Path) -> list[Result]:
    """Of the runs that have ended; the journal is read as it lies."""
    with closing(JournalReader(state_dir)) as journal:
        runs = [journal.run(run_id) for run_id in journal.run_ids()]
        states = [recorded_state(journal, records) for records in runs if records[-1].kind == RUN_ENDED]
    return [
        Result(error_of(int(name) - 1), result)
        for state in states
        for name, position in state["positions"].items()
        for result in position["results"].values()
    ]


def one_minute(
    appliance: Appliance, viewers: int, position: str, pulsed_at: dict[int, list[float]]
) -> Minute:
    """Viewers that are new each minute, as a stream is closed after a while; pulsed_at: of this minute."""
    pulsed_at.clear()
    with watching(appliance.port, viewers, view=position) as connection:
        cpu = cpu_during(60.0, {name: appliance.pid(name) for name in (BENCH, WEB)})
        now_taken = taken_by(appliance)
        seen = seen_by(connection)
    late = [at - max(before) for n, at in seen.changes if (before := last_before(pulsed_at, n, at))]
    return Minute(now_taken, median(late) if late else None, cpu)


def taken_by(appliance: Appliance) -> Taken:
    pids = {name: appliance.pid(name) for name in (BENCH, WEB)}
    return Taken(
        {name: own_MB(pid) for name, pid in pids.items()},
        {name: pss_MB(pid) for name, pid in pids.items()},
        {name: len(list(Path(f"/proc/{pid}/fd").iterdir())) for name, pid in pids.items()},
    )


def grown(seen: list[Minute]) -> list[str]:
    """What has grown, in a sentence each; empty: nothing has."""
    steady = seen[WARM_UP_MINUTES:] or seen
    third = max(1, len(steady) // 3)
    first, last = steady[:third], steady[-third:]
    found = []
    for name in (BENCH, WEB):
        before, after = (median(minute.taken.own_MB[name] for minute in part) for part in (first, last))
        if after > 1.05 * before:
            found.append(f"memory of {name}: {before:.1f} to {after:.1f} MB")
        fewer, more = (median(minute.taken.descriptors[name] for minute in part) for part in (first, last))
        if more > fewer:
            found.append(f"descriptors of {name}: {fewer:g} to {more:g}")
    early, late = ([m.late_s for m in part if m.late_s is not None] for part in (first, last))
    if not early or not late:
        found.append("no pulse was seen in the first or the last third")
    elif (later := median(late)) > 1.1 * (sooner := median(early)):
        found.append(f"a pulse is seen after {1000 * sooner:.0f} and then {1000 * later:.0f} ms")
    if (together := max(sum(minute.taken.pss_MB.values()) for minute in seen)) > MOST_MB:
        found.append(f"both together take {together:.0f} MB")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=int, default=120)
    parser.add_argument("--positions", type=int, default=8)
    parser.add_argument("--viewers", type=int, default=50)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        seen, results = soak(wanted.minutes, wanted.positions, wanted.viewers, Path(folder))
    measured = [result for result in results if result.is_measured]
    held = sum(result.holds_the_truth for result in measured)
    print(f"{len(results)} results; {held} of {len(measured)} hold the error that is simulated")
    found = grown(seen)
    if len(measured) < len(results):
        found.append(f"{len(results) - len(measured)} results were INVALID")
    print("\n".join(found) or f"nothing has grown in {wanted.minutes} minutes")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
