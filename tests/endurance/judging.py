"""What was acknowledged held against what is there: nothing is missing, nothing is another, and all of it is whole.

Nothing here is told by the bench itself: the records are read from the journal's file, runs are recomputed from their
raw files, hashes and checkpoints are checked, and the web's file is read as it lies.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from bench.app import replay_run
from bench.records.journal_reading import JournalReader
from bench.records.kinds import INTERRUPTED, RUN_ENDED
from bench.replay.recorded_run import recorded_state
from tests.endurance.acknowledged import APPLICATION, ENDED, RESULT, STARTED, Said
from tests.endurance.appliance import results_of
from web.casework import history
from web.casework.case_rows import all_cases
from web.casework.store import Casework
from web.wall_time import now


def broken_by_bench(state_dir: Path, told: Sequence[Said]) -> list[str]:
    """A sentence for each thing that the bench has acknowledged and is missing or another, and for each that is not
    whole. For a bench without a run that is under way."""
    return [
        *_of_files(list(state_dir.glob("*.sqlite"))),
        *_of_runs(state_dir, [said for said in told if said["what"] != APPLICATION]),
    ]


def broken_by_web(casework: Path, told: Sequence[Said]) -> list[str]:
    """The same of the web's file, which it may have open."""
    return [
        *_of_files([casework]),
        *_of_cases(casework, [said for said in told if said["what"] == APPLICATION]),
    ]


def interrupted_runs(state_dir: Path) -> list[str]:
    """Runs that the journal says were interrupted."""
    with closing(JournalReader(state_dir)) as journal:
        return [run_id for run_id in journal.run_ids() if journal.run(run_id)[-1].kind == INTERRUPTED]


def is_idle_and_off(state: Mapping[str, object]) -> bool:
    """As a bench must be when it was started again."""
    return state["phase"] == "idle" and not state["is_energised"]


def _of_files(paths: Sequence[Path]) -> list[str]:
    found = []
    for path in paths:
        # Not read-only: what a kill has left half done is rolled back by whoever comes next.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as database:
            answer = database.execute("PRAGMA integrity_check").fetchone()[0]
        if answer != "ok":
            found.append(f"{path.name}: {answer}")
    return found


def _of_runs(state_dir: Path, told: Sequence[Said]) -> list[str]:
    found = []
    with closing(JournalReader(state_dir)) as journal:
        run_ids = journal.run_ids()
        last = {run_id: journal.run(run_id)[-1] for run_id in run_ids}
        shown = {run_id: recorded_state(journal, journal.run(run_id)) for run_id in run_ids}
    for run_id in run_ids:
        if last[run_id].kind not in (RUN_ENDED, INTERRUPTED):
            found.append(f"{run_id} is neither ended nor marked interrupted, but {last[run_id].kind}")
        found += [f"{run_id}: {differs}" for differs in replay_run(state_dir, run_id).differences]
    for said in told:
        if (run_id := said["run"]) not in shown:
            found.append(f"{run_id} was acknowledged ({said['what']}) and is not in the journal")
        elif said["what"] == RESULT:
            there = results_of(shown[run_id]).get(said["of"])
            if there != {key: said[key] for key in there or ("verdict",)}:
                found.append(f"{run_id}: result {said} was acknowledged, and there is {there}")
        elif said["what"] == ENDED and shown[run_id]["run"]["verdict"] != said["verdict"]:
            found.append(
                f"{run_id}: {said['verdict']} was acknowledged, not {shown[run_id]['run']['verdict']}"
            )
        elif said["what"] not in (STARTED, RESULT, ENDED):
            raise ValueError(said)
    return found


def _of_cases(path: Path, told: Sequence[Said]) -> list[str]:
    found = []
    with closing(Casework(path, now)) as casework:
        there = {case.id: case for case in all_cases(casework)}
        found += [
            f"{case_id}: its history does not hold"
            for case_id in there
            if not history.is_intact(casework, case_id)
        ]
    for said in told:
        case = there.get(said["case"])
        if case is None:
            found.append(f"{said['case']} was acknowledged and is not there")
        elif case.serial != said["serial"]:
            found.append(f"{said['case']} was acknowledged for {said['serial']}, and is of {case.serial}")
    return found
