"""Changing a journal behind the program's back, for the tests of what it sees."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.canonical import canonical_bytes
from bench.transparency.merkle import MerkleTree, leaf_hash

Fields = dict[str, Any]
Change = Callable[[Fields], None]


def open_without_triggers(state_dir: Path) -> sqlite3.Connection:
    database = sqlite3.connect(state_dir / "journal.sqlite", isolation_level=None)
    for name in ("is_never_changed", "is_never_removed", "has_no_gap"):
        database.execute(f"DROP TRIGGER record_{name}")
    return database


def forge(
    state_dir: Path, kind: str, change: Change, *, with_hashes: bool, run_id: str | None = None
) -> None:
    """Change all records of a kind, of one run or all.

    with_hashes: and every leaf and the checkpoint, as a careful forger does.
    """
    database = open_without_triggers(state_dir)
    leaves = []
    for number, body in database.execute("SELECT number, body FROM record ORDER BY number").fetchall():
        fields = json.loads(body)
        if fields["kind"] == kind and run_id in (None, fields["run"]):
            change(fields)
        if with_hashes and fields["kind"] == "run_ended":
            fields["checkpoint"]["root_sha256"] = MerkleTree(leaves).root().hex()
        forged = canonical_bytes(fields)
        leaves.append(leaf_hash(forged))
        leaf = leaves[-1] if with_hashes else leaf_hash(body)
        database.execute(
            "UPDATE record SET body = ?, leaf_sha256 = ? WHERE number = ?", (forged, leaf, number)
        )
    database.close()
