"""What is in a bundle, and by which names, in the order of the archive (docs/evidence.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bench.records.journal_reading import StoredRecord

CHECKPOINT_FILE, KEY_FILE, RECORDS_FILE = "checkpoint.txt", "public-key.txt", "records.jsonl"
PAGE_FILE, README_FILE = "verify.html", "README.txt"
CERTIFICATES = "certificates/"
CERTIFICATE_SUFFIXES = (".pdf", ".xml")


def proof_file(number: int) -> str:
    """Of a record."""
    return f"proofs/{number:09d}.txt"


def raw_file(run_id: str, name: str) -> str:
    return f"runs/{run_id}/{name}"


def raw_files_of(last: StoredRecord) -> dict[str, int]:
    """Name -> length of the raw files of a run, as far as its last record names them."""
    return {name: int(known["bytes"]) for name, known in last.fields()["raw_files"].items()}


def names_in_order(runs: Mapping[str, Sequence[StoredRecord]], certificates: Iterable[str]) -> list[str]:
    """All names after the manifest and its signature. certificates: names of their files."""
    numbers = [record.number for records in runs.values() for record in records]
    raw = [raw_file(run, name) for run, records in runs.items() for name in raw_files_of(records[-1])]
    return [
        CHECKPOINT_FILE,
        KEY_FILE,
        RECORDS_FILE,
        *map(proof_file, sorted(numbers)),
        *sorted(raw),
        *sorted(CERTIFICATES + name for name in certificates),
        PAGE_FILE,
        README_FILE,
    ]
