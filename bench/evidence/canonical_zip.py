"""Archives that have one spelling: the same files give the same bytes, and any other byte is found and its place named.

A zip has many places where bytes may stand that nobody looks at: times, extra fields, comments, gaps, two headers for
each file that may disagree. Here each of them has one value (docs/evidence.md lists them) and nothing is compressed,
since compressed bytes differ between libraries. So a reader needs no zip library: it goes from one file to the next,
writes what the header of each would be, writes what the directory at the end would be, and compares.

What the checksum of a file does not fit is kept apart from what is not canonical: the archive can still be taken to
pieces then, and the caller can say more of that file than its name.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from bench.errors import OperatorError
from bench.evidence.remarks import unsound

_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_NEEDED, _MADE_BY = 20, 3 << 8 | 20  # version 2.0; by 2.0 on Unix
_UTF8, _STORED = 1 << 11, 0
_TIME, _DATE = 0, 1 << 5 | 1  # 1980-01-01 00:00:00
_FILE_MODE = 0o100644 << 16
_LOCAL_FIELDS = (
    "mark", "version", "flags", "method", "time", "date", "checksum", "size", "size", "name length", "extra field",
)  # fmt: skip
_METHOD, _CHECKSUM = 3, 6

LARGEST_BYTES = 1 << 31
"""Of an archive, which is held in memory; a run of a day with 48 meters stays below a tenth of it."""
_MOST_FILES = 65_534
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """is_intact: its checksum fits its content. at: place of its header in the archive."""

    name: str
    content: bytes
    is_intact: bool
    at: int


@lru_cache(maxsize=1 << 16)
def is_plain(name: str) -> bool:
    """Whether a name is a path downwards that every system can write."""
    parts = name.split("/")
    return (
        len(name.encode("utf-8", "replace")) <= _LONGEST_NAME
        and name.isprintable()
        and not set(name) & set('\\:*?"<>|')
        and all(part == part.strip() and part not in ("", ".", "..") for part in parts)
    )


def write_archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    """The archive of these files, in this order. Errors: OperatorError where it would be too large."""
    pieces: list[bytes] = []
    directory: list[bytes] = []
    at = 0
    for name, content in files:
        raw_name, checksum = name.encode(), zlib.crc32(content)
        pieces += (_local(raw_name, checksum, len(content)), content)
        directory.append(_central(raw_name, checksum, len(content), at))
        at += len(pieces[-2]) + len(content)
    whole = b"".join((*pieces, *directory, _end(directory, at)))
    if len(whole) > LARGEST_BYTES or len(directory) > _MOST_FILES:
        raise OperatorError(
            f"{len(directory)} files of {len(whole)} bytes are more than an archive of this format holds; "
            "make shorter runs"
        )
    return whole


def read_archive(data: bytes) -> list[ArchivedFile]:
    """The files of an archive. Errors: UnsoundError that names the place where it is not as `write_archive` writes."""
    if len(data) > LARGEST_BYTES:
        raise unsound("zip_too_large", bytes=len(data), most=LARGEST_BYTES)
    files: list[ArchivedFile] = []
    checksums: list[int] = []
    seen: set[str] = set()
    at = 0
    while data[at : at + 4] == _LOCAL_MARK:
        after = files[-1].name if files else ""
        file, checksum, end = _file_at(data, at, after)
        if file.name in seen:
            raise unsound("zip_twice", name=file.name, at=at)
        seen.add(file.name)
        files.append(file)
        checksums.append(checksum)
        at = end
    if not files:
        raise unsound("zip_none", at=0)
    if len(files) > _MOST_FILES:
        raise unsound("zip_too_many", files=len(files), most=_MOST_FILES)
    if data[at : at + 4] != _CENTRAL_MARK:
        raise unsound("zip_mark", at=at, after=files[-1].name)
    if all(file.is_intact for file in files):
        rows = zip(files, checksums, strict=True)
        directory = [
            _central(file.name.encode(), checksum, len(file.content), file.at) for file, checksum in rows
        ]
        _require_tail(data, at, directory, files)
    return files


def _local(name: bytes, checksum: int, size: int) -> bytes:
    fixed = (_LOCAL_MARK, _NEEDED, _UTF8, _STORED, _TIME, _DATE)
    return _LOCAL.pack(*fixed, checksum, size, size, len(name), 0) + name


def _central(name: bytes, checksum: int, size: int, at: int) -> bytes:
    fixed = (_CENTRAL_MARK, _MADE_BY, _NEEDED, _UTF8, _STORED, _TIME, _DATE)
    return _CENTRAL.pack(*fixed, checksum, size, size, len(name), 0, 0, 0, 0, _FILE_MODE, at) + name


def _end(directory: Sequence[bytes], at: int) -> bytes:
    count, length = len(directory), sum(map(len, directory))
    return _END.pack(_END_MARK, 0, 0, count & 0xFFFF, count & 0xFFFF, length, at & 0xFFFFFFFF, 0)


def _file_at(data: bytes, at: int, after: str) -> tuple[ArchivedFile, int, int]:
    """The file whose header begins here, the checksum in it, and where the file ends."""
    header = data[at : at + _LOCAL.size]
    if len(header) < _LOCAL.size:
        raise unsound("zip_ends_early", at=len(data), after=after)
    fields = _LOCAL.unpack(header)
    checksum, size, name_length = fields[_CHECKSUM], fields[8], fields[9]
    raw_name = data[at + _LOCAL.size : at + _LOCAL.size + name_length]
    try:
        name = raw_name.decode("utf-8")
    except UnicodeDecodeError:
        name = ""
    if len(raw_name) < name_length or not is_plain(name):
        raise unsound("zip_name", at=at, name=raw_name[:_LONGEST_NAME].decode("utf-8", "replace"))
    if (wanted := _local(raw_name, checksum, size)[: _LOCAL.size]) != header:
        _refuse_header(name, at, fields, _LOCAL.unpack(wanted))
    first = at + _LOCAL.size + name_length
    content = data[first : first + size]
    if len(content) < size:
        raise unsound("zip_size", name=name, at=at, size=size, left=len(data) - first)
    return ArchivedFile(name, content, zlib.crc32(content) == checksum, at), checksum, first + size


def _refuse_header(name: str, at: int, fields: Sequence[object], wanted: Sequence[object]) -> NoReturn:
    """Names the first field that is not as it is written."""
    if fields[_METHOD] != _STORED:
        raise unsound("zip_compressed", name=name, at=at, method=fields[_METHOD])
    for field, found, want in zip(_LOCAL_FIELDS, fields, wanted, strict=True):
        if found != want:
            raise unsound("zip_header", name=name, at=at, field=field, found=found, wanted=want)
    raise AssertionError("two headers that differ differ in a field")


def _require_tail(data: bytes, at: int, directory: Sequence[bytes], files: Sequence[ArchivedFile]) -> None:
    """After the last file come the directory and the end of the archive, and nothing else."""
    tail = b"".join((*directory, _end(directory, at)))
    if data[at:] == tail:
        return
    differs = next((i for i, (a, b) in enumerate(zip(data[at:], tail, strict=False)) if a != b), None)
    if differs is None:
        differs = min(len(data) - at, len(tail))
    place = differs
    for row, file in zip(directory, files, strict=True):
        if place < len(row):
            raise unsound("zip_directory", at=at + differs, name=file.name)
        place -= len(row)
    raise unsound("zip_end", at=at + differs, bytes=len(data), wanted=at + len(tail))
