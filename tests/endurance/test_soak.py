"""The short form: three short runs, twenty times as fast as the clock. `./dev endure soak` is the whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.control.client import ControlClient, ControlRefusedError
from bench.control.refused_reasons import Refusal
from tests.benchmarks.process_figures import MOST_MB
from tests.benchmarks.viewers import seen_by, watching
from tests.endurance.appliance import BENCH, WEB, Appliance, plan_of
from tests.endurance.soak import Minute, Taken, grown, results_in, taken_by
from tests.following import states

POSITIONS, VIEWERS, RUNS = 4, 50, 3


def _started(client: ControlClient, plan: str) -> str:
    """The id of the new run; a verdict is shown before the run before has quite ended."""
    while True:
        try:
            return client.start(plan)
        except ControlRefusedError as refused:
            if refused.reason != Refusal.BENCH_BUSY:
                raise


def _taken_by_a_run(appliance: Appliance, plan: str) -> Taken:
    """Memory at the end, and the fewest descriptors while it measured.

    The fewest: one more is open for each transaction. While it measured: the run's files are open then, and are closed
    only after its verdict is shown.
    """
    descriptors: dict[str, int] = {}
    with ControlClient(appliance.socket_path, 60.0) as client:
        run_id = _started(client, plan)
        for state in states(client):
            taken = taken_by(appliance)
            if (state["run"] or {}).get("id") != run_id:
                continue
            if state["run"].get("verdict") is not None:
                return replace(taken, descriptors=descriptors)
            if state["phase"] == "measuring":
                descriptors = {
                    name: min(n, descriptors.get(name, n)) for name, n in taken.descriptors.items()
                }
    raise AssertionError("the stream of the bench has ended before the run")


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
            with watching(appliance.port, VIEWERS, view=str(POSITIONS)) as viewers:
                while taken_by(appliance).descriptors[WEB] < VIEWERS:
                    appliance.require_alive()
                for _ in range(RUNS):
                    taken.append(_taken_by_a_run(appliance, plan))
                seen = seen_by(viewers)
        results = results_in(folder / "bench" / "state")
    first, last = taken[0], taken[-1]
    for process in (BENCH, WEB):
        further = last.descriptors[process] - first.descriptors[process]
        assert further < RUNS - 1, "less than one for each further run"
        assert last.own_MB[process] < 1.1 * first.own_MB[process]
    assert sum(last.pss_MB.values()) < MOST_MB
    assert seen.changes
    assert len(results) == POSITIONS * RUNS
    assert all(result.is_measured for result in results)


def test_what_has_grown_is_said_also_where_a_part_of_it_saw_no_pulse() -> None:
    def minute(late_s: float | None) -> Minute:
        memory_MB = {BENCH: 60.0, WEB: 50.0}
        taken = Taken(memory_MB, memory_MB, {BENCH: 30, WEB: 90})
        return Minute(taken, late_s, {BENCH: 0.1, WEB: 0.1})

    assert grown([minute(0.1), minute(None), minute(0.1)]) == []
    assert grown([minute(0.1), minute(0.2)]) == ["a pulse is seen after 100 and then 200 ms"]
    assert grown([minute(None), minute(0.1)]) == ["no pulse was seen in the first or the last third"]
