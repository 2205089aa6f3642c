"""The raw files of a recorded run, read once and checked against every record that names them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from bench.canonical import JsonObject
from bench.errors import OperatorError
from bench.measurement.acquisition import Acquisition
from bench.ports import ReferenceSample
from bench.records.differences import DAMAGED, Difference
from bench.records.journal_reading import StoredRecord
from bench.records.raw_files import REFERENCE_FILE, chunks, edges_file
from calibration.quantities import EdgeTrain, ReferenceReadings


class RawReader(Protocol):
    """Raw files back to edges and samples; `length`: how many bytes count."""

    def edges(self, path: Path, length: int) -> EdgeTrain: ...

    def samples(self, path: Path, length: int) -> Sequence[ReferenceSample]: ...


ReaderFor = Callable[[JsonObject], RawReader]
"""Makes the reader of a run's raw files of the record of its frozen inputs."""


@dataclass
class _Digest:
    """SHA-256 of a growing beginning of a file."""

    length: int = 0
    state: hashlib._Hash = field(default_factory=hashlib.sha256)


def _raw_files(record: StoredRecord) -> JsonObject:
    """Of a record that cannot be read, nothing: it is named when its turn comes."""
    try:
        found = record.fields().get("raw_files", {})
        return {name: known for name, known in found.items() if int(known["bytes"]) >= 0}
    except DAMAGED:
        return {}


class RawRun:
    """Edges and readings of one run, as far as its last record knows them."""

    def __init__(self, folder: Path, reader: RawReader, records: Sequence[StoredRecord]) -> None:
        self._folder = folder
        self._reader = reader
        self._lengths: dict[str, int] = {}
        for record in records:
            for name, known in _raw_files(record).items():
                self._lengths[name] = max(self._lengths.get(name, 0), int(known["bytes"]))
        self._digests: dict[str, _Digest] = {}
        self._edges: dict[str, EdgeTrain] = {}

    def has_line(self, line: str) -> bool:
        return edges_file(line) in self._lengths

    def edges_of(self, line: str) -> EdgeTrain:
        """All edges of a pulse line."""
        if line not in self._edges:
            name = edges_file(line)
            self._edges[line] = self._reader.edges(self._folder / name, self._lengths[name])
        return self._edges[line]

    def readings_since(self, first_ns: int) -> ReferenceReadings:
        """The reference's readings from an instant on, with its faults."""
        return self._polls.readings_since(first_ns)

    @cached_property
    def _polls(self) -> Acquisition:
        """The reference's polls through the same stores as the live ones."""
        acquisition = Acquisition(())
        for sample in self._reader.samples(self._folder / REFERENCE_FILE, self._lengths[REFERENCE_FILE]):
            acquisition.add_sample(sample)
        return acquisition

    def changed_files(self, number: int, fields: JsonObject) -> list[Difference]:
        """Files that are not what this record says they were. Errors: OperatorError where one is missing."""
        differences = []
        for name, known in fields["raw_files"].items():
            found = self._sha256(name, int(known["bytes"]))
            if found != known["sha256"]:
                differences.append(Difference(f"record {number}, {name}", known["sha256"], found))
        return differences

    def _sha256(self, name: str, length: int) -> str:
        """Of the first `length` bytes. The records name ever longer beginnings, so each byte is hashed once."""
        path = self._folder / name
        if not path.is_file():
            raise OperatorError(f"{path}: the raw file is missing; restore it from a back-up")
        digest = self._digests.get(name)
        if digest is None or digest.length > length:
            digest = self._digests[name] = _Digest()
        try:
            for chunk in chunks(path, digest.length, length):
                digest.state.update(chunk)
                digest.length += len(chunk)
        except OSError as error:
            raise OperatorError(f"{path}: {error.strerror}; the raw file must be readable") from error
        return digest.state.hexdigest()
