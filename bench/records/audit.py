"""Are the records of a run those that were written? Numbers, leaf hashes, the checkpoint of its end, and what the
bench has signed: each checkpoint's signature, and its root from the leaves that it is over. So the checkpoints are
consistent with each other, and a journal that has lost its last record is shorter than its last checkpoint.

What this cannot see is a journal that the holder of its key has forged as a whole: for that, keep a checkpoint
outside of the bench (every certificate has one).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.canonical import JsonObject
from bench.records.differences import DAMAGED, Difference, compare, damaged
from bench.records.journal_reading import StoredCheckpoint, StoredRecord
from bench.records.kinds import INTERRUPTED, RUN_ENDED, RUN_STARTED
from bench.transparency.checkpoint import signed_checkpoint
from bench.transparency.merkle import MerkleTree, leaf_hash


def audit(records: Sequence[StoredRecord], leaves: Sequence[tuple[int, bytes]]) -> list[Difference]:
    """What is wrong with the records of one run; `leaves`: number and stored leaf hash of the whole journal."""
    differences = _numbers(records, [number for number, _ in leaves])
    differences += audit_bodies(records, dict(leaves))
    for record in records:
        where = f"record {record.number}"
        try:
            fields = record.fields()
            named = {"number": fields["number"], "run": fields["run"], "kind": fields["kind"]}
            columns = {"number": record.number, "run": record.run_id, "kind": record.kind}
            differences += compare(where, named, columns)
            if record.kind == RUN_ENDED:
                differences += _checkpoint(record.number, fields, leaves)
        except DAMAGED as error:
            differences.append(damaged(record.number, error))
    return differences


def audit_bodies(records: Sequence[StoredRecord], stored: Mapping[int, bytes]) -> list[Difference]:
    """Whether the records are what was hashed. stored: leaf hashes by the numbers of records."""
    return [
        difference
        for record in records
        for difference in compare(
            f"record {record.number}: leaf_sha256",
            stored[record.number].hex(),
            leaf_hash(record.body).hex(),
        )
    ]


def _numbers(records: Sequence[StoredRecord], all_numbers: Sequence[int]) -> list[Difference]:
    """One start at the front, and after it no number left out: neither in the run nor before it."""
    differences = []
    if [r.number for r in records if r.kind == RUN_STARTED] != [r.number for r in records[:1]]:
        differences.append(Difference("the run", "its start is not its first record", "one start"))
    expected = 0
    last = records[-1].number if records else -1
    for number in all_numbers:
        if number > last:
            break
        if number != expected:
            missing = (
                f"record {expected}" if number == expected + 1 else f"records {expected} to {number - 1}"
            )
            differences.append(
                Difference(missing, "missing", "the journal numbers its records without a gap")
            )
        expected = number + 1
    return differences


def audit_checkpoints(
    signed: Sequence[StoredCheckpoint], leaves: Sequence[tuple[int, bytes]], publics: Sequence[bytes]
) -> list[Difference]:
    """What is wrong with the signed checkpoints of a journal. publics: the log keys that are known."""
    roots = _roots([leaf for _, leaf in leaves], {stored.size for stored in signed})
    differences: list[Difference] = []
    for stored in signed:
        where = f"checkpoint over {stored.size} records"
        if stored.size not in roots:
            differences.append(
                Difference(where, f"{stored.size} records", f"{len(leaves)}: some are missing")
            )
            continue
        try:
            checkpoint, _ = signed_checkpoint(stored.note, publics)
        except ValueError as error:
            differences.append(Difference(where, "signed by a log key of this bench", str(error)))
            continue
        recorded = {"size": checkpoint.size, "root_sha256": checkpoint.root.hex()}
        recomputed = {"size": stored.size, "root_sha256": roots[stored.size].hex()}
        if found := compare(where, recorded, recomputed):
            return differences + found  # what comes after it is built on the same leaves
    return differences


def audit_covered(records: Sequence[StoredRecord], note: str | None) -> list[Difference]:
    """A run that names the key of the log ends with a signed checkpoint. note: the one that covers it, if any."""
    try:
        is_signed = "log_key" in records[0].fields()
    except DAMAGED:  # the audit of its records has named it
        return []
    if note is None and is_signed and records[-1].kind in (RUN_ENDED, INTERRUPTED):
        return [Difference(f"checkpoint of {records[0].run_id}", "signed at its end", "there is none")]
    return []


def _roots(leaves: Sequence[bytes], sizes: set[int]) -> dict[int, bytes]:
    """The root at each of these sizes that there are leaves for."""
    tree, roots = MerkleTree(), {}
    for leaf in leaves:
        tree.append(leaf)
        if tree.size in sizes:
            roots[tree.size] = tree.root()
    return roots


def _checkpoint(number: int, fields: JsonObject, leaves: Sequence[tuple[int, bytes]]) -> list[Difference]:
    """The root over everything before the end of the run."""
    tree = MerkleTree(leaf for before, leaf in leaves if before < number)
    recomputed = {"size": tree.size, "root_sha256": tree.root().hex()}
    return compare(f"record {number}: checkpoint", fields["checkpoint"], recomputed)
