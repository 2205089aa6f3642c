"""Archives that are not as the bench writes them are refused by name, and no bytes make a verification fall over."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import time
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.canonical import canonical_bytes
from bench.errors import OperatorError
from bench.evidence import canonical_zip
from bench.evidence.bundle_reading import read_records
from bench.evidence.canonical_zip import read_archive, write_archive
from bench.evidence.remarks import UnsoundError
from tests.evidence.bundles import Fields, Forger, Mender, failed, other_key, said, unpacked, verified

FILES = [("a.txt", b"alpha"), ("b/c.bin", bytes(range(200))), ("empty", b"")]


def refusal(data: bytes) -> str:
    with pytest.raises(UnsoundError) as caught:
        read_archive(data)
    assert caught.value.why.in_language("zh")
    return caught.value.why.in_language("en")


def by_library(compression: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in FILES:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, compression)
        archive.comment = comment
    return buffer.getvalue()


def test_what_is_written_is_read_again() -> None:
    archive = write_archive(FILES)
    assert [(file.name, file.content) for file in read_archive(archive)] == FILES
    assert all(file.is_intact for file in read_archive(archive))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (b"", "byte 0: here the first file should begin"),
        (b"PK\x03\x04", "ends within the header"),
        (b"%PDF-1.7", "byte 0"),
        (by_library(), "header of the file a.txt: flags is 0, and must be 2048"),
        (by_library(zipfile.ZIP_DEFLATED), "the file a.txt is compressed (method 8)"),
        (write_archive(FILES) + b"\n", "the end of the archive is not canonical"),
        (write_archive(FILES)[:-1], "the end of the archive is not canonical"),
        (b"\n" + write_archive(FILES), "byte 0"),
        (write_archive([("../passwd", b"x")]), "'../passwd' cannot be the name of a file"),
        (write_archive([("/etc/passwd", b"x")]), "cannot be the name of a file"),
        (write_archive([("a//b", b"x")]), "cannot be the name of a file"),
        (write_archive([("a/./b", b"x")]), "cannot be the name of a file"),
        (write_archive([("a\\b", b"x")]), "cannot be the name of a file"),
        (write_archive([("C:evil", b"x")]), "cannot be the name of a file"),
        (write_archive([("new\nline", b"x")]), "cannot be the name of a file"),
        (write_archive([("x" * 201, b"x")]), "cannot be the name of a file"),
        (write_archive([*FILES, FILES[0]]), "the file a.txt is there twice"),
    ],
)  # fmt: skip
def test_another_spelling_of_an_archive_is_refused_by_name(made: bytes, words: str) -> None:
    assert words in refusal(made)


def test_a_size_that_is_not_there_is_refused_before_anything_is_read() -> None:
    archive = bytearray(write_archive(FILES))
    struct.pack_into("<LL", archive, 18, 0xFFFFFFF0, 0xFFFFFFF0)
    assert "says it has 4294967280 bytes" in refusal(bytes(archive))


def test_the_two_headers_of_a_file_must_agree() -> None:
    archive = write_archive(FILES)
    row = archive.index(b"PK\x01\x02")
    for at in range(row, len(archive)):
        changed = bytearray(archive)
        changed[at] ^= 0x10
        assert "byte" in refusal(bytes(changed))


def test_a_gap_between_files_is_refused() -> None:
    first = write_archive(FILES[:1])
    gap = first.index(b"PK\x01\x02")
    assert "after the file a.txt: here begins neither another file" in refusal(
        first[:gap] + b"xx" + first[gap:]
    )


def test_more_than_an_archive_holds_is_neither_written_nor_read(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = write_archive(FILES)
    monkeypatch.setattr(canonical_zip, "LARGEST_BYTES", len(archive) - 1)
    assert "a bundle has at most" in refusal(archive)
    with pytest.raises(OperatorError, match="more than an archive of this format holds"):
        write_archive(FILES)
    monkeypatch.undo()
    monkeypatch.setattr(canonical_zip, "_MOST_FILES", 2)
    assert "it has 3 files; at most 2" in refusal(archive)


# --- what is in it


Rebuild = Callable[[dict[str, bytes]], list[tuple[str, bytes]]]


@pytest.mark.parametrize(
    ("rebuilt", "words"),
    [
        (lambda f: list(f.items())[::-1], "the first two files must be manifest.json and manifest.sig"),
        (lambda f: [*f.items(), ("more.txt", b"x")], "more.txt is not listed in manifest.json"),
        (lambda f: [(n, c) for n, c in f.items() if n != "README.txt"], "manifest.json lists the file README.txt"),
        (
            lambda f: [*list(f.items())[:-2], *list(f.items())[:-3:-1]],
            "README.txt is not in the place where manifest.json lists it",
        ),
        (
            lambda f: list((f | {"manifest.json": f["manifest.json"].replace(b'"format":1', b'"format":2')}).items()),
            "format 2 is newer than this software",
        ),
        (
            lambda f: list((f | {"manifest.json": f["manifest.json"] + b"\n"}).items()),
            "manifest.json is not a canonical table of contents",
        ),
        (lambda f: list((f | {"manifest.json": b"[" * 100_000}).items()), "manifest.json is not a canonical"),
        (lambda f: list((f | {"records.jsonl": f["records.jsonl"][:-1]}).items()), "records.jsonl is not whole"),
        (lambda f: list((f | {"records.jsonl": b"[1]\n"}).items()), "records.jsonl, line 1: no record"),
        (lambda f: list((f | {"records.jsonl": f["records.jsonl"] * 2}).items()), "record 0 is not in its place"),
    ],
)  # fmt: skip
def test_a_bundle_with_other_contents_is_refused_by_name(
    smallest: bytes, rebuilt: Rebuild, words: str
) -> None:
    report = verified(write_archive(rebuilt(unpacked(smallest))))
    assert failed(report) == {"archive"}
    assert words in said(report)


def test_sixty_thousand_files_in_another_order_are_refused_at_once(smallest: bytes) -> None:
    files = unpacked(smallest)
    made = {f"zz/{number:05d}": b"" for number in range(60_000)}
    listed = json.loads(files["manifest.json"])
    empty = {"bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    listed["files"] += [{"name": name, **empty} for name in made]
    files["manifest.json"] = canonical_bytes(listed)
    began = time.process_time()
    report = verified(write_archive([*files.items(), *reversed(made.items())]))
    assert time.process_time() - began < 10
    assert "is not in the place where manifest.json lists it" in said(report)


def not_holding(data: bytes) -> None:
    report = verified(data)
    assert not report.holds
    assert said(report)
    for check in report.checks:
        for language in ("zh", "en"):
            assert check.says.in_language(language)
            assert all(each.in_language(language) for each in check.more)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_no_bundle(data: bytes, begins_as_one: bool) -> None:
    not_holding(b"PK\x03\x04" + data if begins_as_one else data)


@settings(max_examples=60)
@given(data=st.data())
def test_a_bundle_with_any_files_changed_does_not_hold(smallest: bytes, data: st.DataObject) -> None:
    files = unpacked(smallest)
    name = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[name])
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    if bytes(content) != files[name]:
        not_holding(write_archive((files | {name: bytes(content)}).items()))
        if len(content) == len(files[name]):
            not_holding(Mender(smallest).changed(name, bytes(content)))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text(max_size=6)
    | st.sampled_from(["-1", "1e999", "nan"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


def replaced(value: object, data: st.DataObject) -> object:
    """The value with one thing somewhere in it replaced by any JSON."""
    keys: list[object] = []
    if isinstance(value, dict):
        keys = sorted(value)
    elif isinstance(value, list):
        keys = list(range(len(value)))
    if not keys or data.draw(st.integers(0, 5)) == 0:
        return data.draw(JSON)
    key = data.draw(st.sampled_from(keys))
    value[key] = replaced(value[key], data)  # type: ignore[index]
    return value


@settings(max_examples=60)
@given(data=st.data())
def test_records_that_a_stranger_has_written_and_signed_make_no_verification_fall_over(
    smallest: bytes, data: st.DataObject
) -> None:
    forger = Forger(smallest)
    record: Fields = data.draw(st.sampled_from(forger.records))
    key = data.draw(st.sampled_from(sorted(set(record) - {"number"})))
    record[key] = replaced(record[key], data)
    report = verified(forger.bundle(other_key()))
    for check in report.checks:
        assert check.says.in_language("en")
        assert all(each.in_language("zh") for each in check.more)


@pytest.mark.parametrize(
    "line",
    [
        b'{"kind":"x","kind":"y","number":0,"run":"r"}',
        b'{"kind": "x","number":0,"run":"r"}',
        b'{"number":0,"kind":"x","run":"r"}',
        b'{"kind":"x","n":1.0,"number":0,"run":"r"}',
        b'{"kind":"\\u0078","number":0,"run":"r"}',
        b'{"kind":"x","n":NaN,"number":0,"run":"r"}',
    ],
)
def test_a_record_has_one_spelling(line: bytes) -> None:
    assert len(read_records(b'{"kind":"x","number":0,"run":"r"}\n')) == 1
    with pytest.raises(UnsoundError):
        read_records(line + b"\n")
