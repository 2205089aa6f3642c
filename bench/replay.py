"""Recompute a run from its raw files and frozen inputs, and compare every digit with what was recorded.

Nothing of the live program takes part but the core's function: edges and polls are read from the files (as
long as they were when the window ended, with the SHA-256 that was recorded), nameplate, card and window come
from the records. A result that is not the same to its last digit is named with both figures, and so is a verdict
(`rejudge`). A window whose raw file is not the one that was recorded is named and not recomputed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.acquisition import Acquisition
from bench.canonical import JsonObject
from bench.config import REFERENCE_LINE
from bench.differences import DAMAGED, Difference, compare, damaged
from bench.errors import OperatorError
from bench.frozen import from_json
from bench.journal import INTERRUPTED, RUN_ENDED, RUN_STARTED, StoredRecord
from bench.measuring import Evaluate, evaluate_window
from bench.ports import ReferenceSample
from bench.raw_files import REFERENCE_FILE, edges_file, sha256_of
from bench.records import result_figures
from bench.rejudge import Rejudge, read_finding
from bench.versions import require_same_computation
from calibration.equipment import ReferenceCard
from calibration.load_points import LoadPoint
from calibration.nameplate import MeterUnderTest
from calibration.quantities import EdgeTrain, ErrorResult, ReferenceReadings


class RawReader(Protocol):
    """Raw files back to edges and samples; `length`: how many bytes count."""

    def edges(self, path: Path, length: int) -> EdgeTrain: ...

    def samples(self, path: Path, length: int) -> Sequence[ReferenceSample]: ...


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of it: how many results were recomputed, and what differed."""

    run_id: str
    results: int
    differences: tuple[Difference, ...]
    was_interrupted: bool
    has_ended: bool
    """False while it is under way, and after its program was killed until the bench has started again."""


def replay(
    records: Sequence[StoredRecord],
    folder: Path,
    reader_for: Callable[[JsonObject], RawReader],
    evaluate: Evaluate,
) -> Replay:
    """Recompute all windows and verdicts of one run. `reader_for` gets the record of the run's frozen inputs.

    Errors: OperatorError where there is no such run, a raw file is missing or cannot be read, or the
    run was computed with other versions than the installed ones.
    """
    first = next((r for r in records if r.kind == RUN_STARTED), None)
    if first is None:
        raise OperatorError(f"{folder.name} has no start in this journal")
    results, differences = 0, []
    try:
        started = first.fields()
        require_same_computation(started)
        reader, rejudge = reader_for(started), Rejudge(started)
        differences += rejudge.frozen(first.number, started)
    except DAMAGED as error:
        differences.append(damaged(first.number, error))
    else:
        for record in records:
            try:
                count, found = _look(record, started, folder, reader, evaluate, rejudge)
            except DAMAGED as error:
                count, found = 0, [damaged(record.number, error)]
            results += count
            differences += found
    kinds = {r.kind for r in records}
    was_interrupted = INTERRUPTED in kinds
    has_ended = was_interrupted or RUN_ENDED in kinds
    return Replay(first.run_id, results, tuple(differences), was_interrupted, has_ended)


def _look(
    record: StoredRecord,
    started: JsonObject,
    folder: Path,
    reader: RawReader,
    evaluate: Evaluate,
    rejudge: Rejudge,
) -> tuple[int, list[Difference]]:
    """How many results of this record were recomputed, and what differs in it."""
    fields = record.fields()
    if record.kind == "window":
        return _look_at_window(record.number, fields, started, folder, reader, evaluate, rejudge)
    if record.kind == "load_applied":
        rejudge.load_applied()
    elif record.kind == "load_not_reached":
        rejudge.load_not_reached(fields)
    elif record.kind == "verdict" and rejudge.has_same_rules:
        return 0, rejudge.verdict(record.number, fields)
    elif record.kind == RUN_ENDED and rejudge.has_same_rules:
        return 0, rejudge.ended(record.number, fields)
    return 0, []


def _look_at_window(
    number: int,
    window: JsonObject,
    started: JsonObject,
    folder: Path,
    reader: RawReader,
    evaluate: Evaluate,
    rejudge: Rejudge,
) -> tuple[int, list[Difference]]:
    if changed := _changed_files(number, window, folder):  # from these nothing can be recomputed
        return 0, changed + rejudge.window(number, window, None)
    recomputed = _recompute(started, window, folder, reader, evaluate)
    differences = rejudge.window(number, window, recomputed)
    for position, result in recomputed.items():
        where = f"record {number}, position {position}"
        differences += compare(where, window["results"][position], result_figures(result))
    return len(recomputed), differences


def _changed_files(number: int, window: JsonObject, folder: Path) -> list[Difference]:
    differences = []
    for name, known in window["raw_files"].items():
        path = folder / name
        if not path.is_file():
            raise OperatorError(f"{path}: the raw file is missing; restore it from a back-up")
        found = _sha256(path, int(known["bytes"]))
        if found != known["sha256"]:
            differences.append(Difference(f"record {number}, {name}", known["sha256"], found))
    return differences


def _sha256(path: Path, length: int) -> str:
    try:
        return sha256_of(path, length)
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}; the raw file must be readable") from error


def _recompute(
    started: JsonObject, window: JsonObject, folder: Path, reader: RawReader, evaluate: Evaluate
) -> dict[str, ErrorResult]:
    lengths = {name: int(known["bytes"]) for name, known in window["raw_files"].items()}
    first_ns, last_ns = window["run_first_ns"], window["run_last_ns"]
    samples = reader.samples(folder / REFERENCE_FILE, lengths[REFERENCE_FILE])
    readings = _readings(samples, first_ns)
    pulses = edges_file(REFERENCE_LINE)
    reference_edges = reader.edges(folder / pulses, lengths[pulses]) if pulses in lengths else None
    results = {}
    for position in window["results"]:
        name = edges_file(position)
        results[position] = evaluate_window(
            evaluate,
            reader.edges(folder / name, lengths[name]).between(first_ns, last_ns),
            readings,
            reference_edges,
            from_json(MeterUnderTest, started["meters"][position]),
            from_json(ReferenceCard, started["reference_card"]),
            from_json(LoadPoint, window["load_point"]),
            float(window["stability_pct"]),
            (first_ns, last_ns),
            float(window["clock_slew_ppm"]),
            tuple(read_finding(fault["finding"]) for fault in window["line_faults"][position]),
        )
    return results


def _readings(samples: Sequence[ReferenceSample], first_ns: int) -> ReferenceReadings:
    """Through the same stores as the live polls."""
    acquisition = Acquisition(())
    for sample in samples:
        acquisition.add_sample(sample)
    return acquisition.readings_since(first_ns)
