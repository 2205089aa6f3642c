"""Recompute a run from its raw files and frozen inputs, and compare every digit with what was recorded.

Nothing of the live program takes part but the core's function: edges and polls are read from the files (as
long as they were when the window ended, with the SHA-256 that was recorded), nameplate, card and window come
from the records. A result that is not the same to its last digit is named with both figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench.acquisition import Acquisition
from bench.canonical import JsonObject
from bench.config import REFERENCE_LINE
from bench.errors import OperatorError
from bench.frozen import from_json
from bench.journal import INTERRUPTED, RUN_ENDED, RUN_STARTED, StoredRecord
from bench.measuring import Evaluate, evaluate_window
from bench.ports import ReferenceSample
from bench.raw_files import REFERENCE_FILE, edges_file, sha256_of
from bench.records import result_figures
from calibration.quantities import (
    EdgeTrain,
    Finding,
    LoadPoint,
    MeterUnderTest,
    ReferenceCard,
    ReferenceReadings,
)
from calibration.reasons import Reason


class RawReader(Protocol):
    """Raw files back to edges and samples; `length`: how many bytes count."""

    def edges(self, path: Path, length: int) -> EdgeTrain: ...

    def samples(self, path: Path, length: int) -> Sequence[ReferenceSample]: ...


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that was not found again; `where` names record, position and figure."""

    where: str
    recorded: str
    recomputed: str


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
    """Recompute all windows of one run. `reader_for` gets the record of the run's frozen inputs.

    Errors: OperatorError where there is no such run or a raw file is missing.
    """
    started = next((r.fields() for r in records if r.kind == RUN_STARTED), None)
    if started is None:
        raise OperatorError(f"{folder.name} has no start in this journal")
    reader = reader_for(started)
    differences: list[Difference] = []
    results = 0
    for record in records:
        if record.kind == "window":
            window = record.fields()
            differences += _changed_files(record.number, window, folder)
            recomputed = _recompute(started, window, folder, reader, evaluate)
            for position, figures in recomputed.items():
                where = f"record {record.number}, position {position}"
                differences += _compare(where, window["results"][position], figures)
                results += 1
    kinds = {r.kind for r in records}
    was_interrupted = INTERRUPTED in kinds
    has_ended = was_interrupted or RUN_ENDED in kinds
    return Replay(str(started["run"]), results, tuple(differences), was_interrupted, has_ended)


def _changed_files(number: int, window: JsonObject, folder: Path) -> list[Difference]:
    differences = []
    for name, known in window["raw_files"].items():
        path = folder / name
        if not path.is_file():
            raise OperatorError(f"{path}: the raw file is missing; restore it from a back-up")
        found = sha256_of(path, int(known["bytes"]))
        if found != known["sha256"]:
            differences.append(Difference(f"record {number}, {name}", known["sha256"], found))
    return differences


def _recompute(
    started: JsonObject, window: JsonObject, folder: Path, reader: RawReader, evaluate: Evaluate
) -> dict[str, JsonObject]:
    lengths = {name: int(known["bytes"]) for name, known in window["raw_files"].items()}
    first_ns, last_ns = window["run_first_ns"], window["run_last_ns"]
    samples = reader.samples(folder / REFERENCE_FILE, lengths[REFERENCE_FILE])
    readings = _readings(samples, first_ns)
    pulses = edges_file(REFERENCE_LINE)
    reference_edges = reader.edges(folder / pulses, lengths[pulses]) if pulses in lengths else None
    figures = {}
    for position in window["results"]:
        name = edges_file(position)
        result = evaluate_window(
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
            tuple(_finding(fault["finding"]) for fault in window["line_faults"][position]),
        )
        figures[position] = result_figures(result)
    return figures


def _readings(samples: Sequence[ReferenceSample], first_ns: int) -> ReferenceReadings:
    """Through the same stores as the live polls."""
    acquisition = Acquisition(())
    for sample in samples:
        acquisition.add_sample(sample)
    return acquisition.readings_since(first_ns)


def _finding(fields: Mapping[str, Any]) -> Finding:
    return Finding(Reason(fields["reason"]), dict(fields["values"]))


def _compare(where: str, recorded: Any, recomputed: Any) -> list[Difference]:
    """Leaf by leaf, so that the figure that differs is named."""
    if isinstance(recorded, dict) and isinstance(recomputed, dict):
        keys = sorted(recorded.keys() | recomputed.keys())
        pairs = [(f"{where}: {key}", recorded.get(key), recomputed.get(key)) for key in keys]
    elif isinstance(recorded, list) and isinstance(recomputed, list) and len(recorded) == len(recomputed):
        pairs = [(f"{where}[{i}]", *pair) for i, pair in enumerate(zip(recorded, recomputed, strict=True))]
    elif recorded != recomputed:
        return [Difference(where, str(recorded), str(recomputed))]
    else:
        return []
    return [difference for pair in pairs for difference in _compare(*pair)]
