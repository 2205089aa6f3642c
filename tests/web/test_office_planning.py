"""Planning a case: the nameplate, the bench's plan, two persons and a day; told to the bench first, then written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.casework import stories
from tests.web.at_a_desk import AtADesk
from tests.web.staff_bench import PLAN, Message, StaffBench
from web.casework import cases
from web.casework.model import CaseState
from web.casework.store import Casework
from web.forms import Form
from web.office.nameplate import COMMON, nameplate_of, wishes_of

Desk = Callable[..., AtADesk]
NAMEPLATE = COMMON | {"serial": "A-1", "rule_set": "jjg596-2012"}
PEOPLE = {"verifier": "P2", "checker": "P3", "date": "2026-12-01", "at": "09:30"}
FIXED = NAMEPLATE | PEOPLE | {"plan": PLAN.format(serial="A-1"), "step": "fix"}


@pytest.fixture
def where(casework: Casework) -> str:
    return f"/office/case/{stories.applied(casework).id}/plan"


def test_the_form_begins_with_what_is_known(clerk: AtADesk, where: str) -> None:
    page = clerk.text(where)
    assert 'name="serial" type="text" value="A-1"' in page
    assert 'name="meter_constant_imp_per_kWh" type="text" value="1200"' in page
    assert "JJG 596-2012, electronic alternating-current electricity meters (provisional)" in page
    assert '<option value="jjg596-2012" selected>' in page
    assert 'name="verifier"' not in page, "persons are chosen once there is a plan"


def test_the_bench_makes_the_plan_of_the_nameplate(
    clerk: AtADesk, where: str, staff_bench: StaffBench
) -> None:
    response = clerk.send(
        where, **NAMEPLATE, step="make", test_basic_error="yes", load_points="Imax 1.0\nIb 0.5L"
    )
    assert response.status_code == 200
    [asked] = staff_bench.told("plan_new")
    assert asked["meter"]["meter_constant_imp_per_kWh"] == 1200.0
    assert asked["meter"]["serial"] == "A-1"
    assert (asked["rule_set"], asked["tests"]) == ("jjg596-2012", ["basic_error"])
    assert asked["load_points"] == ["Imax 1.0", "Ib 0.5L"]
    assert "repeats" not in asked


@pytest.mark.parametrize("language", ["zh", "en"])
def test_points_times_and_what_speaks_against_it_are_shown(
    service: Flask, staff_bench: StaffBench, where: str, language: str
) -> None:
    page = AtADesk(service, staff_bench, "P4", language).send(where, **NAMEPLATE, step="make").text
    left_out = {"zh": "没有读数的小数位", "en": "no decimals of the register"}
    assert left_out[language] in page
    assert "Imax 1.0" in page
    assert "jjg596-2012" in page, "the text of the plan"


def test_what_the_bench_refuses_is_said_and_the_form_stays(
    clerk: AtADesk, where: str, staff_bench: StaffBench
) -> None:
    staff_bench.refuse("plan_new", "bench_busy", "the bench is measuring")
    response = clerk.send(where, **(NAMEPLATE | {"meter_type": "DDS-61"}), step="make")
    assert response.status_code == 409
    assert "DDS-61" in response.text
    assert "measuring" in response.text


def test_an_edited_plan_is_checked_by_the_bench(clerk: AtADesk, where: str, staff_bench: StaffBench) -> None:
    edited = PLAN.format(serial="A-1") + "# edited\n"
    assert "can be run" in clerk.send(where, **NAMEPLATE, plan=edited, step="check").text
    assert staff_bench.told("plan_check")[-1]["plan"].strip() == edited.strip()
    wrong = clerk.send(where, **NAMEPLATE, plan="title = 1", step="check")
    assert wrong.status_code == 409
    assert "meter is missing" in wrong.text


def test_fixing_names_the_persons_at_the_bench_and_writes_the_case(
    clerk: AtADesk, where: str, staff_bench: StaffBench, casework: Casework
) -> None:
    clerk.sent(where, **FIXED)
    [case] = cases.all_cases(casework)
    assert case.state is CaseState.PLANNED
    assert (case.verifier, case.checker, case.appointment) == ("P2", "P3", "2026-12-01T09:30")
    assert (case.rule_set, case.planned_s) == ("jjg596-2012", 405.0)
    assert staff_bench.cases[case.id]["verifier"] == "P2"
    assert case.plan_toml == PLAN.format(serial="A-1").strip()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"checker": "P2"}, "checker"),  # who has not that role
        ({"verifier": "P3"}, "verifier"),
        ({"verifier": "P99"}, "verifier"),
        ({"date": "soon"}, "date"),
        ({"at": "25:70"}, "at"),
        ({"at": ""}, "at"),
        ({"serial": ""}, "serial"),
        ({"meter_constant_imp_per_kWh": "many"}, "meter_constant_imp_per_kWh"),
        ({"verifier": "P5", "checker": "P5"}, "checker"),
    ],
)
def test_what_does_not_fit_is_said_beside_it_and_nobody_is_named(
    clerk: AtADesk, where: str, staff_bench: StaffBench, casework: Casework, wrong: dict[str, str], field: str
) -> None:
    response = clerk.send(where, **(FIXED | wrong))
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    assert staff_bench.cases == {}
    assert cases.all_cases(casework)[0].state is CaseState.APPLIED


def test_a_plan_that_the_bench_does_not_take_names_nobody(
    clerk: AtADesk, where: str, staff_bench: StaffBench
) -> None:
    assert clerk.send(where, **(FIXED | {"plan": "title = 1"})).status_code == 409
    assert staff_bench.cases == {}


def test_what_the_bench_refuses_leaves_the_case_as_it_was(
    clerk: AtADesk, where: str, staff_bench: StaffBench, casework: Casework
) -> None:
    staff_bench.refuse("case_assign", "not_a_verifier", "P2 has not the role verifier", person="P2")
    assert clerk.send(where, **FIXED).status_code == 409
    assert cases.all_cases(casework)[0].state is CaseState.APPLIED


def test_a_meter_that_is_planned_elsewhere_is_said_before_the_bench_is_told(
    clerk: AtADesk, where: str, staff_bench: StaffBench, casework: Casework
) -> None:
    other = stories.planned(casework, "B-7")
    response = clerk.send(where, **(FIXED | {"serial": "b-7"}))
    assert response.status_code == 409
    assert f"The meter b-7 is planned in the case {other.id}" in response.text
    assert staff_bench.told("case_assign") == []


def test_half_a_plan_is_said_and_mended_by_fixing_it_again(
    clerk: AtADesk,
    where: str,
    staff_bench: StaffBench,
    casework: Casework,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody else plans the same meter in the moment between the two halves."""
    take = staff_bench._case_assign

    def overtaken(message: Message) -> Message:
        monkeypatch.undo()
        stories.planned(casework, "B-7")
        return take(message)

    monkeypatch.setitem(staff_bench._commands, "case_assign", overtaken)
    response = clerk.send(where, **(FIXED | {"serial": "B-7"}))
    assert response.status_code == 409
    assert "The measuring side has named the persons" in response.text
    case = next(one for one in cases.all_cases(casework) if one.serial == "A-1")
    assert "is not what the case says" in clerk.text(f"/office/case/{case.id}")
    clerk.sent(where, **FIXED)
    assert cases.case(casework, case.id).state is CaseState.PLANNED


def test_a_busy_verifier_is_said_to_be_so(clerk: AtADesk, where: str, staff_bench: StaffBench) -> None:
    staff_bench.busy["P2"] = "C2026-0009"
    page = clerk.send(where, **NAMEPLATE, step="make").text
    assert "Li Wei (P2) (busy with C2026-0009)" in page
    assert page.index("Liu Yang") < page.index("Li Wei"), "who is free stands first"


def test_a_verifier_plans_nothing(service: Flask, staff_bench: StaffBench, where: str) -> None:
    assert AtADesk(service, staff_bench, "P2").get(where).status_code == 403


def test_either_current_of_a_nameplate_is_enough() -> None:
    of_new_kind = COMMON | {
        "serial": "1",
        "basic_current_A": "",
        "transitional_current_A": "0.5",
        "minimum_current_A": "0.25",
    }
    form = Form(of_new_kind)
    read = nameplate_of(form)
    assert not form.errors
    assert "basic_current_A" not in read
    assert read["transitional_current_A"] == 0.5
    form = Form(COMMON | {"serial": "1", "basic_current_A": ""})
    nameplate_of(form)
    assert list(form.errors) == ["basic_current_A"]


def test_no_wish_is_the_rule_set_s() -> None:
    assert wishes_of(Form({})) == {}
