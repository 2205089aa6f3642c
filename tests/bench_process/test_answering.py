"""What the bench asks is answered by people: at the terminal of a run, or with `bench answer`."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.app import replay_run
from bench.control.client import ControlClient, apply_patch
from bench.errors import OperatorError
from bench.items import TARIFF_REGISTERS, TOTAL_REGISTER, Item
from bench.methods.steps import Ask
from bench.methods.visual import CHECKS
from bench.process import MeasuringProcess
from bench.registry.kept_texts import KeptTexts, all_texts
from bench.run.desk import OpenDesk, Replaced
from bench.safety.presses import By, Presses, What
from bench.service import BenchCommands
from bench.terminal.answering import Said, TerminalDesk, answers_of
from bench.terminal.questions import question_lines
from bench.words import field_word
from calibration.quantities import Outcome
from tests.bench_process.support import BENCH, METER, plan_of, virtual_bench
from tests.bench_process.test_command import COMMAND, REPOSITORY, bench, started

INSPECTION = Ask(0, 0, Item.VISUAL, ("1", "2"), ("seals", "housing"))
OK = {"seals": "ok", "housing": "ok"}
REST_OK = Said({}, rest_ok=True)
VISUAL_PLAN = 'tests = ["visual"]\n' + METER


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ok"], {"1": REST_OK, "2": REST_OK}),
        (["all", "ok"], {"1": REST_OK, "2": REST_OK}),
        (["合格"], {"1": REST_OK, "2": REST_OK}),
        (["2", "OK"], {"2": REST_OK}),
        (["2", "seals=two are broken"], {"2": Said({"seals": "two are broken"})}),
        (["2", "seals=broken", "ok"], {"2": Said({"seals": "broken"}, rest_ok=True)}),
        (["2", "封印＝破损"], {"2": Said({"封印": "破损"})}),
        (
            ["all", "seals=ok", "housing= a=b "],
            {key: Said({"seals": "ok", "housing": "a=b"}) for key in "12"},
        ),
        (["7", "seals=ok"], {"7": Said({"seals": "ok"})}),  # the desk refuses it
    ],
)
def test_an_answer_is_a_position_and_its_fields(words: list[str], expected: dict[str, Said]) -> None:
    assert answers_of(words, INSPECTION.positions, INSPECTION.fields) == expected


@pytest.mark.parametrize(
    "words", [[], ["1"], ["1", "seals"], ["1", "=ok"], ["1", "seals="], ["1", "seals= "]]
)
def test_what_is_no_answer_is_refused_in_one_line(words: list[str]) -> None:
    with pytest.raises(OperatorError) as refused:
        answers_of(words, INSPECTION.positions, INSPECTION.fields)
    assert "FIELD=VALUE" in str(refused.value)


def asked(question: Ask = INSPECTION) -> OpenDesk:
    desk = OpenDesk()
    desk.ask(question)
    return desk


def test_ok_fills_what_is_open_and_keeps_a_remark() -> None:
    desk = asked()
    held = desk.answer("2", {"seals": "left seal broken"})
    assert (held.open, held.replaced) == (("housing",), {})
    held = desk.answer("2", {}, rest_ok=True)
    assert held.answers == {"seals": "left seal broken", "housing": "ok"}
    assert (held.open, desk.replaced()) == ((), ())


def test_a_remark_is_changed_by_its_field_and_both_answers_are_kept() -> None:
    desk = asked()
    desk.answer("2", {"seals": "left seal broken"})
    held = desk.answer("2", {"seals": "ok"})
    assert held.replaced == {"seals": "left seal broken"}
    desk.answer("2", {"seals": "ok"})
    assert desk.replaced() == (Replaced("2", "seals", "left seal broken"),)
    desk.ask(INSPECTION)
    assert (desk.answers(), desk.replaced()) == ({}, ())


@pytest.mark.parametrize("said", ["ok", "OK", "Ok", "ok ", "ＯＫ", "合格", "正常"])
def test_ok_has_several_spellings_and_a_field_its_chinese_name(said: str) -> None:
    assert asked().answer("1", {"封印": said, "housing": said}).answers == OK


@pytest.mark.parametrize("said", ["\ud800", "a\nb", "\x1b[2J", "a\u2028b", "\x00", " ", "x" * 201])
def test_what_is_no_line_of_text_is_refused_and_nothing_is_held(said: str) -> None:
    desk = asked()
    with pytest.raises(OperatorError, match="seals: give 1 to 200 characters") as refused:
        desk.answer("1", {"housing": "ok", "seals": said})
    assert "\n" not in str(refused.value)
    assert desk.answers() == {}


def test_a_field_that_is_given_twice_is_refused_and_no_remark_is_lost() -> None:
    desk = asked()
    with pytest.raises(OperatorError, match="seals is given twice"):
        desk.answer("1", {"seals": "broken", "封印": "ok"}, rest_ok=True)
    assert desk.answers() == {}
    with pytest.raises(OperatorError, match="seals is given twice"):
        answers_of(["1", "seals=broken", "seals=ok"], INSPECTION.positions, INSPECTION.fields)


def test_ok_is_no_reading_of_a_register() -> None:
    desk = asked(Ask(0, 0, Item.METER_CONSTANT, ("1",), ("total_kWh",)))
    with pytest.raises(OperatorError, match="ok is no answer here"):
        desk.answer("1", {}, rest_ok=True)
    assert desk.answer("1", {"总电量": "012345.67"}).open == ()


@pytest.mark.parametrize(
    ("said", "verdict", "held"), [(None, Outcome.FAIL, "left seal broken"), ("ok", Outcome.PASS, "ok")]
)
def test_a_remark_of_the_service_stands_until_its_field_is_changed(
    tmp_path: Path, said: str | None, verdict: Outcome, held: str
) -> None:
    def answer(sequence: int, patch: object, state: dict[str, Any]) -> None:
        if state.get("question") is None or told:
            return
        told.append(commands.answer("1", {"seals": "left seal broken"}, False))
        if said is not None:
            told.append(commands.answer("1", {"seals": said}, False))
        told.append(commands.answer("1", {}, True))

    told: list[dict[str, Any]] = []
    with virtual_bench(tmp_path) as process:
        commands = BenchCommands(process)
        process.live.listen(answer)
        summary = process.run(plan_of(VISUAL_PLAN))
        record = _answered(process)
    assert summary.verdict is verdict
    assert told[0]["open"] == [check for check in CHECKS if check != "seals"]
    assert told[-1] == {"held": dict.fromkeys(CHECKS, "ok") | {"seals": held}, "open": [], "replaced": {}}
    was = {"position": "1", "field": "seals", "said": "left seal broken"}
    assert record["replaced"] == ([] if said is None else [was])
    assert record["answers"]["1"]["seals"] == held
    assert replay_run(tmp_path, summary.run_id).differences == ()


def _answered(process: MeasuringProcess) -> dict[str, Any]:
    (fields,) = [r.fields() for r in process.recorder.read(0, 100) if r.kind == "answered"]
    texts = KeptTexts(all_texts(process.config.state_dir))
    return texts.shown(dict(fields))


def typed(
    desk: OpenDesk,
    text: str,
    skipped: list[tuple[str, str]] | None = None,
    language: str = "en",
    presses: Presses | None = None,
) -> list[str]:
    """What is told when this is typed and the terminal then ends."""
    presses = presses or Presses(has_start_button=False)
    told: list[str] = []

    def skip(position: str, why: str) -> None:
        assert skipped is not None
        skipped.append((position, why))

    reader, writer = os.pipe()
    os.write(writer, text.encode(errors="surrogateescape"))
    os.close(writer)
    with (
        os.fdopen(reader) as terminal,
        TerminalDesk(desk, skip, presses, terminal, told.append, language) as answering,
    ):
        answering._thread.join()  # it ends with the terminal
    return told


def test_an_empty_line_confirms_what_is_waited_for_and_else_says_nothing() -> None:
    presses = Presses(has_start_button=False)
    assert typed(OpenDesk(), "\n", presses=presses) == []
    assert presses.pressed() is None
    presses.ask(What.LOAD)
    assert typed(OpenDesk(), "\n", presses=presses) == []
    assert presses.pressed() is By.TERMINAL


def test_lines_typed_at_the_terminal_answer_the_question() -> None:
    desk = OpenDesk()
    desk.ask(INSPECTION)
    told = typed(desk, '1 ok\n\n2 seals="one is broken" housing=ok\n')
    assert told == [
        "position 1: ok: seals, housing; nothing open",
        "position 2: seals=one is broken; ok: housing; nothing open",
    ]
    assert desk.answers() == {"1": OK, "2": {"seals": "one is broken", "housing": "ok"}}


def test_a_line_that_is_no_answer_is_told_and_the_next_one_counts() -> None:
    desk = OpenDesk()
    desk.ask(INSPECTION)
    told = typed(desk, '3 ok\n1 colour=red\n1 seals="x\nok\n')
    assert len(told) == 4
    assert "position '3'" in told[0]
    assert "no field 'colour'" in told[1]
    assert "close the quotation mark" in told[2]
    assert told[3] == "position 1, 2: ok: seals, housing; nothing open"
    assert desk.answers() == {"1": OK, "2": OK}


def test_a_remark_typed_at_the_terminal_outlives_ok_and_changes_by_its_field() -> None:
    desk = asked()
    told = typed(desk, "2 seals=broken\nok\n2 seals=ok\n")
    assert told[0] == "position 2: seals=broken; open: housing"
    assert told[2] == "position 2: seals=broken; ok: housing; nothing open"
    assert told[3] == "position 2: seals=ok (was: broken); ok: housing; nothing open"


def test_the_terminal_speaks_the_language_of_the_run() -> None:
    told = typed(asked(), "1 封印=破损\n3 ok\n1 seals=\udcff\n", language="zh")
    assert told == [
        "表位 1: seals=破损; 未答: housing",
        "没有问表位 '3'; 问的是 1, 2",
        "seals: 请写 1 到 200 个字符, 一行, 不含控制字符",
    ]


def test_a_position_is_taken_out_from_the_terminal_with_a_reason() -> None:
    skipped: list[tuple[str, str]] = []
    (told,) = typed(OpenDesk(), "skip 2 no lamp is seen\nskip 3\n", skipped)
    assert skipped == [("2", "no lamp is seen")]
    assert "why" in told


def test_an_answer_to_nothing_is_told() -> None:
    assert typed(OpenDesk(), "ok\n") == ["the bench asks nothing just now"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "visual inspection: please answer for position 2: seals, housing"),
        ("zh", "外观检查: 请回答表位 2"),
    ],
)
def test_a_question_says_who_is_asked_what_and_how_to_answer(language: str, said: str) -> None:
    question = {
        "item": "visual", "fields": ["seals", "housing"], "positions": ["1", "2"], "answered": ["1"], "point": "0",
    }  # fmt: skip
    here = question_lines(question, language)
    assert here[0].startswith(said)
    assert "2 seals=" in here[1]
    elsewhere = question_lines(question, language, "--config live2.toml")
    assert "bench answer ok --config live2.toml" in elsewhere[1]
    register = question | {"item": "meter_constant", "fields": ["total_kWh"]}
    assert "2 total_kWh=012345.67" in question_lines(register, language)[1]


def test_every_field_that_is_asked_has_a_name_in_chinese() -> None:
    for field in (*CHECKS, TOTAL_REGISTER, *TARIFF_REGISTERS):
        assert field_word(field, "zh") != field


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """At real speed, so that nobody has to answer in a hurry."""
    text = BENCH.format(state_dir="state", simulation="").replace("speed = 0", "speed = 1")
    (tmp_path / "bench.toml").write_text(text.replace("publish_period_s = 2.0", "publish_period_s = 0.1"))
    (tmp_path / "plan.toml").write_text(VISUAL_PLAN)
    return tmp_path


def test_a_plan_that_asks_is_refused_where_nobody_is_there(station: Path) -> None:
    done = bench("run", "plan.toml", cwd=station)
    assert done.returncode == 2
    assert "nobody is here to answer for visual" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_run_is_answered_on_its_own_terminal(station: Path) -> None:
    screen, terminal = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "LANG": "C.UTF-8", "TERM": "dumb"}
    process = subprocess.Popen(
        [*COMMAND, "run", "plan.toml", "--json"],
        cwd=station, env=environment, stdin=terminal, stdout=subprocess.PIPE, stderr=terminal, text=True,
    )  # fmt: skip
    os.close(terminal)
    try:
        seen = b""
        while b"POSITION FIELD=VALUE" not in seen:
            seen += os.read(screen, 4096)
        os.write(screen, b"1 ok\n")
        for _ in _until_closed(screen):
            """Reads on, so that the process can write."""
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
        os.close(screen)
    assert process.returncode == 0
    (point,) = json.loads(output)["points"]
    assert (point["item"], point["verdict"], point["load_point"]) == ("visual", "PASS", None)
    assert point["figures"] == dict.fromkeys(CHECKS, "ok")


def _until_closed(screen: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(screen, 4096)
        except OSError:  # EIO: the last process on the other side is gone
            return
        if not data:
            return
        yield data


def wait_for(socket_path: Path, key: str) -> dict[str, object]:
    """The STATE as soon as it has this key, or as soon as a run has a verdict with key `verdict`."""
    with ControlClient(socket_path, timeout_s=60) as client:
        messages = client.subscribe()
        state = dict(next(messages)["state"])
        while not (state.get(key) if key != "verdict" else (state.get("run") or {}).get("verdict")):
            state = apply_patch(state, next(messages)["patch"])
        return state


def test_a_run_of_the_service_is_answered_from_another_terminal(station: Path) -> None:
    socket_path = station / "state" / "bench.sock"
    process = started("serve", cwd=station)
    try:
        assert process.stderr is not None
        assert process.stderr.readline().startswith('level=info from=bench.serve said="Listening')
        assert "asks nothing" in bench("answer", "ok", cwd=station).stderr
        assert bench("start", "plan.toml", cwd=station).returncode == 0
        question = wait_for(socket_path, "question")["question"]
        assert question["fields"] == list(CHECKS)
        assert 'from=bench.serve said="visual inspection: please answer' in process.stderr.readline()
        assert "bench answer ok" in process.stderr.readline()
        refused = bench("answer", "9", "ok", cwd=station)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        no_text = bench("answer", "1", os.fsdecode(b"seals=\xff"), cwd=station)
        assert (no_text.returncode, no_text.stderr.count("\n")) == (2, 1)
        no_text = bench("skip", "1", os.fsdecode(b"\xff"), cwd=station)
        assert (no_text.returncode, no_text.stderr.count("\n")) == (2, 1)
        said = bench("answer", "1", "seals=broken", cwd=station)
        assert (said.returncode, "seals=broken; open: nameplate, housing" in said.stderr) == (0, True)
        said = bench("answer", "ok", "--lang", "zh", cwd=station)
        assert (said.returncode, "表位 1: seals=broken; ok: nameplate" in said.stderr) == (0, True)
        state = wait_for(socket_path, "verdict")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert state["run"]["verdict"] == "FAIL"
    (reason,) = state["positions"]["1"]["results"]["0"]["reasons"]
    assert reason["reason"] == "inspection_failed"
    assert "broken" in reason["values"]["fields"]


def test_what_keeps_the_service_from_starting_is_a_line_of_the_log(station: Path) -> None:
    (station / "bench.toml").write_text("[bench]\n")
    said = bench("serve", cwd=station)
    assert said.returncode == 2
    [line] = said.stderr.splitlines()
    assert line.startswith("level=error from=bench.serve said=")


def test_a_bench_that_answers_by_itself_takes_no_answer(station: Path) -> None:
    text = (station / "bench.toml").read_text()
    (station / "bench.toml").write_text(text + '\n[desk]\ndriver = "sim"\n')
    process = started("serve", cwd=station)
    try:
        assert process.stderr is not None
        assert "Listening" in process.stderr.readline()
        with (
            ControlClient(station / "state" / "bench.sock") as client,
            pytest.raises(OperatorError, match="answers by itself"),
        ):
            client.answer("1", {"seals": "ok"})
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
