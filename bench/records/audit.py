"""Are the records of a run those that were written? Numbers, leaf hashes and the checkpoint of its end.

What this cannot see is a journal that was forged as a whole, with all its hashes anew: for that, keep the root of
a checkpoint outside of the bench.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.canonical import JsonObject
from bench.records.differences import DAMAGED, Difference, compare, damaged
from bench.records.journal_reading import StoredRecord
from bench.records.kinds import RUN_ENDED, RUN_STARTED
from bench.transparency.merkle import MerkleTree, leaf_hash


def audit(records: Sequence[StoredRecord], leaves: Sequence[tuple[int, bytes]]) -> list[Difference]:
    """What is wrong with the records of one run; `leaves`: number and stored leaf hash of the whole journal."""
    differences = _numbers(records, [number for number, _ in leaves])
    stored = dict(leaves)
    for record in records:
        where = f"record {record.number}"
        differences += compare(
            f"{where}: leaf_sha256", stored[record.number].hex(), leaf_hash(record.body).hex()
        )
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


def _checkpoint(number: int, fields: JsonObject, leaves: Sequence[tuple[int, bytes]]) -> list[Difference]:
    """The root over everything before the end of the run."""
    tree = MerkleTree(leaf for before, leaf in leaves if before < number)
    recomputed = {"size": tree.size, "root_sha256": tree.root().hex()}
    return compare(f"record {number}: checkpoint", fields["checkpoint"], recomputed)
