"""No byte of a bundle can be changed unseen, and what is named is the file or record it is in.

In the archive as it lies there the checksums see it: each byte of its headers, of its directory and of its small files
is tried, and of the large files one in seven, since a CRC sees any one byte wherever it lies. A forger mends those, so
the same is tried behind them, where hashes, signatures and proofs must see it.
"""

from __future__ import annotations

from bench.evidence.bundle_reading import read_bundle
from bench.evidence.checks import Report
from bench.evidence.integrity import check_integrity
from bench.evidence.remarks import UnsoundError
from tests.evidence.bundles import Mender, failed, places, said, unpacked, verified

EVERY_OF_LARGE, BEHIND_OF_LARGE, LARGE_BYTES = 7, 211, 400


def owners(bundle: bytes) -> list[str]:
    """Of each byte of the archive the file whose content it is; "" for headers and directory."""
    found = [""] * len(bundle)
    for name, (first, end) in places(bundle).items():
        found[first:end] = [name] * (end - first)
    return found


def record_lines(bundle: bytes) -> list[int]:
    """Of each byte of records.jsonl the number of its record; its line end belongs to it."""
    lines = unpacked(bundle)["records.jsonl"].splitlines(keepends=True)
    return [number for number, line in enumerate(lines) for _ in line]


def why(bundle: bytes) -> str:
    """What `bench verify` says of an archive whose checksums do not fit; "" where nothing is wrong with it."""
    try:
        read_bundle(bundle)
    except UnsoundError as error:
        return error.why.in_language("en")
    return ""


def tried(bundle: bytes) -> list[int]:
    """Each byte of the archive but those within large files, of which some."""
    within = {
        at
        for first, end in places(bundle).values()
        if end - first > LARGE_BYTES
        for at in range(first, end)
        if (at - first) % EVERY_OF_LARGE and at != end - 1
    }
    return [at for at in range(len(bundle)) if at not in within]


def test_every_flipped_byte_is_found_and_its_place_named(smallest: bytes) -> None:
    owner, record_of = owners(smallest), record_lines(smallest)
    first_record, _ = places(smallest)["records.jsonl"]
    changed = bytearray(smallest)
    wrong = []
    for at in tried(smallest):
        changed[at] ^= 1 << at % 8
        found = why(bytes(changed))
        changed[at] ^= 1 << at % 8
        if owner[at] == "records.jsonl":
            is_named = f"record {record_of[at - first_record]} " in found
        elif owner[at]:
            is_named = f"the file {owner[at]} (from byte" in found
        else:
            is_named = "byte " in found
        if not is_named:
            wrong.append((at, owner[at], found))
    assert wrong == []


def test_what_is_read_of_a_damaged_archive_is_what_a_verification_says(smallest: bytes) -> None:
    changed = bytearray(smallest)
    changed[places(smallest)["records.jsonl"][0] + 5] ^= 1
    report = verified(bytes(changed))
    assert failed(report) == {"archive"}
    assert why(bytes(changed)) in said(report)


def integrity(bundle: bytes) -> str:
    """All that is wrong with a bundle before anything is computed; "" for nothing."""
    report = Report("bundle")
    try:
        check_integrity(read_bundle(bundle), (), report)
    except UnsoundError as error:
        return error.why.in_language("en")
    return said(report)


def is_records(name: str) -> bool:
    return name == "records.jsonl"


def names(name: str, number: int | None) -> list[str]:
    """How a file is named in what is said of it, or the record of this number."""
    if number is not None:
        return [f"record {number} ", f"records.jsonl, line {number + 1}:"]
    # What the table of contents says is believed only when its signature is; then nothing else is either.
    return ["manifest.sig", "manifest.json"] if name.startswith("manifest.") else [name]


def test_every_flipped_byte_is_found_behind_the_checksums(smallest: bytes) -> None:
    assert integrity(smallest) == ""
    mender, files = Mender(smallest), unpacked(smallest)
    record_of = record_lines(smallest)
    unseen, not_named = [], []
    for name, content in files.items():
        step = BEHIND_OF_LARGE if len(content) > LARGE_BYTES else 1
        for at in range(0, len(content), step):
            changed = bytearray(content)
            changed[at] ^= 1 << at % 8
            found = integrity(mender.changed(name, bytes(changed)))
            if not found:
                unseen.append((name, at))
            right = names(name, record_of[at] if is_records(name) else None)
            if at == len(content) - 1:
                right.append(f"the end of {name}")  # the byte that ends its last line
            if not any(named in found for named in right):
                not_named.append((name, at, found))
    assert unseen == []
    assert not_named == []
