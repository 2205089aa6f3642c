"""A whole bench in the virtual machine, and what may be done to it in the middle of a run. See `show.py`."""

from __future__ import annotations

from typing import Any

import pytest

ON, OFF = [1, 1], [0, 0]

pytestmark = [pytest.mark.hil, pytest.mark.guest("tests.hil.show")]


def reasons(run: dict[str, Any], position: str) -> set[str]:
    return {reason for result in run["results"][position] for reason in result["reasons"]}


def assert_load_off(seen: dict[str, Any]) -> None:
    assert seen["relays"] == OFF
    assert seen["feed_edges"] == 0


def assert_measuring(seen: dict[str, Any]) -> None:
    assert seen["relays"] == ON
    assert seen["shown_lamp"] == "measuring"
    assert seen["lamps"] == ["live", "measuring"]
    assert seen["feed_edges"] > 10


def test_a_bench_that_has_just_started_is_idle(report: dict[str, Any]) -> None:
    assert report["at_start"] == {"phase": "idle", "relays": OFF, "lamps": ["idle"]}


def test_a_verification_drives_relays_lamps_and_feed_and_finds_both_errors(report: dict[str, Any]) -> None:
    run = report["verification"]
    assert_measuring(run["measuring"])
    assert run["verdict"] == "PASS"
    for position, true_error_pct in (("1", 0.42), ("2", -0.65)):
        (result,) = run["results"][position]
        deviation_pct = abs(float(result["percentage_error_pct"]) - true_error_pct)
        assert deviation_pct <= 2 * float(result["expanded_uncertainty_pct"])
    assert (run["shown_lamp"], run["lamps"]) == ("pass", ["pass"])
    assert_load_off(run)


@pytest.mark.parametrize(
    ("contact", "reason"), [("stop", "emergency_stop_pressed"), ("cover", "cover_opened")]
)
def test_an_open_contact_removes_the_load_within_one_turn(
    report: dict[str, Any], contact: str, reason: str
) -> None:
    run = report[contact]
    assert_measuring(run["measuring"])
    assert run["edges_until_off"] <= 1, "the panel's loop makes one a turn"
    assert_load_off(run)
    assert run["verdict"] == "INVALID"
    for position in ("1", "2"):
        assert reason in reasons(run, position)
        assert all(result["percentage_error_pct"] is None for result in run["results"][position])
    assert (run["shown_lamp"], run["lamps"]) == ("invalid", ["invalid"])


def test_an_unplugged_reference_is_invalid_and_is_found_again(report: dict[str, Any]) -> None:
    run = report["unplugged"]
    assert_measuring(run["measuring"])
    assert run["verdict"] == "INVALID"
    for position in ("1", "2"):
        assert "reference_silent" in reasons(run, position)
    assert_load_off(run)
    assert_measuring(report["plugged_in"]["measuring"])


def test_an_unplugged_meter_port_is_told_and_is_found_again(report: dict[str, Any]) -> None:
    assert "meter_silent" not in report["verification"]["faults"], "it has said who it is"
    run = report["meter_unplugged"]
    assert "meter_silent" in run["faults"]
    assert_load_off(run)
    assert "meter_silent" not in report["plugged_in"]["faults"]


def test_a_killed_bench_feeds_nothing_and_starts_again_idle_with_the_load_off(report: dict[str, Any]) -> None:
    assert report["plugged_in"]["feed_edges"] == 0
    assert report["after_kill"] == {"phase": "idle", "relays": OFF, "lamps": ["idle"], "feed_edges": 0}


def test_a_bench_that_is_asked_to_end_ends_in_order(report: dict[str, Any]) -> None:
    assert report["exit_status"] == 0, "one driver that is closed leaves the lines of the others alone"
