"""What the bench asks is answered by people: at the terminal of a run, or with `bench answer`."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.answering import TerminalDesk, answers_of
from bench.control import ControlClient, apply_patch
from bench.desk import OpenDesk
from bench.errors import OperatorError
from bench.items import Item
from bench.methods.visual import CHECKS
from bench.questions import question_lines
from bench.steps import Ask
from bench.words import field_word
from tests.bench_process.support import BENCH, METER
from tests.bench_process.test_command import COMMAND, REPOSITORY, bench, started

INSPECTION = Ask(0, 0, Item.VISUAL, ("1", "2"), ("seals", "housing"))
OK = {"seals": "ok", "housing": "ok"}
VISUAL_PLAN = 'tests = ["visual"]\n' + METER


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ok"], {"1": OK, "2": OK}),
        (["all", "ok"], {"1": OK, "2": OK}),
        (["2", "ok"], {"2": OK}),
        (["2", "seals=two are broken"], {"2": {"seals": "two are broken"}}),
        (["all", "seals=ok", "housing= a=b "], {key: {"seals": "ok", "housing": "a=b"} for key in "12"}),
        (["7", "seals=ok"], {"7": {"seals": "ok"}}),  # the desk refuses it
    ],
)
def test_an_answer_is_a_position_and_its_fields(
    words: list[str], expected: dict[str, dict[str, str]]
) -> None:
    assert answers_of(words, INSPECTION.positions, INSPECTION.fields) == expected


@pytest.mark.parametrize(
    "words", [[], ["1"], ["1", "seals"], ["1", "=ok"], ["1", "seals="], ["1", "seals= "]]
)
def test_what_is_no_answer_is_refused_in_one_line(words: list[str]) -> None:
    with pytest.raises(OperatorError) as refused:
        answers_of(words, INSPECTION.positions, INSPECTION.fields)
    assert "FIELD=VALUE" in str(refused.value)


def typed(desk: OpenDesk, text: str, skipped: list[tuple[str, str]] | None = None) -> list[str]:
    """What is told when this is typed and the terminal then ends."""
    told: list[str] = []

    def skip(position: str, why: str) -> None:
        assert skipped is not None
        skipped.append((position, why))

    reader, writer = os.pipe()
    os.write(writer, text.encode())
    os.close(writer)
    with os.fdopen(reader) as terminal, TerminalDesk(desk, skip, terminal, told.append) as answering:
        answering._thread.join()  # it ends with the terminal
    return told


def test_lines_typed_at_the_terminal_answer_the_question() -> None:
    desk = OpenDesk()
    desk.ask(INSPECTION)
    told = typed(desk, '1 ok\n\n2 seals="one is broken" housing=ok\n')
    assert told == []
    assert desk.answers() == {"1": OK, "2": {"seals": "one is broken", "housing": "ok"}}


def test_a_line_that_is_no_answer_is_told_and_the_next_one_counts() -> None:
    desk = OpenDesk()
    desk.ask(INSPECTION)
    told = typed(desk, '3 ok\n1 colour=red\n1 seals="x\nok\n')
    assert len(told) == 3
    assert "position '3'" in told[0]
    assert "no field 'colour'" in told[1]
    assert "close the quotation mark" in told[2]
    assert desk.answers() == {"1": OK, "2": OK}


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
    here = question_lines(question, language, can_type=True)
    assert here[0].startswith(said)
    assert "2 seals=" in here[1]
    assert "bench answer ok" in question_lines(question, language, can_type=False)[1]
    register = question | {"item": "meter_constant", "fields": ["total_kWh"]}
    assert "2 total_kWh=012345.67" in question_lines(register, language, can_type=True)[1]


def test_every_field_that_is_asked_has_a_name_in_chinese() -> None:
    for field in (*CHECKS, "total_kWh"):
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
        assert "Listening" in process.stderr.readline()
        assert "asks nothing" in bench("answer", "ok", cwd=station).stderr
        assert bench("start", "plan.toml", cwd=station).returncode == 0
        question = wait_for(socket_path, "question")["question"]
        assert question["fields"] == list(CHECKS)
        assert "visual inspection: please answer" in process.stderr.readline()
        assert "bench answer ok" in process.stderr.readline()
        refused = bench("answer", "9", "ok", cwd=station)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert bench("answer", "1", "seals=broken", cwd=station).returncode == 0
        rest = [f"{check}=ok" for check in CHECKS if check != "seals"]
        assert bench("answer", "all", *rest, cwd=station).returncode == 0
        state = wait_for(socket_path, "verdict")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert state["run"]["verdict"] == "FAIL"
    (reason,) = state["positions"]["1"]["results"]["0"]["reasons"]
    assert reason["reason"] == "inspection_failed"
    assert "broken" in reason["values"]["fields"]


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
