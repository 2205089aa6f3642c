"""What a certificate is made from: one meter's part of a run that has ended and holds.

A run is replayed and audited before anything is said of it; one that is under way, was interrupted, is INVALID or does
not hold has no certificate, and each is refused in one line.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.canonical import JsonObject
from bench.certificate.measured import anchor, measured, nameplate
from bench.certificate.model import Anchor, Measured, MeterFacts
from bench.errors import OperatorError
from bench.items import Item
from bench.plans.plan import CheckedPlan
from bench.records.journal_reading import JournalReader, StoredRecord
from bench.records.kinds import INTERRUPTED, RUN_ENDED
from bench.records.raw_reading import ReaderFor
from bench.replay.audited_replay import replay_of_journal
from bench.replay.rerun import briefing_of
from calibration.nameplate import MeterUnderTest
from calibration.quantities import Outcome


@dataclass(frozen=True, slots=True)
class Facts:
    """nameplate: without what only a request says. checked: the plan with its rule set.

    cards: ids of the equipment that the results rest on. case: id of the witnessed case, "" for none.
    """

    measured: Measured
    anchor: Anchor
    nameplate: MeterFacts
    checked: CheckedPlan
    cards: tuple[str, ...]
    case: str = ""

    @property
    def meter(self) -> MeterUnderTest:
        return self.checked.meters[self.measured.position]

    @property
    def items(self) -> tuple[Item, ...]:
        """What was tested on this meter and needs an authorisation, each once."""
        position = self.measured.position
        found = (p.item for p in self.checked.points if position in p.positions)
        return tuple(dict.fromkeys(item for item in found if item.facts.needs_authorisation))


def facts_of(state_dir: Path, run_id: str, position: str, reader_for: ReaderFor) -> Facts:
    """run_id: as in the journal, or its number. Errors: OperatorError where there can be no certificate."""
    with closing(JournalReader(state_dir)) as journal:
        run_id = journal.known(run_id)
        records = journal.run(run_id)
        started = _require_ended(run_id, records)
        checked = briefing_of(started).checked
        if position not in checked.meters:
            raise OperatorError(
                f"{run_id} has no position {position[:20]!r}; it has {', '.join(checked.meters)}"
            )
        _require_holds(run_id, journal, records, reader_for)
        found = measured(journal, run_id, position)
        if found.verdict is Outcome.INVALID:
            raise OperatorError(
                f"position {position} of {run_id} is INVALID, which is no result; measure it again"
            )
        cards = tuple(card["id"] for card in started["station"].get("equipment", ()))
        plate = nameplate(journal, run_id, position, "", "")
        signed = anchor(journal, run_id, journal.log_publics())
        return Facts(found, signed, plate, checked, cards, started.get("case", ""))


def _require_ended(run_id: str, records: list[StoredRecord]) -> JsonObject:
    """The inputs of a run that has ended in order."""
    started = records[0].fields()
    if "format" not in started:
        raise OperatorError(f"{run_id} is of an old record format without verdicts; measure again")
    kinds = {record.kind for record in records}
    if INTERRUPTED in kinds:
        raise OperatorError(
            f"{run_id} was interrupted; go on with it (bench run --resume) and certify that run"
        )
    if RUN_ENDED not in kinds:
        raise OperatorError(
            f"{run_id} has not ended; wait for its end, or start the bench so that it is closed"
        )
    return started


def _require_holds(
    run_id: str, journal: JournalReader, records: list[StoredRecord], reader_for: ReaderFor
) -> None:
    found = replay_of_journal(journal, records, reader_for)
    if found.differences:
        first = found.differences[0].on_one_line()
        raise OperatorError(f"{run_id} does not hold: {first}; see bench replay {run_id}")
