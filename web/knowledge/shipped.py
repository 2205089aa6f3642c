"""The answers that came with the program: handbook.toml, put into the handbook once.

Each has a key. A laboratory writes its own edition over it like over any other; a newer program replaces only an
edition that nobody has touched. Who wrote them is `THE_PROGRAM`, and pages say so.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from web.casework.store import Casework
from web.knowledge.model import IN_THE_HANDBOOK, State, Subject
from web.knowledge.rows import answers, change, question, take_out

THE_PROGRAM = "program"
_FILE = files("web.knowledge") / "handbook.toml"


@dataclass(frozen=True, slots=True)
class Shipped:
    key: str
    subject: Subject
    title: tuple[str, str]
    """Chinese, English."""
    text: tuple[str, str]


@cache
def shipped() -> tuple[Shipped, ...]:
    """In the order of the file, which is read once."""
    read = tomllib.loads(_FILE.read_text("utf-8"))
    return tuple(
        Shipped(
            key,
            Subject(one["subject"]),
            (one["title"]["zh"].strip(), one["title"]["en"].strip()),
            (one["text"]["zh"].strip(), one["text"]["en"].strip()),
        )
        for key, one in read.items()
    )


def furnish(cw: Casework) -> None:
    """Put in what is not there yet, and the newer words of what nobody else has written since."""
    with cw.writing() as database:
        rows = database.execute("SELECT key, id FROM handbook_question WHERE key IS NOT NULL").fetchall()
        there = {row["key"]: row["id"] for row in rows}
        for one in shipped():
            at = cw.now()
            if one.key not in there:
                (there[one.key],) = database.execute(
                    "INSERT INTO handbook_question (key, state, state_since, subject) VALUES (?, ?, ?, ?) RETURNING id",
                    (one.key, State.PUBLISHED, at, one.subject),
                ).fetchone()
            question_id = there[one.key]
            editions = answers(cw, question_id)
            newest = editions[0] if editions else None
            if newest is not None:
                same = (newest.title_zh, newest.title_en, newest.text_zh, newest.text_en) == (
                    *one.title,
                    *one.text,
                )
                if same or newest.written_by != THE_PROGRAM or newest.withdrawn_at is not None:
                    continue
                take_out(database, question_id, at)
                if question(cw, question_id).state in IN_THE_HANDBOOK:
                    change(database, question_id, state=State.PUBLISHED, state_since=at, reviewed_in=None)
            edition = 1 if newest is None else newest.edition + 1
            database.execute(
                "INSERT INTO handbook_answer VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (question_id, edition, *one.title, *one.text, at, THE_PROGRAM, at, THE_PROGRAM),
            )
