"""The watch folder: each issued certificate is dropped there for a laboratory's own system, which takes it away.

A certificate is three files: <number>.xml and <number>.pdf first, <number>.json last, each written under a name that
begins with a point, synced and renamed. So whoever sees the JSON finds whole files. What was dropped is kept in the
registry, for the other system may move it away at once; what a folder that is away did not take waits there, and is
dropped with the next certificate, in the order of issue. After a kill between dropping and noting it, the same files
are dropped once more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from bench.certificate import exports, files, register
from bench.certificate.register import Entry
from bench.errors import OperatorError
from bench.registry.store import reading, writing
from bench.whole_files import whole_file


@dataclass(frozen=True, slots=True)
class Delivery:
    """dropped: numbers, this time. waiting: numbers that were issued and could not be dropped, with why."""

    dropped: tuple[str, ...]
    waiting: tuple[str, ...]
    why: str


def waiting(state_dir: Path) -> tuple[str, ...]:
    """Numbers of what has not been dropped yet, in the order of issue."""
    with reading(state_dir) as database:
        return tuple(entry.issued.number for entry in register.undelivered(database))


def deliver(state_dir: Path, folder: Path, now: str) -> Delivery:
    """Drop all that waits. A folder that is away, full or not writable is no error: it is told, and tried again.

    The folder itself is not made: one that is missing is a disk that is not mounted.
    """
    with reading(state_dir) as database:
        left = register.undelivered(database)
    dropped: list[str] = []
    why = ""
    for entry in left:
        number = entry.issued.number
        try:
            _drop(state_dir, folder, entry)
        except OperatorError as error:  # of this certificate; the others have their turn
            why = str(error)
            continue
        except OSError as error:
            why = f"{folder}: {error.strerror or error}"
            break
        with writing(state_dir, now) as database:
            register.add_delivery(database, number, now)
        dropped.append(number)
    numbers = (entry.issued.number for entry in left)
    return Delivery(tuple(dropped), tuple(number for number in numbers if number not in dropped), why)


def _drop(state_dir: Path, folder: Path, entry: Entry) -> None:
    """Errors: OSError of the folder, OperatorError where the certificate cannot be read."""
    number = entry.issued.number
    rendered = files.read_issued(state_dir, entry)
    rows = exports.as_json([exports.certificate_row(entry)], exports.all_result_rows(state_dir, [entry]))
    for name, content in (
        (f"{number}.xml", rendered.xml),
        (f"{number}.pdf", rendered.pdf),
        (f"{number}.json", (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()),
    ):
        with whole_file(folder / name, files.FILE_MODE) as file:
            file.write(content)
