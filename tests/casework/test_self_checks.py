"""Self-checks: kept under a code that nobody can guess, for thirty days or with a case, and gone with the customer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.casework.stories import OFFICE, Clock, planned
from web.casework import cases, history
from web.casework.forgetting import forget
from web.casework.model import CUSTOMER
from web.casework.refused import Refused
from web.casework.self_checks import (
    KEPT_DAYS,
    LONGEST_BODY,
    MOST_OF_A_CODE,
    Found,
    Kind,
    attach,
    keep,
    kept,
    of,
)
from web.casework.store import Casework

SAID = {"zh": ["闪了 0 次"], "en": ["FLASHED-0 times"]}


def no_load(cw: Casework, code: str = "") -> str:
    return keep(cw, Kind.NO_LOAD, Found.CONSISTENT, {"flashes": "0"}, SAID, code)


def test_what_was_found_is_kept_under_a_code_of_128_bits(cw: Casework, clock: Clock, folder: Path) -> None:
    code = no_load(cw)
    [check] = kept(cw, code)
    assert (check.kind, check.found, check.figures, check.said) == (
        Kind.NO_LOAD,
        Found.CONSISTENT,
        {"flashes": "0"},
        SAID,
    )
    assert (check.at, check.case_id) == (clock(), None)
    assert len(code) * 6 >= 128
    assert no_load(cw) != code
    assert not any(code.encode() in path.read_bytes() for path in folder.iterdir())


@pytest.mark.parametrize("code", ["", "x", "x" * 10_000, "\udc80", "' OR 1=1 --"])
def test_a_code_that_is_none_opens_nothing(cw: Casework, code: str) -> None:
    no_load(cw)
    assert kept(cw, code) == []
    assert len(kept(cw, no_load(cw, code))) == 1


def test_a_second_check_comes_under_the_same_code(cw: Casework) -> None:
    code = no_load(cw)
    assert keep(cw, Kind.KNOWN_LOAD, Found.CANNOT_TELL, {}, SAID, code) == code
    assert [check.kind for check in kept(cw, code)] == [Kind.NO_LOAD, Kind.KNOWN_LOAD]


def test_a_code_holds_ten(cw: Casework) -> None:
    code = no_load(cw)
    for _ in range(MOST_OF_A_CODE - 1):
        no_load(cw, code)
    with pytest.raises(Refused, match="self_checks_many"):
        no_load(cw, code)


def test_after_thirty_days_it_is_gone(cw: Casework, clock: Clock, folder: Path) -> None:
    code = no_load(cw)
    clock.move(days=KEPT_DAYS - 1)
    assert len(kept(cw, code)) == 1
    clock.move(days=1)
    assert kept(cw, code) == []
    assert not any(b"FLASHED" in path.read_bytes() for path in folder.iterdir())


def test_an_application_takes_all_of_a_code(cw: Casework, clock: Clock) -> None:
    code = no_load(cw)
    keep(cw, Kind.KNOWN_LOAD, Found.INCONSISTENT, {}, SAID, code)
    case_id = planned(cw).id
    attach(cw, code, case_id)
    clock.move(days=2 * KEPT_DAYS)
    no_load(cw)
    assert [check.kind for check in of(cw, case_id)] == [Kind.NO_LOAD, Kind.KNOWN_LOAD]
    assert kept(cw, code) == []
    entries = [entry for entry in history.history(cw, case_id) if entry.act == "self_check"]
    assert [(entry.who, entry.values) for entry in entries] == [
        (CUSTOMER, {"kind": "no_load", "outcome": "consistent"}),
        (CUSTOMER, {"kind": "known_load", "outcome": "inconsistent"}),
    ]


def test_a_code_is_of_one_case(cw: Casework) -> None:
    code = no_load(cw)
    attach(cw, code, planned(cw).id)
    other = planned(cw, "B-2", "P4", "P5").id
    with pytest.raises(Refused, match="self_check_attached"):
        attach(cw, code, other)
    assert of(cw, other) == []
    assert no_load(cw, code) != code


def test_it_goes_with_the_customer(cw: Casework, folder: Path) -> None:
    case_id = planned(cw).id
    attach(cw, no_load(cw), case_id)
    cases.withdraw(cw, case_id, CUSTOMER)
    forget(cw, case_id, OFFICE)
    assert of(cw, case_id) == []
    assert not any(b"FLASHED" in path.read_bytes() for path in folder.iterdir())
    assert history.is_intact(cw, case_id)


def test_who_sends_many_fills_no_disk(cw: Casework, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.casework.self_checks.MOST_UNATTACHED", 3)
    case_id = planned(cw).id
    attach(cw, no_load(cw), case_id)
    codes = [no_load(cw) for _ in range(4)]
    assert [len(kept(cw, code)) for code in codes] == [0, 1, 1, 1]
    assert len(of(cw, case_id)) == 1


def test_more_than_fits_is_a_fault_of_the_program(cw: Casework) -> None:
    with pytest.raises(ValueError, match="too long"):
        keep(cw, Kind.CONSUMPTION, Found.CANNOT_TELL, {"x": "x" * LONGEST_BODY}, SAID)
    with pytest.raises(ValueError, match="said in"):
        keep(cw, Kind.CONSUMPTION, Found.CANNOT_TELL, {}, {"en": []})
