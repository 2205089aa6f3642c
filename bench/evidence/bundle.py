"""The bundle of a run: everything that its results hang on, proved and signed, in one archive that stays the same.

What goes in is what the journal and its raw files hold; nothing is computed here, and nothing that does not hold is
packed: a bundle that its own verifier would not accept is no evidence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.canonical import JsonObject
from bench.certificate.exports import Wanted, wanted_entries
from bench.certificate.issuing import read
from bench.errors import OperatorError
from bench.evidence.bundle_reading import read_bundle
from bench.evidence.canonical_zip import write_archive
from bench.evidence.contents import (
    CERTIFICATES,
    CHECKPOINT_FILE,
    KEY_FILE,
    PAGE_FILE,
    README_FILE,
    RECORDS_FILE,
    names_in_order,
    proof_file,
    raw_file,
)
from bench.evidence.manifest import MANIFEST_FILE, SIGNATURE_FILE, Manifest, listed, signature_of
from bench.evidence.readme import README
from bench.evidence.remarks import UnsoundError
from bench.keys.log_key import LogKey
from bench.records.differences import DAMAGED, damage
from bench.records.journal_reading import JournalReader, StoredRecord
from bench.records.kinds import INTERRUPTED, RUN_ENDED
from bench.records.raw_reading import FolderFiles
from bench.transparency.checkpoint import Checkpoint, origin_of, signed_checkpoint
from bench.transparency.merkle import ProofTree, leaf_hash
from bench.transparency.notes import verifier_key
from bench.transparency.tlog_proof import TlogProof


@dataclass(frozen=True, slots=True)
class Signers:
    """The key that signs now, and the public keys (32 bytes each) of all that ever signed this journal."""

    key: LogKey
    publics: Sequence[bytes]


def bundle_of(
    journal: JournalReader, run_id: str, by: Signers, certificates: Mapping[str, bytes], page: bytes
) -> bytes:
    """The archive. run_id: of a run that is in the journal. certificates: file name -> content.

    Errors: OperatorError where the run is under way, has no checkpoint, or does not hold.
    """
    runs = _runs(journal, run_id)
    try:
        bench = runs[run_id][0].fields()["station"]["bench"]
        raw = _raw_contents(journal, runs)
    except DAMAGED as error:
        raise _does_not_hold(run_id, f"a record is damaged ({damage(error)})") from error
    note = journal.checkpoint_of(run_id)
    if note is None:
        raise OperatorError(
            f"{run_id} has no signed checkpoint; start the bench with this journal once, then export again"
        )
    name = origin_of(bench)
    checkpoint, public = _opened(note, name, by.publics, run_id)
    records = sorted((record for run in runs.values() for record in run), key=lambda record: record.number)
    contents = {
        CHECKPOINT_FILE: note.encode(),
        KEY_FILE: _keys_text(name, (by.key.public, public)).encode(),
        RECORDS_FILE: b"".join(record.body + b"\n" for record in records),
        **_proofs(records, journal.leaves(), checkpoint, note, run_id),
        **raw,
        **{CERTIFICATES + certificate: content for certificate, content in certificates.items()},
        PAGE_FILE: page,
        README_FILE: README.encode(),
    }
    files = [(name, contents[name]) for name in names_in_order(runs, certificates)]
    manifest = Manifest(
        bench,
        run_id,
        tuple(sorted(runs)),
        checkpoint.size,
        checkpoint.root.hex(),
        tuple(listed(*file) for file in files),
    ).to_bytes()
    signature = signature_of(manifest, name, by.key.sign, by.key.public)
    made = write_archive([(MANIFEST_FILE, manifest), (SIGNATURE_FILE, signature.encode()), *files])
    try:
        read_bundle(made)
    except UnsoundError as error:
        raise _does_not_hold(run_id, str(error)) from error
    return made


def standing_certificates(state_dir: Path, run_id: str) -> dict[str, bytes]:
    """The files of the certificates that were issued for a run and stand, by name; not those whose files were deleted.

    Errors: OperatorError where a file is missing, or another one than was issued.
    """
    found: dict[str, bytes] = {}
    for entry in wanted_entries(state_dir, Wanted(run_id=run_id)):
        if entry.stands and not entry.is_forgotten:
            number = entry.issued.number
            _, rendered = read(state_dir, number)
            found |= {f"{number}.xml": rendered.xml, f"{number}.pdf": rendered.pdf}
    return found


def _runs(journal: JournalReader, run_id: str) -> dict[str, list[StoredRecord]]:
    """The run and, one after another, those that it took verdicts over from."""
    runs: dict[str, list[StoredRecord]] = {}
    wanted: object = run_id
    while wanted is not None:
        found = journal.run(wanted) if isinstance(wanted, str) else []
        if not found or wanted in runs:
            raise _does_not_hold(run_id, f"it names {wanted} as its earlier run, which is none")
        if found[-1].kind not in (RUN_ENDED, INTERRUPTED):
            raise OperatorError(
                f"{wanted} has no end in this journal: it is under way, or its program was killed; export it when "
                "it has ended (a bench that was killed says so when it starts again)"
            )
        runs[found[0].run_id] = found
        try:
            wanted = found[0].fields().get("resumes")
        except DAMAGED as error:
            raise _does_not_hold(run_id, f"record {found[0].number} is damaged") from error
    return runs


def _raw_contents(journal: JournalReader, runs: Mapping[str, Sequence[StoredRecord]]) -> dict[str, bytes]:
    """The raw files as far as the last record of their run names them. Errors: DAMAGED; OperatorError."""
    contents = {}
    for run_id, records in runs.items():
        files = FolderFiles(journal.runs_dir / run_id)
        known: JsonObject = records[-1].fields()["raw_files"]
        for name, digest in known.items():
            content = b"".join(files.parts(name, 0, int(digest["bytes"])))
            if hashlib.sha256(content).hexdigest() != digest["sha256"]:
                raise _does_not_hold(run_id, f"{name} is not the file that was recorded")
            contents[raw_file(run_id, name)] = content
    return contents


def _opened(note: str, name: str, publics: Sequence[bytes], run_id: str) -> tuple[Checkpoint, bytes]:
    """The checkpoint, and the key of the bench that has signed it."""
    try:
        checkpoint, public = signed_checkpoint(note, publics)
        if checkpoint.origin != name:
            raise ValueError(f"it is of {checkpoint.origin}, and the run of {name}")
    except ValueError as error:
        raise _does_not_hold(
            run_id, f"its checkpoint is not signed by a key of this bench: {error}"
        ) from error
    return checkpoint, public


def _keys_text(name: str, publics: Sequence[bytes]) -> str:
    """One key a line: that of the manifest, and if it is another one, that of the checkpoint."""
    return "".join(f"{verifier_key(name, public)}\n" for public in dict.fromkeys(publics))


def _proofs(
    records: Sequence[StoredRecord],
    leaves: Sequence[tuple[int, bytes]],
    checkpoint: Checkpoint,
    note: str,
    run_id: str,
) -> dict[str, bytes]:
    """Of each record in the tree of the checkpoint, which must be the tree of this journal."""
    stored = dict(leaves)
    changed = [record.number for record in records if leaf_hash(record.body) != stored[record.number]]
    tree = ProofTree([leaf for _, leaf in leaves[: checkpoint.size]])
    if changed:
        raise _does_not_hold(run_id, f"record {changed[0]} is not the one that was hashed")
    if tree.size != checkpoint.size or tree.root(tree.size) != checkpoint.root:
        raise _does_not_hold(run_id, "the journal is not the one that its checkpoint was signed for")
    return {
        proof_file(record.number): TlogProof(
            record.number, tuple(tree.inclusion_path(record.number, checkpoint.size)), note
        )
        .to_text()
        .encode()
        for record in records
    }


def _does_not_hold(run_id: str, why: str) -> OperatorError:
    return OperatorError(
        f"{run_id} does not hold, so no bundle is made of it: {why}; see bench replay {run_id}"
    )
