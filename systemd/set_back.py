"""Set back what a release cannot read: python3 systemd/set_back.py RELEASE COPIES KEPT DATA

RELEASE: folder of the release that is to run. COPIES: of the databases, a folder for each upgrade. KEPT: the one among
them that has just been made of what is there now. DATA: the state folder; the cases are in DATA-web.

A database whose schema this release knows stays as it is, with all that was written since. Of another one the newest
copy that the release can read is put in its place; what was written since stays in KEPT, and it is said how much that
is. Nothing is done, for any of them, where there is no such copy, or where what was written since may not be written a
second time: records of the journal (its log would sign two histories), certificates (their numbers are out), and
changes of the registry that a run has noted (the trail would not be the one that it signed for).

Status 0: done; 1: refused, nothing was changed. Uses nothing but Python's own library: a release may be broken.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

_SCHEMAS = {
    "journal": "bench/schema/journal",
    "registry": "bench/schema/registry",
    "casework": "web/casework/schema",
}
_NEVER_TWICE = {"journal": ("record", "records"), "registry": ("certificate", "certificates")}
_MOST_SAID = 20


@dataclass(frozen=True)
class Back:
    """One database that goes back. since: table -> how many rows the copy has not."""

    path: Path
    copy: Path
    since: dict[str, int]
    cases: list[str]


class RefusedError(Exception):
    pass


def migrations(path: Path) -> dict[int, str]:
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True)) as database:
        if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'migration'").fetchone():
            return {}
        return dict(database.execute("SELECT number, sha256 FROM migration"))


def is_whole(copy: Path) -> bool:
    """Not what a kill or a pulled plug has left of a copy: nothing, or less than there was."""
    try:
        with closing(sqlite3.connect(f"file:{copy}?mode=rw", uri=True)) as database:
            (found,) = database.execute("PRAGMA integrity_check").fetchone()
        return found == "ok" and bool(migrations(copy))
    except sqlite3.DatabaseError:
        return False


def known_to(release: Path, store: str) -> dict[int, str] | None:
    """None for a release that has no such database yet, and so does not open it."""
    for folder in release.glob(f"lib/python*/site-packages/{_SCHEMAS[store]}"):
        return {int(one.stem): hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.glob("*.sql")}
    return None


def written_since(path: Path, copy: Path) -> tuple[dict[str, int], list[str]]:
    """Rows that the copy has not, in the tables and columns that both have; and the ids of such cases.

    Of what may not be written twice all rows, where the copy is from before there was such a table.
    """
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True)) as database:
        database.execute("ATTACH ? AS copy", (str(copy),))
        found = {}
        cases = []
        never, _ = _NEVER_TWICE.get(path.stem, ("", ""))
        tables = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        for (table,) in database.execute(tables).fetchall():
            there, then = (
                [row[1] for row in database.execute(f"PRAGMA {schema}.table_info({table})")]
                for schema in ("main", "copy")
            )
            if not then and table != never:
                continue
            columns = ", ".join(f'"{name}"' for name in there if name in then or not then)
            newer = f"SELECT {columns} FROM main.{table}"
            newer += f" EXCEPT SELECT {columns} FROM copy.{table}" if then else ""
            (count,) = database.execute(f"SELECT COUNT(*) FROM ({newer})").fetchone()
            if count and table != "migration":
                found[table] = count
            if table == "cases":
                cases = [
                    row[0]
                    for row in database.execute("SELECT id FROM main.cases EXCEPT SELECT id FROM copy.cases")
                ]
    return found, cases


def newest_noted(journal: Path) -> tuple[str, int, str] | None:
    """Run, number and hash of the last entry of the trail that the newest run has noted; None where none has."""
    if not journal.is_file():
        return None
    with closing(sqlite3.connect(f"file:{journal}?mode=rw", uri=True)) as database:
        if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'record'").fetchone():
            return None
        starts = "SELECT run_id, body FROM record WHERE kind = 'run_started' ORDER BY number DESC"
        for run_id, body in database.execute(starts):
            with suppress(ValueError, TypeError, KeyError):
                noted = json.loads(body)["trail"]
                return run_id, int(noted["entries"]), str(noted["sha256"])
    return None


def has_entry(registry: Path, number: int, sha256: str) -> bool:
    with closing(sqlite3.connect(f"file:{registry}?mode=rw", uri=True)) as database:
        if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'trail'").fetchone():
            return number == 0
        row = database.execute("SELECT sha256 FROM trail WHERE number = ?", (number,)).fetchone()
    return number == 0 or (row is not None and row[0].hex() == sha256)


def what_goes_back(release: Path, copies: Path, kept: Path, databases: list[Path]) -> list[Back]:
    going = []
    for path in databases:
        known = known_to(release, path.stem)
        if known is None or not path.is_file() or migrations(path).items() <= known.items():
            continue
        readable = [
            one
            for one in sorted(copies.glob(f"*/{path.name}"), reverse=True)
            if one.parent != kept and is_whole(one) and migrations(one).items() <= known.items()
        ]
        if not readable:
            raise RefusedError(
                f"{path} is newer than {release.name}, and {copies} has no copy that it can read"
            )
        since, cases = written_since(path, readable[0])
        table, called = _NEVER_TWICE.get(path.stem, ("", ""))
        if since.get(table):
            raise RefusedError(
                f"{path} is newer than {release.name}, and {since[table]} {called} were written since the copy of "
                f"{readable[0].parent.name}: they must stay. Go on with the newer release, or with one that mends it"
            )
        noted = newest_noted(path.with_name("journal.sqlite")) if path.stem == "registry" else None
        if noted is not None and not has_entry(readable[0], *noted[1:]):
            raise RefusedError(
                f"{path} is newer than {release.name}, and {noted[0]} has noted entry {noted[1]} of its trail, which "
                f"the copy of {readable[0].parent.name} has not: it must stay. Go on with the newer release, or with "
                "one that mends it"
            )
        going.append(Back(path, readable[0], since, cases))
    return going


def put(back: Back) -> None:
    """On the disk beside it first, then in its place, as its owner's."""
    was = back.path.stat()
    partial = back.path.with_name(f".{back.path.name}.back")
    with (
        back.copy.open("rb") as source,
        open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
    ):
        shutil.copyfileobj(source, file)
        os.fchown(file.fileno(), was.st_uid, was.st_gid)
        file.flush()
        os.fsync(file.fileno())
    # What a kill has left half done belongs to the file before.
    back.path.with_name(f"{back.path.name}-journal").unlink(missing_ok=True)
    partial.replace(back.path)
    folder = os.open(back.path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def said_of(back: Back, release: Path, kept: Path) -> Iterator[str]:
    yield f"{back.path} is again as it was on {back.copy.parent.name}, which {release.name} can read"
    rows = ", ".join(f"{table} {count}" for table, count in back.since.items()) or "nothing"
    yield f"written since, and kept in {kept / back.path.name}: {rows}"
    if back.cases:
        named = ", ".join(back.cases[:_MOST_SAID]) + ", ..." * (len(back.cases) > _MOST_SAID)
        yield f"these cases are not there any more, and their numbers are given again: {named}"


def main() -> int:
    release, copies, kept, data = map(Path, sys.argv[1:])
    databases = [data / "journal.sqlite", data / "registry.sqlite", Path(f"{data}-web") / "casework.sqlite"]
    try:
        going = what_goes_back(release, copies, kept, databases)
    except RefusedError as refused:
        sys.stderr.write(f"install: {refused}\n")
        return 1
    for back in going:
        put(back)
        sys.stdout.writelines(f"install: {line}\n" for line in said_of(back, release, kept))
    return 0


if __name__ == "__main__":
    sys.exit(main())
