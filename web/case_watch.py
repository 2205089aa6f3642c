"""What the bench does to a case is written down in casework whether or not anybody has a page open.

A thread listens to the feed. A run that names a case begins its test, and the end of that run ends it with the verdict
that the bench gave; a run that was interrupted is INVALID. Both are done once, however often the same state is seen,
and the pages may have been quicker. A run that ended while this process was away is found in the records.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

from bench.control.client import ControlRefusedError
from bench.errors import OperatorError
from web.after.keeping import OVER, keep_if_over
from web.bench_link import BenchAwayError, BenchLink
from web.casework import cases
from web.casework.model import BENCH, Case, CaseState, Outcome
from web.casework.refused import Refused
from web.casework.store import Casework
from web.feed import Feed, Moment

log = logging.getLogger(__name__)

State = dict[str, Any]
RUN_STARTED, RUN_ENDED, INTERRUPTED = "run_started", "run_ended", "interrupted"
"""Kinds of records (docs/architecture.md)."""
_BEFORE_A_RUN = (CaseState.READY, CaseState.TESTED)
WAKES_S = 10.0
"""Looked again after so long without news: what could not be written down may be possible now."""


class CaseWatch:
    """From `start()` to `close()`; ends by itself when the feed closes."""

    def __init__(self, feed: Feed, casework: Casework, link: BenchLink) -> None:
        self._feed = feed
        self._casework = casework
        self._link = link
        self._seen: tuple[object, ...] | None = None
        self._cases: dict[str, object] = {}
        self._ends: dict[str, Outcome] = {}
        self._read_to = 0
        """Up to where the records were read: of which case the runs are, and how they ended."""
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="case watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """The feed has been closed before: that wakes the thread."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        moment = self._feed.latest()
        while not self._feed.is_closed:
            self.look(moment)
            moment = self._feed.wait_after(moment.version, WAKES_S)

    def look(self, moment: Moment) -> None:
        """Write down what a moment says of a case; nothing where it says nothing new."""
        state = moment.state
        if state is None or not moment.is_connected:
            self._seen = None
            self._forget_records()
            return
        run = state.get("run") or {}
        seen = (run.get("id"), run.get("case"), state["phase"] in OVER, run.get("verdict"))
        if seen == self._seen:
            return
        try:
            self._take(state)
            self._begin_what_was_missed()
            self._end_what_was_missed(str(run.get("id")))
        except (OperatorError, BenchAwayError) as problem:
            # A full disk, a bench that is just going: the same is tried again with the next moment.
            log.warning("a case could not be written down: %s", problem)
            return
        except Exception as defect:
            # What one state does must not end the watch of all. It is tried again with the next thing that happens.
            log.error("a case could not be written down", exc_info=defect)
        self._seen = seen

    def _take(self, state: State) -> None:
        run = state.get("run") or {}
        case_id = run.get("case")
        if not case_id or state["phase"] == "idle":
            return
        case = _unless_refused(lambda: cases.case(self._casework, case_id))
        if case is None:
            return
        if str(run["id"]) not in case.run_ids:
            by = str(run.get("verifier") or case.verifier)
            case = self._begin(case_id, str(run["id"]), by) or case
        if state["phase"] in OVER:
            keep_if_over(self._casework, state)  # first, so that whoever sees the end finds all of it
            self._end(case, str(run["id"]), _outcome(state["phase"], run.get("verdict")))

    def _end(self, case: Case, run_id: str, outcome: Outcome) -> None:
        if case.state is CaseState.TESTING and case.run_ids[-1:] == (run_id,):
            _unless_refused(lambda: cases.end_test(self._casework, case.id, outcome, BENCH))

    def _begin_what_was_missed(self) -> None:
        """Runs that began while this process was away: the measuring side knows them by the case."""
        waiting = [one for state in _BEFORE_A_RUN for one in cases.all_cases(self._casework, state=state)]
        for case in (one for one in waiting if one.outcome in (None, Outcome.INVALID)):
            there = self._there(case.id)
            if there is not None and (runs := there["runs"]) and runs[-1] not in case.run_ids:
                self._begin(case.id, str(runs[-1]), str(there["verifier"]))

    def _begin(self, case_id: str, run_id: str, by: str) -> Case | None:
        return _unless_refused(lambda: cases.begin_test(self._casework, case_id, run_id, by))

    def _there(self, case_id: str) -> dict[str, Any] | None:
        """The case as the measuring side has it; None where it has not heard of it."""
        try:
            return self._link.case(case_id)
        except ControlRefusedError:
            return None

    def _end_what_was_missed(self, running: str) -> None:
        """Tests whose run is not what the bench shows: their end is in the records."""
        for case in cases.all_cases(self._casework, state=CaseState.TESTING):
            run_id = case.run_ids[-1]
            if run_id != running and (outcome := self._recorded(run_id, case.id)) is not None:
                self._end(case, run_id, outcome)

    def _recorded(self, run_id: str, case_id: str) -> Outcome | None:
        """How a run of a case ended; None while its records have no end. Each record is read once.

        A run that never came to its first record has left its number to the next one: that one's verdict is not this
        case's, which has none.
        """
        self._read_records()
        if self._cases.get(run_id, case_id) != case_id:
            return Outcome.INVALID
        return self._ends.get(run_id)

    def _read_records(self) -> None:
        """From where it was read up to the last time. Errors: as `BenchLink.ask`; what was read before stays."""
        while True:
            since = self._read_to
            records, following = self._link.ask(lambda bench, since=since: bench.records(since))  # type: ignore[misc]
            for record in records:
                try:
                    body = json.loads(record["body"])
                except ValueError:
                    # Damaged on its disk: bench replay says so, and the records after it count.
                    log.error("record %s cannot be read", record["number"])
                    continue
                if body["kind"] == RUN_STARTED:
                    self._cases[body["run"]] = body.get("case")
                elif body["kind"] in (RUN_ENDED, INTERRUPTED):
                    self._ends[body["run"]] = _outcome(body["kind"], body.get("verdict"))
            if not records or following <= since:
                return
            self._read_to = following

    def _forget_records(self) -> None:
        """A bench that comes back may be another one, or have another journal."""
        self._cases, self._ends, self._read_to = {}, {}, 0


def _outcome(how: str, verdict: object) -> Outcome:
    """Of a run that ended in order, its verdict; of any other INVALID, which says nothing about the meter."""
    if how == INTERRUPTED or verdict not in set(Outcome):
        return Outcome.INVALID
    return Outcome(str(verdict))


def _unless_refused(act: Callable[[], Case]) -> Case | None:
    """None where a rule of casework stands against it, which its log of refusals says."""
    try:
        return act()
    except Refused as refused:
        log.warning("casework refuses what the bench does: %s", refused.key)
        return None
