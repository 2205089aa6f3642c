"""The table of contents of a bundle: which runs it is of, which tree proves their records, every file by its hash.

`manifest.json` is one canonical JSON object; `manifest.sig` is a signed note over its hash, so that one signature
covers every file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.canonical import canonical_bytes
from bench.evidence.remarks import unsound
from bench.records.differences import DAMAGED
from bench.transparency.notes import sign_note

FORMAT = 1
MANIFEST_FILE, SIGNATURE_FILE = "manifest.json", "manifest.sig"
_HEAD = "meter-test-bench/bundle"
_SHA256 = re.compile("[0-9a-f]{64}")
_KEYS = frozenset({"format", "bench", "run", "runs", "tree_size", "root_sha256", "files"})
_FILE_KEYS = frozenset({"name", "bytes", "sha256"})


@dataclass(frozen=True, slots=True)
class ListedFile:
    name: str
    bytes: int
    sha256: str


def listed(name: str, content: bytes) -> ListedFile:
    return ListedFile(name, len(content), hashlib.sha256(content).hexdigest())


@dataclass(frozen=True, slots=True)
class Manifest:
    """runs: the run and those that it took verdicts over from, by number. files: all but the manifest and its
    signature, as they stand in the archive."""

    bench: str
    run: str
    runs: tuple[str, ...]
    tree_size: int
    root_sha256: str
    files: tuple[ListedFile, ...]

    def to_bytes(self) -> bytes:
        return canonical_bytes(
            {
                "format": FORMAT,
                "bench": self.bench,
                "run": self.run,
                "runs": list(self.runs),
                "tree_size": self.tree_size,
                "root_sha256": self.root_sha256,
                "files": [
                    {"name": file.name, "bytes": file.bytes, "sha256": file.sha256} for file in self.files
                ],
            }
        )


def read_manifest(raw: bytes) -> Manifest:
    """Errors: UnsoundError for anything that `to_bytes` does not write."""
    try:
        fields = json.loads(raw)
        if isinstance(fields, dict) and type(fields.get("format")) is int and fields["format"] > FORMAT:
            raise unsound("manifest_newer", format=str(fields["format"])[:20], known=FORMAT)
        is_one = canonical_bytes(fields) == raw and _is_manifest(fields)
    except DAMAGED:
        is_one = False
    if not is_one:
        raise unsound("manifest_damaged")
    return Manifest(
        fields["bench"],
        fields["run"],
        tuple(fields["runs"]),
        fields["tree_size"],
        fields["root_sha256"],
        tuple(ListedFile(file["name"], file["bytes"], file["sha256"]) for file in fields["files"]),
    )


def signed_text(manifest: bytes) -> str:
    """What the note in `manifest.sig` says."""
    return f"{_HEAD}\n{FORMAT}\n{hashlib.sha256(manifest).hexdigest()}\n"


def signature_of(manifest: bytes, name: str, sign: Callable[[bytes], bytes], public: bytes) -> str:
    return sign_note(signed_text(manifest), name, sign, public)


def _is_manifest(fields: Any) -> bool:
    return (
        isinstance(fields, dict)
        and fields.keys() == _KEYS
        and fields["format"] == FORMAT
        and isinstance(fields["bench"], str)
        and isinstance(fields["run"], str)
        and _are(fields["runs"], lambda run: isinstance(run, str))
        and _is_count(fields["tree_size"])
        and _is_sha256(fields["root_sha256"])
        and _are(fields["files"], _is_file)
    )


def _is_file(fields: Any) -> bool:
    return (
        isinstance(fields, dict)
        and fields.keys() == _FILE_KEYS
        and isinstance(fields["name"], str)
        and _is_count(fields["bytes"])
        and _is_sha256(fields["sha256"])
    )


def _are(items: Any, is_one: Callable[[Any], bool]) -> bool:
    return isinstance(items, list) and all(map(is_one, items))


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_sha256(value: Any) -> bool:
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None
