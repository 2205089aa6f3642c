"""The raw files of a run: what the devices said, byte by byte, before anything is computed from it.

`runs/<run>/edges-<position>.bin` holds the kernel's edge records, `runs/<run>/reference.jsonl` one poll a
line. Written by the journal's thread only, synced every second. A result names each file with the number of
bytes that had been written when its window ended and their SHA-256.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from bench.ports import ReferenceSample
from bench.synced_folder import sync_folder

REFERENCE_FILE = "reference.jsonl"
_CHUNK_BYTES = 1 << 20


def edges_file(position: str) -> str:
    return f"edges-{position}.bin"


class HashedFile:
    """A binary file that is only appended to and knows the SHA-256 of what it holds."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        self._hash = hashlib.sha256()
        self.length = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self.length += len(data)

    def sha256(self) -> str:
        return self._hash.hexdigest()

    def sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self.sync()
        self._file.close()

    def let_go(self) -> None:
        with suppress(OSError):
            self._file.close()


class RunFiles:
    """All raw files of one run."""

    def __init__(
        self,
        folder: Path,
        positions: Sequence[str],
        encode_sample: Callable[[ReferenceSample], bytes],
    ) -> None:
        folder.mkdir(parents=True)
        self._encode_sample = encode_sample
        self._edges = {position: HashedFile(folder / edges_file(position)) for position in positions}
        self._reference = HashedFile(folder / REFERENCE_FILE)
        sync_folder(folder)
        sync_folder(folder.parent)

    def write_edges(self, position: str, raw: bytes) -> None:
        if (file := self._edges.get(position)) is not None:  # a position without a meter is not recorded
            file.write(raw)

    def write_samples(self, samples: Sequence[ReferenceSample]) -> None:
        self._reference.write(b"".join(map(self._encode_sample, samples)))

    def sync(self) -> None:
        for file in (*self._edges.values(), self._reference):
            file.sync()

    def digests(self) -> dict[str, dict[str, int | str]]:
        """Name -> bytes and SHA-256 of what has been written so far; synced first, so it is true on disk."""
        self.sync()
        files = {edges_file(position): file for position, file in self._edges.items()}
        files[REFERENCE_FILE] = self._reference
        return {name: {"bytes": file.length, "sha256": file.sha256()} for name, file in files.items()}

    def close(self) -> None:
        for file in (*self._edges.values(), self._reference):
            file.close()

    def let_go(self) -> None:
        """Closed, whatever their disk still takes."""
        for file in (*self._edges.values(), self._reference):
            file.let_go()


def digests_on_disk(folder: Path) -> dict[str, dict[str, int | str]]:
    """The same of the files that a dead process left behind."""
    if not folder.is_dir():
        return {}
    return {
        path.name: {"bytes": path.stat().st_size, "sha256": sha256_of(path, path.stat().st_size)}
        for path in sorted(folder.iterdir())
        if path.is_file()
    }


def sha256_of(path: Path, length: int) -> str:
    """SHA-256 of the first `length` bytes of a file."""
    digest = hashlib.sha256()
    for chunk in chunks(path, 0, length):
        digest.update(chunk)
    return digest.hexdigest()


def chunks(path: Path, first: int, end: int) -> Iterator[bytes]:
    """The bytes of a file from the one numbered `first` to before `end`, or as many as there are."""
    with path.open("rb") as file:
        file.seek(first)
        while first < end and (chunk := file.read(min(end - first, _CHUNK_BYTES))):
            yield chunk
            first += len(chunk)
