"""A customer wants to be forgotten: everything that names the customer or came from there leaves casework, for good.

What stays says what was done, not for whom: the case's id, its states with their times, the meter, the verdict, who
of the laboratory had it in hand, the runs. The chain of the history holds without the words that it refers to.

Deleted rows are overwritten in the file (`secure_delete`). That is not enough: SQLite leaves copies of rows in the
free part of pages that it has split or joined before, and these outlive the row. So the tables of words and figures
are written anew, which frees, and so overwrites, every page they had. Of a photo such a copy could be a few hundred
bytes, mostly its header; photos are not written anew, since all of them together are large. What back-ups hold is
the laboratory's to delete.

The measuring process has no name of a customer but those that somebody gave to a certificate or typed into a run:
these are forgotten there (`bench certificate forget`), by the runs that `forget` returns.
"""

from __future__ import annotations

from dataclasses import dataclass

from web.casework import history as log
from web.casework.case_rows import case
from web.casework.history import attempt
from web.casework.model import CUSTOMER
from web.casework.refused import Refused
from web.casework.store import Casework, Database

_WORDS_AND_FIGURES = (
    "customer",
    "kept_text",
    "opinion",
    "satisfaction",
    "consumption",
    "trial",
    "self_check",
)
DELETED = (
    *_WORDS_AND_FIGURES,
    "question",
    "agreement",
    "photo",
    "self_check_photo",
    "invitation",
    "visit",
    "result_link",
)
_WRITTEN_ANEW = (*_WORDS_AND_FIGURES, "signature", "follow_up", "asking", "request_text")
STAYS = (
    "cases",
    "part",
    "case_run",
    "tick",
    "history",
    "refusal",
    "outcome",
    "signature",
    "follow_up",
    "asking",
    "made_up",
)
"""Tables of cases in which rows stay, at least some: what was done, by whom, and the meter's figures."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is left to do. run_ids: whose certificates may name the customer. other_cases: of the same meter's chain
    of retests, which are forgotten each by itself, and are not yet."""

    case_id: str
    run_ids: tuple[str, ...]
    other_cases: tuple[str, ...]


def forget(cw: Casework, case_id: str, by: str) -> Forgotten:
    """Errors: Refused not_for_customers, case_still_open, forgotten_already."""
    with attempt(cw, by, "forget", case_id) as database:
        this = case(cw, case_id)
        if by == CUSTOMER:
            raise Refused("not_for_customers", case=case_id)
        if this.is_open:
            raise Refused("case_still_open", case=case_id)
        if this.customer is None:
            raise Refused("forgotten_already", case=case_id)
        for table in DELETED:
            database.execute(f"DELETE FROM {table} WHERE case_id = ?", (case_id,))
        database.execute("DELETE FROM signature WHERE case_id = ? AND role = 'customer'", (case_id,))
        database.execute("DELETE FROM follow_up WHERE case_id = ? AND settled_at IS NULL", (case_id,))
        database.execute("UPDATE follow_up SET said = NULL, used_kWh = NULL WHERE case_id = ?", (case_id,))
        database.execute("UPDATE asking SET words = NULL, case_id = NULL WHERE case_id = ?", (case_id,))
        # Why a case was handed to another department (web/service/hand_offs.py).
        database.execute("DELETE FROM request_text WHERE subject = ?", (case_id,))
        database.execute("UPDATE cases SET area = '', plan_toml = NULL WHERE id = ?", (case_id,))
        for table in _WRITTEN_ANEW:
            write_anew(database, table)
        log.add(cw, case_id, by, "forget")
    return Forgotten(case_id, this.run_ids, not_forgotten_with(cw, case_id))


def not_forgotten_with(cw: Casework, case_id: str) -> tuple[str, ...]:
    """Other cases of the same chain of retests that still name the customer."""
    with cw.reading() as database:
        others = database.execute(
            "SELECT other.id FROM cases AS other JOIN customer ON customer.case_id = other.id"
            " WHERE other.root = (SELECT root FROM cases WHERE id = ?) AND other.id != ? ORDER BY other.id",
            (case_id, case_id),
        ).fetchall()
    return tuple(row["id"] for row in others)


def write_anew(database: Database, table: str) -> None:
    database.execute(f"CREATE TEMP TABLE anew AS SELECT * FROM {table}")
    database.execute(f"DELETE FROM {table}")
    database.execute(f"INSERT INTO {table} SELECT * FROM anew")
    database.execute("DROP TABLE anew")
