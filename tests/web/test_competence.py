"""Pages of competence: who sees whom, what ends, whom the office may name for a day, and what a maker is shown."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from tests.casework import stories
from tests.service import a_month
from tests.web.at_a_desk import AtADesk, with_bare_days
from tests.web.conftest import Clock
from tests.web.staff_bench import PLAN, StaffBench
from web.casework import cases
from web.casework.refused import Refused
from web.casework.store import Casework
from web.knowledge import questions
from web.knowledge.model import Source, Subject
from web.service import kudos, maker_errors, makers, requests
from web.service.figures import LEAST
from web.service.model import Asked, Kind
from web.service.months import month_of, span_of

ADMINISTRATOR, VERIFIER, CHECKER, OFFICE, OTHER = "P1", "P2", "P3", "P4", "P5"
OCTOBER = month_of("2026-10")
TRAINING = {
    "number": 4, "subject": "Type X, display", "held_by": "Maker A", "is_maker": True, "held_on": "2026-03-02",
    "result": "read ten registers", "is_passed": True, "valid_until": "2026-12-02", "counts": True,
}  # fmt: skip
AUTHORISATION = {
    "number": 1, "role": "verifier", "items": ["basic_error"], "kinds": ["direct"], "valid_from": "2026-01-01",
    "last_day": "2026-12-02", "taken_back_on": None, "training": 4, "given_by": "P1", "counts": True,
}  # fmt: skip
EXPIRED = [
    {"kind": "expired", "day": "2026-11-25", "meter": "1p2w direct active 1", "items": ["basic_error"]}
]
Desk = Callable[..., AtADesk]


def ending(person: str, left_days: int, within_days: int, kind: str = "authorisation") -> dict[str, Any]:
    what = ["basic_error"] if kind == "authorisation" else ["REF 3000"]
    return {"kind": kind, "about": "1", "person": person, "what": what, "last_day": "2026-12-02",
            "left_days": left_days, "within_days": within_days}  # fmt: skip


@pytest.fixture
def desk(service: Flask, staff_bench: StaffBench) -> Desk:
    staff_bench.trainings[VERIFIER] = [TRAINING]
    staff_bench.authorisations[VERIFIER] = [AUTHORISATION]
    staff_bench.expiring = [
        ending(VERIFIER, 6, 7),
        ending(OTHER, -1, 0),
        ending(CHECKER, 40, 60, "equipment"),
    ]
    return lambda person=None, language="en": AtADesk(service, staff_bench, person, language)


# --- the people


def test_the_office_sees_everybody_and_what_ends(desk: Desk) -> None:
    page = desk(OFFICE).text("/office/staff")
    assert "ends on 2026-12-02, 6 days left" in page
    assert "ended on 2026-12-02" in page
    assert "certificate of the equipment 1: REF 3000" in page
    assert "Zhao Min (P1)" in page
    assert "Basic error" in page
    assert "还有 6 天" in desk(OFFICE, "zh").text("/office/staff")


def test_a_command_is_said_to_administrators_alone(desk: Desk) -> None:
    for person, is_said in ((OFFICE, False), (ADMINISTRATOR, True)):
        page = desk(person).text("/office/staff")
        assert "An administrator enters trainings and authorisations" in page
        assert ("bench admin" in page) is is_said


def test_others_see_themselves(desk: Desk) -> None:
    page = desk(VERIFIER).text("/office/staff")
    assert "/office/staff/P2" in page
    assert "/office/staff/P5" not in page
    own = desk(VERIFIER).text("/office/staff/P2")
    assert '<th scope="row">4</th>' in desk(VERIFIER).get("/office/staff/P2").text, (
        "the number of the training"
    )
    for said in ("Type X, display", "the maker Maker A", "read ten registers", "2026-01-01 to 2026-12-02"):
        assert said in own
    assert desk(VERIFIER).get("/office/staff/P5").status_code == 403
    assert desk(OFFICE).get("/office/staff/P99").status_code == 409


def test_what_somebody_has_in_hand_and_thanks(desk: Desk, casework: Casework) -> None:
    case = stories.planned(casework)
    assert case.id in desk(OFFICE).text("/office/staff/P2")
    assert case.id not in desk(OFFICE).text("/office/staff/P5")
    giver = desk(OFFICE)
    giver.sent("/office/thanks", "/office/staff/P2", person="P2", thanks="helped me")
    waiting = giver.text("/office/thanks")
    assert "helped me" in waiting


def test_tasks_and_thanks_of_each_are_counted_by_themselves(desk: Desk, casework: Casework) -> None:
    stories.planned(casework)
    kudos.show(casework, kudos.give(casework, "P5", "helped me", OFFICE).id, "helped me", OFFICE)
    page = desk(OFFICE).text("/office/staff")
    in_hand, thanks = (
        {
            person: int(count)
            for person, count in re.findall(
                rf'/office/staff/(P\d+)"(?:(?!</tr>).)*?data-name="{column}"[^>]*>(?:<span>)?(\d+)',
                page,
                re.DOTALL,
            )
        }
        for column in ("In hand", "Thanks")
    )
    assert (in_hand["P2"], in_hand["P5"]) == (1, 0)
    assert (thanks["P2"], thanks["P5"]) == (0, 1)


@pytest.mark.usefixtures("in_shanghai")
def test_what_is_late_is_late_by_the_day_here(desk: Desk, casework: Casework, clock: Clock) -> None:
    this, _ = requests.ask(casework, Asked(Kind.BILLING, "why?", "N", "138", "A3", "P2"))
    clock.at = f"{this.deadline}T17:00:00+00:00"  # the next day there
    assert "(1 overdue)" in desk(OFFICE).text("/office/staff")


def test_the_own_work_says_what_ends(desk: Desk) -> None:
    assert "ends on 2026-12-02, 6 days left" in desk(VERIFIER).text("/staff")
    assert "days left" not in desk(OFFICE).text("/staff"), "what ends of others is on the page of the staff"


@pytest.mark.usefixtures("in_shanghai")
def test_the_own_work_says_what_is_due_or_overdue(desk: Desk, casework: Casework, clock: Clock) -> None:
    theirs, _ = requests.ask(casework, Asked(Kind.BILLING, "why?", "N", "138", "A3", VERIFIER))
    nobodys, _ = requests.ask(casework, Asked(Kind.BILLING, "and I?", "N", "138", "A3", "customer"))
    question = questions.ask(casework, "does it blink?", Source.WEB)
    questions.study(casework, question.id, VERIFIER, str(theirs.deadline), Subject.METER, OFFICE)
    kudos.give(casework, VERIFIER, "helped me", "customer")
    early = desk(OFFICE).text("/staff")
    assert nobodys.id not in early
    assert "1 to be read" in early
    clock.at = f"{theirs.deadline}T04:00:00+00:00"
    assert nobodys.id in desk(OFFICE).text("/staff")
    own = desk(VERIFIER).text("/staff")
    assert f"Question {question.id}" in own
    assert "does it blink?" in own
    assert "due today" in own
    assert nobodys.id not in own
    assert "to be read" not in own
    clock.at = f"{theirs.deadline}T17:00:00+00:00"  # the next day there
    assert f"was due on {theirs.deadline}" in desk(VERIFIER).text("/staff")


def test_only_who_needs_an_authorisation_lacks_one(desk: Desk, staff_bench: StaffBench) -> None:
    page = desk(OFFICE).text("/office/staff")
    assert page.count("no authorisation needed") == 3, (
        "administrator, office, and the checker, whom nothing binds"
    )
    assert page.count("no valid authorisation") == 2


# --- planning


def fields(**changes: str) -> dict[str, str]:
    return {
        "serial": "A-1", "accuracy_class": "1", "meter_constant_imp_per_kWh": "1200", "nominal_voltage_V": "220",
        "basic_current_A": "10", "maximum_current_A": "60", "connection": "direct", "wiring": "1p2w",
        "rule_set": "jjg596-2012", "plan": PLAN.format(serial="A-1"), "verifier": VERIFIER, "checker": CHECKER,
        "date": "2026-12-01", "at": "09:30", "step": "fix",
    } | changes  # fmt: skip


@pytest.mark.parametrize("role", ["verifier", "checker"])
def test_planning_warns_of_whom_it_names_and_the_day_counts(
    desk: Desk, staff_bench: StaffBench, casework: Casework, role: str
) -> None:
    staff_bench.lacks.setdefault(role, {})[VERIFIER if role == "verifier" else CHECKER] = EXPIRED
    case, office = stories.applied(casework), desk(OFFICE)
    path = f"/office/case/{case.id}/plan"
    warned = office.send(path, **fields())
    assert warned.status_code == 422
    assert "the day of the appointment, 2026-12-01: expired on 2026-11-25: Basic error" in with_bare_days(
        warned.text
    )
    assert "赵敏 Zhao Min (P1) can renew it" in warned.text
    assert 'value="09:30"' in warned.text, "nothing that was typed is lost"
    assert staff_bench.told("who_may")[-1]["day"] == "2026-12-01"
    assert staff_bench.told("case_assign") == []
    assert office.send(path, **fields(despite="yes")).status_code == 303
    assert cases.case(casework, case.id).verifier == VERIFIER


def test_the_choice_says_until_when(desk: Desk, staff_bench: StaffBench, casework: Casework) -> None:
    staff_bench.lacks["verifier"][OTHER] = EXPIRED
    case = stories.applied(casework)
    made = desk(OFFICE).send(f"/office/case/{case.id}/plan", **fields(step="make"))
    assert "Li Wei (P2), authorised" in made.text
    assert "Liu Yang (P5), expired on 2026-11-25: Basic error" in with_bare_days(made.text)
    assert "Wang Fang (P3)</option>" in made.text.replace("\n", ""), "checking is not bound here"


def test_a_start_that_the_bench_refuses_says_who_can_renew(
    desk: Desk, staff_bench: StaffBench, casework: Casework
) -> None:
    case = stories.received(casework)
    staff_bench.refuse(
        "start", "authorisation_expired", "expired", person=VERIFIER, items=["basic_error"],  # type: ignore[arg-type]
        meter="1p2w direct active 1", day="2026-11-25", renewed_by=["赵敏 Zhao Min (P1)"],  # type: ignore[arg-type]
    )  # fmt: skip
    said = desk(VERIFIER).send(f"/staff/case/{case.id}/start", f"/staff/case/{case.id}")
    assert said.status_code == 403
    assert "authorisation for Basic error (1p2w direct active 1) expired on 2026-11-25" in with_bare_days(
        said.text
    ).replace("&#39;", "'")
    assert "赵敏 Zhao Min (P1) can renew it" in said.text


# --- makers


@pytest.fixture
def october(casework: Casework, clock: Clock) -> None:
    def set_clock(at: datetime) -> None:
        clock.at = at.isoformat()

    a_month.make(casework, set_clock, OCTOBER, count=18)


def test_a_maker_is_shown_its_own_types_and_no_meter(desk: Desk, casework: Casework, october: None) -> None:
    office = desk(OFFICE)
    assert "DDS-28" in office.text("/office/makers"), "types that are nobody's yet"
    page = office.sent("/office/makers", maker_name="Maker A", maker_types="DDS-28\n\nNEW-1\n")
    assert "Type DDS-28" in page
    assert "Fewer than 5 meters" in page
    (maker,) = makers.makers(casework)
    assert maker.types == ("DDS-28", "NEW-1")
    sheet = office.text(f"/office/makers/{maker.id}/sheet")
    assert "DDZY-71" not in sheet
    assert "1 took part, 1 passed the practical part" in sheet
    assert not re.search(r"Li Wei|\bP\d|C2026|某", sheet.split("<main")[1]), "nobody's name, and no case"
    rows = list(csv.reader(io.StringIO(office.get(f"/office/makers/{maker.id}.csv").text.lstrip("\ufeff"))))
    assert rows[0][:3] == ["meter_type", "load_point", "meters"]
    assert rows[-1] == ["NEW-1", "", "fewer than 5 meters"]


def test_errors_are_by_load_point_of_enough_meters(
    casework: Casework, october: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [c.id for c in cases.all_cases(casework) if c.meter_kind.get("meter_type") == "DDS-28"]
    (found,) = maker_errors.by_load_point(casework, ["DDS-28"], span_of(OCTOBER))
    assert found.n == len(ids) >= LEAST + 1
    assert found.points == (), "a result that names no load point is at none"
    kept = {case_id: {"0": point("Ib 1.0", number / 10)} for number, case_id in enumerate(ids)}
    for case_id in ids[: LEAST - 1]:
        kept[case_id]["1"] = point("Imax 1.0", 0.5)
    kept[ids[0]]["2"] = point("Imax 0.5L", None) | {"item": "basic_error"}
    kept[ids[0]]["3"] = point("Ib 1.0", 9.0) | {"item": "repeatability"}
    with casework.writing() as database:
        for case_id in ids:
            state = json.dumps({"meter": {"results": kept[case_id]}})
            database.execute(
                "INSERT INTO outcome (case_id, run_id, kept_at, state) VALUES (?, 'run-again', '2026-10-31', ?)",
                (case_id, state),
            )
    (found,) = maker_errors.by_load_point(casework, ["DDS-28"], span_of(OCTOBER))
    at = {each.load_point: each for each in found.points}
    assert set(at) == {"Ib 1.0", "Imax 1.0"}
    assert at["Ib 1.0"].errors is not None
    assert (at["Ib 1.0"].n, str(at["Ib 1.0"].errors.most)) == (len(ids), str((len(ids) - 1) / 10))
    assert (at["Imax 1.0"].n, at["Imax 1.0"].errors) == (None, None), "of four meters nothing is said"
    assert maker_errors.by_load_point(casework, ["DDS-28"], span_of(OCTOBER.before))[0].n is None


def point(load_point: str, error_pct: float | None) -> dict[str, object]:
    return {
        "item": "basic_error",
        "load_point": load_point,
        "percentage_error_pct": error_pct,
        "mpe_pct": "1.0",
    }


def test_only_months_that_are_over_count() -> None:
    first, last = maker_errors.whole_months("2026-11-26T10:00:00+00:00")
    assert (first.isoformat(), last.isoformat()) == ("2025-11-01", "2026-10-31")


def test_questions_and_replies(desk: Desk, casework: Casework) -> None:
    maker = makers.add(casework, "Maker A", ["X"], OFFICE)
    path = f"/office/makers/{maker.id}"
    desk(VERIFIER).sent(f"{path}/ask", path, maker_question="Why does the lamp stay on?")
    (question,) = makers.questions(casework, maker.id)
    assert (
        desk(VERIFIER)
        .send(f"/office/makers/question/{question.id}", path, **{f"reply_{question.id}": "x"})
        .status_code
        == 403
    )
    empty = desk(OFFICE).send(f"/office/makers/question/{question.id}", path, **{f"reply_{question.id}": " "})
    assert empty.status_code == 422
    reply = {f"reply_{question.id}": "It shows reverse energy."}
    assert "It shows reverse energy." in desk(OFFICE).sent(
        f"/office/makers/question/{question.id}", path, **reply
    )


@pytest.mark.parametrize(
    ("name", "types", "said"),
    [
        ("", "X", ""),
        ("M" * 81, "X", ""),
        ("New", "T" * 61, ""),
        ("maker a", "Y", "is entered already"),
        ("New", "X", "take it out there first"),
    ],
)
def test_what_cannot_be_kept_of_a_maker_is_said_and_stays_typed(
    desk: Desk, casework: Casework, name: str, types: str, said: str
) -> None:
    makers.add(casework, "Maker A", ["X"], OFFICE)
    refused = desk(OFFICE).send("/office/makers", maker_name=name, maker_types=types)
    assert refused.status_code == 422
    assert types in refused.text
    assert said in refused.text
    assert [one.name for one in makers.makers(casework)] == ["Maker A"]


def test_types_of_another_maker_are_refused_beside_the_field(desk: Desk, casework: Casework) -> None:
    makers.add(casework, "Maker A", ["X"], OFFICE)
    other = makers.add(casework, "Maker B", ["Y"], OFFICE)
    page = f"/office/makers/{other.id}"
    refused = desk(OFFICE).send(f"{page}/types", page, maker_types="Y\nX")
    assert refused.status_code == 422
    assert 'id="maker_types-error"' in refused.text
    assert makers.maker(casework, other.id).types == ("Y",)


def test_who_may_do_what_with_makers(desk: Desk, casework: Casework) -> None:
    maker = makers.add(casework, "Maker A", ["X"], OFFICE)
    verifier = desk(VERIFIER)
    assert verifier.get(f"/office/makers/{maker.id}").status_code == 200
    for path in (f"/office/makers/{maker.id}/sheet", f"/office/makers/{maker.id}.csv"):
        assert verifier.get(path).status_code == 403
    page = f"/office/makers/{maker.id}"
    assert verifier.send("/office/makers", page, maker_name="New", maker_types="").status_code == 403
    assert verifier.send(f"{page}/types", page, maker_types="Y").status_code == 403
    assert desk(OFFICE).get("/office/makers/99").status_code == 404
    with pytest.raises(Refused, match="no_such_maker"):
        makers.ask(casework, 99, "why", OFFICE)


@pytest.mark.parametrize("typed", ["=HYPERLINK(1)", "＝HYPERLINK(1)", "＠SUM(A1)"])
def test_a_type_is_no_formula_of_a_spreadsheet(desk: Desk, casework: Casework, typed: str) -> None:
    maker = makers.add(casework, "Maker A", [typed], OFFICE)
    assert f"'{typed}" in desk(OFFICE).get(f"/office/makers/{maker.id}.csv").text
