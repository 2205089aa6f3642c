"""The answer to a question in both languages: editions, of which one at a time is the handbook's.

An edition stays as it was written; who finds it wrong writes the next, or withdraws it. Its figures are names in its
text, computed where it is shown (`figures.py`), so that no answer says a number that the product would not.
"""

from __future__ import annotations

from web.casework.history import attempt
from web.casework.refused import Refused
from web.casework.said import one_line, words
from web.casework.store import Casework
from web.dates import local_day
from web.knowledge.figures import require_known
from web.knowledge.model import IN_THE_HANDBOOK, Answer, Question, State
from web.knowledge.rows import answers, change, published, question, take_out

__all__ = ["answers", "of", "publish", "published", "withdraw", "write"]

LONGEST_TITLE, LONGEST_TEXT = 100, 4000
"""Characters, of each language."""


def write(cw: Casework, question_id: int, title: tuple[str, str], text: tuple[str, str], by: str) -> Answer:
    """The next edition: title and text in Chinese and in English; not published yet.

    Whoever writes it needs no day to be taken first, but then has it in hand. Errors: Refused no_such_question,
    question_past where it was set aside, text_missing, text_too_long, no_such_figure.
    """
    with attempt(cw, by, "write_answer") as database:
        this = question(cw, question_id)
        if this.state is State.SET_ASIDE:
            raise Refused("question_past", question=str(question_id))
        titles = tuple(one_line(one, LONGEST_TITLE) for one in title)
        texts = tuple(words(one, LONGEST_TEXT) for one in text)
        for one in texts:
            require_known(one)
        editions = answers(cw, question_id)
        edition = editions[0].edition + 1 if editions else 1
        at = cw.now()
        database.execute(
            "INSERT INTO handbook_answer (question, edition, title_zh, title_en, text_zh, text_en, written_at,"
            " written_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (question_id, edition, *titles, *texts, at, by),
        )
        change(
            database, question_id,
            state=State.ANSWERED, state_since=at,
            owner=this.owner or by, due_on=this.due_on or local_day(at).isoformat(),
        )  # fmt: skip
        return answers(cw, question_id)[0]


def publish(cw: Casework, question_id: int, edition: int, by: str) -> Answer:
    """The newest edition becomes the handbook's, in the place of the one before. Somebody else than who wrote it reads
    it first.

    edition: the one that was read; Refused answer_changed where there is a newer one. Errors: Refused
    no_such_question, question_past, published_by_its_writer.
    """
    with attempt(cw, by, "publish_answer") as database:
        this = question(cw, question_id)
        if this.state is not State.ANSWERED:
            raise Refused("question_past", question=str(question_id))
        newest = answers(cw, question_id)[0]
        if newest.edition != edition:
            raise Refused("answer_changed")
        if newest.written_by == by:
            raise Refused("published_by_its_writer")
        at = cw.now()
        take_out(database, question_id, at)
        database.execute(
            "UPDATE handbook_answer SET published_at = ?, published_by = ? WHERE question = ? AND edition = ?",
            (at, by, question_id, edition),
        )
        change(database, question_id, state=State.PUBLISHED, state_since=at, reviewed_in=None)
        return answers(cw, question_id)[0]


def withdraw(cw: Casework, question_id: int, reason: str, by: str) -> Question:
    """Out of the handbook at once, and new to be studied.

    Errors: Refused no_such_question, question_past, text_missing.
    """
    with attempt(cw, by, "withdraw_answer") as database:
        this = question(cw, question_id)
        if of(cw, question_id) is None:
            raise Refused("question_past", question=str(question_id))
        at, why = cw.now(), words(reason, LONGEST_TEXT)
        take_out(database, question_id, at)
        # Whoever writes the next edition at the moment goes on with it.
        state = State.NEW if this.state in IN_THE_HANDBOOK else this.state
        change(database, question_id, state=state, state_since=at, reason=why)
        return question(cw, question_id)


def of(cw: Casework, question_id: int) -> Answer | None:
    """The edition that the handbook has now."""
    return next((one for one in answers(cw, question_id) if one.is_public), None)
