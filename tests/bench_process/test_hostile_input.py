"""Whatever comes over the socket or stands in a TOML text: an answer of one line, and the bench goes on."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.control.client import ControlClient
from bench.control.live import LiveState
from bench.control.server import ControlServer
from bench.errors import OperatorError
from bench.plans.plan import Plan, parse_plan
from bench.toml_reader import load_toml, parse_toml, read_table
from tests.bench_process.support import METER, PLAN

ONE_AND_400_ZEROS = "1" + "0" * 400


class Commands:
    """Reads plans as the bench does; fails like a program with a defect where it is told to."""

    def records(self, since: int) -> tuple[list[dict[str, Any]], int]:
        return [], since

    def start(self, plan_text: str, resumed_id: str | None, by: tuple[str, str] | None) -> None:
        if plan_text == "defect":
            raise ZeroDivisionError("a defect")
        parse_plan(plan_text, ["1"])

    def stop(self) -> None:
        raise OperatorError("no run is under way")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    socket_path = tmp_path_factory.mktemp("s") / "bench.sock"
    server = ControlServer(socket_path, LiveState({}), Commands())
    server.start()
    yield socket_path
    server.close()


def answer_to(path: Path, line: bytes) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(str(path))
        raw.settimeout(10)
        raw.sendall(line + b"\n")
        answer: dict[str, Any] = json.loads(raw.makefile("rb").readline())
        return answer


def is_served(path: Path) -> bool:
    with ControlClient(path) as client:
        return next(client.subscribe())["type"] == "snapshot"


def start(plan: str) -> bytes:
    return json.dumps({"do": "start", "plan": plan}).encode()


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 200_000,
        b'{"a":' * 150_000,
        b'{"do":"records","since":99999999999999999999999999}',
        b'{"do":"records","since":true}',
        b'{"do":"records","since":' + b"9" * 5_000 + b"}",
        b'{"do":"\\ud800"}',
        start("a=" + "[" * 5_000),
        start("a='\ud800'"),
        start(PLAN.replace("minimum_time_s = 20.0", f"minimum_time_s = {ONE_AND_400_ZEROS}")),
        start(PLAN + "minimum_pulses = 0x" + "f" * 5_000),
        start("defect"),
    ],
)
def test_a_hostile_line_is_answered_and_the_next_client_is_served(path: Path, line: bytes) -> None:
    assert answer_to(path, line)["type"] == "error"
    assert is_served(path)


@pytest.mark.parametrize("half", [b"\\ud800", b"\xed\xa0\x80"])
@pytest.mark.parametrize("what", [b'"do":"stop","case":"x%s"', b'"do":"%s"', b'"do":"case","case":["x%s"]'])
def test_half_a_character_is_refused_before_anybody_has_to_keep_it(
    path: Path, what: bytes, half: bytes
) -> None:
    said = answer_to(path, b"{" + what % half + b"}")["message"]
    assert said == "a message is text; half a surrogate pair is none"


@pytest.mark.parametrize("plan", ["\\u5355\\u76f8", "\\ud83d\\ude00", "单相"])
def test_any_other_character_is_text_however_it_is_spelt(path: Path, plan: str) -> None:
    assert "surrogate" not in answer_to(path, f'{{"do":"start","plan":"{plan}"}}'.encode())["message"]


def test_a_defect_in_a_command_is_logged_with_its_traceback(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert "ZeroDivisionError" in answer_to(path, start("defect"))["message"]
    assert any(record.exc_info for record in caplog.records)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
REQUESTS = st.fixed_dictionaries(
    {"do": st.sampled_from(["records", "start", "stop"]) | JSON},
    optional={"since": JSON, "plan": JSON | st.builds(lambda tail: PLAN + tail, st.text(max_size=20))},
)
LINES = st.binary(min_size=1, max_size=200).map(lambda b: b.replace(b"\n", b" ")) | REQUESTS.map(
    lambda request: json.dumps(request).encode()
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(LINES)
def test_no_line_ends_the_service(path: Path, line: bytes) -> None:
    assert answer_to(path, line)["type"] in ("error", "records", "done")
    assert is_served(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"minimum_time_s = {ONE_AND_400_ZEROS}", "finite"),
        ("minimum_pulses = 0x" + "f" * 5_000, "64 bits"),
        ("minimum_pulses = " + "9" * 5_000, "not valid TOML"),
        ('title = "a\\u0000b"', "NUL"),
        ("title = " + "[" * 5_000, "nested too deeply"),
        ("title = " + "[" * 50 + "]" * 50, "a text"),
    ],
)
def test_a_value_that_cannot_be_kept_is_refused_in_one_line(line: str, said: str) -> None:
    text = f"load_points = []\n{line}\n{METER}"
    with pytest.raises(OperatorError, match=said) as refused:
        read_table(Plan, parse_toml(text, "plan.toml"), "plan.toml")
    message = str(refused.value)
    assert message.startswith("plan.toml: ")
    assert "\n" not in message
    assert len(message) < 300


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(b"\xef\xbb\xbftitle = 'x'\n")
    assert load_toml(path) == {"title": "x"}


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_table_or_refused(text: str) -> None:
    with contextlib.suppress(OperatorError):
        parse_toml(text, "plan.toml")
