"""What is written down of a case stays, and holds without the texts that were deleted from it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from calibration.text_references import readable
from tests.casework.stories import Clock, applied, opened, planned, received
from web.casework import cases
from web.casework import history as log
from web.casework.history import Refusal, digest, history, is_intact, keep_text, refusals, refuse
from web.casework.refused import Refused
from web.casework.store import Casework


def test_an_entry_says_when_who_and_what(cw: Casework, clock: Clock) -> None:
    case = applied(cw)
    clock.move(hours=1)
    cases.decline(cw, case.id, "不是我们的表", "请找供电公司", "P1")
    first, second = history(cw, case.id)
    assert (first.number, first.who, first.act) == (1, "customer", "apply")
    assert first.values == {"serial": "A-1", "doubt": "电表走得太快了"}
    assert (second.at, second.who, second.act) == (clock(), "P1", "decline")
    assert second.values == {"reason": "不是我们的表", "next_step": "请找供电公司"}
    assert digest(cw, case.id) == second.digest != first.digest


def test_no_name_and_no_word_of_the_customer_is_in_what_is_hashed(cw: Casework) -> None:
    case = planned(cw)
    cases.withdraw(cw, case.id, "P1", "王小明来电")
    with cw.reading() as database:
        bodies = b"".join(row["body"] for row in database.execute("SELECT body FROM history"))
    for secret in ("王小明", "人民路", "138 0000", "太快"):
        assert secret.encode() not in bodies


def test_a_text_that_is_deleted_leaves_the_chain_whole_and_is_gone_from_the_file(
    cw: Casework, folder: Path
) -> None:
    case = applied(cw)
    before = digest(cw, case.id)
    with cw.writing() as database:
        database.execute("DELETE FROM kept_text WHERE case_id = ?", (case.id,))
    assert is_intact(cw, case.id)
    assert digest(cw, case.id) == before
    assert cases.case(cw, case.id).doubt is None
    assert readable(history(cw, case.id)[0].values["doubt"], "en") == "(deleted)"
    assert "太快".encode() not in (folder / "casework.sqlite").read_bytes()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE history SET body = CAST(replace(CAST(body AS TEXT), 'P2', 'P9') AS BLOB) WHERE number = 2",
        "DELETE FROM history WHERE number = 2",
        "UPDATE kept_text SET text = '走得很准'",
    ],
)
def test_what_somebody_changed_by_hand_is_found(cw: Casework, folder: Path, change: str) -> None:
    case = received(cw)
    assert is_intact(cw, case.id)
    with closing(sqlite3.connect(folder / "casework.sqlite")) as database:
        for trigger in ("history_stays", "history_is_kept"):
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute(change)
        database.commit()
    assert not is_intact(cw, case.id)


def test_the_same_text_twice_has_two_references(cw: Casework) -> None:
    case = applied(cw)
    assert keep_text(cw, case.id, "好") != keep_text(cw, case.id, "好")


def test_a_history_of_no_case_is_none(cw: Casework) -> None:
    with pytest.raises(Refused) as told:
        digest(cw, "C2026-0007")
    assert told.value.key == "no_such_case"


def test_what_fails_in_an_act_of_several_leaves_nothing_and_the_refusal_is_written_after_it(
    cw: Casework,
) -> None:
    case = applied(cw)

    def two_acts() -> None:
        with log.attempt(cw, "P1", "outer", case.id):
            log.add(cw, case.id, "P1", "first")
            cases.decline(cw, case.id, "", "", "P1")

    with pytest.raises(Refused):
        two_acts()
    assert len(history(cw, case.id)) == 1
    assert [(r.act, r.key) for r in refusals(cw)] == [("outer", "decline_needs_reason_and_next_step")]


def test_refusals_come_newest_first_and_of_one_case(cw: Casework, clock: Clock) -> None:
    refuse(cw, "customer", "open_console", "role_needed", "C2026-0001")
    clock.move(minutes=1)
    refuse(cw, "P2", "x" * 500, "not_found")
    newest, oldest = refusals(cw)
    assert newest == Refusal(2, clock(), "P2", "x" * 60, "not_found", None)
    assert refusals(cw, "C2026-0001") == [oldest]
    assert refusals(cw, most=1) == [newest]


def test_the_log_of_refusals_is_bounded_by_the_day_and_says_that_it_is_full(
    cw: Casework, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "REFUSALS_A_DAY", 3)
    for _ in range(9):
        refuse(cw, "customer", "guess", "token_unknown")
    assert [r.key for r in refusals(cw)] == ["log_full", "token_unknown", "token_unknown"]
    clock.move(days=1)
    refuse(cw, "customer", "guess", "token_unknown")
    assert len(refusals(cw)) == 4


def test_a_clock_that_was_ahead_does_not_silence_the_log_of_refusals(
    cw: Casework, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "REFUSALS_A_DAY", 3)
    clock.move(days=365)
    for _ in range(9):
        refuse(cw, "customer", "guess", "token_unknown")
    clock.move(days=-365)
    refuse(cw, "customer", "guess", "token_used")
    assert refusals(cw, most=1)[0].key == "token_used"


def test_refusals_are_kept_for_400_days_and_then_go(cw: Casework, clock: Clock) -> None:
    refuse(cw, "P1", "first", "not_found")
    clock.move(days=400)
    refuse(cw, "P1", "second", "not_found")
    assert len(refusals(cw)) == 2
    clock.move(days=2)
    refuse(cw, "P1", "third", "not_found")
    assert [r.act for r in refusals(cw)] == ["third", "second"]


def test_a_case_is_read_again_by_the_next_process(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as cw:
        case = planned(cw)
        chain = digest(cw, case.id)
    with closing(opened(tmp_path)) as cw:
        assert cases.case(cw, case.id) == case
        assert digest(cw, case.id) == chain
