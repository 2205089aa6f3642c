"""Plans over the socket: what the bench makes of a nameplate, what it says of a plan, and what it refuses.

Certificates and bundles over the socket: tests/certificate/test_handing_out.py.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.app import open_bench
from bench.configuration.config import parse_config
from bench.control.client import ControlClient, ControlRefusedError
from bench.errors import OperatorError
from bench.plans.plan import parse_plan
from bench.registry.approvals import approve
from bench.service import Service
from tests.bench_process.support import BENCH, PLAN, bench_config, plan_of
from tests.registry.laboratory import PASSWORD, WHEN, Laboratory, laboratory

METER: dict[str, Any] = {
    "serial": "SIM-000001",
    "meter_type": "demonstration meter",
    "accuracy_class": "1",
    "meter_constant_imp_per_kWh": 1200,
    "nominal_voltage_V": 220,
    "basic_current_A": 10,
    "maximum_current_A": 60,
}
RULES = "jjg596-2012"


@pytest.fixture
def lab(tmp_path: Path) -> Laboratory:
    return laboratory(tmp_path)


@pytest.fixture
def client(tmp_path: Path, lab: Laboratory) -> Iterator[ControlClient]:
    with (
        open_bench(bench_config(tmp_path), lambda line: None) as process,
        Service(process),
        ControlClient(process.config.socket_path, 60.0) as connected,
    ):
        yield connected


@pytest.fixture
def session(client: ControlClient, lab: Laboratory) -> str:
    return str(client.sign_in(lab.verifier, PASSWORD)["session"])


def test_a_plan_is_made_of_a_nameplate_and_says_how_long_it_takes(
    client: ControlClient, session: str
) -> None:
    made = client.plan_new(session, METER, RULES)
    checked = parse_plan(made["plan"], ["1"])
    assert [(p.position, p.serial) for p in checked.plan.meter] == [("1", "SIM-000001")]
    assert [point["item"] for point in made["points"]] == [point.item.value for point in checked.points]
    assert made["points"][0]["planned_s"] is None, "nobody knows how long a person looks at a meter"
    timed = [point["planned_s"] for point in made["points"][1:]]
    assert all(isinstance(seconds, int) and seconds > 0 for seconds in timed)
    assert abs(made["planned_s"] - sum(timed)) <= len(timed)
    assert made["title"] == checked.plan.title
    assert "仪表常数试验" in made["left_out"][0]["zh"]
    assert "meter constant: " in made["left_out"][0]["en"]
    without_temperature = made["warnings"][-1]
    assert without_temperature["en"].startswith("the ambient temperature was not given")
    assert without_temperature["zh"].startswith("没有填写环境温度")
    assert made["kind"] == "simulated"
    assert not any("verifier" in said["en"] for said in made["warnings"]), "who verifies is not decided yet"


def test_what_is_chosen_is_done_in_the_order_of_the_rule_set(client: ControlClient, session: str) -> None:
    made = client.plan_new(
        session, METER, RULES, tests=["basic_error", "visual"], load_points=["Ib 0.5L"], repeats=3
    )
    plan = parse_plan(made["plan"], ["1"]).plan
    assert (plan.tests, plan.load_points, plan.repeats) == (("visual", "basic_error"), ("Ib 0.5L",), 3)


@pytest.mark.parametrize(
    ("changed", "wanted", "said"),
    [
        ({"tests": ["meter_constant"]}, {}, "'meter_constant' is none of visual, .*; position 1: "),
        ({"load_points": ["no such point"]}, {}, "no such point"),
        ({"repeats": 99}, {}, "repeats"),
        ({}, {"maximum_current_A": "60 A"}, "meter: maximum_current_A is '60 A'; it must be a number"),
        ({}, {"colour": "grey"}, "meter: unknown key 'colour'"),
        ({}, {"accuracy_class": "17"}, "17"),
        ({}, {"serial": 5}, "meter: serial is 5; it must be a text"),
    ],
)
def test_what_cannot_be_is_one_line(
    client: ControlClient, session: str, changed: dict[str, Any], wanted: dict[str, Any], said: str
) -> None:
    with pytest.raises(OperatorError, match=said) as refused:
        client.plan_new(session, {**METER, **wanted}, RULES, **changed)
    assert "\n" not in str(refused.value)


def test_the_position_is_the_benchs_to_choose(client: ControlClient, session: str) -> None:
    made = client.plan_new(session, {**METER, "position": "7"}, RULES)
    assert parse_plan(made["plan"], ["1"]).plan.meter[0].position == "1"


def test_a_plan_that_is_there_is_checked(client: ControlClient, session: str) -> None:
    told = client.plan_check(session, PLAN)
    assert [(point["item"], point["name"]) for point in told["points"]] == [("basic_error", "Imax 1.0")]
    assert told["planned_s"] == told["points"][0]["planned_s"] >= 20
    assert "plan" not in told
    with pytest.raises(OperatorError, match="there is no test 'nonsense'"):
        client.plan_check(session, 'tests = ["nonsense"]\n' + PLAN)


def test_plans_are_for_those_who_have_signed_in(client: ControlClient) -> None:
    for message in (
        {"do": "plan_new", "meter": METER, "rule_set": RULES},
        {"do": "plan_check", "plan": PLAN},
        {"do": "certificate_draft", "run": "run-000001", "position": "1", "request": ""},
    ):
        with pytest.raises(ControlRefusedError) as refused:
            client.request(message | {"session": "nobody"})
        assert refused.value.reason == "session_expired"


def test_rule_sets_say_whether_the_laboratory_has_approved_them(
    client: ControlClient, tmp_path: Path, lab: Laboratory
) -> None:
    assert all(each["is_provisional"] for each in client.rule_sets())
    approve(tmp_path, plan_of().rules, lab.checker, WHEN)
    found = {each["name"]: each for each in client.rule_sets()}
    assert [name for name, each in found.items() if not each["is_provisional"]] == [RULES]
    assert "JJG 596" in found[RULES]["title"]


@pytest.mark.parametrize(
    "message",
    [
        {"do": "plan_new", "meter": [], "rule_set": RULES},
        {"do": "plan_new", "meter": METER, "rule_set": 5},
        {"do": "plan_new", "meter": METER, "rule_set": RULES, "tests": "visual"},
        {"do": "plan_new", "meter": METER, "rule_set": RULES, "load_points": ["Ib 1.0"] * 201},
        {"do": "plan_new", "meter": METER, "rule_set": RULES, "repeats": True},
        {"do": "plan_check", "plan": None},
        {"do": "certificate_read", "number": "2026-00001", "file": "pdf", "offset": -1},
        {"do": "certificate_read", "number": "2026-00001", "file": "pdf", "offset": 1.5},
        {"do": "bundle_read", "run": "run-000001", "offset": 1 << 80},
        {"do": "certificates", "run": ["run-000001"]},
        {"do": "trial", "error_pct": 1.3},
    ],
)
def test_a_message_that_is_none_says_what_is_needed(
    client: ControlClient, session: str, message: dict[str, Any]
) -> None:
    with pytest.raises(OperatorError, match=r"needs|is a|is where"):
        client.request(message | {"session": session})
    assert client.rule_sets(), "the bench goes on"


def test_a_run_that_is_not_there_has_no_bundle(client: ControlClient) -> None:
    for named in ("run-000009", "../journal", "/etc/passwd"):
        with pytest.raises(OperatorError, match="is not in this journal"):
            client.bundle_read(named)


def test_a_position_of_another_name_is_the_first_one(tmp_path: Path, lab: Laboratory) -> None:
    text = BENCH.format(state_dir=tmp_path, simulation="").replace('name = "1"', 'name = "left"')
    with (
        open_bench(parse_config(text, "bench.toml"), lambda line: None) as process,
        Service(process),
        ControlClient(process.config.socket_path, 60.0) as client,
    ):
        made = client.plan_new(client.sign_in(lab.verifier, PASSWORD)["session"], METER, RULES)
    assert parse_plan(made["plan"], ["left"]).plan.meter[0].position == "left"


def test_a_client_that_leaves_while_its_answer_is_found_harms_nobody(
    client: ControlClient, session: str, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as hasty:
        hasty.connect(str(tmp_path / "bench.sock"))
        hasty.sendall(b'{"do":"trial","error_pct":"1"}\n')
    assert client.plan_check(session, PLAN)["points"]
