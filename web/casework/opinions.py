"""Satisfaction is experience minus expectation: the same scales before, after, and at both follow-ups."""

from __future__ import annotations

from dataclasses import dataclass

from web.casework import history as log
from web.casework.case_rows import case
from web.casework.cases import answered
from web.casework.history import attempt, keep_text, text_of
from web.casework.limits import require_room
from web.casework.model import CUSTOMER, WITH_A_RESULT, CaseState, Moment
from web.casework.refused import Refused
from web.casework.said import words
from web.casework.store import Casework, Database, Row

LONGEST = 500
"""Characters."""
HIGHEST = 10
"""Of a scale from 0."""
SCORES = range(1, 6)
"""Of the satisfaction, 5 the best."""
_BEFORE_THE_RESULT = (CaseState.APPLIED, CaseState.PLANNED, CaseState.READY)


@dataclass(frozen=True, slots=True)
class Opinion:
    """words: what is expected before, what was learned after. meter_is_wrong: how sure the customer is of that.

    trust: in the test. Both from 0 (not at all) to 10 (entirely).
    """

    moment: Moment
    words: str
    meter_is_wrong: int
    trust: int
    at: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Experience minus expectation, -10 to 10 each."""

    meter_is_wrong: int
    trust: int


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """score: 1 to 5. unclear: what was, in the customer's words; empty where nothing was."""

    score: int
    unclear: str
    at: str


def expectation(cw: Casework, case_id: str, expects: str, meter_is_wrong: int, trust: int) -> Opinion:
    """Before the test; said again, the last one counts. expects: may be empty.

    Errors: Refused too_late_to_expect, off_the_scale, text_too_long, too_much_in_an_hour.
    """
    return _say(cw, case_id, Moment.BEFORE, expects, meter_is_wrong, trust, CUSTOMER)


def experience(
    cw: Casework,
    case_id: str,
    learned: str,
    meter_is_wrong: int,
    trust: int,
    moment: Moment = Moment.AFTER,
    by: str = CUSTOMER,
) -> Opinion:
    """After the test, or at a follow-up (by: who was told it on the telephone).

    Errors: Refused not_tested_yet, off_the_scale, text_too_long, too_much_in_an_hour.
    """
    if moment is Moment.BEFORE:
        raise ValueError("what was before is no experience")
    return _say(cw, case_id, moment, learned, meter_is_wrong, trust, by)


def opinions(cw: Casework, case_id: str) -> dict[Moment, Opinion]:
    """What was said at each moment; a moment at which nothing was said is not there."""
    with cw.reading() as database:
        rows = database.execute("SELECT * FROM opinion WHERE case_id = ?", (case_id,)).fetchall()
        said = {Moment(row["moment"]): _opinion(database, row) for row in rows}
    return {moment: said[moment] for moment in Moment if moment in said}


def difference(cw: Casework, case_id: str, moment: Moment = Moment.AFTER) -> Difference | None:
    """Against what was expected before; None where one of the two was not said."""
    said = opinions(cw, case_id)
    if Moment.BEFORE not in said or moment not in said:
        return None
    before, after = said[Moment.BEFORE], said[moment]
    return Difference(after.meter_is_wrong - before.meter_is_wrong, after.trust - before.trust)


def satisfaction(cw: Casework, case_id: str, score: int, unclear: str) -> Satisfaction:
    """The customer's answer to the case; said again, the last one counts.

    Errors: Refused not_tested_yet, off_the_scale, text_too_long, too_much_in_an_hour.
    """
    with attempt(cw, CUSTOMER, "satisfaction", case_id) as database:
        _require_a_result(cw, case_id)
        require_room(cw, case_id, CUSTOMER)
        if score not in SCORES:
            raise Refused("off_the_scale", lowest=str(SCORES[0]), highest=str(SCORES[-1]))
        said = {"score": keep_text(cw, case_id, str(score)), **_kept_if_any(cw, case_id, "unclear", unclear)}
        at = log.add(cw, case_id, CUSTOMER, "satisfaction", said)
        database.execute(
            "INSERT OR REPLACE INTO satisfaction VALUES (?, ?, ?, ?)",
            (case_id, score, said.get("unclear", ""), at),
        )
        answered(cw, case_id)
    return Satisfaction(score, unclear.strip(), at)


def satisfied(cw: Casework, case_id: str) -> Satisfaction | None:
    """What the customer said of it; None where nothing was said yet, or it is forgotten."""
    with cw.reading() as database:
        row = database.execute("SELECT * FROM satisfaction WHERE case_id = ?", (case_id,)).fetchone()
        if row is None:
            return None
        return Satisfaction(row["score"], text_of(database, row["unclear"]) or "", row["said_at"])


def _say(
    cw: Casework, case_id: str, moment: Moment, said: str, meter_is_wrong: int, trust: int, by: str
) -> Opinion:
    with attempt(cw, by, "expect" if moment is Moment.BEFORE else "experience", case_id) as database:
        if moment is Moment.BEFORE:
            if case(cw, case_id).state not in _BEFORE_THE_RESULT:
                raise Refused("too_late_to_expect", case=case_id)
        else:
            _require_a_result(cw, case_id)
        require_room(cw, case_id, by)
        for value in (meter_is_wrong, trust):
            if not 0 <= value <= HIGHEST:
                raise Refused("off_the_scale", lowest="0", highest=str(HIGHEST))
        values = {
            "moment": moment.value,
            "meter_is_wrong": keep_text(cw, case_id, str(meter_is_wrong)),
            "trust": keep_text(cw, case_id, str(trust)),
            **_kept_if_any(cw, case_id, "words", said),
        }
        at = log.add(cw, case_id, by, "expect" if moment is Moment.BEFORE else "experience", values)
        database.execute(
            "INSERT OR REPLACE INTO opinion VALUES (?, ?, ?, ?, ?, ?)",
            (case_id, moment, values.get("words", ""), meter_is_wrong, trust, at),
        )
        return opinions(cw, case_id)[moment]


def _require_a_result(cw: Casework, case_id: str) -> None:
    if case(cw, case_id).state not in WITH_A_RESULT:
        raise Refused("not_tested_yet", case=case_id)


def _kept_if_any(cw: Casework, case_id: str, name: str, said: str) -> dict[str, str]:
    return {name: keep_text(cw, case_id, words(said, LONGEST))} if said.strip() else {}


def _opinion(database: Database, row: Row) -> Opinion:
    return Opinion(
        Moment(row["moment"]),
        text_of(database, row["words"]) or "",
        row["meter_is_wrong"],
        row["trust"],
        row["said_at"],
    )
