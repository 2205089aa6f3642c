"""The short form: three short runs, twenty times as fast as the clock. `./dev endure soak` is the whole."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from bench.control.client import ControlClient, ControlRefusedError
from bench.control.refused_reasons import Refusal
from tests.benchmarks.process_figures import MOST_MB
from tests.benchmarks.viewers import seen_by, watching
from tests.endurance.appliance import BENCH, WEB, Appliance, plan_of
from tests.endurance.soak import POSITION, results_in, taken_by
from tests.following import states

POSITIONS, VIEWERS, RUNS = 4, 50, 3


def _start(client: ControlClient, plan: str) -> None:
    """A verdict is shown before the run before has quite ended."""
    while True:
        try:
            client.start(plan)
        except ControlRefusedError as refused:
            if refused.reason != Refusal.BENCH_BUSY:
                raise
        else:
            return


def run_to_its_end(appliance: Appliance, plan: str) -> None:
    with ControlClient(appliance.socket_path, 60.0) as client:
        _start(client, plan)
        for state in states(client):
            if (state.get("run") or {}).get("verdict") is not None:
                return


def test_run_after_run_under_viewers_takes_no_more_descriptors_or_memory() -> None:
    plan = plan_of(POSITIONS, ("Ib 1.0",), 6.0)
    taken = []
    with TemporaryDirectory(prefix="soak") as name:
        folder = Path(name)
        with Appliance(
            folder / "bench", folder / "s", POSITIONS, viewers=VIEWERS, has_cases=False
        ) as appliance:
            appliance.start(BENCH)
            appliance.start(WEB)
            with watching(appliance.port, VIEWERS, view=POSITION) as viewers:
                while taken_by(appliance)[1][WEB] < VIEWERS:
                    appliance.require_alive()
                for _ in range(RUNS):
                    run_to_its_end(appliance, plan)
                    taken.append(taken_by(appliance))
                seen = seen_by(viewers)
        results = results_in(folder / "bench" / "state")
    (memory, descriptors), (memory_then, descriptors_then) = taken[0], taken[-1]
    for process in (BENCH, WEB):
        assert descriptors_then[process] - descriptors[process] < RUNS - 1, (
            "less than one for each further run"
        )
        assert memory_then[process] < 1.1 * memory[process]
    assert sum(memory_then.values()) < MOST_MB
    assert seen.changes
    assert len(results) == POSITIONS * RUNS
    assert all(result.is_measured for result in results)
