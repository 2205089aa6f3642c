"""Are the records of a run those that were written? Numbers, leaf hashes, the checkpoint of its end, and what the
bench has signed: each checkpoint's signature, and its root from the leaves that it is over. So the checkpoints are
consistent with each other, and a journal that has lost its last record is shorter than its last checkpoint.

What this cannot see is a journal that the holder of its key has forged as a whole: for that, keep a checkpoint
outside of the bench (every certificate has one).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.canonical import JsonObject
from bench.records.differences import DAMAGED, Difference, compare, damaged
from bench.records.journal_reading import Records, StoredCheckpoint, StoredRecord
from bench.records.kinds import INTERRUPTED, RUN_ENDED, RUN_STARTED
from bench.transparency.checkpoint import signed_checkpoint
from bench.transparency.merkle import MerkleTree, leaf_hash

_NO_ONE_START = Difference("the run", "its start is not its first record", "one start")
_RECORDS_AT_ONCE = 500


def audit(records: Sequence[StoredRecord], leaves: Sequence[tuple[int, bytes]]) -> list[Difference]:
    """What is wrong with the records of one run; `leaves`: number and stored leaf hash of the whole journal."""
    differences = []
    if [r.number for r in records if r.kind == RUN_STARTED] != [r.number for r in records[:1]]:
        differences.append(_NO_ONE_START)
    last = records[-1].number if records else -1
    differences += _gaps([number for number, _ in leaves if number <= last])
    trees, stored = _Trees(leaves), dict(leaves)
    return differences + [found for record in records for found in _of_record(record, stored, trees)]


def audit_journal(journal: Records, publics: Sequence[bytes]) -> list[Difference]:
    """The same of all runs, each record looked at once, and of the checkpoints. publics: as of `audit_checkpoints`."""
    leaves = journal.leaves()
    differences = audit_checkpoints(journal.checkpoints(), leaves, publics)
    differences += _gaps([number for number, _ in leaves])
    trees, stored = _Trees(leaves), dict(leaves)
    begun: set[str] = set()
    since = 0
    while records := journal.read(since, _RECORDS_AT_ONCE):
        for record in records:
            differences += _of_record(record, stored, trees)
            if (record.kind == RUN_STARTED) is (record.run_id in begun):
                differences.append(replace(_NO_ONE_START, where=record.run_id))
            begun.add(record.run_id)
        since = records[-1].number + 1
    return differences


def _of_record(record: StoredRecord, stored: Mapping[int, bytes], trees: _Trees) -> list[Difference]:
    """Whether it is what was hashed, and stands where its words say. stored: leaf hashes by the numbers of records."""
    where = f"record {record.number}"
    differences = compare(f"{where}: leaf_sha256", stored[record.number].hex(), leaf_hash(record.body).hex())
    try:
        fields = record.fields()
        named = {"number": fields["number"], "run": fields["run"], "kind": fields["kind"]}
        columns = {"number": record.number, "run": record.run_id, "kind": record.kind}
        differences += compare(where, named, columns)
        if record.kind == RUN_ENDED:
            differences += compare(f"{where}: checkpoint", fields["checkpoint"], trees.before(record.number))
    except DAMAGED as error:
        differences.append(damaged(record.number, error))
    return differences


def _gaps(numbers: Sequence[int]) -> list[Difference]:
    """No number is left out. numbers: rising."""
    differences = []
    expected = 0
    for number in numbers:
        if number != expected:
            missing = (
                f"record {expected}" if number == expected + 1 else f"records {expected} to {number - 1}"
            )
            differences.append(
                Difference(missing, "missing", "the journal numbers its records without a gap")
            )
        expected = number + 1
    return differences


class _Trees:
    """The tree over all leaves before a record; records are asked for in their order."""

    def __init__(self, leaves: Sequence[tuple[int, bytes]]) -> None:
        self._left = deque(leaves)
        self._tree = MerkleTree()

    def before(self, number: int) -> JsonObject:
        """Size and root, as the end of a run states them."""
        while self._left and self._left[0][0] < number:
            self._tree.append(self._left.popleft()[1])
        return {"size": self._tree.size, "root_sha256": self._tree.root().hex()}


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
