"""`bench demo --full`: the laboratory of the demonstration, and the command around it."""

from __future__ import annotations

import dataclasses
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest

from bench.app import open_bench
from bench.canonical import JsonObject
from bench.commands.demo import demo_plan
from bench.commands.demo_full import CASEWORK, full_config, furnish, make_up_a_year, staff_lines
from bench.configuration.config import Config
from bench.control.live import Listener
from bench.errors import OperatorError
from bench.plans.plan import parse_plan
from bench.process import MeasuringProcess
from bench.registry import persons, trainings, witnessed
from bench.registry.persons import Name, Role
from bench.registry.store import reading
from bench.run.desk import OpenDesk
from calibration.quantities import Kind, Outcome

NOW = "2026-06-01T08:00:00.000+00:00"
PASSWORD = "correct horse battery"
COMMAND = [sys.executable, "-c", "from bench.commands.cli import main; main()", "demo", "--full"]


def test_a_run_of_its_verifier_lacks_nothing_but_a_real_bench(tmp_path: Path) -> None:
    config = full_config(tmp_path, None, 25.0, 1)
    staff = furnish(config, PASSWORD, NOW)
    verifier = next(member for member in staff if member.role is Role.VERIFIER)
    with open_bench(without_pace(config), lambda line: None) as process:
        process.live.listen(answering(process, lambda field, shown: "ok"))
        summary = process.run(demo_plan(config), verifier=process.let_in(verifier.id, PASSWORD))
    assert (summary.verdict, summary.kind) == (Outcome.PASS, Kind.SIMULATED)
    of_the_plan = {"other_decision_rule", "items_left_out", "load_points_left_out"}
    because = {found["reason"] for found in summary.state["run"]["not_official_because"]}
    assert because == of_the_plan


def without_pace(config: Config) -> Config:
    return dataclasses.replace(config, simulation=dataclasses.replace(config.simulation, speed=0.0))


def answering(process: MeasuringProcess, answer: Callable[[str, dict[str, str]], str]) -> Listener:
    """Somebody who answers what stands in STATE, by what the simulated meter shows there."""

    def listen(sequence: int, patch: JsonObject, state: JsonObject) -> None:
        question = state["question"]
        if question is not None and not question["answered"]:
            shown = question["displays"].get("1", {})
            fields = {field: answer(field, shown) for field in question["fields"]}
            desk = process.equipment.desk
            assert isinstance(desk, OpenDesk)
            desk.answer("1", fields)

    return listen


CONSTANT_PLAN = """
rule_set = "jjg596-2012"
tests = ["visual", "meter_constant"]

[[meter]]
position = "1"
serial = "SIM-000001"
accuracy_class = "1"
meter_constant_imp_per_kWh = 1200.0
nominal_voltage_V = 220.0
basic_current_A = 10.0
maximum_current_A = 60.0
register_decimals = 4
"""


@pytest.mark.parametrize(
    ("is_read_rightly", "verdict"), [(True, Outcome.PASS), (False, Outcome.FAIL)], ids=["as shown", "misread"]
)
def test_what_stands_on_the_simulated_meter_decides_by_what_is_typed(
    is_read_rightly: bool, verdict: Outcome, tmp_path: Path
) -> None:
    config = without_pace(full_config(tmp_path, None, 25.0, 1))
    furnish(config, PASSWORD, NOW)
    read: list[str] = []

    def answer(field: str, shown: dict[str, str]) -> str:
        if field != "total_kWh":
            return "ok"
        assert re.fullmatch(r"\d{6}\.\d{4}", shown[field])
        read.append(shown[field] if is_read_rightly or not read else f"{float(shown[field]) + 0.5:.4f}")
        return read[-1]

    with open_bench(config, lambda line: None) as process:
        process.live.listen(answering(process, answer))
        plan = parse_plan(CONSTANT_PLAN, ["1"])
        summary = process.run(plan)
    results = summary.results["1"]
    because = {found["reason"] for found in summary.state["run"]["not_official_because"]}
    assert "conditions_unknown" not in because
    assert len(read) >= 2
    assert results["1"]["verdict"] == verdict


def test_a_person_has_as_long_as_on_a_bench_that_is_not_hurried(tmp_path: Path) -> None:
    usual_s = full_config(tmp_path, None, 1.0, 1).desk.answer_within_s
    assert full_config(tmp_path, None, 20.0, 1).desk.answer_within_s == 20 * usual_s


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
    given = furnish(config, PASSWORD, NOW)
    assert given
    for member in given:
        assert persons.authenticate(tmp_path, member.id, PASSWORD, NOW).id == member.id


def test_the_cases_of_a_made_up_year_that_are_planned_are_named_at_the_bench(tmp_path: Path) -> None:
    config = full_config(tmp_path, None, 25.0, 1)
    furnish(config, PASSWORD, NOW)
    make_up_a_year(tmp_path, NOW)
    with reading(tmp_path) as database:
        assigned = witnessed.all_cases(database)
        held = trainings.all_trainings(database)
    assert {case.verifier for case in assigned} == {"P3", "P4"}
    assert all(case.state is witnessed.CaseState.ASSIGNED for case in assigned)
    assert any(one.held.is_maker for one in held)
    assert any(one.held.valid_until < NOW[:10] for one in held)


def test_a_file_of_cases_that_is_there_is_not_filled(tmp_path: Path) -> None:
    config = full_config(tmp_path, None, 25.0, 1)
    furnish(config, PASSWORD, NOW)
    (tmp_path / CASEWORK).write_bytes(b"no database")
    with pytest.raises(OperatorError, match="the cases of the demonstration were not made"):
        make_up_a_year(tmp_path, NOW)


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
            "--empty",
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
