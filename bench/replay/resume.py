"""Going on after an interruption: what an earlier run of the same plan has given already.

A verdict is taken over where it is final and valid (PASS, FAIL, measured and not judged); INVALID is measured again.
The earlier run must hold: its records are audited and its results recomputed first; and all that a verdict hangs on
must be as it was. The new run names the earlier one, whose records and raw files keep the figures.
"""

from __future__ import annotations

from pathlib import Path

from bench.canonical import JsonObject
from bench.errors import OperatorError
from bench.records.differences import shortened
from bench.records.journal_reading import JournalReader
from bench.records.raw_reading import ReaderFor
from bench.replay.audited_replay import replay_of_journal
from bench.replay.earlier_run import first_that_differs, given_by
from bench.replay.recorded_run import recorded_results
from bench.run.prepared import Resumed


def resume(state_dir: Path, run_id: str, frozen: JsonObject, reader_for: ReaderFor) -> Resumed:
    """run_id: as in the journal, or its number. frozen: the inputs of the run that is to go on with it.

    Errors: OperatorError where there is no such run, it does not hold, or it had other inputs.
    """
    journal = JournalReader(state_dir)
    try:
        run_id = journal.known(run_id)
        records = journal.run(run_id)
        found = replay_of_journal(journal, records, reader_for)
        if found.differences:
            first = found.differences[0]
            raise OperatorError(
                f"{run_id} does not hold, so nothing is taken over from it: {first.on_one_line()}; "
                f"see bench replay {run_id}"
            )
        if not found.has_verdicts:
            raise OperatorError(f"{run_id} is of an old record format without verdicts; start a new run")
        shown = recorded_results(journal, records)
    finally:
        journal.close()
    differs = first_that_differs(records[0].fields(), frozen)
    if differs is not None:
        raise OperatorError(
            f"{run_id} cannot be gone on with: {differs.where} was {shortened(differs.recorded)} and is now "
            f"{shortened(differs.recomputed)}; start a new run, or make it as it was"
        )
    given = given_by(records)
    return Resumed(run_id, given, {key: shown[key] for key in given})
