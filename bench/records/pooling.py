"""The bench's pooled repeatability, from the repeatability results of its journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.canonical import JsonObject
from bench.errors import OperatorError
from bench.items import Item
from bench.records.inputs import was_with
from bench.records.journal_reading import JournalReader
from bench.records.kinds import RUN_STARTED, VERDICT
from calibration.quantities import Outcome
from calibration.runs import PooledRepeatability, pool


@dataclass(frozen=True)
class Scatter:
    """One repeatability result: so many runs at a load point and their standard deviation (%)."""

    run_id: str
    position: str
    load_point: str
    runs: int
    sd_pct: float


def pooled_of_journal(
    state_dir: Path, reference_serial: str, *, is_simulated: bool
) -> tuple[PooledRepeatability, tuple[Scatter, ...]]:
    """The pooled standard deviation, and what it comes from: all results with this reference standard.

    is_simulated: whether simulated runs count, or the others. Errors: OperatorError where there is nothing to pool.
    """
    journal = JournalReader(state_dir)
    try:
        found = tuple(
            scatter
            for run_id in journal.run_ids()
            for scatter in _of_run(journal, run_id, reference_serial, is_simulated)
        )
    finally:
        journal.close()
    try:
        return pool([(each.sd_pct, each.runs - 1) for each in found]), found
    except ValueError as error:
        raise OperatorError(
            f"{state_dir}: no repeatability result with reference standard {reference_serial} scatters; run a plan "
            "with repeatability in its tests"
        ) from error


def _of_run(
    journal: JournalReader, run_id: str, reference_serial: str, is_simulated: bool
) -> Iterator[Scatter]:
    records = journal.run(run_id)
    started = next((r.fields() for r in records if r.kind == RUN_STARTED), None)
    if started is None or not was_with(started, reference_serial, is_simulated=is_simulated):
        return
    for record in records:
        if record.kind == VERDICT:
            yield from _of_verdict(run_id, started, record.fields())


def _of_verdict(run_id: str, started: JsonObject, verdict: JsonObject) -> Iterator[Scatter]:
    point = started["test_points"][verdict["point"]]
    mean = verdict["mean"]
    if point["item"] != Item.REPEATABILITY or verdict["verdict"] == Outcome.INVALID or mean is None:
        return
    yield Scatter(
        run_id,
        verdict["position"],
        point["load_point"]["name"],
        len(mean["runs_pct"]),
        float(mean["sample_sd_pct"]),
    )
