"""Whether a copy is what it should be: the journal by its checkpoints, the trail and the cases by their chains."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.errors import OperatorError
from bench.keys.log_key import all_log_publics
from bench.records.audit import audit, audit_bodies, audit_checkpoints
from bench.records.differences import Difference
from bench.records.journal_reading import JOURNAL_FILE, JournalReader
from bench.registry import trail
from bench.registry.store import REGISTRY_FILE, reading
from bench.registry.trail_in_journal import missing_end

Leaves = list[tuple[int, bytes]]
_MOST_SAID = 3
_RECORDS_AT_ONCE = 500


def require_holds(folder: Path) -> None:
    """journal.sqlite, registry.sqlite and public keys in a folder. Errors: OperatorError with what does not hold."""
    journal = JournalReader(folder)
    try:
        leaves = journal.leaves()
        wrong = audit_checkpoints(journal.checkpoints(), leaves, all_log_publics(folder))
        for run_id in journal.run_ids():
            wrong += audit(journal.run(run_id), leaves)
    finally:
        journal.close()
    if wrong:
        raise OperatorError(
            f"the journal of this back-up does not hold ({_said(wrong)}); take an earlier one"
        )
    with reading(folder) as registry:
        chain = trail.check(registry)
    if chain.broken_at is not None:
        raise OperatorError(
            f"the trail of this back-up does not hold from entry {chain.broken_at} on; take an earlier one"
        )
    if (end := missing_end(folder)) is not None:
        raise OperatorError(
            f"the registry of this back-up is not that of its journal ({end.run_id} noted entry {end.entries} of its "
            "trail, which is not there); take an earlier one"
        )


def require_copy_holds(folder: Path, name: str, publics: Sequence[bytes]) -> None:
    """Of a database that was just copied into a folder, the registry after the journal: a back-up of what is damaged
    could not be restored, and would push out earlier ones that can. It may be changed by that. publics: the log keys of
    the bench.

    Errors: OperatorError.
    """
    if name == JOURNAL_FILE:
        why = _damage(folder, publics)
    elif name == REGISTRY_FILE:
        with reading(folder) as registry:
            broken_at = trail.check(registry).broken_at
        why = "" if broken_at is None else f"its trail, from entry {broken_at} on"
        if not why and (end := missing_end(folder)) is not None:
            why = f"its trail is without entry {end.entries}, which {end.run_id} noted"
    else:
        try:
            judged_cases(folder / name, None)
        except OperatorError as error:
            raise OperatorError(f"{name}: {error}; no back-up was made") from error
        return
    if why:
        raise OperatorError(f"{name} is damaged ({why}); no back-up was made; restore the last one that was")


def _damage(folder: Path, publics: Sequence[bytes]) -> str:
    """What of a journal is not what was hashed and signed; "" where it all is. Each record is looked at once."""
    journal = JournalReader(folder)
    try:
        leaves = journal.leaves()
        wrong = audit_checkpoints(journal.checkpoints(), leaves, publics)
        stored, since = dict(leaves), 0
        while records := journal.read(since, _RECORDS_AT_ONCE):
            wrong += audit_bodies(records, stored)
            since = records[-1].number + 1
    finally:
        journal.close()
    return _said(wrong)


def _said(wrong: Sequence[Difference]) -> str:
    return "; ".join(f"{each.where}: {each.recorded}" for each in wrong[:_MOST_SAID])


def leaves_of(folder: Path) -> Leaves:
    """Of the journal in it; empty where there is none. Errors: BenchError where it cannot be read."""
    if not (folder / JOURNAL_FILE).is_file():
        return []
    journal = JournalReader(folder)
    try:
        return journal.leaves()
    finally:
        journal.close()


def judged_cases(packed: Path, own: Path | None) -> str:
    """What a copy of the cases that are there, `own`, is to those of a back-up: `new` (also where there are none),
    `older`, `newer` or `other`.

    Asked of the web's own program: the bench knows nothing of cases. Errors: OperatorError where one does not hold.
    """
    command = [sys.executable, "-m", "web.casework.intact", str(packed)]
    command += [] if own is None else [str(own)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OperatorError(
            (done.stderr.strip().splitlines() or ["the cases of this back-up cannot be read"])[-1]
        )
    return done.stdout.strip()
