"""The office's table of cases, one case, and what can be done with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

import web
from tests.casework import stories
from tests.web.at_a_desk import AtADesk
from tests.web.conftest import Clock
from tests.web.staff_bench import StaffBench
from web.casework import areas, cases, invitations
from web.casework.history import history, refusals
from web.casework.model import CaseState, Outcome
from web.casework.refused import Refused
from web.casework.store import Casework
from web.customer.judging import rule_sentence
from web.office.case_table import chosen, wish_of

ADMINISTRATOR, VERIFIER, CHECKER, OFFICE = "P1", "P2", "P3", "P4"
Desk = Callable[..., AtADesk]
FIRST_VIEW_BYTES = 150_000


@pytest.fixture
def desk(service: Flask, staff_bench: StaffBench) -> Desk:
    return lambda person=None, language="en": AtADesk(service, staff_bench, person, language)


def numbers_in(page: str) -> list[str]:
    """The cases of the table in their order."""
    rows = page.split("<tbody>")[1].split('<th scope="row">')[1:] if "<tbody>" in page else []
    return [row.split("</a>")[0].rsplit(">", 1)[1] for row in rows]


@pytest.mark.parametrize("person", [None])
@pytest.mark.parametrize(
    "path", ["/office", "/office/case/C2026-0001", "/office/refusals", "/office/follow-ups", "/check"]
)
def test_nobody_from_the_street_reads_it(desk: Desk, person: str | None, path: str) -> None:
    assert desk(person).get(path).status_code == 303


@pytest.mark.parametrize("path", ["/office", "/office/case/C2026-0001", "/office/refusals"])
@pytest.mark.parametrize("person", [ADMINISTRATOR, VERIFIER, CHECKER, OFFICE])
def test_all_of_the_staff_may_read(desk: Desk, casework: Casework, person: str, path: str) -> None:
    stories.applied(casework)
    assert desk(person).get(path).status_code == 200


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("decline", {"decline_reason": "no", "decline_next": "no"}),
        ("withdraw", {"withdraw_reason": "called"}),
        ("appeal", {"appeal_why": "too fast"}),
        ("hand-over", {"handover_role": "verifier", "handover_to": "P5", "handover_why": "ill"}),
    ],
)
def test_a_verifier_does_not_do_the_office_s_acts(
    desk: Desk, casework: Casework, act: str, fields: dict[str, str]
) -> None:
    case = stories.planned(casework)
    response = desk(VERIFIER).send(f"/office/case/{case.id}/{act}", f"/office/case/{case.id}", **fields)
    assert response.status_code == 403
    assert cases.case(casework, case.id) == case
    assert refusals(casework)[0].key in ("role_missing", "role_needed")
    assert refusals(casework)[0].who == VERIFIER


def test_what_is_overdue_stands_first(desk: Desk, casework: Casework, clock: Clock) -> None:
    early = stories.applied(casework, "A-1")
    clock.at = "2026-11-28T10:00:00+00:00"
    late = stories.applied(casework, "A-2")
    clock.at = "2026-11-30T10:00:00+00:00"
    page = desk(OFFICE).text("/office")
    assert numbers_in(page) == [early.id, late.id]
    assert "1 overdue" in page
    assert "1 day overdue" in page


def test_the_office_sees_that_a_meter_was_applied_for_twice_and_what_to_do(
    desk: Desk, casework: Casework
) -> None:
    first, second, other = (stories.applied(casework, serial) for serial in ("A-1", "a-1", "B"))
    clerk = desk(OFFICE)
    assert clerk.text("/office").count("more than one case") == 2
    page = clerk.text(f"/office/case/{first.id}")
    assert "There are 2 open cases for the serial number A-1" in page
    assert f'href="/office/case/{second.id}"' in page
    assert "open cases for the serial number" not in clerk.text(f"/office/case/{other.id}")
    cases.decline(casework, second.id, "not your meter", "ask the utility", OFFICE)
    assert "open cases for the serial number" not in clerk.text(f"/office/case/{first.id}")


def test_a_click_on_a_head_sorts_and_a_second_one_turns_it(desk: Desk, casework: Casework) -> None:
    first, second = stories.applied(casework, "B-2"), stories.applied(casework, "A-1")
    clerk = desk(OFFICE)
    assert numbers_in(clerk.text("/office?sort=meter")) == [second.id, first.id]
    assert numbers_in(clerk.text("/office?sort=meter&order=down")) == [first.id, second.id]


def test_it_is_narrowed_by_state_person_and_area(desk: Desk, casework: Casework) -> None:
    applied, planned = stories.applied(casework, "A-1"), stories.planned(casework, "A-2", VERIFIER, CHECKER)
    clerk = desk(OFFICE)
    assert numbers_in(clerk.text("/office?state=planned")) == [planned.id]
    assert numbers_in(clerk.text(f"/office?person={CHECKER}")) == [planned.id]
    assert set(numbers_in(clerk.text("/office?area=A3"))) == {applied.id, planned.id}
    assert numbers_in(clerk.text("/office?area=B1")) == []


def test_what_is_over_is_shown_only_when_it_is_asked_for(desk: Desk, casework: Casework) -> None:
    case = stories.applied(casework)
    cases.decline(casework, case.id, "no bench for it", "ask the maker", OFFICE)
    assert numbers_in(desk(OFFICE).text("/office")) == []
    assert numbers_in(desk(OFFICE).text("/office?state=")) == [case.id]


def test_cases_are_found_by_each_spelling_of_their_area_and_shown_by_its_name(
    desk: Desk, casework: Casework
) -> None:
    first, second = stories.applied(casework), stories.applied(casework, "B-1")
    assert first.area == "A3"
    areas.keep(casework, "road", "人民路", "People's Road", "counter", OFFICE, ["ａ3"])
    for written in ("A3", "a3", "road", "人民路"):
        assert set(numbers_in(desk(OFFICE).text(f"/office?area={written}"))) == {first.id, second.id}
    page = desk(OFFICE, "zh").text("/office")
    assert "A3" not in page
    assert page.count("人民路") == 3, "the filter and two rows"
    assert "People's Road" in desk(OFFICE).text(f"/office/case/{first.id}")


@pytest.mark.parametrize(
    "query", ["state=nowhere", "sort=colour", "order=sideways", "due=never", "area=%00", "person='--"]
)
def test_an_address_that_means_nothing_is_no_error(desk: Desk, casework: Casework, query: str) -> None:
    stories.applied(casework)
    assert desk(OFFICE).get(f"/office?{query}").status_code == 200


def test_a_case_without_a_deadline_stands_last_in_either_order(casework: Casework) -> None:
    stories.applied(casework, "A-1")
    over = stories.applied(casework, "A-2")
    cases.withdraw(casework, over.id, OFFICE, "called")
    for order in ("up", "down"):
        shown = chosen(cases.all_cases(casework), wish_of({"state": "", "order": order}), date(2026, 11, 26))
        assert shown[-1].id == over.id


def test_everything_of_a_case_stands_on_its_page(desk: Desk, casework: Casework) -> None:
    case = stories.planned(casework)
    page = desk(OFFICE).text(f"/office/case/{case.id}")
    for said in (
        "电表走得太快了",
        "138 0000 0000",
        "人民路 12 号",
        "2026-12-01 09:30",
        "Li Wei (P2)",
        "Wang Fang (P3)",
    ):
        assert said in page
    assert page.count("<li><time") == len(history(casework, case.id))
    chinese = desk(OFFICE, "zh").text(f"/office/case/{case.id}")
    assert "李伟（P2）" in chinese
    assert rule_sentence(case.decision_rule, "zh") in chinese


def test_the_first_view_of_a_case_is_small(desk: Desk, casework: Casework) -> None:
    """With every style sheet and script that there is, whether this page asks for it or not."""
    page = desk(OFFICE).text(f"/office/case/{stories.planned(casework).id}").encode()
    static = Path(web.__file__).parent / "static"
    of_site = sum(file.stat().st_size for file in static.rglob("*") if file.is_file())
    assert len(page) + of_site < FIRST_VIEW_BYTES


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("story", ["applied", "planned", "received", "under_test", "after_test", "explained"])
def test_a_case_has_a_page_in_every_state(desk: Desk, casework: Casework, story: str, language: str) -> None:
    case = getattr(stories, story)(casework)
    page = desk(ADMINISTRATOR, language).text(f"/office/case/{case.id}")
    assert "text:" not in page


def test_a_case_that_does_not_exist_is_no_page(desk: Desk) -> None:
    assert desk(OFFICE).get("/office/case/C2026-0099").status_code == 404


def test_a_case_is_declined_with_a_reason_and_a_next_step(desk: Desk, casework: Casework) -> None:
    case = stories.applied(casework)
    where = f"/office/case/{case.id}"
    clerk = desk(OFFICE)
    page = clerk.sent(
        f"{where}/decline", where, decline_reason="We have no bench for it.", decline_next="Ask the county."
    )
    assert "We have no bench for it." in page
    assert "Ask the county." in page
    assert cases.case(casework, case.id).state is CaseState.DECLINED


def test_declining_without_a_next_step_says_so_beside_the_field(desk: Desk, casework: Casework) -> None:
    case = stories.applied(casework)
    where = f"/office/case/{case.id}"
    response = desk(OFFICE).send(f"{where}/decline", where, decline_reason="We have no bench for it.")
    assert response.status_code == 422
    assert 'id="decline_next-error"' in response.text
    assert "We have no bench for it." in response.text
    assert cases.case(casework, case.id).state is CaseState.APPLIED


def test_a_case_is_withdrawn(desk: Desk, casework: Casework) -> None:
    case = stories.applied(casework)
    where = f"/office/case/{case.id}"
    desk(OFFICE).sent(f"{where}/withdraw", where, withdraw_reason="called today")
    assert cases.case(casework, case.id).state is CaseState.WITHDRAWN


def test_a_customer_who_is_at_home_appeals_by_the_office(desk: Desk, casework: Casework) -> None:
    case = stories.explained(casework, outcome=Outcome.FAIL)
    cases.close(casework, case.id, "The customer has gone home.", VERIFIER)
    where = f"/office/case/{case.id}"
    empty = desk(OFFICE).send(f"{where}/appeal", where, appeal_why="")
    assert empty.status_code == 422
    assert 'id="appeal_why-error"' in empty.text
    desk(OFFICE).sent(f"{where}/appeal", where, appeal_why="It still runs too fast.")
    (retest,) = [one for one in cases.all_cases(casework) if one.retest_of == case.id]
    assert retest.state is CaseState.APPLIED


@pytest.mark.parametrize("person", [OFFICE, VERIFIER])
def test_a_case_is_postponed_by_the_office_or_its_verifier(
    desk: Desk, casework: Casework, person: str
) -> None:
    case = stories.received(casework)
    cookie, _ = invitations.accept(casework, invitations.invite(casework, case.id, VERIFIER))
    clerk, page = desk(person), f"/staff/case/{case.id}/postpone"
    assert page in clerk.text(f"/office/case/{case.id}")
    assert clerk.send(page, page, why=" ").status_code == 422
    back = clerk.send(page, page, why="the customer telephoned").headers["Location"]
    assert back == f"/{'staff' if person == VERIFIER else 'office'}/case/{case.id}"
    assert cases.case(casework, case.id).state is CaseState.PLANNED
    [entry] = [entry for entry in history(casework, case.id) if entry.act == "postpone"]
    assert (entry.who, entry.values["why"]) == (person, "the customer telephoned")
    assert invitations.visit_of(casework, cookie) is None


@pytest.mark.parametrize(("person", "at_bench"), [(CHECKER, "assigned"), (OFFICE, "begun")])
def test_nobody_else_postpones_and_not_what_the_bench_has_begun(
    desk: Desk, casework: Casework, staff_bench: StaffBench, person: str, at_bench: str
) -> None:
    case = stories.received(casework)
    staff_bench.cases[case.id] = bench_case(case.id) | {"state": at_bench}
    page = f"/staff/case/{case.id}/postpone"
    assert page not in desk(person).text(f"/office/case/{case.id}")
    response = desk(person).send(page, page, why="too late for us")
    assert response.status_code == 422
    assert "cannot be postponed" in response.text
    assert "too late for us" in response.text
    assert cases.case(casework, case.id).state is CaseState.READY
    [refused] = refusals(casework, case.id)
    assert (refused.who, refused.key) == (person, "not_postponed")
    assert "cannot be postponed" in desk(OFFICE).text("/office/refusals")


@pytest.mark.parametrize("person", [OFFICE, VERIFIER])
def test_what_the_bench_has_begun_is_released_there_and_then_here(
    desk: Desk, casework: Casework, staff_bench: StaffBench, person: str
) -> None:
    case = stories.received(casework)
    staff_bench.cases[case.id] = bench_case(case.id) | {"state": "begun"}
    cookie, _ = invitations.accept(casework, invitations.invite(casework, case.id, VERIFIER))
    clerk, page = desk(person), f"/staff/case/{case.id}/release"
    assert page in clerk.text(f"/office/case/{case.id}")
    assert "Release this case before its test?" in clerk.text(page)
    assert clerk.send(page, page, why=" ").status_code == 422
    assert staff_bench.told("case_release") == []
    clerk.sent(page, page, why="the customer had to leave")
    assert staff_bench.told("case_release")[0]["why"] == "the customer had to leave"
    assert cases.case(casework, case.id).state is CaseState.PLANNED
    [entry] = [entry for entry in history(casework, case.id) if entry.act == "release"]
    assert (entry.who, entry.values["why"]) == (person, "the customer had to leave")
    assert invitations.visit_of(casework, cookie) is None
    assert page not in clerk.text(f"/office/case/{case.id}")


@pytest.mark.parametrize(
    ("person", "runs", "key"), [(CHECKER, [], "not_postponed"), (OFFICE, ["run-000001"], "case_measured")]
)
def test_a_refused_release_has_happened_nowhere(
    desk: Desk, casework: Casework, staff_bench: StaffBench, person: str, runs: list[str], key: str
) -> None:
    case = stories.received(casework)
    staff_bench.cases[case.id] = bench_case(case.id) | {"state": "begun", "runs": runs}
    page = f"/staff/case/{case.id}/release"
    assert page not in desk(person).text(f"/office/case/{case.id}")
    response = desk(person).send(page, page, why="gone home")
    assert response.status_code == 422
    assert "gone home" in response.text
    assert (staff_bench.cases[case.id]["state"], cases.case(casework, case.id).state) == (
        "begun", CaseState.READY,
    )  # fmt: skip
    assert refusals(casework, case.id)[0].key == key


def test_a_case_that_the_bench_has_let_go_by_itself_is_released_here(
    desk: Desk, casework: Casework, staff_bench: StaffBench
) -> None:
    case = stories.received(casework)
    staff_bench.cases[case.id] = bench_case(case.id)
    page = f"/staff/case/{case.id}/release"
    desk(OFFICE).sent(page, page, why="released at the bench")
    assert cases.case(casework, case.id).state is CaseState.PLANNED


def test_a_handover_is_told_to_the_bench_and_written_down(
    desk: Desk, casework: Casework, staff_bench: StaffBench
) -> None:
    case = stories.planned(casework)
    staff_bench.cases[case.id] = bench_case(case.id)
    where = f"/office/case/{case.id}"
    desk(ADMINISTRATOR).sent(
        f"{where}/hand-over", where, handover_role="verifier", handover_to="P5", handover_why="Li Wei is ill"
    )
    assert cases.case(casework, case.id).verifier == "P5"
    assert staff_bench.cases[case.id]["verifier"] == "P5"
    assert history(casework, case.id)[-1].values["why"] == "Li Wei is ill"


def test_a_handover_that_the_bench_refuses_changes_nothing(
    desk: Desk, casework: Casework, staff_bench: StaffBench
) -> None:
    case = stories.planned(casework)
    staff_bench.cases[case.id] = bench_case(case.id)
    staff_bench.refuse("case_handover", "run_under_way", "a run is under way", case=case.id, run="run-000001")
    where = f"/office/case/{case.id}"
    response = desk(ADMINISTRATOR).send(
        f"{where}/hand-over", where, handover_role="verifier", handover_to="P5", handover_why="ill"
    )
    assert response.status_code == 409
    assert "run-000001" in response.text
    assert cases.case(casework, case.id).verifier == VERIFIER


HALF_DONE = "A change of persons is half done"


def plan_at(casework: Casework, serial: str, appointment: str, verifier: str = VERIFIER) -> str:
    case = stories.applied(casework, serial)
    planned = stories.plan_of(serial, verifier, CHECKER)
    return cases.plan(casework, case.id, dataclasses.replace(planned, appointment=appointment)).id


@pytest.mark.parametrize(
    ("other", "is_warned"),
    [
        ({"appointment": "2026-11-26T10:00"}, True),
        ({"appointment": "2026-11-26T10:30"}, False),
        ({"appointment": "2026-11-26T09:30", "verifier": "P5"}, False),
    ],
)
def test_two_appointments_of_one_verifier_within_an_hour_are_pointed_out(
    clerk: AtADesk, casework: Casework, other: dict[str, str], is_warned: bool
) -> None:
    first = plan_at(casework, "A-1", appointment="2026-11-26T09:30")
    second = plan_at(casework, "A-2", **other)
    page = clerk.text(f"/office/case/{first}")
    assert ("another appointment within the same hour" in page) == is_warned
    assert (f'href="/office/case/{second}"' in page) == is_warned


def test_a_handover_that_only_the_bench_has_is_shown_and_repaired_by_one_button(
    desk: Desk, casework: Casework, staff_bench: StaffBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case is refused in the moment in which the bench has taken it."""
    case = stories.planned(casework)
    staff_bench.cases[case.id] = bench_case(case.id)
    where = f"/office/case/{case.id}"
    administrator = desk(ADMINISTRATOR)
    assert HALF_DONE not in administrator.text(where)

    def refuses(*_: object) -> None:
        raise Refused("verifier_busy", person="P5", case="C2026-0009")

    with monkeypatch.context() as patch:
        patch.setattr(cases, "hand_over", refuses)
        fields = {"handover_role": "verifier", "handover_to": "P5", "handover_why": "Li Wei is ill"}
        response = administrator.send(f"{where}/hand-over", where, **fields)
    assert response.status_code == 422
    assert HALF_DONE in response.text
    assert "has handed it over, the case has not" in response.text
    assert f'href="{where}#repair"' in administrator.text("/office")
    assert f'action="{where}/repair"' not in desk(OFFICE).text(where)
    administrator.sent(f"{where}/repair", where)
    assert cases.case(casework, case.id).verifier == staff_bench.cases[case.id]["verifier"] == "P5"
    assert HALF_DONE not in administrator.text(where)
    assert f'href="{where}#repair"' not in administrator.text("/office")


def test_what_the_case_cannot_take_goes_back_at_the_bench(
    desk: Desk, casework: Casework, staff_bench: StaffBench
) -> None:
    case = stories.under_test(casework)
    staff_bench.cases[case.id] = bench_case(case.id) | {"verifier": "P6"}
    where = f"/office/case/{case.id}"
    desk(ADMINISTRATOR).sent(f"{where}/repair", where)
    assert cases.case(casework, case.id).verifier == staff_bench.cases[case.id]["verifier"] == VERIFIER


def test_who_is_no_administrator_repairs_nothing(
    desk: Desk, casework: Casework, staff_bench: StaffBench
) -> None:
    case = stories.planned(casework)
    staff_bench.cases[case.id] = bench_case(case.id) | {"verifier": "P6"}
    where = f"/office/case/{case.id}"
    assert "Ask an administrator" in desk(OFFICE).text(where)
    assert desk(OFFICE).send(f"{where}/repair", where).status_code == 403
    assert cases.case(casework, case.id).verifier == VERIFIER


def test_a_result_link_is_shown_once_and_can_be_revoked(desk: Desk, casework: Casework) -> None:
    case = stories.after_test(casework)
    where = f"/office/case/{case.id}"
    clerk = desk(OFFICE)
    made = clerk.send(f"{where}/link", where)
    assert made.status_code == 200
    token = made.text.split('class="address">')[1].split("<")[0].rsplit("/", 1)[1]
    assert invitations.case_of_link(casework, token) == case.id
    assert token not in clerk.text(where)
    clerk.sent(f"{where}/revoke-link", where)
    with pytest.raises(Refused):
        invitations.case_of_link(casework, token)


def test_visits_are_ended(desk: Desk, casework: Casework) -> None:
    case = stories.received(casework)
    cookie, _ = invitations.accept(casework, invitations.invite(casework, case.id, VERIFIER))
    where = f"/office/case/{case.id}"
    desk(OFFICE).sent(f"{where}/end-visits", where)
    assert invitations.visit_of(casework, cookie) is None


def bench_case(case_id: str) -> dict[str, object]:
    return {
        "case": case_id, "serial": "A-1", "verifier": VERIFIER, "checker": CHECKER, "retest_of": None,
        "state": "assigned", "handovers": [], "runs": [],
    }  # fmt: skip
