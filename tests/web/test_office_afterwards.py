"""Follow-ups, the log of refusals, and the deletion of a customer's data."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask

from tests.casework import stories
from tests.web.at_a_desk import AtADesk
from tests.web.conftest import Clock
from tests.web.staff_bench import PASSWORD, StaffBench
from web.casework import cases, follow_ups
from web.casework.agreements import REQUIRED, Thing
from web.casework.consent import consent
from web.casework.history import is_intact, refusals
from web.casework.model import CUSTOMER, Case, Moment, Outcome
from web.casework.opinions import opinions
from web.casework.store import Casework


@pytest.fixture
def administrator(service: Flask, staff_bench: StaffBench) -> AtADesk:
    return AtADesk(service, staff_bench, "P1")


def closed(casework: Casework) -> Case:
    return cases.close(casework, stories.explained(casework).id, "the customer moved away", "P2")


def test_a_follow_up_is_due_with_the_telephone_number_and_settled(
    clerk: AtADesk, casework: Casework, clock: Clock
) -> None:
    case = stories.after_test(casework)
    assert "No follow-up is due now." in clerk.text("/office/follow-ups")
    clock.at = "2026-12-28T10:00:00+00:00"
    page = clerk.text("/office/follow-ups")
    assert "tel:13800000000" in page
    assert "2 days overdue" in page
    [due] = follow_ups.due(casework, "2026-12-28")
    where = f"/office/follow-up/{due.id}"
    page = clerk.sent(where, kind="call", said="Less than before.", consumption="212,5", sure="2", trust="8")
    assert "No follow-up is due now." in page
    settled = follow_ups.follow_up(casework, due.id)
    assert (settled.said, settled.used_kWh, settled.settled_by) == (
        "Less than before.",
        Decimal("212.5"),
        "P4",
    )
    assert opinions(casework, case.id)[Moment.DAY_30].trust == 8


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"said": ""}, "said"),
        ({"kind": "page"}, "kind"),
        ({"consumption": "much"}, "consumption"),
        ({"sure": "3"}, "trust"),
        ({"sure": "11", "trust": "3"}, "sure"),
    ],
)
def test_what_does_not_fit_settles_nothing(
    clerk: AtADesk, casework: Casework, fields: dict[str, str], wrong: str
) -> None:
    case = stories.after_test(casework)
    first, _ = follow_ups.of(casework, case.id)
    where = f"/office/follow-up/{first.id}"
    response = clerk.send(where, **({"kind": "call", "said": "Fine."} | fields))
    assert response.status_code == 422
    assert f'id="{wrong}-error"' in response.text
    assert follow_ups.follow_up(casework, first.id).settled_at is None


def test_what_was_refused_can_be_read(
    clerk: AtADesk, service: Flask, staff_bench: StaffBench, casework: Casework
) -> None:
    case = stories.planned(casework)
    verifier = AtADesk(service, staff_bench, "P2")
    verifier.send(
        f"/office/case/{case.id}/decline", f"/office/case/{case.id}", decline_reason="x", decline_next="y"
    )
    page = clerk.text("/office/refusals")
    assert "Li Wei (P2)" in page
    assert case.id in page
    assert "{" not in page.split("<main")[1]
    assert case.id in clerk.text(f"/office/refusals?case={case.id}")
    assert (
        case.id not in clerk.text("/office/refusals?case=C2026-0099").split("<table")[-1].split("</h1>")[-1]
    )


def test_a_customer_s_data_are_deleted(administrator: AtADesk, casework: Casework) -> None:
    case = closed(casework)
    where = f"/office/delete/{case.id}"
    page = administrator.sent(where, number=case.id, password=PASSWORD)
    assert "are deleted" in page
    page = administrator.text(f"/office/case/{case.id}")
    for gone in ("王小明", "138 0000 0000", "人民路", "电表走得太快了", "moved away"):
        assert gone not in page
    assert is_intact(casework, case.id)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"number": "C2026-0099", "password": PASSWORD}, 422),
        ({"number": "", "password": PASSWORD}, 422),
        ({"number": "C2026-0001", "password": ""}, 422),
        ({"number": "C2026-0001", "password": "not it at all"}, 403),
    ],
)
def test_nothing_is_deleted_without_number_and_password(
    administrator: AtADesk, casework: Casework, fields: dict[str, str], status: int
) -> None:
    case = closed(casework)
    answer = administrator.send(f"/office/delete/{case.id}", **fields)
    assert answer.status_code == status
    assert ">number:" not in answer.text, "the page's own word for the field"
    assert cases.case(casework, case.id).customer is not None


def test_the_session_that_confirms_is_ended(
    administrator: AtADesk, casework: Casework, staff_bench: StaffBench
) -> None:
    before = set(staff_bench.sessions)
    case = closed(casework)
    administrator.sent(f"/office/delete/{case.id}", number=case.id, password=PASSWORD)
    assert set(staff_bench.sessions) == before


def test_an_open_case_is_not_deleted(administrator: AtADesk, casework: Casework) -> None:
    case = stories.planned(casework)
    response = administrator.send(f"/office/delete/{case.id}", number=case.id, password=PASSWORD)
    assert response.status_code == 409
    assert cases.case(casework, case.id).customer is not None


@pytest.mark.parametrize("person", ["P2", "P3", "P4"])
def test_only_an_administrator_deletes(
    service: Flask, staff_bench: StaffBench, casework: Casework, person: str
) -> None:
    case = closed(casework)
    response = AtADesk(service, staff_bench, person).send(
        f"/office/delete/{case.id}", "/apply", number=case.id, password=PASSWORD
    )
    assert response.status_code == 403
    assert cases.case(casework, case.id).customer is not None
    assert refusals(casework)[0].who == person


def test_it_names_the_certificates_that_are_to_be_forgotten_at_the_bench(
    administrator: AtADesk, casework: Casework, staff_bench: StaffBench
) -> None:
    case = closed(casework)
    staff_bench.certificates.append(
        {"run": "run-A-1", "number": "2026-00007", "kind": "verification", "verdict": "PASS",
         "issued_on": "2026-11-26", "stands": True, "replaced_by": None, "files": ["pdf"]}
    )  # fmt: skip
    assert "2026-00007" in administrator.text(f"/office/delete/{case.id}")


@pytest.mark.parametrize("agrees", [False, True])
def test_who_did_not_agree_to_be_asked_again_is_said(
    clerk: AtADesk, casework: Casework, agrees: bool
) -> None:
    case_id = stories.received(casework).id
    agreed = [*REQUIRED, Thing.FOLLOW_UP] if agrees else list(REQUIRED)
    consent(casework, case_id, agreed, CUSTOMER)
    stories.tick_all(casework, case_id)
    cases.begin_test(casework, case_id, "run-1", stories.VERIFIER)
    cases.end_test(casework, case_id, Outcome.PASS, stories.VERIFIER)
    said = "did not agree to be asked again"
    assert (said in clerk.text("/office/follow-ups")) is not agrees
    first = follow_ups.of(casework, case_id)[0]
    assert (said in clerk.text(f"/office/follow-up/{first.id}")) is not agrees


def test_my_work_leads_to_the_office_and_to_what_is_to_be_planned(clerk: AtADesk, casework: Casework) -> None:
    assert "Nothing waits for you" in clerk.text("/staff")
    new = stories.applied(casework)
    page = clerk.text("/staff")
    assert f'href="/office/case/{new.id}"' in page
    assert 'href="/office"' in page
    assert 'href="/office/follow-ups"' in page
