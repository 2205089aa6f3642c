"""A back-up as one file: tar, packed by gzip, whose last member is the manifest with length and SHA-256 of all others.

It is written under another name and gets its own when it is whole and on the disk, so there is no half one; a file that
was cut has no manifest. Unpacking writes only names that a bench has, into an empty folder.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from bench.canonical import JsonObject, canonical_bytes
from bench.errors import OperatorError
from bench.whole_files import synced_file, whole_file

SUFFIX = ".backup.tar.gz"
FORMAT = 1
_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 64 << 20
_QUICK = 1
"""Level of gzip: raw files shrink to a fifth with it, and a Pi is not kept busy."""
_PIECE = 1 << 20
_PRIVATE = 0o600
_NAMES = re.compile(
    r"(journal|registry|casework)\.sqlite|bench\.toml|keys\.box|"
    r"(keys|certificates)/[A-Za-z0-9][\w.-]*|runs/run-\d+/[A-Za-z0-9][\w.-]*"
)


class _Hashed(io.RawIOBase):
    """Counts and hashes what is read through it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.bytes = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        self.bytes += len(data)
        return data

    @property
    def told(self) -> JsonObject:
        return {"bytes": self.bytes, "sha256": self.digest.hexdigest()}


class Packing:
    """An archive that is being written."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._files: dict[str, JsonObject] = {}

    def add(self, name: str, path: Path) -> None:
        """As long as it is now: what is appended meanwhile belongs to the next one."""
        assert _NAMES.fullmatch(name), name
        with path.open("rb") as file:
            self._add(name, file, os.fstat(file.fileno()).st_size)

    def add_bytes(self, name: str, content: bytes) -> None:
        self._add(name, io.BytesIO(content), len(content))

    def _add(self, name: str, file: BinaryIO, size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, _PRIVATE
        hashed = _Hashed(file)
        self._tar.addfile(member, hashed)
        self._files[name] = hashed.told

    def finish(self, said: Mapping[str, object]) -> None:
        manifest = canonical_bytes({**said, "format": FORMAT, "files": self._files})
        member = tarfile.TarInfo(_MANIFEST)
        member.size, member.mode = len(manifest), _PRIVATE
        self._tar.addfile(member, io.BytesIO(manifest))


@contextmanager
def packing(target: Path) -> Iterator[Packing]:
    """The file is there when this is left without an error, and not at all after one. Errors: OperatorError."""
    try:
        with (
            whole_file(target, _PRIVATE) as file,
            gzip.GzipFile("", "wb", _QUICK, file, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w|") as tar,
        ):
            yield Packing(tar)
    except OSError as error:
        raise OperatorError(
            f"{target} cannot be written: {error.strerror or error}; make room, or choose another folder"
        ) from error


def unpack(archive: Path, folder: Path) -> JsonObject:
    """Every member into an empty folder, on the disk; the manifest, when all of it holds.

    Errors: OperatorError where the file is cut, changed or none of ours; OSError where the disk is full.
    """
    try:
        packed: BinaryIO = archive.open("rb")
    except OSError as error:
        raise OperatorError(f"{archive}: {error.strerror}; name the file of a back-up") from error
    found: dict[str, JsonObject] = {}
    manifest: JsonObject | None = None
    with packed:
        try:
            with gzip.GzipFile(fileobj=packed) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
                for member in tar:
                    if manifest is not None or not member.isreg():
                        raise _not_whole(archive, f"{member.name} does not belong there")
                    content = tar.extractfile(member)
                    assert content is not None, "a regular member has content"
                    if member.name == _MANIFEST:
                        manifest = _manifest(content.read(_LARGEST_MANIFEST))
                    elif not _NAMES.fullmatch(member.name) or member.name in found:
                        raise _not_whole(archive, f"{member.name} does not belong there")
                    else:
                        found[member.name] = _written(_Hashed(content), folder / member.name)
                while plain.read(_PIECE):  # to its own checksum
                    pass
        except (
            tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, RecursionError,
        ) as error:  # fmt: skip
            raise _not_whole(archive, str(error)) from error
    if manifest is None:
        raise _not_whole(archive, "its end is missing")
    if manifest["format"] != FORMAT:
        raise OperatorError(f"{archive} was made by a newer release; restore it with that")
    if not _says_all(manifest):
        raise _not_whole(archive, "its manifest is none")
    for name in sorted(set(found) | set(manifest["files"])):
        if found.get(name) != manifest["files"].get(name):
            raise _not_whole(archive, f"{name} is not what was packed")
    return manifest


def _manifest(content: bytes) -> JsonObject:
    manifest = json.loads(content)
    if (
        not isinstance(manifest, dict)
        or not isinstance(manifest.get("files"), dict)
        or "format" not in manifest
    ):
        raise ValueError("its manifest is none")
    return manifest


def _says_all(manifest: JsonObject) -> bool:
    """Whether it has what a restore goes by, so that none ends in the middle for the want of it."""
    counters = manifest.get("counters")
    return (
        isinstance(manifest.get("bench"), str)
        and isinstance(manifest.get("made"), str)
        and isinstance(manifest.get("has_keys"), bool)
        and isinstance(counters, dict)
        and all(isinstance(counter, int) for counter in counters.values())
    )


def _written(content: _Hashed, path: Path) -> JsonObject:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with synced_file(path, _PRIVATE) as file:
        while piece := content.read(_PIECE):
            file.write(piece)
    return content.told


def _not_whole(archive: Path, why: str) -> OperatorError:
    return OperatorError(
        f"{archive} is no whole back-up ({why}); nothing was changed; take another copy of it, or an earlier one"
    )
