"""A bench that starts without a clock, in 1970, and gets the time afterwards: what it keeps stays whole and in order.

Of a step in the middle of a run: `test_faults.py`. Certificates that such a clock may not issue:
`tests/certificate/test_issuing.py`; passwords: `tests/registry/test_persons.py`; customers' tokens:
`tests/casework/test_invitations.py`; what a clock that is ahead may not delete: `tests/casework/test_retention.py`.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bench.clock import SystemClock
from bench.keeping.holds import require_holds
from bench.records.journal_reading import JournalReader
from bench.registry import trail
from bench.registry.store import reading, writing
from tests.bench_process.support import open_journal

TIMES = ("2026-11-27T06:00:00.000+00:00", "1970-01-01T00:00:09.000+00:00", "2026-11-28T06:00:00.000+00:00")


def test_records_and_trail_hold_and_keep_their_order_whatever_the_wall_clock_says(tmp_path: Path) -> None:
    for number, wall_time in enumerate(TIMES, 1):
        state = replace(SystemClock().state(), wall_time=wall_time)
        journal = open_journal(tmp_path, state)
        run_id = journal.next_run_id()
        journal.append(run_id, "run_started", state, {})
        if number != 2:  # and one lost its power
            journal.end_run(run_id, state, {"raw_files": {}})
        journal.close()
        with writing(tmp_path, wall_time) as database:
            trail.add(database, wall_time, "P1", "something", str(number), None, None)
    require_holds(tmp_path)
    with closing(JournalReader(tmp_path)) as reader:
        assert reader.run_ids() == ["run-000001", "run-000002", "run-000003"]
        assert [note.size for note in reader.checkpoints()] == [2, 4, 6]
    with reading(tmp_path) as copy:
        assert [entry.about for entry in trail.entries(copy)] == ["1", "2", "3"]
