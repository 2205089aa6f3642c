"""Whether a run of a journal holds: its records audited, its results recomputed, and the same of every earlier run from
which it took verdicts over."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Protocol

from bench.canonical import JsonObject
from bench.errors import OperatorError
from bench.records.audit import audit, audit_checkpoints, audit_covered
from bench.records.differences import DAMAGED, Difference, compare, damage
from bench.records.frozen import to_json
from bench.records.journal_reading import JournalReader, StoredRecord
from bench.records.raw_reading import FolderFiles, RawFiles, ReaderFor
from bench.replay.earlier_run import first_that_differs, given_by
from bench.replay.replay import Replay, replay
from bench.replay.rerun import Given, taken_over_by


class RecordedRuns(Protocol):
    """What holds recorded runs: the journal, or a bundle that has left the bench."""

    def run(self, run_id: str) -> Sequence[StoredRecord]:
        """All records of a run; empty where there is no such run."""
        ...

    def raw_files(self, run_id: str) -> RawFiles: ...

    def audited(self, records: Sequence[StoredRecord]) -> list[Difference]:
        """What is wrong with the records of one run as records, whatever they say."""
        ...


class JournalRuns:
    """The runs of a journal."""

    def __init__(self, journal: JournalReader) -> None:
        self._journal = journal

    def run(self, run_id: str) -> Sequence[StoredRecord]:
        return self._journal.run(run_id)

    def raw_files(self, run_id: str) -> RawFiles:
        return FolderFiles(self._journal.runs_dir / run_id)

    def audited(self, records: Sequence[StoredRecord]) -> list[Difference]:
        covered_by = self._journal.checkpoint_of(records[0].run_id) if records else None
        return [*audit(records, self._journal.leaves()), *audit_covered(records, covered_by)]


def audited_replay(runs: RecordedRuns, records: Sequence[StoredRecord], reader_for: ReaderFor) -> Replay:
    """records: of a run that is among these. The results that are counted are the run's own.

    Errors: OperatorError where a raw file is missing, or the run was computed with other versions.
    """
    found = replay(records, runs.raw_files(records[0].run_id), reader_for)
    differences = (
        *runs.audited(records),
        *found.differences,
        *_of_earlier(runs, records, reader_for),
    )
    return dataclasses.replace(found, differences=differences)


def replay_of_journal(
    journal: JournalReader, records: Sequence[StoredRecord], reader_for: ReaderFor
) -> Replay:
    """The same as `audited_replay`, and whether all that this journal has signed still holds."""
    found = audited_replay(JournalRuns(journal), records, reader_for)
    signed = journal.checkpoints()
    publics = journal.log_publics() if signed else []
    of_log = audit_checkpoints(signed, journal.leaves(), publics)
    return dataclasses.replace(found, differences=(*found.differences, *of_log))


def _of_earlier(
    runs: RecordedRuns, records: Sequence[StoredRecord], reader_for: ReaderFor
) -> list[Difference]:
    """What a run took over must be what the run that it names has given, and that run must hold itself."""
    try:
        started = records[0].fields()
        earlier_id, taken = started.get("resumes"), taken_over_by(started)
    except DAMAGED:  # the run's own replay has named the record
        return []
    if earlier_id is None:
        return [Difference("taken_over", f"{len(taken)} verdicts", "none: no run is named")] if taken else []
    earlier = runs.run(earlier_id) if isinstance(earlier_id, str) else []
    if not earlier or earlier[0].number >= records[0].number:
        return [Difference("resumes", str(earlier_id), "an earlier run of this journal")]
    try:
        whole = audited_replay(runs, earlier, reader_for)
        differs = first_that_differs(earlier[0].fields(), started)
        given = given_by(earlier)
    except OperatorError as error:
        return [Difference(earlier_id, "taken over from", f"nothing: {error}")]
    except DAMAGED as error:
        return [Difference(earlier_id, "taken over from", f"a record of it is damaged ({damage(error)})")]
    return [
        *(dataclasses.replace(d, where=f"{earlier_id}: {d.where}") for d in whole.differences),
        *([] if differs is None else [dataclasses.replace(differs, where=f"{earlier_id}: {differs.where}")]),
        *compare("taken_over", _as_texts(taken), _as_texts(given)),
    ]


def _as_texts(given: Given) -> JsonObject:
    return {
        f"test point {point}, position {position}": to_json(taken)
        for (point, position), taken in given.items()
    }
