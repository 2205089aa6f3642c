"""Who may sign as what: each rule with the person who breaks it alone."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.certificate.model import Measured
from bench.certificate.register import Signature, SignsAs
from bench.certificate.two_persons import needed_roles, require_may_sign, role_of
from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.errors import OperatorError
from bench.items import Item
from bench.registry.authorisations import Authorisation, Scope
from bench.registry.persons import Person, Role
from bench.registry.witnessed import Case, CaseState
from calibration.nameplate import Connection, MeterUnderTest, Wiring

VERIFIER = Person("P3", (Role.VERIFIER,), True)
CHECKER = Person("P2", (Role.CHECKER,), True)
BOTH = Person("P3", (Role.VERIFIER, Role.CHECKER), True)
METER = MeterUnderTest("M-1", "1", 1200.0, Connection.DIRECT, Wiring.SINGLE_PHASE, 220.0, 10.0, 60.0)
DAY = "2026-03-02"
ALWAYS = Scope((), (), (), (), (), "2026-01-01", "2026-12-31")


def measured(verifier: str = "P3", until: str = DAY) -> Measured:
    days = {"performed_on": DAY, "performed_until": until}
    return cast(Measured, SimpleNamespace(verifier=verifier, run_id="run-000001", **days))


def given(scope: Scope = ALWAYS, revoked_on: str = "") -> tuple[Authorisation, ...]:
    return (Authorisation(1, "P3", scope, "P1", "2026-01-01T00:00:00+00:00", revoked_on),)


def signature(person: str, role: SignsAs) -> Signature:
    return Signature(1, role, person, "0" * 64, "2026-03-02T10:00:00+00:00")


def sign(person: Person, role: SignsAs, **changes: Any) -> None:
    facts = {
        "signed": (),
        "authorisations": given(),
        "approvers": ("P4",),
        "verifier": "P3",
        "until": DAY,
    } | changes
    require_may_sign(
        person,
        role,
        measured(facts["verifier"], facts["until"]),
        (METER, (Item.NO_LOAD, Item.BASIC_ERROR)),
        facts["signed"],
        facts["authorisations"],
        facts["approvers"],
        facts.get("case"),
    )


def test_the_verifier_and_another_person_may() -> None:
    sign(VERIFIER, SignsAs.VERIFIER)
    sign(CHECKER, SignsAs.CHECKER)
    sign(Person("P4", (), True), SignsAs.APPROVER)


def refused(person: Person, role: SignsAs, **changes: Any) -> str:
    with pytest.raises(OperatorError) as error:
        sign(person, role, **changes)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_of_a_witnessed_case_its_checker_signs_and_no_other_one() -> None:
    case = Case("C2026-0001", "M-1", "P3", "P5", state=CaseState.ENDED)
    sign(Person("P5", (Role.CHECKER,), True), SignsAs.CHECKER, case=case)
    sign(VERIFIER, SignsAs.VERIFIER, case=case)
    sign(Person("P4", (), True), SignsAs.APPROVER, case=case)
    with pytest.raises(RefusedByRuleError, match="the checker of C2026-0001 is P5") as error:
        sign(CHECKER, SignsAs.CHECKER, case=case)
    assert (error.value.reason, error.value.values) == (
        Refusal.NOT_ITS_CHECKER, {"case": "C2026-0001", "checker": "P5"},
    )  # fmt: skip


def test_one_person_cannot_be_both() -> None:
    assert "P3 has verified this meter and cannot be its checker" in refused(BOTH, SignsAs.CHECKER)
    signed = (signature("P3", SignsAs.VERIFIER),)
    assert "another person must sign" in refused(BOTH, SignsAs.CHECKER, signed=signed)


def test_the_approver_is_named_by_the_laboratory_and_not_the_verifier() -> None:
    assert "P2 may not approve; the laboratory has named P4" in refused(CHECKER, SignsAs.APPROVER)
    assert "cannot be its approver" in refused(VERIFIER, SignsAs.APPROVER, approvers=("P3",))


def test_the_checker_has_the_role() -> None:
    office = Person("P5", (Role.OFFICE, Role.VERIFIER, Role.ADMINISTRATOR), True)
    assert "has not the role checker" in refused(office, SignsAs.CHECKER)


def test_only_who_verified_the_run_signs_as_verifier() -> None:
    other = Person("P6", (Role.VERIFIER,), True)
    said = refused(
        other, SignsAs.VERIFIER, authorisations=(*given(), dataclasses.replace(given()[0], person="P6"))
    )
    assert "was verified by P3, who alone signs as its verifier" in said


def test_a_run_of_nobody_is_signed_by_nobody() -> None:
    assert "nobody is named as verifier of run-000001" in refused(CHECKER, SignsAs.CHECKER, verifier="")


@pytest.mark.parametrize("role", list(SignsAs))
def test_who_has_left_signs_nothing(role: SignsAs) -> None:
    gone = dataclasses.replace(BOTH, is_active=False)
    assert "P3 has left" in refused(gone, role, approvers=("P3",))


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        (
            dataclasses.replace(ALWAYS, valid_until="2026-03-01"),
            "the authorisation of P3 ended on 2026-03-01",
        ),
        (dataclasses.replace(ALWAYS, valid_from="2026-03-03"), "not authorised for no load"),
        (dataclasses.replace(ALWAYS, items=(Item.NO_LOAD,)), "not authorised for basic error"),
        (dataclasses.replace(ALWAYS, accuracy_classes=("2",)), "not authorised for no load"),
    ],
)
def test_the_verifier_was_authorised_on_the_day_of_the_run_for_all_that_was_tested(
    scope: Scope, said: str
) -> None:
    found = refused(VERIFIER, SignsAs.VERIFIER, authorisations=given(scope))
    assert found.startswith("on 2026-03-02, a day of run-000001: ")
    assert said in found


def test_of_a_run_over_midnight_both_days_count() -> None:
    ends_before = given(dataclasses.replace(ALWAYS, valid_until=DAY))
    said = refused(VERIFIER, SignsAs.VERIFIER, authorisations=ends_before, until="2026-03-03")
    assert said.startswith("on 2026-03-03, a day of run-000001: ")


def test_an_authorisation_that_was_taken_back_counts_as_none() -> None:
    taken = given(revoked_on="2026-03-05T00:00:00+00:00")
    assert "not authorised" in refused(VERIFIER, SignsAs.VERIFIER, authorisations=taken)


def test_an_authorisation_may_have_ended_since() -> None:
    sign(VERIFIER, SignsAs.VERIFIER, authorisations=given(dataclasses.replace(ALWAYS, valid_until=DAY)))


def test_two_signatures_are_needed_and_a_third_where_approvers_are_named() -> None:
    assert needed_roles(()) == (SignsAs.VERIFIER, SignsAs.CHECKER)
    assert needed_roles(("P4",)) == (SignsAs.VERIFIER, SignsAs.CHECKER, SignsAs.APPROVER)


def test_a_role_that_is_not_said_is_the_open_one_that_fits() -> None:
    checked = (signature("P2", SignsAs.CHECKER),)
    assert role_of(VERIFIER, measured(), (), ()) is SignsAs.VERIFIER
    assert role_of(CHECKER, measured(), (), ()) is SignsAs.CHECKER
    assert role_of(CHECKER, measured(), checked, ("P2",)) is SignsAs.APPROVER
    assert role_of(CHECKER, measured(), (), ("P2",)) is SignsAs.CHECKER
