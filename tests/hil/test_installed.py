"""The bench as it is installed, under a real systemd in the virtual machine. See `installed.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.install.exposure import MOST_EXPOSED, exposure

ON, OFF = {"contactor": 1, "relay": 1}, {"contactor": 0, "relay": 0}

pytestmark = [pytest.mark.hil, pytest.mark.guest("tests.hil.installed")]


def relays(lines: dict[str, int]) -> dict[str, int]:
    return {name: lines[name] for name in ON}


def test_systemd_starts_both_units_from_the_installed_files_and_the_page_answers(
    report: dict[str, Any],
) -> None:
    installed = report["installed"]
    assert installed["exit_status"] == 0, installed["said"]
    assert installed["current"] == f"releases/{report['older']}"
    assert installed["active"] == ["active", "active"]
    assert report["page"] == {"status": 200, "is_html": True}


def test_only_the_measuring_process_comes_to_the_journal(report: dict[str, Any]) -> None:
    assert report["modes"] == {
        "/var/lib/meter-test-bench": "bench 700",
        "/var/lib/meter-test-bench/journal.sqlite": "bench 600",
        "/var/lib/meter-test-bench-web": "bench-web 700",
        "/var/lib/meter-test-bench-web/casework.sqlite": "bench-web 600",
        "/run/meter-test-bench": "bench 750",
        "/run/meter-test-bench/bench.sock": "bench 660",
        "/etc/meter-test-bench/bench.toml": "root 644",
    }


def test_a_killed_process_is_started_again_idle_and_the_load_is_off(report: dict[str, Any]) -> None:
    assert relays(report["run"]) == ON
    assert report["run"]["live lamp"] == 1
    killed = report["killed"]
    assert relays(killed["lines_before"]) == OFF, "before the new process opens a line"
    assert relays(killed["lines"]) == OFF
    assert killed["phase"] == "idle"
    assert killed["records"][-1] == "interrupted"


def test_a_loop_that_hangs_ends_the_process_though_the_others_turn(report: dict[str, Any]) -> None:
    assert relays(report["run_again"]) == ON
    held_up = report["held_up"]
    assert "no turn lately: " in held_up["said"], "the bench has seen it itself"
    assert "Watchdog timeout" in held_up["said"]
    assert "Fatal Python error: Aborted" in held_up["said"], "and has written down where it hung"
    assert held_up["phase"] == "idle"
    assert relays(held_up["lines"]) == OFF


def test_an_upgrade_is_refused_in_a_run_and_keeps_data_and_configuration(report: dict[str, Any]) -> None:
    refused, upgraded = report["refused"], report["upgraded"]
    assert refused["exit_status"] == 1
    assert "a run is under way" in refused["said"]
    assert refused["current"] == f"releases/{report['older']}"
    assert refused["phase"] == "settling", "the run goes on"
    assert upgraded["exit_status"] == 0, upgraded["said"]
    assert upgraded["current"] == f"releases/{report['newer']}"
    assert upgraded["active"] == ["active", "active"]
    assert upgraded["phase"] == "idle"
    assert upgraded["keeps_records"]
    assert upgraded["is_config_kept"]
    assert {"journal.sqlite", "casework.sqlite"} <= set(upgraded["copies"])


def test_tls_is_ended_by_a_process_with_no_user_and_the_pages_are_behind_it(report: dict[str, Any]) -> None:
    https = report["https"]
    assert https["installed"]["exit_status"] == 0, https["installed"]["said"]
    assert (https["status"], https["is_html"], https["keeps_to_it"]) == ("200", True, True)
    assert {"0.0.0.0:443", "127.0.0.1:8080"} <= set(https["listened_on"])
    assert "0.0.0.0:8080" not in https["listened_on"]
    assert https["is_dynamic_user"]
    assert https["key"] == "0 600"


def test_what_is_done_each_day_is_done_within_the_walls_of_its_unit(report: dict[str, Any]) -> None:
    daily = report["daily"]
    assert [chosen["exit_status"] for chosen in daily["chosen"]] == [0, 0], daily["chosen"]
    assert [result for result, _ in daily["ended"].values()] == ["success", "success"], daily["ended"]
    assert daily["files"] == [".backup.tar.gz 600"]
    assert daily["next"] == [True, True]
    assert daily["told"] == ["made"]


def test_removing_keeps_the_data_and_purging_does_not(report: dict[str, Any]) -> None:
    assert report["removed"] == {"exit_status": 0, "loaded": "not-found", "kept": True}
    purged = report["purged"]
    assert purged["gone"]
    assert purged["users"] == []
    assert purged["copies"] == report["upgraded"]["copies"], "copies are nobody's to throw away"


def test_a_prepared_card_has_everything_under_its_root(prepared: Path) -> None:
    units = prepared / "etc/systemd/system"
    assert (units / "multi-user.target.wants/bench.service").is_symlink(), "enabled"
    for name in ("bench", "bench-remove-load"):
        program = prepared / "opt/meter-test-bench/current/bin" / name
        first_line = program.read_text().splitlines()[0]
        assert first_line.startswith("#!/opt/meter-test-bench/releases/"), first_line


def test_the_units_that_systemd_runs_are_as_closed_as_they_must_be(prepared: Path) -> None:
    """Here systemd-analyze is not missed: where it is not there, this fails."""
    for unit, most in MOST_EXPOSED.items():
        assert exposure(prepared / "etc/systemd/system" / unit) <= most, unit
