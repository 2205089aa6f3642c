"""What the figures of a month are made of: the rows of the store, read once, without a name or a word of anybody.

`Facts` is everything there is; `of_person` and `of_team` narrow it to what somebody had in hand. The figures themselves
are pure functions over it (indicators.py, promises_kept.py, expectations.py, meter_types.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation

from web.casework.areas import areas, resolving
from web.casework.promises import Promises
from web.casework.store import Casework, Database
from web.service.model import METERING


@dataclass(frozen=True, slots=True)
class Said:
    """One moment of an opinion: 0 to 10 each."""

    meter_is_wrong: int
    trust: int
    at: str


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """first and last: instants of each act by its name, the first time and the last time that it was done.

    tests_s: from the beginning to the end of each test, together. worst_pct: the error (%) that came nearest to its
    limit in the last run, None where none was measured. questions: (asked, answered) instants.
    """

    id: str
    state: str
    applied_on: str
    area: str
    meter_type: str
    verifier: str | None
    outcome: str | None
    is_retest: bool
    first: Mapping[str, str]
    last: Mapping[str, str]
    tests_s: float
    run_ids: tuple[str, ...]
    worst_pct: Decimal | None
    before: Said | None
    after: Said | None
    score: int | None
    scored_at: str | None
    questions: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """settled: the customer said so, and so it led to no case. answered_first: the first answer, or the end with a
    reason if that was earlier; None while there is neither."""

    id: str
    kind: str
    state: str
    asked_at: str
    area: str
    owner: str | None
    department: str
    settled: bool
    closed_at: str | None
    answered_first: str | None


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """A self-check. It is kept for a while only (web/casework/self_checks.py) unless it belongs to a case."""

    outcome: str
    kept_at: str
    case_id: str | None


@dataclass(frozen=True, slots=True)
class ReaderFacts:
    """Readers of the handbook of one day who said that an answer settled their doubt, or that it did not."""

    day: str
    settled: bool
    count: int


@dataclass(frozen=True, slots=True)
class Facts:
    """now: the instant at which they were read. askings: the instants at which something was asked for the handbook.
    departments: of each area, by its name, the department that is responsible."""

    now: str
    promises: Promises
    cases: tuple[CaseFacts, ...]
    requests: tuple[RequestFacts, ...]
    checks: tuple[CheckFacts, ...]
    readers: tuple[ReaderFacts, ...]
    askings: tuple[str, ...]
    departments: Mapping[str, str]

    def of_person(self, person: str) -> Facts:
        """What this person verifies, and has in hand of the requests."""
        return replace(
            self,
            cases=tuple(one for one in self.cases if one.verifier == person),
            requests=tuple(one for one in self.requests if one.owner == person),
            checks=(),
            readers=(),
            askings=(),
        )

    def of_team(self, department: str) -> Facts:
        """What a department has in hand, and what is of its areas; verifications are metering's, too.

        What one department has in hand of another one's area is a result of both.
        """

        def is_of_its_areas(area: str) -> bool:
            return self.departments.get(area) == department

        return replace(
            self,
            cases=self.cases
            if department == METERING
            else tuple(one for one in self.cases if is_of_its_areas(one.area)),
            requests=tuple(
                one for one in self.requests if one.department == department or is_of_its_areas(one.area)
            ),
            checks=(),
            readers=(),
            askings=(),
        )


def facts(cw: Casework) -> Facts:
    with cw.reading() as database:
        return Facts(
            now=cw.now(),
            promises=cw.promises,
            cases=_cases(database),
            requests=_requests(database),
            checks=tuple(
                CheckFacts(row["outcome"], row["kept_at"], row["case_id"])
                for row in database.execute("SELECT outcome, kept_at, case_id FROM self_check")
            ),
            readers=tuple(
                ReaderFacts(row["day"], bool(row["settled"]), row["count"])
                for row in database.execute("SELECT day, settled, count FROM settled_count")
            ),
            askings=tuple(row["asked_at"] for row in database.execute("SELECT asked_at FROM asking")),
            departments={one.name: one.department for one in areas(cw)},
        )


def seconds_from(one: str, other: str) -> float:
    """From one instant to another, s."""
    return (datetime.fromisoformat(other) - datetime.fromisoformat(one)).total_seconds()


def _cases(database: Database) -> tuple[CaseFacts, ...]:
    first: dict[str, dict[str, str]] = {}
    last: dict[str, dict[str, str]] = {}
    begun: dict[str, str] = {}
    tests_s: dict[str, float] = {}
    acts = database.execute(
        "SELECT case_id, json_extract(CAST(body AS TEXT), '$.act') AS act,"
        " json_extract(CAST(body AS TEXT), '$.at') AS at FROM history ORDER BY case_id, number"
    )
    for row in acts:
        case_id, act, at = row["case_id"], row["act"], row["at"]
        first.setdefault(case_id, {}).setdefault(act, at)
        last.setdefault(case_id, {})[act] = at
        if act == "begin_test":
            begun[case_id] = at
        elif act == "end_test" and case_id in begun:
            tests_s[case_id] = tests_s.get(case_id, 0.0) + seconds_from(begun.pop(case_id), at)
    runs = _grouped(database, "SELECT case_id, run_id FROM case_run ORDER BY rowid")
    asked = _grouped(database, "SELECT case_id, asked_at, answered_at FROM question ORDER BY id")
    opinions = {
        (row["case_id"], row["moment"]): Said(row["meter_is_wrong"], row["trust"], row["said_at"])
        for row in database.execute("SELECT * FROM opinion WHERE moment IN ('before', 'after')")
    }
    scores = {row["case_id"]: row for row in database.execute("SELECT * FROM satisfaction")}
    worst = {
        row["case_id"]: _worst_pct(row["results"])
        for row in database.execute(
            "SELECT case_id, json_extract(state, '$.meter.results') AS results FROM outcome ORDER BY rowid"
        )
    }
    area_of = resolving(database)
    return tuple(
        CaseFacts(
            id=row["id"],
            state=row["state"],
            applied_on=row["applied_on"],
            area=area_of(row["area"]),
            meter_type=str(json.loads(row["meter_kind"]).get("meter_type", "")),
            verifier=row["verifier"],
            outcome=row["outcome"],
            is_retest=row["retest_of"] is not None,
            first=first.get(row["id"], {}),
            last=last.get(row["id"], {}),
            tests_s=tests_s.get(row["id"], 0.0),
            run_ids=tuple(run[1] for run in runs.get(row["id"], ())),
            worst_pct=worst.get(row["id"]),
            before=opinions.get((row["id"], "before")),
            after=opinions.get((row["id"], "after")),
            score=scores[row["id"]]["score"] if row["id"] in scores else None,
            scored_at=scores[row["id"]]["said_at"] if row["id"] in scores else None,
            questions=tuple((one[1], one[2]) for one in asked.get(row["id"], ())),
        )
        for row in database.execute("SELECT * FROM cases ORDER BY id")
    )


def _requests(database: Database) -> tuple[RequestFacts, ...]:
    answered = {
        row["subject"]: row["at"]
        for row in database.execute(
            "SELECT subject, MIN(at) AS at FROM request_event WHERE act IN ('answer', 'close', 'decline', 'led_to')"
            " GROUP BY subject"
        )
    }
    area_of = resolving(database)
    return tuple(
        RequestFacts(
            id=row["id"],
            kind=row["kind"],
            state=row["state"],
            asked_at=row["asked_at"],
            area=area_of(row["area"]),
            owner=row["owner"],
            department=row["department"],
            settled=bool(row["settled"]),
            closed_at=row["closed_at"],
            answered_first=answered.get(row["id"]),
        )
        for row in database.execute("SELECT * FROM request ORDER BY id")
    )


def _grouped(database: Database, query: str) -> dict[str, list[tuple[str, ...]]]:
    """Rows by their first column."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for row in database.execute(query):
        found.setdefault(row[0], []).append(tuple(row))
    return found


def _worst_pct(results: str | None) -> Decimal | None:
    """The basic error that came nearest to its limit, signed (%)."""
    worst: tuple[Decimal, Decimal] | None = None
    for result in (json.loads(results) if results else {}).values():
        if result.get("item") != "basic_error":
            continue
        try:
            error = Decimal(str(result.get("percentage_error_pct")))
            part = abs(error) / Decimal(str(result.get("mpe_pct")))
        except (InvalidOperation, ZeroDivisionError):
            continue  # not measured, or not judged
        if worst is None or part > worst[0]:
            worst = part, error
    return None if worst is None else worst[1]
