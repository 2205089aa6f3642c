"""`bench demo --full`: the laboratory of the demonstration, and the command around it."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from bench.app import open_bench
from bench.commands.demo import demo_plan
from bench.commands.demo_full import full_config, furnish, staff_lines
from bench.errors import OperatorError
from bench.registry import persons
from bench.registry.persons import Name, Role
from calibration.quantities import Kind, Outcome

NOW = "2026-06-01T08:00:00.000+00:00"
PASSWORD = "correct horse battery"
COMMAND = [sys.executable, "-c", "from bench.commands.cli import main; main()", "demo", "--full"]


def test_a_run_of_its_verifier_lacks_nothing_but_a_real_bench(tmp_path: Path) -> None:
    config = full_config(tmp_path, None, 25.0, 1)
    staff = furnish(config, PASSWORD, NOW)
    verifier = next(member for member in staff if member.role is Role.VERIFIER)
    config = dataclasses.replace(config, simulation=dataclasses.replace(config.simulation, speed=0.0))
    with open_bench(config, lambda line: None) as process:
        summary = process.run(demo_plan(config), verifier=process.let_in(verifier.id, PASSWORD))
    assert (summary.verdict, summary.kind) == (Outcome.PASS, Kind.SIMULATED)
    of_the_plan = {"other_decision_rule", "items_left_out", "load_points_left_out"}
    because = {found["reason"] for found in summary.state["run"]["not_official_because"]}
    assert because == of_the_plan


def test_passwords_are_made_once_and_each_is_its_own(tmp_path: Path) -> None:
    config = full_config(tmp_path, None, 25.0, 1)
    staff = furnish(config, None, NOW)
    assert len({member.password for member in staff}) == len(staff)
    shown = "\n".join(staff_lines(staff))
    for member in staff:
        assert member.password in shown
        assert persons.authenticate(tmp_path, member.name.latin, member.password, NOW).roles == (member.role,)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not any(member.password.encode() in kept for member in staff)
    assert furnish(config, None, NOW) == ()
    assert persons.authenticate(tmp_path, staff[0].id, staff[0].password, NOW).id == staff[0].id


def test_a_later_start_can_give_everybody_one_password(tmp_path: Path) -> None:
    config = full_config(tmp_path, None, 25.0, 1)
    furnish(config, None, NOW)
    for member in furnish(config, PASSWORD, NOW):
        assert persons.authenticate(tmp_path, member.id, PASSWORD, NOW).id == member.id


def test_there_are_others_for_a_retest(tmp_path: Path) -> None:
    roles = [member.role for member in furnish(full_config(tmp_path, None, 25.0, 1), PASSWORD, NOW)]
    assert (roles.count(Role.VERIFIER), roles.count(Role.CHECKER)) == (2, 2)


def test_the_laboratory_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    persons.first_administrator(tmp_path, Name("", "Somebody Else"), PASSWORD, NOW)
    with pytest.raises(OperatorError, match="is no demonstration; give another --state-dir"):
        furnish(full_config(tmp_path, None, 25.0, 1), "another long password", NOW)
    assert persons.authenticate(tmp_path, "P1", PASSWORD, NOW).id == "P1"


def test_without_a_pace_nobody_could_follow(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="takes a --speed"):
        full_config(tmp_path, None, 0.0, 1)


@pytest.mark.parametrize("option", ["--exit-when-done", "--json"])
def test_options_of_the_short_demonstration_are_refused(option: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, option, "--state-dir", str(tmp_path / "lab")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--full stays until Ctrl-C" in done.stderr
    assert not (tmp_path / "lab").exists()


def test_the_command_says_where_and_who_and_stays_until_it_is_interrupted(tmp_path: Path) -> None:
    with subprocess.Popen(
        [
            *COMMAND,
            "--speed",
            "25",
            "--port",
            "0",
            "--lang",
            "en",
            "--state-dir",
            str(tmp_path),
            "--staff-password",
            PASSWORD,
        ],
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stderr is not None
        said = []
        for line in demo.stderr:
            said.append(line)
            if "Ctrl-C" in line:
                break
        assert "http://127.0.0.1:" in said[0]
        with urlopen(said[0].split()[-1], timeout=20) as page:
            assert page.status == 200
        assert (tmp_path / "casework.sqlite").stat().st_mode & 0o777 == 0o600
        demo.send_signal(signal.SIGINT)
        rest = demo.stderr.read()
    assert sum(PASSWORD in line for line in said) == 6
    assert (demo.returncode, rest) == (0, "")
