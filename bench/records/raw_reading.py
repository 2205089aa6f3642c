"""The raw files of a recorded run, read once and checked against every record that names them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
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


class RawFiles(Protocol):
    """Where the raw files of one run are kept."""

    def parts(self, name: str, first: int, end: int) -> Iterator[bytes]:
        """The bytes of a file from the one numbered `first` to before `end`, or as many as there are.

        Errors: OperatorError where there is no such file, or it cannot be read.
        """
        ...


class FolderFiles:
    """Raw files in the folder of a run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def parts(self, name: str, first: int, end: int) -> Iterator[bytes]:
        path = self._folder / name
        if not path.is_file():
            raise OperatorError(f"{path}: the raw file is missing; restore it from a back-up")
        try:
            yield from chunks(path, first, end)
        except OSError as error:
            raise OperatorError(f"{path}: {error.strerror}; the raw file must be readable") from error


class RawReader(Protocol):
    """The bytes of raw files back to edges and samples; `name`: of the file, for what is said of it."""

    def edges(self, raw: bytes) -> EdgeTrain: ...

    def samples(self, raw: bytes, name: str) -> Iterator[ReferenceSample]: ...


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


class RawDigests:
    """The raw files of one run against the records that name them."""

    def __init__(self, files: RawFiles) -> None:
        self._files = files
        self._digests: dict[str, _Digest] = {}

    def changed(self, number: int, named: JsonObject) -> list[Difference]:
        """Files that are not what a record says they were. named: its `raw_files`.

        Errors: OperatorError where one is missing; DAMAGED.
        """
        differences = []
        for name, known in named.items():
            found = self._sha256(name, int(known["bytes"]))
            if found != known["sha256"]:
                differences.append(Difference(f"record {number}, {name}", known["sha256"], found))
        return differences

    def _sha256(self, name: str, length: int) -> str:
        """Of the first `length` bytes. The records name ever longer beginnings, so each byte is hashed once."""
        digest = self._digests.get(name)
        if digest is None or digest.length > length:
            digest = self._digests[name] = _Digest()
        for chunk in self._files.parts(name, digest.length, length):
            digest.state.update(chunk)
            digest.length += len(chunk)
        return digest.state.hexdigest()


class RawRun:
    """Edges and readings of one run, as far as its last record knows them."""

    def __init__(self, files: RawFiles, reader: RawReader, records: Sequence[StoredRecord]) -> None:
        self._files = files
        self._reader = reader
        self._lengths: dict[str, int] = {}
        for record in records:
            for name, known in _raw_files(record).items():
                self._lengths[name] = max(self._lengths.get(name, 0), int(known["bytes"]))
        self._hashed = RawDigests(files)
        self._edges: dict[str, EdgeTrain] = {}

    def has_line(self, line: str) -> bool:
        return edges_file(line) in self._lengths

    def edges_of(self, line: str) -> EdgeTrain:
        """All edges of a pulse line."""
        if line not in self._edges:
            name = edges_file(line)
            self._edges[line] = self._reader.edges(self._whole(name))
        return self._edges[line]

    def readings_since(self, first_ns: int) -> ReferenceReadings:
        """The reference's readings from an instant on, with its faults."""
        return self._polls.readings_since(first_ns)

    @cached_property
    def _polls(self) -> Acquisition:
        """The reference's polls through the same stores as the live ones."""
        acquisition = Acquisition(())
        for sample in self._reader.samples(self._whole(REFERENCE_FILE), REFERENCE_FILE):
            acquisition.add_sample(sample)
        return acquisition

    def _whole(self, name: str) -> bytes:
        return b"".join(self._files.parts(name, 0, self._lengths[name]))

    def changed_files(self, number: int, fields: JsonObject) -> list[Difference]:
        """Files that are not what this record says they were. Errors: OperatorError where one is missing."""
        return self._hashed.changed(number, fields["raw_files"])
