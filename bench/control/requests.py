"""What a message on the socket asks of the bench: checked, allowed or not, carried out.

`server.py` brings it and takes the answer back; the feed of the live state is its own. The list of these
requests is the only way to influence a measurement from outside (docs/architecture.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard

from bench.canonical import JsonObject
from bench.errors import OperatorError

_LAST_NUMBER = 2**63 - 1
"""The largest number a record can have: SQLite keeps 64 bits."""


@dataclass(frozen=True, slots=True)
class Later:
    """An answer that takes its time: `give` is called in a thread of its own, so that nobody else waits for it."""

    give: Callable[[], JsonObject]


class Commands(Protocol):
    """What the socket can do to the bench; each raises OperatorError where it is refused."""

    def records(self, since: int) -> tuple[list[JsonObject], int]: ...

    def start(self, plan_text: str, resumed_id: str | None, by: tuple[str, str] | None) -> str:
        """The id of the run that will be.

        resumed_id: the earlier run that it goes on with. by: who verifies, and the password; None: nobody says.
        """

    def stop(self) -> None: ...

    def confirm(self) -> None:
        """Somebody at the bench confirms what it waits for."""

    def skip(self, position: str, why: str) -> None:
        """Take a position out of the run that is under way."""

    def answer(self, position: str, fields: dict[str, str], rest_ok: bool) -> JsonObject:
        """A person's answer to what the bench asks; what is held then."""

    def certificate_drafts(self) -> list[JsonObject]:
        """Drafts that wait for signatures, with those that they have."""

    def certificate_sign(self, draft: str, by: tuple[str, str], role: str | None) -> JsonObject:
        """What the signature of a person (with the password) came to. Takes seconds where it issues a certificate."""


Message = Mapping[str, Any]


def carry_out(commands: Commands, message: Message, *, may_command: bool) -> JsonObject | Later:
    """The answer, or how it will be found. may_command: whether the sender may do more than read.

    Errors: OperatorError where the request is none, is not allowed or is refused; what the bench raises.
    """
    name = message.get("do")
    request = _REQUESTS.get(name) if isinstance(name, str) else None
    if request is None:
        raise OperatorError(f"unknown command {name!r}; known are subscribe, {', '.join(_REQUESTS)}")
    if not may_command and request is not _records:
        raise OperatorError("this user may watch but not command; run it as the bench's own user")
    answer = request(commands, message)
    if isinstance(answer, Later):
        return Later(lambda: {"type": "done", **answer.give()})
    return {"type": "done", **answer}


def _records(commands: Commands, message: Message) -> JsonObject:
    since = message.get("since")
    if not isinstance(since, int) or isinstance(since, bool) or not 0 <= since <= _LAST_NUMBER:
        raise OperatorError(
            f"records needs since, the number of the first record wanted (0 to {_LAST_NUMBER})"
        )
    records, following = commands.records(since)
    return {"type": "records", "records": records, "next": following}


def _start(commands: Commands, message: Message) -> JsonObject:
    plan, resumed_id = message.get("plan"), message.get("resume")
    if not isinstance(plan, str):
        raise OperatorError("start needs plan, the TOML text of a plan")
    if not isinstance(resumed_id, str | None):
        raise OperatorError("resume is the id of a run, such as run-000003")
    return {"run": commands.start(plan, resumed_id, _person(message))}


def _stop(commands: Commands, message: Message) -> JsonObject:
    commands.stop()
    return {}


def _skip(commands: Commands, message: Message) -> JsonObject:
    position, why = message.get("position"), message.get("why")
    if not (isinstance(position, str) and isinstance(why, str)):
        raise OperatorError("skip needs position and why, a text")
    commands.skip(position, why)
    return {}


def _answer(commands: Commands, message: Message) -> JsonObject:
    position, fields = message.get("position"), message.get("fields")
    rest_ok = message.get("rest_ok", False)
    if not (isinstance(position, str) and _are_texts(fields) and isinstance(rest_ok, bool)):
        raise OperatorError("answer needs position and fields, an object of texts; rest_ok is true or false")
    return commands.answer(position, fields, rest_ok)


def _confirm(commands: Commands, message: Message) -> JsonObject:
    commands.confirm()
    return {}


def _certificate_drafts(commands: Commands, message: Message) -> JsonObject:
    return {"drafts": commands.certificate_drafts()}


def _certificate_sign(commands: Commands, message: Message) -> Later:
    draft, role, person = message.get("draft"), message.get("as"), _person(message)
    if not isinstance(draft, str) or person is None or not isinstance(role, str | None):
        raise OperatorError("certificate_sign needs draft, by and password, all texts; as is a role")
    return Later(lambda: commands.certificate_sign(draft, person, role))


_REQUESTS: Mapping[str, Callable[[Commands, Message], JsonObject | Later]] = {
    "records": _records,
    "start": _start,
    "stop": _stop,
    "skip": _skip,
    "answer": _answer,
    "confirm": _confirm,
    "certificate_drafts": _certificate_drafts,
    "certificate_sign": _certificate_sign,
}


def _person(message: Message) -> tuple[str, str] | None:
    """Who is named, with the password. Errors: OperatorError for one without the other."""
    by, password = message.get("by"), message.get("password")
    if by is None and password is None:
        return None
    if not (isinstance(by, str) and isinstance(password, str)):
        raise OperatorError("by is a person and comes with password, both texts")
    return by, password


def _are_texts(fields: Any) -> TypeGuard[dict[str, str]]:
    return isinstance(fields, dict) and all(isinstance(value, str) for value in fields.values())
