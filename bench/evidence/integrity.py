"""Whether a bundle is what the bench has signed: hashes, signatures, proofs, and that nothing is missing.

What this rests on is one key. Whoever has another key can make another bundle, so the fingerprint is shown, and
compared with one that came from elsewhere where somebody has it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from bench.errors import OperatorError
from bench.evidence.bundle_reading import Bundle, sha256_of
from bench.evidence.checks import Report
from bench.evidence.contents import CHECKPOINT_FILE, KEY_FILE, proof_file
from bench.evidence.manifest import signed_text
from bench.evidence.remarks import Remark, remark
from bench.keys.fingerprint import fingerprint
from bench.records.differences import DAMAGED, damage
from bench.records.journal_reading import StoredRecord
from bench.records.kinds import INTERRUPTED, RUN_ENDED, RUN_STARTED
from bench.records.raw_reading import RawDigests
from bench.transparency.checkpoint import Checkpoint, origin_of
from bench.transparency.merkle import MerkleTree, leaf_hash, root_of
from bench.transparency.notes import known_keys, open_note, read_verifier_key, signers
from bench.transparency.tlog_proof import TlogProof

_MOST_KEYS = 2


def check_integrity(bundle: Bundle, published: Collection[str], report: Report) -> None:
    """published: the fingerprints to compare with, however they are written; none where nobody has one."""
    _check_files(bundle, report)
    keys = _check_key(bundle, published, report)
    _check_signature(bundle, keys, report)
    checkpoint = _check_checkpoint(bundle, keys, report)
    _check_records(bundle, checkpoint, report)
    _check_course(bundle, report)
    _check_raw(bundle, report)


def _digits(text: str) -> str:
    """Of a fingerprint, however its digits are grouped and whatever case its letters are in."""
    return "".join(text.split()).replace(":", "").upper()


def _check_files(bundle: Bundle, report: Report) -> None:
    wrong = [
        remark("file_changed", name=file.name)
        for file in bundle.manifest.files
        if (len(content := bundle.files[file.name]), sha256_of(content)) != (file.bytes, file.sha256)
    ]
    count = len(bundle.manifest.files)
    report.add("files", wrong, remark("files_hold", count=count), remark("files_differ", count=len(wrong)))


def _check_key(bundle: Bundle, published: Collection[str], report: Report) -> dict[str, bytes]:
    """The keys in the bundle, by the names that signatures have for them."""
    name = origin_of(bundle.manifest.bench)
    try:
        lines = bundle.files[KEY_FILE].decode("utf-8").split("\n")
        read = [read_verifier_key(line) for line in lines[:-1]]
        if lines[-1] or not 1 <= len(read) <= _MOST_KEYS or len(set(read)) != len(read):
            raise ValueError("one key a line, one or two of them")
        if any(named != name for named, _ in read):
            raise ValueError(f"the key is not that of {name}")
    except ValueError as error:
        report.add(
            "key", [remark("detail", why=damage(error))], remark("detail", why=""), remark("key_damaged")
        )
        return {}
    report.fingerprints = tuple(fingerprint(public) for _, public in read)
    shown = report.fingerprints[0]
    if not published:
        report.note("key", remark("key_not_compared", fingerprint=shown))
    else:
        is_one = _digits(shown) in map(_digits, published)
        wrong = [] if is_one else [remark("key_is", fingerprint=shown)]
        differs = remark("key_differs", fingerprint=" / ".join(published))
        report.add("key", wrong, remark("key_compared", fingerprint=shown), differs)
    return known_keys(name, [public for _, public in read])


def _check_signature(bundle: Bundle, keys: dict[str, bytes], report: Report) -> None:
    """The manifest is signed by the first key alone, so that the note has one spelling."""
    wrong: list[Remark] = []
    try:
        note = bundle.signature.decode("utf-8")
        text = open_note(note, dict([*keys.items()][:1]))
        if text != signed_text(bundle.manifest_bytes):
            wrong = [remark("signature_of_another")]
        elif len(signers(note)) != 1:
            wrong = [remark("signatures_too_many")]
    except ValueError as error:
        wrong = [remark("detail", why=damage(error))]
    report.add("signature", wrong, remark("signature_holds"), remark("signature_differs"))


def _check_checkpoint(bundle: Bundle, keys: dict[str, bytes], report: Report) -> Checkpoint | None:
    manifest, checkpoint, wrong = bundle.manifest, None, []
    try:
        note = bundle.files[CHECKPOINT_FILE].decode("utf-8")
        checkpoint = Checkpoint.from_text(open_note(note, keys))
        found = (checkpoint.origin, checkpoint.size, checkpoint.root.hex())
        if found != (origin_of(manifest.bench), manifest.tree_size, manifest.root_sha256):
            wrong = [remark("checkpoint_of_another")]
    except ValueError as error:
        wrong = [remark("detail", why=damage(error))]
    size, time = ("?", "?") if checkpoint is None else (checkpoint.size, checkpoint.wall_time or "?")
    holds = remark("checkpoint_holds", size=size, time=time)
    report.add("checkpoint", wrong, holds, remark("checkpoint_differs"))
    return checkpoint


def _check_records(bundle: Bundle, checkpoint: Checkpoint | None, report: Report) -> None:
    """Each record is in the tree of the checkpoint, at its number."""
    size, root = bundle.manifest.tree_size, bytes.fromhex(bundle.manifest.root_sha256)
    note = bundle.files[CHECKPOINT_FILE]
    wrong = []
    for record in bundle.records:
        try:
            proof = TlogProof.from_text(bundle.files[proof_file(record.number)].decode("utf-8"))
            is_whole = proof.checkpoint.encode() == note and proof.extra is None
            found = root_of(leaf_hash(record.body), record.number, size, proof.path)
            if not is_whole or proof.index != record.number:
                wrong.append(remark("proof_of_another", number=record.number))
            elif found != root:
                wrong.append(remark("record_not_proved", number=record.number))
            elif record.kind == RUN_ENDED and record.number == size - 1:
                wrong += _end_differs(record, proof)
        except ValueError as error:
            wrong.append(remark("proof_damaged", number=record.number, why=damage(error)))
    if checkpoint is None and not wrong:
        report.skip("records", remark("records_unsigned", count=len(bundle.records)))
        return
    count = len(bundle.records)
    report.add(
        "records", wrong, remark("records_hold", count=count), remark("records_differ", count=len(wrong))
    )


def _end_differs(end: StoredRecord, proof: TlogProof) -> list[Remark]:
    """The end of a run says what the root was before it. Of the last leaf the path is all that lies left of it."""
    before = proof.path
    root = before[0] if before else MerkleTree().root()
    for left in before[1:]:
        root = root_of(root, 1, 2, [left])
    try:
        recorded = end.fields()["checkpoint"]
        is_so = recorded == {"size": end.number, "root_sha256": root.hex()}
    except DAMAGED:
        is_so = False
    return [] if is_so else [remark("end_of_another", number=end.number)]


def _check_course(bundle: Bundle, report: Report) -> None:
    """Every run from its start to its end, with every record between."""
    wrong = [found for run_id, records in bundle.runs.items() for found in _gaps(run_id, records)]
    last = bundle.runs[bundle.manifest.run][-1]
    if last.number >= bundle.manifest.tree_size:
        wrong.append(remark("end_not_covered", number=last.number))
    says = remark("course_holds", runs=", ".join(bundle.runs))
    report.add("course", wrong, says, remark("course_differs"))


def _gaps(run_id: str, records: Sequence[StoredRecord]) -> list[Remark]:
    found = []
    if [r.number for r in records if r.kind == RUN_STARTED] != [records[0].number]:
        found.append(remark("no_start", run=run_id))
    if [r.number for r in records if r.kind in (RUN_ENDED, INTERRUPTED)] != [records[-1].number]:
        found.append(remark("no_end", run=run_id, number=records[-1].number))
    # Only the word that a run was interrupted is written later, when the journal is opened again.
    course = [r for r in records if r.kind != INTERRUPTED]
    for before, after in pairwise(course):
        if after.number != before.number + 1:
            found.append(remark("record_missing", run=run_id, number=before.number + 1))
    return found


def _check_raw(bundle: Bundle, report: Report) -> None:
    """Every record that was computed from raw files names them as far as they had grown by then."""
    wrong: list[Remark] = []
    for run_id, records in bundle.runs.items():
        files = RawDigests(bundle.raw_files(run_id))
        for record in records:
            try:
                changed = files.changed(record.number, record.fields().get("raw_files", {}))
                wrong += [remark("raw_differs", where=difference.where) for difference in changed]
            except OperatorError as error:
                wrong.append(remark("detail", why=error))
            except DAMAGED as error:
                wrong.append(remark("raw_not_named", number=record.number, why=damage(error)))
    report.add("raw", wrong, remark("raw_holds"), remark("raw_differ", count=len(wrong)))
