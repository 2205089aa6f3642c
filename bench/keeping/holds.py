"""Whether a copy is what it should be: the journal by its checkpoints, the trail and the cases by their chains."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from bench.errors import BenchError, OperatorError
from bench.keys.log_key import all_log_publics
from bench.records.audit import audit_journal
from bench.records.journal_reading import JOURNAL_FILE, JournalReader
from bench.registry import trail
from bench.registry.store import REGISTRY_FILE, reading
from bench.registry.trail_in_journal import missing_end

Leaves = list[tuple[int, bytes]]
_MOST_SAID = 3


def require_holds(folder: Path) -> None:
    """journal.sqlite, registry.sqlite and public keys in a folder. Errors: OperatorError with what does not hold."""
    publics = all_log_publics(folder)
    parts = {"journal": partial(_of_journal, folder, publics), "registry": partial(_of_registry, folder)}
    for part, look in parts.items():
        try:
            why = look()
        except BenchError as error:  # which names files of the bench, and what to do with those
            raise OperatorError(
                f"the {part} of this back-up cannot be read ({error.__cause__ or error}); take an earlier one"
            ) from error
        if why:
            raise OperatorError(f"the {part} of this back-up does not hold ({why}); take an earlier one")


def require_copy_holds(folder: Path, name: str, publics: Sequence[bytes]) -> None:
    """Of a database that was just copied into a folder, the registry after the journal: a back-up of what is damaged
    could not be restored, and would push out earlier ones that can. It may be changed by that. publics: the log keys of
    the bench.

    Errors: OperatorError.
    """
    if name not in (JOURNAL_FILE, REGISTRY_FILE):
        try:
            judged_cases(folder / name, None)
        except OperatorError as error:
            raise OperatorError(f"{name}: {error}; no back-up was made") from error
    elif why := _of_journal(folder, publics) if name == JOURNAL_FILE else _of_registry(folder):
        raise OperatorError(f"{name} is damaged ({why}); no back-up was made; restore the last one that was")


def _of_journal(folder: Path, publics: Sequence[bytes]) -> str:
    """What of it is not what was hashed and signed; "" where it all is."""
    with closing(JournalReader(folder)) as journal:
        wrong = audit_journal(journal, publics)
    return "; ".join(f"{each.where}: {each.recorded}" for each in wrong[:_MOST_SAID])


def _of_registry(folder: Path) -> str:
    with reading(folder) as registry:
        broken_at = trail.check(registry).broken_at
    if broken_at is not None:
        return f"its trail, from entry {broken_at} on"
    end = missing_end(folder)
    return "" if end is None else f"its trail is without entry {end.entries}, which {end.run_id} noted"


def leaves_of(folder: Path) -> Leaves:
    """Of the journal in it; empty where there is none. Errors: BenchError where it cannot be read."""
    if not (folder / JOURNAL_FILE).is_file():
        return []
    with closing(JournalReader(folder)) as journal:
        return journal.leaves()


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
