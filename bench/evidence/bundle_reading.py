"""A bundle taken to pieces: its archive, its table of contents, its records; whatever is not as written is named.

Reading is strict and in steps, each of which stands on the one before: the archive is canonical, the manifest lists
exactly the files that are there, and the files are those that the records ask for. What the hashes, signatures and
proofs say is the next thing (`integrity.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.canonical import canonical_bytes
from bench.errors import OperatorError
from bench.evidence.canonical_zip import ArchivedFile, read_archive
from bench.evidence.contents import (
    CERTIFICATE_SUFFIXES,
    CERTIFICATES,
    RECORDS_FILE,
    names_in_order,
    proof_file,
    raw_file,
)
from bench.evidence.manifest import MANIFEST_FILE, SIGNATURE_FILE, Manifest, read_manifest
from bench.evidence.remarks import Remark, UnsoundError, remark, unsound
from bench.records.differences import DAMAGED, Difference, damage
from bench.records.journal_reading import StoredRecord
from bench.records.raw_reading import RawFiles
from bench.transparency.merkle import leaf_hash, root_of
from bench.transparency.tlog_proof import TlogProof


class _MemoryFiles:
    """The raw files of one run of a bundle."""

    def __init__(self, run_id: str, files: Mapping[str, bytes]) -> None:
        self._run_id, self._files = run_id, files

    def parts(self, name: str, first: int, end: int) -> Iterator[bytes]:
        content = self._files.get(raw_file(self._run_id, name))
        if content is None:
            raise OperatorError(f"{raw_file(self._run_id, name)} is not in the bundle")
        if first < end:
            yield content[first:end]


@dataclass(frozen=True, slots=True)
class Bundle:
    """runs: the records of each run, by its id, in their order. files: every file after the first two, by name."""

    manifest: Manifest
    manifest_bytes: bytes
    signature: bytes
    files: Mapping[str, bytes]
    runs: Mapping[str, Sequence[StoredRecord]]

    @property
    def records(self) -> list[StoredRecord]:
        """Of all runs, by number."""
        return sorted((r for run in self.runs.values() for r in run), key=lambda record: record.number)

    def certificates(self) -> dict[str, bytes]:
        """File name -> content."""
        return {
            name.removeprefix(CERTIFICATES): content
            for name, content in self.files.items()
            if name.startswith(CERTIFICATES)
        }

    # --- what a replay asks for (`RecordedRuns`)

    def run(self, run_id: str) -> Sequence[StoredRecord]:
        return self.runs.get(run_id, ())

    def raw_files(self, run_id: str) -> RawFiles:
        return _MemoryFiles(run_id, self.files)

    def audited(self, records: Sequence[StoredRecord]) -> list[Difference]:
        """Nothing: in a bundle proofs show what numbers and hashes of the journal do in its audit."""
        return []


def read_bundle(data: bytes) -> Bundle:
    """Errors: UnsoundError that names the place, file or record that is not as it was written."""
    archived = read_archive(data)
    if found := damage_of(archived):
        raise UnsoundError(found[0])
    files = {file.name: file.content for file in archived}
    names = list(files)
    if names[:2] != [MANIFEST_FILE, SIGNATURE_FILE]:
        raise unsound("first_files", first=MANIFEST_FILE, second=SIGNATURE_FILE)
    manifest_bytes, signature = files.pop(MANIFEST_FILE), files.pop(SIGNATURE_FILE)
    manifest = read_manifest(manifest_bytes)
    _require_same_names([file.name for file in manifest.files], names[2:], "listed")
    records = read_records(files.get(RECORDS_FILE, b""))
    runs = _by_run(manifest, records)
    certificates = [name.removeprefix(CERTIFICATES) for name in files if _is_certificate(name)]
    try:
        wanted = names_in_order(runs, certificates)
    except DAMAGED as error:
        raise unsound("last_record_damaged", why=damage(error)) from error
    _require_same_names(wanted, names[2:], "file")
    return Bundle(manifest, manifest_bytes, signature, files, runs)


def damage_of(archived: Sequence[ArchivedFile]) -> list[Remark]:
    """The files whose checksum does not fit them; of records and raw files that, and the record."""
    damaged = [file for file in archived if not file.is_intact]
    found = [remark("file_damaged", name=file.name, at=file.at) for file in damaged]
    if any(file.name == RECORDS_FILE for file in damaged):
        number = _first_changed(archived)
        found = [
            r
            if r.values["name"] != RECORDS_FILE or number is None
            else remark("record_damaged", number=number)
            for r in found
        ]
    return found


def _first_changed(archived: Sequence[ArchivedFile]) -> int | None:
    """Number of the first record that is not the one which its proof proves; None where the proofs do not say."""
    files = {file.name: file for file in archived}
    lines = files[RECORDS_FILE].content.split(b"\n")
    proofs = [file for file in archived if file.is_intact and file.name.startswith(proof_file(0)[:7])]
    try:
        manifest = read_manifest(files[MANIFEST_FILE].content)
        size, root = manifest.tree_size, bytes.fromhex(manifest.root_sha256)
        for line, file in zip(lines, proofs, strict=False):
            proof = TlogProof.from_text(file.content.decode("utf-8"))
            if root_of(leaf_hash(line), proof.index, size, proof.path) != root:
                return proof.index
    except (KeyError, ValueError, UnsoundError):
        return None
    return None


def read_records(content: bytes) -> list[StoredRecord]:
    """The records, one a line. Errors: UnsoundError where a line is no record, or not in its place."""
    if not content.endswith(b"\n"):
        raise unsound("records_torn")
    records: list[StoredRecord] = []
    for line, body in enumerate(content[:-1].split(b"\n"), 1):
        record = StoredRecord(-1, "", "", body)
        try:
            fields = record.fields()
            number, run_id, kind = fields["number"], fields["run"], fields["kind"]
            is_canonical = canonical_bytes(fields) == body
        except DAMAGED as error:
            raise unsound("line_damaged", line=line, why=damage(error)) from error
        if type(number) is not int or not isinstance(run_id, str) or not isinstance(kind, str):
            raise unsound("line_damaged", line=line, why="number, run, kind")
        if not is_canonical:  # two readers could take another spelling for two things
            raise unsound("line_damaged", line=line, why="another spelling")
        if number < 0 or (records and number <= records[-1].number):
            raise unsound("records_out_of_order", number=str(number)[:20], line=line)
        records.append(StoredRecord(number, run_id, kind, body))
    return records


def _by_run(manifest: Manifest, records: Sequence[StoredRecord]) -> dict[str, list[StoredRecord]]:
    runs: dict[str, list[StoredRecord]] = {run_id: [] for run_id in manifest.runs}
    for record in records:
        if record.run_id not in runs:
            raise unsound("record_of_other_run", number=record.number, run=record.run_id[:40])
        runs[record.run_id].append(record)
    missing = [run_id for run_id in {manifest.run, *manifest.runs} if not runs.get(run_id)]
    if missing or list(manifest.runs) != sorted(runs):
        raise unsound("run_without_records", run=", ".join(missing or manifest.runs)[:80])
    return runs


def _is_certificate(name: str) -> bool:
    return name.startswith(CERTIFICATES) and name.endswith(CERTIFICATE_SUFFIXES)


def _require_same_names(wanted: Sequence[str], found: Sequence[str], whose: str) -> None:
    """whose: `listed` in the manifest, or a `file` as the records and the format ask for it."""
    if list(wanted) == list(found):
        return
    there, needed = set(found), set(wanted)
    for want in wanted:
        if want not in there:
            raise unsound(f"{whose}_missing", name=want[:200])
    for name in found:
        if name not in needed:
            raise unsound(f"{whose}_unexpected", name=name)
    moved = next((a for a, b in zip(found, wanted, strict=False) if a != b), found[-1])
    raise unsound(f"{whose}_out_of_order", name=moved)


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
