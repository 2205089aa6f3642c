"""The socket: one snapshot then changes, authority by the kernel's word, and nobody is waited for."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from bench.control import requests
from bench.control.asking import LONGEST_QUEUE, Authority, Lane, SignedIn
from bench.control.client import ControlClient, ControlRefusedError, apply_patch
from bench.control.lanes import Lanes
from bench.control.live import LiveState
from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.control.server import ControlServer
from bench.errors import OperatorError


class Recorded:
    """Commands that only remember; P2 is signed in."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.refusals: list[tuple[str, str, str | None, str]] = []
        self.may_try = True
        self.signing, self.may_sign = threading.Event(), threading.Event()

    def records(self, since: int) -> tuple[list[dict[str, object]], int]:
        return [{"number": since, "body": "{}"}], since + 1

    def health(self) -> dict[str, object]:
        return {}

    @property
    def staff(self) -> Any:
        return self

    @property
    def office(self) -> Any:
        return self

    def count_try(self, *, is_owner: bool) -> None:
        if not self.may_try:
            raise RefusedByRuleError(Refusal.TOO_MANY_TRIES, wait_s="9")

    def refused(self, what: str, about: str, person: str | None, error: RefusedByRuleError) -> None:
        self.refusals.append((what, about, person, error.reason.value))

    def who(self, token: str, *, asks_registry: bool) -> SignedIn:
        if token != "a token":
            raise RefusedByRuleError(Refusal.SESSION_EXPIRED)
        return SignedIn("P2", ("verifier",), "李伟", "", 1800)

    def require_runs(self, person: str) -> None:
        if person != "P2" or "of P2" not in self.calls:
            raise RefusedByRuleError(Refusal.NOT_YOUR_RUN)

    def start_case(
        self,
        by: SignedIn,
        case: str,
        plan_text: str,
        ticked: frozenset[str],
        resumed_id: str | None,
        room: Mapping[str, float],
    ) -> str:
        self.calls.append(f"{by.person} starts {case} {sorted(ticked)} {plan_text} {resumed_id}")
        return "run-000008"

    def confirm(self) -> None:
        self.calls.append("confirm")

    def start(self, plan_text: str, resumed_id: str | None, by: tuple[str, str] | None) -> str:
        if plan_text == "bad":
            raise OperatorError("plan: bad")
        if by is not None:
            self.calls.append(f"by {by}")
        self.calls.append(f"start {plan_text}" if resumed_id is None else f"resume {resumed_id} {plan_text}")
        return "run-000007"

    def stop(self) -> None:
        self.calls.append("stop")
        self.may_sign.set()

    def stop_own(self, verifier: str) -> None:
        self.require_runs(verifier)
        self.stop()

    def certificate_drafts(self) -> list[dict[str, object]]:
        return [{"id": "D1"}]

    def certificate_sign(self, draft: str, by: tuple[str, str], role: str | None) -> dict[str, object]:
        if draft == "D9":
            raise OperatorError("there is no draft 'D9'")
        if draft == "D8":
            raise ZeroDivisionError("a defect")
        self.signing.set()
        assert self.may_sign.wait(10)
        return {"draft": draft, "by": by[0], "as": role, "number": "2026-1"}

    def skip(self, position: str, why: str) -> None:
        self.calls.append(f"skip {position} {why}")

    def answer(self, position: str, fields: dict[str, str], rest_ok: bool) -> dict[str, object]:
        if position != "1":
            raise OperatorError(f"nothing is asked of position {position!r}")
        self.calls.append(f"answer {fields}{' rest ok' if rest_ok else ''}")
        return {"held": fields, "open": [], "replaced": {}}


@pytest.fixture
def live() -> LiveState:
    return LiveState({"phase": "idle", "n": 0})


@pytest.fixture
def commands() -> Recorded:
    return Recorded()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bench.sock"


@pytest.fixture
def server(path: Path, live: LiveState, commands: Recorded) -> Iterator[ControlServer]:
    served = ControlServer(path, live, commands, backlog_bytes=200_000)
    served.start()
    yield served
    served.close()
    assert not path.exists()


def test_a_subscriber_gets_a_snapshot_and_then_every_change(
    server: ControlServer, path: Path, live: LiveState
) -> None:
    with ControlClient(path) as client:
        messages = client.subscribe()
        assert next(messages) == {"type": "snapshot", "seq": 0, "state": {"phase": "idle", "n": 0}}
        live.publish({"phase": "idle", "n": 1})
        live.publish({"phase": "measuring", "n": 1})
        assert next(messages) == {"type": "change", "seq": 1, "patch": {"n": 1}}
        assert next(messages) == {"type": "change", "seq": 2, "patch": {"phase": "measuring"}}


def test_a_snapshot_is_the_state_as_it_is_now(server: ControlServer, path: Path, live: LiveState) -> None:
    live.publish({"phase": "asking", "n": 3})
    with ControlClient(path) as client:
        assert client.snapshot() == {"phase": "asking", "n": 3}


def test_a_late_subscriber_gets_no_change_that_its_snapshot_already_holds(
    server: ControlServer, path: Path, live: LiveState
) -> None:
    for n in range(1, 50):
        live.publish({"phase": "idle", "n": n})
    with ControlClient(path) as client:
        messages = client.subscribe()
        snapshot = next(messages)
        live.publish({"phase": "done", "n": 50})
        state, sequence = snapshot["state"], snapshot["seq"]
        while sequence < 50:
            change = next(messages)
            assert change["seq"] == sequence + 1
            state, sequence = apply_patch(state, change["patch"]), change["seq"]
    assert state == {"phase": "done", "n": 50}


def test_commands_of_the_benchs_own_user_are_carried_out(
    server: ControlServer, path: Path, commands: Recorded
) -> None:
    with ControlClient(path) as client:
        assert client.start("title = 'x'") == "run-000007"
        assert client.start("title = 'x'", "run-000003") == "run-000007"
        assert client.start("title = 'x'", by=("P1", "a long password")) == "run-000007"
        with pytest.raises(OperatorError, match="comes with password"):
            client.request({"do": "start", "plan": "title = 'x'", "by": "P1"})
        assert client.answer("1", {"seals": "ok"})["held"] == {"seals": "ok"}
        client.answer("1", {}, rest_ok=True)
        client.skip("2", "no lamp")
        client.stop()
        assert client.records(7) == ([{"number": 7, "body": "{}"}], 8)
        with pytest.raises(OperatorError, match="plan: bad"):
            client.start("bad")
        with pytest.raises(OperatorError, match="nothing is asked of position '2'"):
            client.answer("2", {"seals": "ok"})
    assert commands.calls == [
        "start title = 'x'",
        "resume run-000003 title = 'x'",
        "by ('P1', 'a long password')",
        "start title = 'x'",
        "answer {'seals': 'ok'}",
        "answer {} rest ok",
        "skip 2 no lamp",
        "stop",
    ]


@pytest.fixture
def strange(path: Path, live: LiveState, commands: Recorded) -> Iterator[ControlServer]:
    """A server for which everybody here is another user, as the web process is."""
    served = ControlServer(path, live, commands, authorised=frozenset({os.getuid() + 1}))
    served.start()
    yield served
    served.close()


def refused(client: ControlClient, message: dict[str, object]) -> tuple[str, dict[str, Any]]:
    with pytest.raises(ControlRefusedError) as error:
        client.request(message)
    return error.value.reason, error.value.values


def test_whoever_has_signed_in_acts_on_the_own_run_from_any_process(
    strange: ControlServer, path: Path, commands: Recorded
) -> None:
    with ControlClient(path) as client:
        ticked = {"seals": True, "gloves": False, "consent": 1}
        assert client.start_case("a token", "C2026-0001", "x", ticked, "run-000003") == "run-000008"
        assert refused(client, {"do": "stop", "session": "a token"}) == ("not_your_run", {})
        commands.calls.append("of P2")
        client.skip("1", "no lamp", "a token")
        client.answer("1", {"seals": "ok"}, session="a token")
        client.stop("a token")
    assert commands.calls == [
        "P2 starts C2026-0001 ['seals'] x run-000003",
        "of P2",
        "skip 1 no lamp",
        "answer {'seals': 'ok'}",
        "stop",
    ]
    assert commands.refusals == [("stop", "", "P2", "not_your_run")]


@pytest.mark.parametrize(
    "message",
    [
        {"do": "start", "plan": "x", "case": "C2026-0001", "checklist": {}},
        {"do": "stop"},
        {"do": "skip", "position": "1", "why": "x"},
        {"do": "answer", "position": "1", "fields": {}},
        {"do": "confirm"},
        {"do": "confirm", "session": "a token"},
    ],
)
def test_without_a_session_a_strange_process_commands_nothing_and_it_is_kept(
    strange: ControlServer, path: Path, commands: Recorded, message: dict[str, object]
) -> None:
    with ControlClient(path) as client:
        assert refused(client, message) == ("not_allowed", {})
    assert commands.calls == []
    assert commands.refusals == [(message["do"], message.get("case", ""), None, "not_allowed")]


@pytest.mark.parametrize("token", ["", "another token", None, 7, ["a token"], {"a token": 1}])
@pytest.mark.parametrize(
    "do", ["session", "persons", "case_assign", "case_begin", "case_handover", "case_release", "case_end"]
)
def test_what_is_no_session_asks_nothing(
    strange: ControlServer, path: Path, commands: Recorded, do: str, token: object
) -> None:
    with ControlClient(path) as client:
        assert refused(client, {"do": do, "session": token, "case": "C2026-0001"}) == (
            "session_expired", {},
        )  # fmt: skip
    assert commands.refusals == [(do, "C2026-0001", None, "session_expired")]


def test_a_token_that_is_over_makes_nobody_the_owner(
    server: ControlServer, path: Path, commands: Recorded
) -> None:
    """The bench's own user with a session is that person, or nobody."""
    with ControlClient(path) as client:
        assert refused(client, {"do": "stop", "session": "another token"}) == ("session_expired", {})
    assert "stop" not in commands.calls


@pytest.mark.parametrize("do", ["sign_in", "certificate_sign"])
def test_whoever_gives_a_password_is_counted_before_it_is_looked_at(
    strange: ControlServer, path: Path, commands: Recorded, do: str
) -> None:
    commands.may_try = False
    with ControlClient(path) as client:
        asked = {"do": do, "draft": "D1", "by": "P2", "password": "x"}
        assert refused(client, asked) == ("too_many_tries", {"wait_s": "9"})
    assert not commands.signing.is_set()


def test_no_authority_is_missing_and_reading_is_what_names_no_person() -> None:
    """Whoever adds a request says here that any peer may make it."""
    anybody = {name for name, request in requests.REQUESTS.items() if request.authority is Authority.READ}
    assert anybody >= {"records", "health", "sign_out", "case", "certificate_drafts"}
    assert not {name for name in anybody if name.startswith(("case_", "start", "stop", "skip", "answer"))}
    assert requests.REQUESTS["confirm"].authority is Authority.OWNER


def test_in_a_lane_one_follows_another_and_no_more_than_its_length_wait() -> None:
    lanes, may_go_on, is_found = Lanes(), threading.Event(), threading.Semaphore(0)
    found: list[bytes] = []

    def find(number: int) -> bytes:
        assert may_go_on.wait(10)
        return b"%d" % number

    def deliver(answer: bytes) -> None:
        found.append(answer)
        is_found.release()

    longest = LONGEST_QUEUE[Lane.SIGN_IN] + 1
    taken = [lanes.take(Lane.SIGN_IN, lambda number=n: find(number), deliver) for n in range(longest + 5)]
    assert lanes.take(Lane.ACTS, lambda: b"beside", deliver)
    assert is_found.acquire(timeout=10)
    assert found == [b"beside"]
    may_go_on.set()
    assert all(is_found.acquire(timeout=10) for _ in range(longest))
    lanes.close()
    assert taken == [True] * longest + [False] * 5
    assert found[1:] == [b"%d" % number for number in range(longest)]


def test_who_waits_for_a_signature_holds_up_nobody(
    server: ControlServer, path: Path, live: LiveState, commands: Recorded
) -> None:
    with ControlClient(path) as signer, ControlClient(path) as other, ControlClient(path) as watcher:
        messages = watcher.subscribe()
        next(messages)
        signer.send({"do": "certificate_sign", "draft": "D1", "by": "P2", "password": "a long password"})
        assert commands.signing.wait(10)
        with pytest.raises(OperatorError, match="busy with another of these"):
            other.certificate_sign("D2", ("P3", "a long password"))
        assert other.certificate_drafts() == [{"id": "D1"}]
        live.publish({"phase": "measuring", "n": 0})
        assert next(messages)["patch"] == {"phase": "measuring"}
        other.stop()
        answer = signer.receive()
        assert (answer["type"], answer["number"], answer["by"]) == ("done", "2026-1", "P2")
        assert other.certificate_sign("D2", ("P3", "a long password"), "approver")["as"] == "approver"


def test_who_reads_records_of_a_disk_that_hangs_holds_up_no_stop(
    server: ControlServer, path: Path, commands: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, may_read = threading.Event(), threading.Event()

    def hang(since: int) -> tuple[list[dict[str, object]], int]:
        reads.set()
        assert may_read.wait(10)
        return [], since

    monkeypatch.setattr(commands, "records", hang)
    with ControlClient(path) as reader, ControlClient(path) as other:
        reader.send({"do": "records", "since": 3})
        assert reads.wait(10)
        other.stop()
        may_read.set()
        assert reader.receive() == {"type": "records", "records": [], "next": 3}


def test_a_signature_that_is_refused_or_fails_is_told_and_the_next_one_goes_on(
    server: ControlServer, path: Path, commands: Recorded
) -> None:
    commands.may_sign.set()
    with ControlClient(path) as client:
        with pytest.raises(OperatorError, match="there is no draft 'D9'"):
            client.certificate_sign("D9", ("P3", "a long password"))
        with pytest.raises(OperatorError, match=r"the bench failed at this \(ZeroDivisionError\)"):
            client.certificate_sign("D8", ("P3", "a long password"))
        for missing in (
            {"draft": "D1"},
            {"by": "P1", "password": "x"},
            {"draft": "D1", "by": "P1", "password": "x", "as": 1},
        ):
            with pytest.raises(OperatorError):
                client.request({"do": "certificate_sign", **missing})
        assert client.certificate_sign("D1", ("P3", "a long password"))["draft"] == "D1"


def test_who_left_before_the_answer_is_no_trouble(
    server: ControlServer, path: Path, commands: Recorded
) -> None:
    with ControlClient(path) as signer:
        signer.send({"do": "certificate_sign", "draft": "D1", "by": "P2", "password": "a long password"})
        assert commands.signing.wait(10)
    with ControlClient(path) as other:
        other.stop()
        assert signed_at_last(other)["draft"] == "D2"


def signed_at_last(client: ControlClient) -> dict[str, object]:
    """The one before it has been let go on, and may not have come to its end yet."""
    for _ in range(10_000):
        with suppress(OperatorError):
            return client.certificate_sign("D2", ("P3", "a long password"))
    raise AssertionError("the bench stays busy")


def test_another_user_may_watch_but_not_command(path: Path, live: LiveState, commands: Recorded) -> None:
    served = ControlServer(path, live, commands, authorised=frozenset({os.getuid() + 1}))
    served.start()
    try:
        with ControlClient(path) as client:
            with pytest.raises(OperatorError, match="may watch but not command"):
                client.start("x")
            with pytest.raises(OperatorError, match="may watch but not command"):
                client.stop()
            with pytest.raises(OperatorError, match="may watch but not command"):
                client.skip("1", "no lamp")
            with pytest.raises(OperatorError, match="may watch but not command"):
                client.answer("1", {"seals": "ok"})
            assert next(client.subscribe())["type"] == "snapshot"
    finally:
        served.close()
    assert commands.calls == []


def test_others_that_fill_the_socket_leave_a_place_for_the_bench_s_own_user(
    path: Path, live: LiveState, commands: Recorded
) -> None:
    served = ControlServer(path, live, commands, authorised=frozenset({os.getuid() + 1}))
    served.start()
    with ExitStack() as others:
        others.callback(served.close)
        while others.enter_context(_Stranger(path)).is_let_in:
            pass
        served._authorised = frozenset({os.getuid()})
        with ControlClient(path, timeout_s=10.0) as owner:
            owner.stop()
    assert "stop" in commands.calls


class _Stranger:
    """A connection that stays, and whether it was let in."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(10)
        self._socket.connect(str(path))

    def __enter__(self) -> _Stranger:
        with suppress(BrokenPipeError):
            self._socket.sendall(b"[]\n")
        self.is_let_in = self._said() != b""
        return self

    def _said(self) -> bytes:
        try:
            return self._socket.recv(1000)
        except ConnectionResetError:
            return b""

    def __exit__(self, *unused: object) -> None:
        self._socket.close()


def test_what_is_refused_is_said_also_where_it_cannot_be_kept(
    server: ControlServer, path: Path, commands: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*unused: object) -> None:
        raise OperatorError("registry.sqlite cannot be written: database or disk is full; check the folder")

    monkeypatch.setattr(commands, "refused", full)
    with ControlClient(path) as client, pytest.raises(ControlRefusedError) as error:
        client.session("no token")
    assert error.value.reason == "session_expired"


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"[]",
        b"{}",
        b'{"do":"fly"}',
        b'{"do":"records"}',
        b'{"do":"start"}',
        b'{"do":"start","plan":"x","resume":3}',
        b'{"do":"answer"}',
        b'{"do":"skip","position":"1"}',
        b'{"do":"skip","position":1,"why":"x"}',
        b'{"do":"answer","position":1,"fields":{}}',
        b'{"do":"answer","position":"1","fields":{"seals":1}}',
        b'{"do":"answer","position":"1","fields":"ok"}',
        b'{"do":"answer","position":"1","fields":{},"rest_ok":1}',
        b'{"do":"records","since":-1}',
    ],
)
def test_what_is_no_command_is_answered_with_an_error(server: ControlServer, path: Path, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(str(path))
        raw.settimeout(5)
        raw.sendall(line + b"\n")
        assert json.loads(raw.makefile("rb").readline())["type"] == "error"


def test_a_client_that_does_not_read_is_dropped_and_the_others_are_not(
    server: ControlServer, path: Path, live: LiveState
) -> None:
    with socket.socket(socket.AF_UNIX) as lazy, ControlClient(path) as eager:
        lazy.connect(str(path))
        lazy.sendall(b'{"do":"subscribe"}\n')
        messages = eager.subscribe()
        next(messages)
        for n in range(200):
            live.publish({"phase": "idle", "n": n + 1, "text": str(n) * 2_000})
            assert next(messages)["seq"] == n + 1
        lazy.settimeout(5)
        received = 0
        while chunk := lazy.recv(1 << 20):
            received += len(chunk)
        assert received < 200 * 4_000, "the lazy client was cut off, not waited for"


def test_a_line_without_end_is_cut_off(server: ControlServer, path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(str(path))
        raw.settimeout(5)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):  # noqa: PT012 - it may take several sends
            while True:
                raw.sendall(b"x" * 65_536)


def test_a_second_bench_does_not_take_over_a_living_socket(server: ControlServer, path: Path) -> None:
    with pytest.raises(OperatorError, match="another bench listens"):
        ControlServer(path, LiveState({}), Recorded())


def test_a_socket_that_a_dead_bench_left_is_replaced(path: Path, live: LiveState) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    served = ControlServer(path, live, Recorded())
    served.start()
    with ControlClient(path) as client:
        assert next(client.subscribe())["type"] == "snapshot"
    served.close()


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_at_the_sockets_path_is_refused_and_stays(path: Path, live: LiveState, kind: str) -> None:
    kept = path.with_name("notes.txt")
    kept.write_text("years of work")
    if kind == "file":
        kept.rename(path)
    else:
        path.symlink_to(kept)
    with pytest.raises(OperatorError, match="is no socket"):
        ControlServer(path, live, Recorded())
    assert path.read_text() == "years of work"


def test_no_bench_is_an_operator_error(path: Path) -> None:
    with pytest.raises(OperatorError, match="no bench answers"):
        ControlClient(path)


def test_a_server_that_has_seen_its_end_before_it_is_woken_closes_all_the_same(
    path: Path, live: LiveState, commands: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ControlServer(path, live, commands)
    server.start()
    wake = server._wake

    def late() -> None:
        wake()
        server._thread.join()
        wake()

    monkeypatch.setattr(server, "_wake", late)
    server.close()
    assert not path.exists()
