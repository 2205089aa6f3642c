"""What customers ask: each time counted, many times one question, and somebody who answers it until a day.

    new -> studied              an owner and a day
    studied -> answered         written in both languages (`answers.write`)
    answered -> published       (`answers.publish`)
    published -> reviewed       by the review of a period (`periods.review`)
    published, reviewed -> studied   again: it did not help, or is no longer true
    new, studied -> set_aside   with a reason, or as the same question as another one

What stands in the handbook stays there until it is withdrawn, also while a better answer is being written.
"""

from __future__ import annotations

from web.casework import limits
from web.casework.case_rows import case
from web.casework.history import attempt
from web.casework.model import CUSTOMER
from web.casework.promises import day_after
from web.casework.refused import Refused
from web.casework.said import one_line, words
from web.casework.store import Casework, Database
from web.dates import local_day
from web.knowledge.model import Question, Source, State, Subject
from web.knowledge.rows import answers, askings, change, question, questions, written

__all__ = [
    "ask", "asked_again", "askings", "default_day", "delete_words", "joined", "question", "questions",
    "set_aside", "study", "written",
]  # fmt: skip

LONGEST_WORDS, LONGEST_AREA, LONGEST_REASON = 500, 60, 1000
"""Characters."""


def ask(
    cw: Casework,
    written: str,
    source: Source,
    area: str = "",
    by: str = CUSTOMER,
    subject: Subject = Subject.OTHER,
    case_id: str | None = None,
) -> Question:
    """Somebody asks something that is not known to be asked before; staff joins it to another (`joined`).

    by: who wrote it down. case_id: in whose case it was asked, with which the words are deleted.
    Errors: Refused text_missing, text_too_long, no_such_case, questions_waiting.
    """
    with attempt(cw, by, "ask_handbook", case_id) as database:
        if by == CUSTOMER and _untouched(database) >= limits.MOST_UNTAKEN_QUESTIONS:
            raise Refused("questions_waiting")
        if case_id is not None:
            case(cw, case_id)
        at = cw.now()
        (question_id,) = database.execute(
            "INSERT INTO handbook_question (state, state_since, subject) VALUES (?, ?, ?) RETURNING id",
            (State.NEW, at, subject),
        ).fetchone()
        _add_asking(cw, database, question_id, written, source, area, by, case_id)
        return question(cw, question_id)


def asked_again(
    cw: Casework,
    question_id: int,
    written: str,
    source: Source,
    area: str = "",
    by: str = CUSTOMER,
    case_id: str | None = None,
) -> Question:
    """The same once more.

    Errors: Refused no_such_question, same_question where it was set aside, no_such_case, text_missing, text_too_long.
    """
    with attempt(cw, by, "ask_handbook", case_id) as database:
        if question(cw, question_id).state is State.SET_ASIDE:
            raise Refused("same_question")
        if case_id is not None:
            case(cw, case_id)
        _add_asking(cw, database, question_id, written, source, area, by, case_id)
        return question(cw, question_id)


def joined(cw: Casework, question_id: int, same_as: int, by: str) -> Question:
    """A new question that is the same as another: its askings go there. Returns that other one.

    Errors: Refused no_such_question, question_past, same_question.
    """
    with attempt(cw, by, "join_questions") as database:
        this, other = question(cw, question_id), question(cw, same_as)
        if this.id == other.id or other.state is State.SET_ASIDE:
            raise Refused("same_question")
        _require(this, State.NEW, State.STUDIED)
        if any(one.is_public for one in answers(cw, this.id)):
            raise Refused("question_past", question=str(this.id))
        database.execute("UPDATE asking SET question = ? WHERE question = ?", (other.id, this.id))
        change(database, this.id, state=State.SET_ASIDE, state_since=cw.now(), same_as=other.id)
        return question(cw, other.id)


def study(cw: Casework, question_id: int, owner: str, due_on: str, subject: Subject, by: str) -> Question:
    """Somebody takes it until a day; also again, where the answer that there is does not do.

    Errors: Refused no_such_question, question_past, person_missing, due_in_the_past.
    """
    with attempt(cw, by, "study_question") as database:
        this = question(cw, question_id)
        _require(this, State.NEW, State.STUDIED, State.ANSWERED, State.PUBLISHED, State.REVIEWED)
        if not owner:
            raise Refused("person_missing")
        if due_on < local_day(cw.now()).isoformat():
            raise Refused("due_in_the_past", day=due_on)
        change(
            database, this.id,
            state=State.STUDIED, state_since=cw.now(), owner=owner, due_on=due_on, subject=subject,
        )  # fmt: skip
        return question(cw, question_id)


def set_aside(cw: Casework, question_id: int, reason: str, by: str) -> Question:
    """No question for everybody, and why.

    Errors: Refused no_such_question, question_past, text_missing, text_too_long.
    """
    with attempt(cw, by, "set_question_aside") as database:
        this = question(cw, question_id)
        _require(this, State.NEW, State.STUDIED)
        if answers(cw, question_id):
            raise Refused("question_past", question=str(question_id))
        why = words(reason, LONGEST_REASON)
        change(database, this.id, state=State.SET_ASIDE, state_since=cw.now(), reason=why)
        return question(cw, question_id)


def delete_words(cw: Casework, asking_id: int, by: str) -> None:
    """The words of one asking, where a name stands in them; that it was asked stays counted."""
    with attempt(cw, by, "delete_words") as database:
        database.execute("UPDATE asking SET words = NULL WHERE id = ?", (asking_id,))


def default_day(cw: Casework) -> str:
    """Until when a question is to be answered that is taken now: what the service promises."""
    return day_after(local_day(cw.now()).isoformat(), cw.promises.answer_days)


def _require(this: Question, *states: State) -> None:
    if this.state not in states:
        raise Refused("question_past", question=str(this.id))


def _untouched(database: Database) -> int:
    (count,) = database.execute(
        "SELECT COUNT(*) FROM asking JOIN handbook_question ON handbook_question.id = question"
        " WHERE written_by = ? AND state = ?",
        (CUSTOMER, State.NEW),
    ).fetchone()
    return int(count)


def _add_asking(
    cw: Casework,
    database: Database,
    question_id: int,
    written: str,
    source: Source,
    area: str,
    by: str,
    case_id: str | None,
) -> None:
    where = one_line(area, LONGEST_AREA) if area.strip() else ""
    database.execute(
        "INSERT INTO asking (question, asked_at, source, area, words, written_by, case_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (question_id, cw.now(), source, where, words(written, LONGEST_WORDS), by, case_id),
    )
