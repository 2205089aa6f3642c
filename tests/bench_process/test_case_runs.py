"""A run of a witnessed case, over the socket: who may, with what, and what a break-in on the web's side cannot."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner

from bench import service_staff
from bench.app import replay_run
from bench.commands.cli import cli
from bench.configuration.config import Config, parse_config
from bench.control.client import ControlClient, ControlRefusedError
from bench.control.sessions import IDLE_S, LONGEST_S
from bench.dates import day_of
from bench.errors import InstrumentError, OperatorError
from bench.items import Item
from bench.plans.plan import parse_plan
from bench.records.journal_reading import JournalReader
from bench.registry import person_passwords, persons, trail, witnessed
from bench.registry.authorisations import all_authorisations, authorise, revoke
from bench.registry.kept_texts import all_texts
from bench.registry.persons import Role
from bench.registry.store import reading
from bench.replay.recorded_run import recorded_state
from bench.safety.presses import By
from tests.bench_process.support import BENCH, METER, PLAN, bench_config
from tests.bench_process.witnessing import CASE, TICKED, Bench, again, in_thread, serving
from tests.evidence.bundles import exported, verified
from tests.registry.laboratory import EVERYTHING, PASSWORD, WHEN

DIGEST = "cd" * 32
TWO_POINTS = PLAN.replace('["Imax 1.0"]', '["Imax 1.0", "Ib 1.0"]')
SECOND_METER = METER.replace('"1"', '"2"', 1).replace("M-1", "M-2")


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person_passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with serving(tmp_path) as served:
        yield served


@pytest.fixture
def begun(bench: Bench) -> Bench:
    bench.assign()
    bench.begin()
    return bench


def refused(reason: str, act: Callable[[], object]) -> dict[str, Any]:
    with pytest.raises(ControlRefusedError) as error:
        act()
    assert error.value.reason == reason
    assert str(error.value), "it says what to do"
    return error.value.values


def started_of(bench: Bench, run_id: str) -> dict[str, Any]:
    journal = JournalReader(bench.state_dir)
    fields = journal.run(run_id)[0].fields()
    journal.close()
    return fields


# --- the whole way


def test_a_case_from_its_assignment_to_its_end(bench: Bench) -> None:
    assert bench.assign()["state"] == "assigned"
    assert bench.begin()["state"] == "begun"
    with bench.client() as client:
        listed = {p["id"]: p["busy_with"] for p in client.persons(bench.token(bench.lab.checker))}
    assert listed[bench.lab.verifier] == CASE
    run = bench.start()
    state = bench.carry_out()
    assert (state["run"]["case"], state["run"]["verifier"]) == (CASE, bench.lab.verifier)
    assert state["run"]["verdict"] == "PASS"
    recorded = started_of(bench, run)
    assert (recorded["case"], recorded["checklist"]) == (CASE, TICKED)
    assert recorded["station"]["verifier"] == bench.lab.verifier
    assert "not_authorised" not in json.dumps(recorded)
    with bench.client() as client:
        ended = client.case_end(bench.token(bench.lab.verifier), CASE, DIGEST)
    assert ended == bench.case()
    assert (ended["state"], ended["runs"], ended["retest_of"], ended["handovers"]) == (
        "ended", ["run-000001"], None, [],
    )  # fmt: skip
    refused("case_ended", bench.start)


def test_a_run_of_a_case_is_shown_and_replayed_as_any(begun: Bench) -> None:
    run = begun.start()
    begun.carry_out()
    assert not replay_run(begun.state_dir, run).differences
    journal = JournalReader(begun.state_dir)
    shown = recorded_state(journal, journal.run(run))["run"]
    journal.close()
    assert (shown["case"], shown["verifier"]) == (CASE, begun.lab.verifier)
    assert verified(exported(begun.state_dir)).holds


def test_a_run_without_a_case_is_recorded_as_before(bench: Bench) -> None:
    with bench.client() as client:
        run = client.start(PLAN)
    state = bench.carry_out()
    assert (state["run"]["case"], state["run"]["verifier"]) == (None, None)
    assert not {"case", "checklist"} & started_of(bench, run).keys()


# --- what the start is refused for


@pytest.mark.parametrize(
    ("start", "reason", "values"),
    [
        ({"seals": False, "gloves": False}, "checklist_open", {"open": ["seals", "gloves"]}),
        ({"by": "other_verifier"}, "not_your_case", {"case": CASE, "owner": "P3"}),
        ({"by": "checker"}, "not_your_case", {"case": CASE, "owner": "P3"}),
        ({"case": "C2026-0002"}, "case_not_begun", {"case": "C2026-0002"}),
        ({"case": "C2026-0009"}, "case_unknown", {"case": "C2026-0009"}),
        (
            {"plan": PLAN.replace("M-1", "M-7")},
            "wrong_meter",
            {"planned": "M-7", "case": CASE, "serial": "M-1"},
        ),
    ],
)
def test_a_start_against_a_rule_is_refused_and_kept(
    begun: Bench, start: dict[str, Any], reason: str, values: dict[str, Any]
) -> None:
    begun.assign("C2026-0002", "M-2")
    if "by" in start:
        start = start | {"by": getattr(begun, start["by"], None) or begun.lab.checker}
    assert refused(reason, lambda: begun.start(**start)) == values
    who = start.get("by", begun.lab.verifier)
    assert begun.refusals() == [(who, "start", start.get("case", CASE), reason)]
    assert begun.service._commands.take_wanted() is None
    assert begun.case()["runs"] == []


@pytest.mark.parametrize(
    ("changes", "reason", "day"),
    [
        ({"valid_until": "2026-01-31"}, "authorisation_expired", "2026-01-31"),
        ({"valid_from": "2999-01-01"}, "authorisation_not_yet", "2999-01-01"),
        ({"items": (Item.NO_LOAD,)}, "authorisation_revoked", None),
        ({"valid_until": "2999-12-30"}, None, None),
    ],
)
def test_without_an_authorisation_nothing_begins_before_a_customer(
    begun: Bench, changes: dict[str, Any], reason: str | None, day: str | None
) -> None:
    """The laboratory's authorisation of its verifier is taken back, and another one given in its place."""
    lab = begun.lab
    with reading(begun.state_dir) as database:
        (number,) = (a.number for a in all_authorisations(database) if a.person == lab.verifier)
    revoke(begun.state_dir, lab.administrator, number, WHEN)
    authorise(
        begun.state_dir, lab.administrator, lab.verifier, dataclasses.replace(EVERYTHING, **changes), WHEN
    )
    if reason is None:
        assert begun.start() == "run-000001"
        return
    values = refused(reason, begun.start)
    assert (values["person"], values["items"]) == (lab.verifier, ["basic_error"])
    assert values["renewed_by"] == ["赵敏 Zhao Min (P1)"], "who can renew it, by name"
    assert values["day"] == (day or day_of(WHEN))
    assert begun.refusals() == [(lab.verifier, "start", CASE, reason)]
    with reading(begun.state_dir) as database:
        kept = json.dumps([dataclasses.asdict(entry) for entry in trail.entries(database)])
    assert "Zhao" not in kept, "the trail has ids alone"
    assert begun.service._commands.take_wanted() is None


def test_whoever_learns_may_measure_without_a_customer(bench: Bench) -> None:
    learner = persons.add(
        bench.state_dir, bench.lab.administrator, persons.Name("", "New"), (Role.VERIFIER,), PASSWORD, WHEN
    ).id
    bench.assign(verifier=learner)
    bench.begin(verifier=learner)
    values = refused("authorisation_missing", lambda: bench.start(by=learner))
    assert values["items"] == ["basic_error"]
    with bench.client() as client:
        run = client.start(PLAN, by=(learner, PASSWORD))
    assert bench.carry_out()["run"]["verdict"] == "PASS"
    because = started_of(bench, run)["station"]["not_official_because"]
    assert "not_authorised" in [found["reason"] for found in because]


def test_what_the_office_and_what_others_are_told_of_competence(bench: Bench) -> None:
    until = dataclasses.replace(EVERYTHING, valid_until="2998-12-31", items=(Item.NO_LOAD,))
    authorise(bench.state_dir, bench.lab.administrator, bench.lab.verifier, until, WHEN)
    with bench.client() as client:
        to_all = client.competence(bench.token(bench.lab.administrator))
        to_one = client.competence(bench.token(bench.lab.verifier))
        may = client.who_may(bench.token(bench.lab.verifier), PLAN, "2026-12-01")
        past = client.who_may(bench.token(bench.lab.verifier), PLAN, "2019-12-31")
        with pytest.raises(OperatorError, match="is no date"):
            client.who_may(bench.token(bench.lab.verifier), PLAN, "tomorrow")
    assert [each["id"] for each in to_all["persons"]] == ["P1", "P2", "P3", "P4", "P5"]
    assert [each["id"] for each in to_one["persons"]] == [bench.lab.verifier]
    assert [a["items"] for a in to_one["persons"][0]["authorisations"]] == [[], ["no_load"]]
    assert may == {"type": "done", "verifier": {
        who: {"until": "2999-12-31", "lacks": []} for who in (bench.lab.verifier, bench.other_verifier)
    }}  # fmt: skip
    (lacks,) = past["verifier"][bench.lab.verifier]["lacks"]
    assert (lacks["kind"], lacks["day"], lacks["items"]) == ("not_yet", "2020-01-01", ["basic_error"])


@pytest.mark.parametrize(
    "checklist",
    [{}, {"seals": True}, TICKED | {"consent": 1}, TICKED | {"consent": "true"}, TICKED | {"consent": None}],
)
def test_only_what_is_ticked_is_ticked(begun: Bench, checklist: dict[str, Any]) -> None:
    with begun.client() as client:
        refused(
            "checklist_open",
            lambda: client.start_case(begun.token(begun.lab.verifier), CASE, PLAN, checklist),
        )


@pytest.mark.parametrize("room", ["warm", {"rule_set": 1.0}, {"ambient_temperature_C": "23"}])
def test_the_room_is_figures_of_the_room_and_nothing_else(begun: Bench, room: Any) -> None:
    token = begun.token(begun.lab.verifier)
    asked = {"do": "start", "session": token, "case": CASE, "plan": PLAN, "checklist": TICKED, "room": room}
    with (
        begun.client() as client,
        pytest.raises(OperatorError, match=r"room (is an object of figures|has ambient)"),
    ):
        client.request(asked)


def test_what_was_read_in_the_room_is_in_the_plan_of_the_run(begun: Bench) -> None:
    with begun.client() as client:
        client.start_case(
            begun.token(begun.lab.verifier), CASE, PLAN, TICKED, room={"ambient_temperature_C": 23.4}
        )
    wanted = begun.service._commands.take_wanted()
    assert wanted is not None
    assert wanted.checked.plan.ambient_temperature_C == 23.4
    assert "ambient_temperature_C = 23.4" in wanted.checked.source
    assert wanted.checked.plan.meter == parse_plan(PLAN, ["1"]).plan.meter


def test_a_witnessed_run_has_one_meter(tmp_path: Path) -> None:
    text = BENCH.format(state_dir=tmp_path, simulation="")
    second = '[[position]]\nname = "2"\ndriver = "sim"\n\n[reference]\n'
    with serving(tmp_path, parse_config(text.replace("[reference]\n", second, 1), "bench.toml")) as bench:
        bench.assign()
        bench.begin()
        assert refused("one_meter_only", lambda: bench.start(PLAN + SECOND_METER)) == {"meters": "2"}
        bench.start()


def test_a_busy_verifier_begins_no_second_case(begun: Bench) -> None:
    begun.assign("C2026-0002", "M-2")
    values = refused("verifier_busy", lambda: begun.begin("C2026-0002"))
    assert values == {"person": begun.lab.verifier, "case": CASE}
    assert begun.refusals() == [(begun.lab.verifier, "case_begin", "C2026-0002", "verifier_busy")]


# --- one result a case


def failing(state_dir: Path) -> Config:
    config = bench_config(state_dir)
    wrong = dataclasses.replace(config.position[0], simulated_error_pct=3.0)
    return dataclasses.replace(config, position=(wrong,))


@pytest.mark.parametrize(("verdict", "config"), [("PASS", bench_config), ("FAIL", failing)])
def test_a_case_that_has_a_result_has_no_second_run(
    tmp_path: Path, verdict: str, config: Callable[[Path], Config]
) -> None:
    with serving(tmp_path, config(tmp_path)) as bench:
        bench.assign()
        bench.begin()
        first = bench.start()
        assert bench.carry_out()["run"]["verdict"] == verdict
        values = {"case": CASE, "run": first, "verdict": verdict}
        assert refused("already_decided", bench.start) == values
        assert refused("already_decided", lambda: bench.start(resumed_id=first)) == values
        hand_over(bench)
        assert refused("already_decided", lambda: bench.start(by=bench.other_verifier)) == values
        assert bench.service._commands.take_wanted() is None
        assert bench.case()["runs"] == [first]
        assert [reason for _, _, _, reason in bench.refusals()] == ["already_decided"] * 3
    with again(bench.process.config, bench.lab, bench.other_verifier, bench.other_checker) as anew:
        assert refused("already_decided", lambda: anew.start(by=bench.other_verifier)) == values


def test_a_result_of_one_case_ends_no_other(bench: Bench) -> None:
    bench.assign()
    bench.begin()
    bench.start()
    bench.carry_out()
    with bench.client() as client:
        client.case_end(bench.token(bench.lab.verifier), CASE, DIGEST)
        retest = {"verifier": bench.other_verifier, "checker": bench.other_checker, "retest_of": CASE}
        client.case_assign(bench.token(bench.lab.administrator), "C2026-0002", "M-1", **retest)
    bench.begin("C2026-0002", bench.other_verifier)
    bench.start(case="C2026-0002", by=bench.other_verifier)
    assert bench.carry_out()["run"]["verdict"] == "PASS"


def test_a_run_without_a_result_is_repeated_by_the_same_verifier(begun: Bench) -> None:
    runs = []
    for _ in range(2):
        runs.append(begun.start())
        assert begun.carry_out_stopped()["run"]["verdict"] == "INVALID"
    runs.append(begun.start())
    assert begun.carry_out()["run"]["verdict"] == "PASS"
    assert begun.case()["runs"] == runs
    refused("already_decided", begun.start)


def test_a_run_that_was_interrupted_is_repeated_by_the_same_verifier(
    begun: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*unused: object) -> None:
        raise InstrumentError("the line is gone")

    begun.start()
    with monkeypatch.context() as patch:
        patch.setattr(begun.process.load_source, "apply", breaks)
        with pytest.raises(InstrumentError):
            begun.carry_out()
    begun.start()
    assert begun.carry_out()["run"]["verdict"] == "PASS"


def test_one_run_at_a_time(begun: Bench) -> None:
    begun.start()
    refused("bench_busy", begun.start)


# --- while a run is under way


def test_while_a_run_is_under_way_nobody_else_acts_on_it(begun: Bench) -> None:
    lab = begun.lab
    for person in (begun.other_verifier, lab.checker, lab.administrator):
        begun.token(person)
    done: list[str] = []

    def meanwhile() -> None:
        with begun.client() as client:
            for person in (begun.other_verifier, lab.checker, lab.administrator):
                token = begun.token(person)
                refused("not_your_run", lambda token=token: client.stop(token))
                refused("not_your_run", lambda token=token: client.skip("1", "no lamp", token))
                refused(
                    "not_your_run", lambda token=token: client.answer("1", {"seals": "ok"}, session=token)
                )
            own = begun.token(lab.verifier)
            handover = (CASE, begun.other_verifier, "ill", "verifier")
            assert refused("run_under_way", lambda: client.case_handover(own, *handover)) == {
                "run": "run-000001", "case": CASE,
            }  # fmt: skip
            refused("run_under_way", lambda: client.case_end(own, CASE, DIGEST))
            refused("bench_busy", begun.start)
            client.stop(own)
            done.append("stopped")

    begun.start()
    state = begun.carry_out(meanwhile)
    assert done == ["stopped"]
    assert state["positions"]["1"]["results"]["0"]["reasons"][0]["reason"] == "stopped_by_operator"
    assert [act for _, act, _, reason in begun.refusals() if reason == "not_your_run"] == [
        "stop", "skip", "answer",
    ] * 3  # fmt: skip
    with begun.client() as client:
        client.case_handover(
            begun.token(lab.verifier), CASE, begun.other_verifier, "her shift ends", "verifier"
        )
    case = begun.case()
    assert set(case["names"]) == {lab.administrator, lab.verifier, lab.checker, begun.other_verifier}
    assert case["names"][lab.administrator] == {"zh": "赵敏", "latin": "Zhao Min"}
    (handover,) = case["handovers"]
    assert (handover["from"], handover["to"], handover["why"]) == (
        lab.verifier, begun.other_verifier, "her shift ends",
    )  # fmt: skip


def test_its_verifier_takes_the_meter_out(begun: Bench) -> None:
    def meanwhile() -> None:
        with begun.client() as client:
            client.skip("1", "no lamp is seen", begun.token(begun.lab.verifier))

    begun.start()
    state = begun.carry_out(meanwhile)
    assert state["positions"]["1"]["results"]["0"]["reasons"][0]["reason"] == "skipped_by_operator"


def test_a_run_that_is_about_to_be_is_under_way(begun: Bench) -> None:
    begun.start()
    own = begun.token(begun.lab.verifier)
    with begun.client() as client:
        refused("run_under_way", lambda: client.case_end(own, CASE, DIGEST))
        refused("not_your_run", lambda: client.stop(begun.token(begun.other_verifier)))
        client.stop(own)
        with pytest.raises(OperatorError, match="no run is under way"):
            client.stop(own)
    assert begun.service._commands.take_wanted() is None


# --- handovers and resumptions


def hand_over(bench: Bench) -> None:
    with bench.client() as client:
        client.case_handover(bench.token(bench.lab.verifier), CASE, bench.other_verifier, "ill", "verifier")


def test_after_a_handover_the_other_one_runs_it_and_goes_on_with_nothing(begun: Bench) -> None:
    first = begun.start()
    begun.carry_out_stopped()
    hand_over(begun)
    refused("not_your_case", begun.start)
    with pytest.raises(OperatorError, match="verifier was P3 and is now P4"):
        begun.start(by=begun.other_verifier, resumed_id=first)
    begun.start(by=begun.other_verifier)
    begun.carry_out()
    assert begun.case()["runs"] == ["run-000001", "run-000002"]


def test_a_run_of_a_case_is_gone_on_with_in_that_case_alone(begun: Bench) -> None:
    first = begun.start(TWO_POINTS)
    assert begun.carry_out_stopped(results=1)["run"]["verdict"] == "INVALID"
    own = (begun.lab.verifier, PASSWORD)
    with begun.client() as client, pytest.raises(OperatorError, match="case was C2026-0001"):
        client.start(TWO_POINTS, first, own)
    begun.start(TWO_POINTS, resumed_id=first)
    state = begun.carry_out()
    assert state["run"]["verdict"] == "PASS"
    assert state["positions"]["1"]["results"]["0"]["taken_from"] == first


def test_no_reason_no_handover(begun: Bench) -> None:
    with begun.client() as client:
        for why, role in (("", "verifier"), ("ill", "boss")):
            with pytest.raises(OperatorError):
                client.case_handover(begun.token(begun.lab.verifier), CASE, begun.other_verifier, why, role)
    assert begun.case()["verifier"] == begun.lab.verifier


def test_a_case_is_released_before_its_test_and_not_during_or_after_one(begun: Bench) -> None:
    with begun.client() as client:
        own = begun.token(begun.lab.verifier)
        released = client.case_release(own, CASE, "the customer had to leave")
        assert (released["state"], released["runs"]) == ("assigned", [])
        refused("case_not_begun", begun.start)
        refused("case_not_begun", lambda: client.case_release(own, CASE, "again"))
        begun.begin()
        run = begun.start()
        refused("run_under_way", lambda: client.case_release(own, CASE, "bored"))
    begun.carry_out()
    with begun.client() as client:
        values = refused("case_measured", lambda: client.case_release(own, CASE, "a bad result"))
    assert values == {"run": run, "case": CASE}
    assert begun.case()["state"] == "begun"


def test_nor_after_a_run_that_gave_no_result(begun: Bench) -> None:
    begun.start(TWO_POINTS)
    begun.carry_out_stopped(results=1)
    with begun.client() as client:
        own = begun.token(begun.lab.verifier)
        refused("case_measured", lambda: client.case_release(own, CASE, "gone"))


def test_it_is_released_by_a_command_with_a_password(begun: Bench) -> None:
    config = begun.state_dir / "bench.toml"
    config.write_text(BENCH.format(state_dir=begun.state_dir, simulation=""), "utf-8")
    named = ["--by", begun.lab.verifier, "--password-stdin", "--config", str(config)]
    done = CliRunner().invoke(cli, ["release", CASE, "gone", "home", *named], input=PASSWORD + "\n")
    assert done.exit_code == 0, done.output
    assert begun.case()["state"] == "assigned"
    (kept,) = all_texts(begun.state_dir, CASE)
    assert kept.text == "gone home"


# --- sessions


def test_a_session_ends_by_itself(begun: Bench) -> None:
    token = begun.token(begun.lab.verifier)
    with begun.client() as client:
        assert client.session(token)["person"] == begun.lab.verifier
        begun.clock.added_s += IDLE_S + 1.0
        refused("session_expired", lambda: client.session(token))
        refused("session_expired", begun.start)
        begun.tokens.clear()
        token = begun.token(begun.lab.verifier)
        for _ in range(30):
            begun.clock.added_s += LONGEST_S / 30
            if begun.clock.added_s < LONGEST_S:
                client.session(token)
        refused("session_expired", lambda: client.session(token))
    assert (
        "?", "start", CASE, "session_expired",
    ) in begun.refusals()  # fmt: skip


def test_to_ask_whether_a_session_lasts_does_not_make_it_last(begun: Bench) -> None:
    token = begun.token(begun.lab.verifier)
    with begun.client() as client:
        for _ in range(3):
            assert client.session_lasts(token)
            begun.clock.added_s += IDLE_S / 3 + 1.0
        assert not client.session_lasts(token)
        assert not client.session_lasts("forged")
        refused("session_expired", lambda: client.session(token))
    assert begun.refusals()[-1][1] == "session", "a look is no refusal"


@pytest.mark.parametrize("how", ["signs out", "leaves", "gets a new password", "bench starts anew"])
def test_a_session_ends_when_its_person(begun: Bench, how: str) -> None:
    who, token, lab = begun.lab.verifier, begun.token(begun.lab.verifier), begun.lab
    if how == "signs out":
        with begun.client() as client:
            client.sign_out(token)
    elif how == "leaves":
        persons.set_active(begun.state_dir, lab.administrator, who, WHEN, is_active=False)
    elif how == "gets a new password":
        persons.set_password(begun.state_dir, lab.administrator, who, "another long password", WHEN)
    else:
        begun.service._commands.staff._sessions = type(begun.service._commands.staff._sessions)()
    with begun.client() as client:
        assert not client.session_lasts(token)
        refused("session_expired", lambda: client.session(token))
    refused("session_expired", begun.start)


def test_a_role_that_was_taken_away_counts_at_once(begun: Bench) -> None:
    token = begun.token(begun.lab.verifier)
    persons.set_roles(
        begun.state_dir, begun.lab.administrator, begun.lab.verifier, (persons.Role.TECHNICIAN,), WHEN
    )
    with begun.client() as client:
        assert client.session(token)["roles"] == ["technician"]
        refused(
            "role_missing",
            lambda: client.case_assign(token, "C2026-0002", "M-2", begun.other_verifier, begun.lab.checker),
        )


def test_too_many_passwords_are_refused_whoever_they_are_of(bench: Bench) -> None:
    bench.serve_strangers()
    with bench.client() as client:
        for _ in range(30):
            refused("sign_in_wrong", lambda: client.sign_in("P99", "not a password"))
        refused("too_many_tries", lambda: client.sign_in(bench.lab.verifier, PASSWORD))
        refused("too_many_tries", lambda: client.certificate_sign("D1", (bench.lab.verifier, PASSWORD)))
        bench.clock.added_s += 60.0
        assert client.sign_in("李伟", PASSWORD)["person"] == bench.lab.verifier
    assert len(bench.refusals()) == 32
    with reading(bench.state_dir) as database:
        signed_in = [(one.who, one.about) for one in trail.entries(database) if one.what == "signed_in"]
    assert signed_in == [(bench.lab.verifier, bench.lab.verifier)]


def test_a_flood_from_the_web_does_not_shut_out_the_bench_itself(bench: Bench) -> None:
    staff = bench.service._commands.staff
    for _ in range(30):
        staff.count_try(is_owner=False)
    with bench.client() as client:
        assert client.sign_in(bench.lab.verifier, PASSWORD)["person"] == bench.lab.verifier


def test_passwords_that_are_looked_at_hold_up_nobody(begun: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    looking, may_go_on = threading.Event(), threading.Event()

    def slow(*unused: object) -> None:
        looking.set()
        assert may_go_on.wait(60)
        raise OperatorError("slow")

    own = begun.token(begun.lab.verifier)
    begun.start()
    monkeypatch.setattr(service_staff, "authenticate", slow)
    with ControlClient(begun.path) as guesser, begun.client() as client:
        for _ in range(40):
            guesser.send({"do": "sign_in", "by": "P3", "password": "guess"})
        assert looking.wait(60)
        assert client.session(own)["person"] == begun.lab.verifier
        client.stop(own)
        may_go_on.set()
        said = [guesser.receive().get("reason") for _ in range(40)]
    assert said.count("busy") > 20


@pytest.mark.parametrize(
    "message",
    [
        {"do": "start", "plan": PLAN, "case": CASE},
        {"do": "start", "plan": PLAN, "checklist": {}},
        {"do": "start", "plan": PLAN, "case": CASE, "checklist": ["seals"]},
        {"do": "sign_in", "by": "P2"},
        {"do": "sign_in", "by": 2, "password": "x"},
        {"do": "sign_out", "session": None},
        {"do": "case"},
        {"do": "case_assign", "case": CASE, "serial": 7},
        {"do": "case_handover", "case": CASE, "role": "verifier"},
        {"do": "case_release", "case": CASE},
        {"do": "case_end", "case": [CASE], "digest": DIGEST},
    ],
)
def test_what_is_half_a_request_is_answered_in_a_line(begun: Bench, message: dict[str, Any]) -> None:
    asked = {"session": begun.token(begun.lab.verifier)} | message
    with begun.client() as client, pytest.raises(OperatorError, match="needs") as error:
        client.request(asked)
    assert not isinstance(error.value, ControlRefusedError)
    assert begun.case()["state"] == "begun"


# --- what a break-in on the web's side cannot


def test_a_strange_process_without_a_session_reads_and_no_more(begun: Bench) -> None:
    begun.start()
    begun.serve_strangers()
    with begun.client() as client:
        for act in (
            lambda: client.start(PLAN),
            lambda: client.start(PLAN, by=(begun.lab.verifier, PASSWORD)),
            client.stop,
            client.confirm,
            lambda: client.skip("1", "no lamp"),
            lambda: client.answer("1", {"seals": "ok"}),
        ):
            refused("not_allowed", act)
        for token in ("", "forged", "P3"):
            for do in (
                lambda t: client.session(t),
                lambda t: client.persons(t),
                lambda t: client.stop(t),
                lambda t: client.start_case(t, CASE, PLAN, TICKED),
                lambda t: client.case_begin(t, CASE),
                lambda t: client.case_assign(t, "C2026-0002", "M-2", "P3", "P2"),
                lambda t: client.case_handover(t, CASE, "P4", "ill", "verifier"),
                lambda t: client.case_release(t, CASE, "gone"),
                lambda t: client.case_end(t, CASE, DIGEST),
            ):
                refused("session_expired", lambda do=do, token=token: do(token))
        assert client.case(CASE)["verifier"] == begun.lab.verifier
    kept = begun.refusals()
    assert ("?", "stop", "", "not_allowed") in kept
    assert ("?", "case_handover", CASE, "session_expired") in kept
    assert begun.service._commands.take_wanted() is not None, "the run is as it was"


def test_with_a_stolen_session_it_is_that_person_with_all_rules(begun: Bench) -> None:
    """It can do what that person may do, and neither sign, nor be somebody else, nor leave a check out."""
    token = begun.token(begun.lab.verifier)
    begun.serve_strangers()
    with begun.client() as client:
        refused("checklist_open", lambda: client.start_case(token, CASE, PLAN, {}))
        refused("not_allowed", lambda: client.confirm())
        refused("sign_in_wrong", lambda: client.certificate_sign("D1", (begun.lab.verifier, token)))
        with pytest.raises(OperatorError, match="needs password"):
            client.request({"do": "certificate_sign", "draft": "D1", "by": "P3", "session": token})
        claimed = {"by": begun.other_verifier, "verifier": begun.other_verifier, "person": "P1"}
        run = client.request(
            {"do": "start", "session": token, "case": CASE, "plan": PLAN, "checklist": TICKED} | claimed
        )["run"]
    begun.carry_out()
    assert started_of(begun, run)["station"]["verifier"] == begun.lab.verifier


def test_a_verifier_changes_no_authorisation_over_the_socket(begun: Bench) -> None:
    """No request does: what there is is listed."""
    with begun.client() as client, pytest.raises(OperatorError, match="unknown command") as error:
        client.request({"do": "authorise", "session": begun.token(begun.lab.administrator)})
    known = str(error.value).split("known are ")[1].split(", ")
    assert not [name for name in known if any(word in name for word in ("author", "person_", "role", "key"))]


def with_a_real_source(bench: Bench) -> None:
    """As far as the run knows; what is switched stays simulated."""
    config = bench.process.config
    section = dataclasses.replace(config.load_source, driver="relays")
    bench.process.config = dataclasses.replace(config, load_source=section)


def test_a_start_from_the_web_switches_no_real_load_on_until_somebody_at_the_bench_confirms(
    begun: Bench,
) -> None:
    with_a_real_source(begun)
    token = begun.token(begun.lab.verifier)

    def meanwhile() -> None:
        assert not begun.process.load_source.is_energised
        begun.serve_strangers()
        with begun.client() as client:
            refused("not_allowed", client.confirm)
            refused("not_allowed", lambda: client.request({"do": "confirm", "session": token}))
        assert not begun.process.load_source.is_energised
        begun.process.confirm(By.CONSOLE)

    begun.start()
    assert begun.carry_out(meanwhile, "waiting_for_start")["run"]["verdict"] == "PASS"


def test_where_nobody_confirms_the_load_stays_off(begun: Bench) -> None:
    with_a_real_source(begun)
    run = begun.start()
    state = begun.carry_out()
    assert state["positions"]["1"]["results"]["0"]["reasons"][0]["reason"] == "not_started"
    journal = JournalReader(begun.state_dir)
    assert "load_applied" not in [record.kind for record in journal.run(run)]
    journal.close()


def test_a_start_on_the_console_is_the_press_as_before(begun: Bench) -> None:
    with_a_real_source(begun)
    with begun.client() as client:
        client.start(PLAN)
    assert begun.carry_out()["run"]["verdict"] == "PASS"


# --- kills


def test_a_kill_while_a_case_is_begun_leaves_it_as_it_was(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.assign()

    def dies(*unused: object) -> None:
        raise ZeroDivisionError("as a kill")

    with monkeypatch.context() as patch:
        patch.setattr(witnessed.trail, "add", dies)
        with pytest.raises(OperatorError, match="the bench failed at this"):
            bench.begin()
    assert bench.case()["state"] == "assigned"
    assert bench.begin()["state"] == "begun"


def test_a_bench_that_starts_anew_knows_who_is_busy_and_goes_on_with_the_run(tmp_path: Path) -> None:
    with serving(tmp_path) as bench:
        bench.assign()
        bench.begin()
        first = bench.start(TWO_POINTS)
        bench.carry_out_stopped(results=1)
    with again(bench.process.config, bench.lab, bench.other_verifier, bench.other_checker) as anew:
        anew.assign("C2026-0002", "M-2")
        refused("verifier_busy", lambda: anew.begin("C2026-0002"))
        anew.start(TWO_POINTS, resumed_id=first)
        anew.carry_out()
        assert anew.case()["runs"] == [first, "run-000002"]


def test_of_many_starts_at_once_one_is_a_run(begun: Bench) -> None:
    begun.token(begun.lab.verifier)
    said: list[str] = []

    def start() -> None:
        try:
            said.append(begun.start())
        except ControlRefusedError as error:
            said.append(error.reason)

    for thread in [in_thread(start) for _ in range(8)]:
        thread.join()
    assert sorted(said) == ["bench_busy"] * 7 + ["run-000001"]
