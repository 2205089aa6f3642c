"""The client side of the control socket: what the web process and the command line speak.

The messages are listed in docs/architecture.md; one JSON object a line, UTF-8, over a Unix socket. A change of
the state is a JSON merge patch (RFC 7396): `merge_patch` makes one and `apply_patch` applies it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bench.errors import OperatorError

Message = dict[str, Any]

CONNECT_TIMEOUT_S = 2.0
LONGEST_LINE_BYTES = 8_000_000
"""A message longer than this is no message of the bench."""


class ControlRefusedError(OperatorError):
    """The bench refuses by a rule that has a name: `bench/control/refused_reasons.py` lists them.

    values: what a sentence about it needs, such as the case or the person: texts, or lists of texts.
    """

    def __init__(self, message: str, reason: str, values: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.reason = reason
        self.values = dict(values)


class ControlClient:
    """One connection to the measuring process. Use it as a context manager.

    timeout_s bounds every wait for a message (None: for ever). Errors: OperatorError where no bench listens at
    the path; TimeoutError; ConnectionError where the bench closed the connection (it drops who does not read)
    or sent what is no message.
    """

    def __init__(self, socket_path: str | Path, timeout_s: float | None = 5.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(CONNECT_TIMEOUT_S)
        try:
            self._socket.connect(str(socket_path))
            self._socket.settimeout(timeout_s)
        except OSError as error:
            self._socket.close()
            raise OperatorError(
                f"{socket_path}: no bench answers ({error.strerror}); start bench serve / "
                f"{socket_path}：检定台没有应答；请先启动 bench serve"
            ) from error
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> ControlClient:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def interrupt(self) -> None:
        """Make a `receive` that waits in another thread end with a ConnectionError."""
        # A connection that is ending by itself needs no waking.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def send(self, message: Message) -> None:
        """Errors: OperatorError for what is no text, such as bytes of a command line that are no UTF-8."""
        try:
            line = json.dumps(message, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise OperatorError("what was given is no UTF-8 text; type it anew") from error
        self._socket.sendall(line + b"\n")

    def receive(self) -> Message:
        """The next message of the bench."""
        line = self._file.readline(LONGEST_LINE_BYTES)
        if not line.endswith(b"\n"):
            raise ConnectionError("the bench closed the connection")
        try:
            message = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ConnectionError(f"the bench sent what is not JSON: {error}") from error
        if not isinstance(message, dict):
            raise ConnectionError("the bench sent a message that is no object")
        return message

    def request(self, message: Message) -> Message:
        """Send a command and return its answer.

        Errors: OperatorError with what the bench refused it for; ControlRefusedError where a rule says so.
        """
        self.send(message)
        answer = self.receive()
        if answer.get("type") == "error":
            said = str(answer["message"])
            if (reason := answer.get("reason")) is not None:
                raise ControlRefusedError(said, str(reason), answer.get("values") or {})
            raise OperatorError(said)
        return answer

    def subscribe(self) -> Iterator[Message]:
        """One snapshot, then changes, until the connection ends."""
        self.send({"do": "subscribe"})
        while True:
            yield self.receive()

    def records(self, since: int) -> tuple[list[Message], int]:
        """Records from number `since` on, some at a time, and the number to ask for next."""
        answer = self.request({"do": "records", "since": since})
        return list(answer["records"]), int(answer["next"])

    def health(self) -> Message:
        """How the measuring process fares: loops, lines, journal, clock, machine, disk, software."""
        return self.request({"do": "health"})

    def snapshot(self) -> Message:
        """The STATE as it is now; the connection gets changes from then on and is of no other use."""
        return dict(next(self.subscribe())["state"])

    def start(self, plan_text: str, resumed_id: str | None = None, by: tuple[str, str] | None = None) -> str:
        """Ask for a run of this plan, or for going on with an earlier one of it; the id of the new run.

        by: who verifies, and the password.
        """
        message = {"do": "start", "plan": plan_text}
        if by is not None:
            message["by"], message["password"] = by
        if resumed_id is not None:
            message["resume"] = resumed_id
        return str(self.request(message)["run"])

    def answer(
        self,
        position: str,
        fields: Mapping[str, str],
        *,
        rest_ok: bool = False,
        session: str | None = None,
    ) -> Message:
        """Answer what the bench asks of a position; rest_ok: what is open after that is ok.

        The message says what is held then, what is open and what was replaced. session: of the run's verifier.
        """
        said = {"do": "answer", "position": position, "fields": dict(fields), "rest_ok": rest_ok}
        return self.request(said | _of_session(session))

    def skip(self, position: str, why: str, session: str | None = None) -> None:
        """Take a position out of the run; why: for the record, in the operator's words."""
        self.request({"do": "skip", "position": position, "why": why} | _of_session(session))

    def stop(self, session: str | None = None) -> None:
        self.request({"do": "stop"} | _of_session(session))

    def confirm(self) -> None:
        """Somebody at the bench confirms what it waits for: the start, or a load that was set by hand."""
        self.request({"do": "confirm"})

    # --- persons and sessions

    def sign_in(self, by: str, password: str) -> Message:
        """by: id or name. `session` is the token, with `person`, `name`, `roles` and `ends_in_s`."""
        return self.request({"do": "sign_in", "by": by, "password": password})

    def session(self, session: str) -> Message:
        """Whose session it is: `person`, `name`, `roles`, `ends_in_s`; it has been used now."""
        return self.request({"do": "session", "session": session})

    def session_lasts(self, session: str) -> bool:
        """Whether somebody is still signed in with it; that it is asked does not keep it up."""
        return bool(self.request({"do": "session_lasts", "session": session})["lasts"])

    def sign_out(self, session: str) -> None:
        self.request({"do": "sign_out", "session": session})

    def persons(self, session: str) -> list[Message]:
        """Active persons: `id`, `name`, `roles`, `busy_with` (a case, or null)."""
        return list(self.request({"do": "persons", "session": session})["persons"])

    def competence(self, session: str) -> Message:
        """`persons` with `trainings` and `authorisations`, `expiring`, `renewed_by`, `checking_is_bound`, `today`."""
        return self.request({"do": "competence", "session": session})

    # --- witnessed cases; each gives the case as it is then, as `case` does

    def case(self, case: str) -> Message:
        """`case`, `serial`, `verifier`, `checker`, `retest_of`, `state`, `handovers`, `runs`."""
        return self.request({"do": "case", "case": case})

    def case_assign(
        self, session: str, case: str, serial: str, verifier: str, checker: str, retest_of: str | None = None
    ) -> Message:
        """Name who verifies and who checks a case, before it begins. retest_of: a case of the same meter."""
        asked = {"case": case, "serial": serial, "verifier": verifier, "checker": checker}
        return self._of_case("case_assign", session, asked | ({"retest_of": retest_of} if retest_of else {}))

    def case_begin(self, session: str, case: str) -> Message:
        return self._of_case("case_begin", session, {"case": case})

    def case_handover(self, session: str, case: str, to: str, why: str, role: str) -> Message:
        """role: verifier or checker."""
        return self._of_case("case_handover", session, {"case": case, "to": to, "why": why, "role": role})

    def case_release(self, session: str, case: str, why: str) -> Message:
        """Before anything was measured: it is assigned again."""
        return self._of_case("case_release", session, {"case": case, "why": why})

    def case_end(self, session: str, case: str, digest: str) -> Message:
        """digest: SHA-256 of the case's history (hex), for the bench's trail."""
        return self._of_case("case_end", session, {"case": case, "digest": digest})

    def _of_case(self, what: str, session: str, asked: Message) -> Message:
        return self.request({"do": what, "session": session, **asked})

    def start_case(
        self,
        session: str,
        case: str,
        plan_text: str,
        checklist: Mapping[str, bool],
        resumed_id: str | None = None,
        room: Mapping[str, float] = MappingProxyType({}),
    ) -> str:
        """Ask for a run of a case; the id of the new run. checklist: every name of `bench.checklist.Check`, ticked.

        room: what was read in it, by the names of a plan: ambient_temperature_C, relative_humidity_pct.
        """
        message: Message = {"do": "start", "session": session, "case": case, "plan": plan_text}
        message["checklist"] = dict(checklist)
        if room:
            message["room"] = dict(room)
        if resumed_id is not None:
            message["resume"] = resumed_id
        return str(self.request(message)["run"])

    # --- plans

    def rule_sets(self) -> list[Message]:
        """`name`, `title`, `is_provisional` of each."""
        return list(self.request({"do": "rule_sets"})["rule_sets"])

    def plan_new(
        self,
        session: str,
        meter: Mapping[str, Any],
        rule_set: str,
        *,
        tests: Sequence[str] | None = None,
        load_points: Sequence[str] | None = None,
        repeats: int | None = None,
    ) -> Message:
        """A plan for a meter: `plan` (TOML), `title`, `points`, `planned_s`, `left_out`, `warnings`.

        meter: nameplate as in a plan, with `serial`. What is None is as the rule set has it.
        """
        wanted = {"tests": tests, "load_points": load_points, "repeats": repeats}
        given = {key: value for key, value in wanted.items() if value is not None}
        asked = {"do": "plan_new", "session": session, "meter": dict(meter), "rule_set": rule_set}
        return self.request(asked | given)

    def plan_check(self, session: str, plan_text: str) -> Message:
        """The same of a plan that is there, without `plan`."""
        return self.request({"do": "plan_check", "session": session, "plan": plan_text})

    def who_may(self, session: str, plan_text: str, day: str) -> Message:
        """Of each `verifier` (and `checker`, where checking is bound) by id: `until`, or null with what it `lacks`."""
        return self.request({"do": "who_may", "session": session, "plan": plan_text, "day": day})

    # --- certificates and bundles

    def certificate_draft(self, session: str, run_id: str, position: str, request_text: str) -> Message:
        """Draft one: `draft` (D7), `marks`, `locks`, `missing`. request_text: TOML. It takes seconds."""
        asked = {"do": "certificate_draft", "run": run_id, "position": position, "request": request_text}
        return self.request(asked | {"session": session})

    def certificate_drafts(self) -> list[Message]:
        """Drafts of certificates that wait for signatures, with those that they have."""
        return list(self.request({"do": "certificate_drafts"})["drafts"])

    def certificate_sign(self, draft: str, by: tuple[str, str], role: str | None = None) -> Message:
        """Sign a draft (D7) as a person, with the password; what it came to. It takes seconds."""
        message = {"do": "certificate_sign", "draft": draft, "by": by[0], "password": by[1]}
        return self.request(message if role is None else message | {"as": role})

    def certificates(self, run_id: str) -> list[Message]:
        """Issued ones of a run: `number`, `kind`, `verdict`, `issued_on`, `stands`, `replaced_by`, `files`."""
        return list(self.request({"do": "certificates", "run": run_id})["certificates"])

    def certificate_read(self, number: str, file: str, offset: int = 0) -> tuple[bytes, int | None, int]:
        """Of a file (pdf, xml, label) of a certificate: some bytes, where the next begin, and the size of all."""
        asked = {"do": "certificate_read", "number": number, "file": file, "offset": offset}
        return _part(self.request(asked))

    def bundle_read(self, run_id: str, offset: int = 0) -> tuple[bytes, int | None, int]:
        """The same of the bundle of a run; the first part takes seconds."""
        return _part(self.request({"do": "bundle_read", "run": run_id, "offset": offset}))

    # --- catch the bench out

    def trial(self, error_pct: str) -> Message:
        """A simulated meter with this error, verified in virtual time: `verdict`, `points`, `funnel`, `seconds`."""
        return self.request({"do": "trial", "error_pct": error_pct})


def _of_session(session: str | None) -> Message:
    return {} if session is None else {"session": session}


def _part(answer: Message) -> tuple[bytes, int | None, int]:
    following = answer["next"]
    return (
        base64.b64decode(answer["data"]),
        None if following is None else int(following),
        int(answer["size"]),
    )


def merge_patch(old: Message, new: Message) -> Message:
    """The patch that makes `new` of `old`; empty where they are equal. Lists are replaced as a whole.

    `new` cannot hold a null where `old` has a value, other than as "no value": RFC 7396 removes the key, and
    a reader takes a missing key for null.
    """
    patch: Message = {key: None for key in old if key not in new}
    for key, value in new.items():
        before = old.get(key)
        if value == before and key in old:
            continue  # compared as a whole: most of a state is what it was
        if isinstance(value, dict) and isinstance(before, dict):
            if inner := merge_patch(before, value):
                patch[key] = inner
        else:
            patch[key] = value
    return patch


def apply_patch(target: Any, patch: Any) -> Any:
    """RFC 7396, section 2; neither `target` nor `patch` is changed."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = apply_patch(result.get(key), value)
    return result
