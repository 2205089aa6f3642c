"""Results of a check meter from the journal: it is measured in runs like any meter under test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.canonical import JsonObject
from bench.dates import day_of
from bench.items import Item
from bench.records.inputs import was_with
from bench.records.journal_reading import JOURNAL_FILE, JournalReader
from calibration.quantities import Outcome


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One result of basic error. record: number of the journal's record that has it; wall_time: ISO 8601 UTC."""

    record: int
    run_id: str
    wall_time: str
    position: str
    load_point: str
    error_pct: float
    U_pct: float

    @property
    def day(self) -> str:
        """Of the laboratory."""
        return day_of(self.wall_time)


def check_results(
    state_dir: Path, serial: str, reference_serial: str, *, is_simulated: bool, since: int = 0
) -> tuple[CheckResult, ...]:
    """All results of the meter with this serial, against this reference standard, oldest first.

    is_simulated: whether simulated runs count, or the others. since: only those in records from this number on.
    """
    if not (state_dir / JOURNAL_FILE).is_file():
        return ()
    journal = JournalReader(state_dir)
    try:
        return tuple(
            result
            for start in journal.starts_with("serial", serial, since)
            for result in _of_run(journal, start.fields(), serial, reference_serial, is_simulated, since)
        )
    finally:
        journal.close()


def _of_run(
    journal: JournalReader,
    started: JsonObject,
    serial: str,
    reference_serial: str,
    is_simulated: bool,
    since: int,
) -> Iterator[CheckResult]:
    if not was_with(started, reference_serial, is_simulated=is_simulated):
        return
    positions = {p for p, meter in started["meters"].items() if meter["serial"] == serial}
    for record in journal.verdicts(started["run"], since):
        verdict = record.fields()
        point = started["test_points"][verdict["point"]]
        is_result = verdict["verdict"] != Outcome.INVALID and not verdict["is_repeated"]
        if point["item"] == Item.BASIC_ERROR and verdict["position"] in positions and is_result:
            yield CheckResult(
                record.number,
                record.run_id,
                verdict["clock"]["wall_time"],
                verdict["position"],
                point["load_point"]["name"],
                float(verdict["mean"]["mean_pct"]),
                float(verdict["mean"]["expanded_uncertainty_pct"]),
            )
