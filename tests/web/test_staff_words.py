"""What pages of the staff say where a simple answer would be wrong: a load that still reads, a call nobody agreed to,
an act that has no name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from tests.web import canned
from web.casework.consent import Consent, Thing
from web.dates import appointment_text, day_of, day_text
from web.office.showing import act_name
from web.staff.console_view import Told, console_of
from web.staff.ending import sayings_for
from web.staff.health import LEAST_READ, Level, health_rows
from web.staff.next_act import Act
from web.texts import text


@pytest.mark.parametrize(("energised", "reads", "level"), [
    (True, "220.0", Level.GOOD), (False, "0.4", Level.GOOD), (False, "219.8", Level.NOTE),
])  # fmt: skip
def test_a_load_that_is_removed_and_still_read_is_no_quiet_row(
    energised: bool, reads: str, level: Level
) -> None:
    state = canned.idle() | {"is_energised": energised}
    state["reference"]["voltage_V"] = reads
    [row] = [row for row in health_rows(state, 0.1, "en") if row.name == text("health.load", "en")]
    assert row.level is level
    assert (row.word == text("health.load_still", "en")) == (level is Level.NOTE)
    assert LEAST_READ["voltage_V"] > Decimal("0.4")
    read = " · ".join(row.figures).split(" · ")
    assert all(figure[-1].isalpha() or figure[0].isalpha() for figure in read), "each with a unit or a word"


@pytest.mark.parametrize("agrees", [True, False, None])
def test_who_did_not_agree_is_promised_no_call(agrees: bool | None) -> None:
    said = (
        None
        if agrees is None
        else Consent(dict.fromkeys(Thing, True) | {Thing.FOLLOW_UP: agrees}, "customer", "")
    )
    assert ("follow_up" in sayings_for(said)) == (agrees is True)
    assert ("no_call" in sayings_for(said)) == (agrees is not True)


def told_of_an_invalid_run(state: dict[str, Any] | None) -> Told:
    """The bench shows this by now."""
    was = canned.finished_invalid()
    return Told(
        "C2026-0001", "tested", was["positions"]["1"]["serial"], "P2", "P3", "P2", outcome="INVALID",
        state=state, is_connected=True, kept=(was, "1"),
    )  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_console_says_why_a_run_is_invalid_though_the_bench_has_gone_on(language: str) -> None:
    console = console_of(told_of_an_invalid_run(canned.measuring()), language)
    [reason, *_] = [row.reasons[0] for row in console.rows if row.verdict == "INVALID"]
    assert console.act.act is Act.REPEAT
    assert console.act.does.split("。" if language == "zh" else ". ")[0] in reason
    assert console.state is None


def test_an_appointment_is_written_like_the_days_beside_it() -> None:
    assert appointment_text("2026-12-27T09:30", "zh") == "2026年12月27日 09:30"
    assert appointment_text("2026-12-27T09:30", "en") == "2026-12-27 09:30"


@pytest.mark.usefixtures("in_shanghai")
def test_a_day_is_that_of_the_place() -> None:
    assert day_text("2026-11-26T23:30:00+00:00", "en") == "2026-11-27"
    assert day_of("2026-11-26T09:30").isoformat() == "2026-11-26"
    assert day_text("2026-11-26", "zh") == "2026年11月26日"


def test_everything_that_can_be_sent_has_a_name_in_the_list_of_refusals(service: Flask) -> None:
    posts = {rule.endpoint for rule in service.url_map.iter_rules() if "POST" in (rule.methods or ())}
    rooms = ("staff.", "office.", "visit.", "after.", "trial.", "apply.", "handbook.", "questions.")
    nameless = {
        one
        for one in posts
        if one.startswith(rooms) and act_name(f"POST {one}", "en") == text("refused_act.send", "en")
    }
    assert nameless == set()
    assert act_name("GET nowhere", "en") == text("refused_act.nowhere", "en")
