"""What is known of the newest run of a journal, where it was cut off: by the power, or by the end of its program."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bench.canonical import JsonObject
from bench.records.differences import DAMAGED
from bench.records.journal_reading import StoredRecord
from bench.records.kinds import INTERRUPTED
from bench.replay.earlier_run import given_by


@dataclass(frozen=True, slots=True)
class InterruptedRun:
    """case: the witnessed case that it was of; empty where it was of none. has_given: whether a run that goes on with
    it takes over something."""

    run_id: str
    case: str
    verifier: str
    has_given: bool

    @property
    def goes_on(self) -> bool:
        """Whether something is left to go on with. A witnessed test is one run from its start to its end."""
        return self.has_given and not self.case

    def shown(self) -> JsonObject:
        """For STATE."""
        return {"run": self.run_id, "case": self.case or None, "goes_on": self.goes_on}


def interrupted_run(records: Sequence[StoredRecord]) -> InterruptedRun | None:
    """records: of the newest run; None where it has its end. Of a damaged one no more is said than that it was cut
    off."""
    if not records or records[-1].kind != INTERRUPTED:
        return None
    run_id, case, verifier, has_given = records[0].run_id, "", "", False
    with suppress(*DAMAGED):
        started = records[0].fields()
        case, verifier = str(started.get("case") or ""), str(started["station"].get("verifier") or "")
        has_given = bool(given_by(records))
    return InterruptedRun(run_id, case, verifier, has_given)
