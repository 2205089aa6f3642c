"""What a message on the socket asks of the bench: checked, allowed or not, carried out.

`server.py` brings it and takes the answer back; the feed of the live state is its own. The tables of these requests are
the only way to influence a measurement from outside (docs/socket-commands.md): each names the authority that it
needs, and what it can change. Whoever asks with a session is that person here, whatever process brings the message;
which user's process it is says nothing then. What a rule refuses is told to the bench, which keeps it
(`StaffCommands.refused`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar

from bench.canonical import JsonObject
from bench.control.asking import Asked, Authority, Effect, Lane, Later, Message, Request, SignedIn, are_texts
from bench.control.office_requests import OFFICE_REQUESTS, OfficeCommands
from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.control.staff_requests import STAFF_REQUESTS, StaffCommands
from bench.errors import OperatorError

_log = logging.getLogger(__name__)

_LAST_NUMBER = 2**63 - 1
"""The largest number a record can have: SQLite keeps 64 bits."""
_LONGEST_NAMED = 40


class Commands(Protocol):
    """What the socket can do to the bench; each raises OperatorError where it is refused."""

    @property
    def staff(self) -> StaffCommands: ...

    @property
    def office(self) -> OfficeCommands: ...

    def records(self, since: int) -> tuple[list[JsonObject], int]: ...

    def health(self) -> JsonObject:
        """How the process fares, in figures."""

    def start(self, plan_text: str, resumed_id: str | None, by: tuple[str, str] | None) -> str:
        """The id of the run that will be.

        resumed_id: the earlier run that it goes on with. by: who verifies, and the password; None: nobody says.
        """

    def start_case(
        self,
        by: SignedIn,
        case: str,
        plan_text: str,
        ticked: frozenset[str],
        resumed_id: str | None,
        room: Mapping[str, float],
    ) -> str:
        """The same of a witnessed case. ticked: what of the checklist is done. room: what was read in it, by the names
        of a plan.
        """

    def require_runs(self, person: str) -> None:
        """Errors: RefusedByRuleError where this person does not verify the run that is under way."""

    def stop(self) -> None: ...

    def stop_own(self, verifier: str) -> None:
        """The same where this person verifies the run; between the look and the stop no other one begins."""

    def confirm(self) -> None:
        """Somebody at the bench confirms what it waits for."""

    def skip(self, position: str, why: str) -> None:
        """Take a position out of the run that is under way."""

    def answer(self, position: str, fields: dict[str, str], rest_ok: bool) -> JsonObject:
        """A person's answer to what the bench asks; what is held then."""


def carry_out(commands: Commands, message: Message, *, is_owner: bool) -> JsonObject | Later:
    """The answer, or how it will be found. is_owner: whether the sender is the bench's own user, or root.

    Errors: OperatorError where the request is none, is not allowed or is refused; what the bench raises.
    """
    name = message.get("do")
    request = REQUESTS.get(name) if isinstance(name, str) else None
    if request is None:
        raise OperatorError(f"unknown command {name!r}; known are subscribe, {', '.join(REQUESTS)}")
    asked = partial(_answered, commands, request, message, is_owner)
    if request.lane is not None:
        return Later(lambda: asked(partial(_keep, commands)), request.lane)
    late: list[Later] = []

    def keep_later(*refused: Any) -> None:
        late.append(Later(partial(_keep_and_raise, commands, *refused), Lane.REFUSED))

    try:
        return asked(keep_later)
    except RefusedByRuleError:
        return late[0]  # keeping it takes a disk, and the socket waits for none


_Keep = Callable[[str, str, str | None, RefusedByRuleError], None]


def _answered(
    commands: Commands, request: Request[Commands], message: Message, is_owner: bool, keep: _Keep
) -> JsonObject:
    person: str | None = None
    try:
        staff = _who(commands, request, message, is_owner)
        person = None if staff is None else staff.person
        return {"type": "done", **request.carry_out(commands, Asked(message, staff))}
    except RefusedByRuleError as error:
        keep(str(message["do"]), _about(message), person, error)
        raise


def _keep(commands: Commands, what: str, about: str, person: str | None, error: RefusedByRuleError) -> None:
    try:
        commands.staff.refused(what, about, person, error)
    except OperatorError as problem:  # a full disk: it is refused, and who asked is told why, all the same
        _log.error("%s, refused %s, is not in the trail: %s", what, error.reason, problem)


def _keep_and_raise(
    commands: Commands, what: str, about: str, person: str | None, error: RefusedByRuleError
) -> JsonObject:
    _keep(commands, what, about, person, error)
    raise error


def _who(commands: Commands, request: Request[Commands], message: Message, is_owner: bool) -> SignedIn | None:
    """Whose session the message comes with, where one counts. Errors: RefusedByRuleError where it must not be asked."""
    token = message.get("session")
    match request.authority:
        case Authority.SESSION:
            return _signed_in(commands, token, request)
        case Authority.OWNER_OR_SESSION if token is not None:
            return _signed_in(commands, token, request)
        case Authority.OWNER | Authority.OWNER_OR_SESSION if not is_owner:
            raise RefusedByRuleError(Refusal.NOT_ALLOWED)
        case Authority.PASSWORD:
            commands.staff.count_try(is_owner=is_owner)
            return None
        case _:
            return None


def _signed_in(commands: Commands, token: object, request: Request[Commands]) -> SignedIn:
    if not isinstance(token, str):
        raise RefusedByRuleError(Refusal.SESSION_EXPIRED)
    # What is answered at once waits for no registry, above all a stop.
    return commands.staff.who(token, asks_registry=request.lane is not None)


def _about(message: Message) -> str:
    named = next((message[key] for key in ("case", "draft", "run") if isinstance(message.get(key), str)), "")
    return str(named)[:_LONGEST_NAMED]


def _records(commands: Commands, asked: Asked) -> JsonObject:
    since = asked.message.get("since")
    if not isinstance(since, int) or isinstance(since, bool) or not 0 <= since <= _LAST_NUMBER:
        raise OperatorError(
            f"records needs since, the number of the first record wanted (0 to {_LAST_NUMBER})"
        )
    records, following = commands.records(since)
    return {"type": "records", "records": records, "next": following}


def _health(commands: Commands, asked: Asked) -> JsonObject:
    return commands.health()


def _start(commands: Commands, asked: Asked) -> JsonObject:
    plan, resumed_id = asked.message.get("plan"), asked.message.get("resume")
    if not isinstance(plan, str):
        raise OperatorError("start needs plan, the TOML text of a plan")
    if not isinstance(resumed_id, str | None):
        raise OperatorError("resume is the id of a run, such as run-000003")
    if asked.staff is None:
        return {"run": commands.start(plan, resumed_id, _person(asked.message))}
    ticked = asked.message.get("checklist")
    if not isinstance(ticked, dict):
        raise OperatorError("start needs checklist, an object of true and false")
    done = frozenset(check for check, is_done in ticked.items() if is_done is True)
    room = _room(asked.message.get("room", {}))
    return {"run": commands.start_case(asked.staff, asked.text("case"), plan, done, resumed_id, room)}


def _room(told: object) -> dict[str, float]:
    """Errors: OperatorError where it is no object of figures."""
    if not isinstance(told, dict) or not all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in told.values()
    ):
        raise OperatorError("room is an object of figures, by their names in a plan")
    return {name: float(value) for name, value in told.items()}


def _stop(commands: Commands, asked: Asked) -> JsonObject:
    if asked.staff is None:
        commands.stop()
    else:
        commands.stop_own(asked.staff.person)
    return {}


def _skip(commands: Commands, asked: Asked) -> JsonObject:
    _require_runs(commands, asked)
    commands.skip(asked.text("position"), asked.text("why"))
    return {}


def _answer(commands: Commands, asked: Asked) -> JsonObject:
    _require_runs(commands, asked)
    position, fields = asked.message.get("position"), asked.message.get("fields")
    rest_ok = asked.message.get("rest_ok", False)
    if not (isinstance(position, str) and are_texts(fields) and isinstance(rest_ok, bool)):
        raise OperatorError("answer needs position and fields, an object of texts; rest_ok is true or false")
    return commands.answer(position, fields, rest_ok)


def _require_runs(commands: Commands, asked: Asked) -> None:
    """Whoever asks with a session verifies the run that is under way."""
    if asked.staff is not None:
        commands.require_runs(asked.staff.person)


def _confirm(commands: Commands, asked: Asked) -> JsonObject:
    commands.confirm()
    return {}


def _person(message: Message) -> tuple[str, str] | None:
    """Who is named, with the password. Errors: OperatorError for one without the other."""
    by, password = message.get("by"), message.get("password")
    if by is None and password is None:
        return None
    if not (isinstance(by, str) and isinstance(password, str)):
        raise OperatorError("by is a person and comes with password, both texts")
    return by, password


_Part = TypeVar("_Part")


def _of_part(
    table: Mapping[str, Request[_Part]], part: Callable[[Commands], _Part]
) -> Mapping[str, Request[Commands]]:
    """The requests of a part of the bench as requests of the whole."""

    def carried_out_by(request: Request[_Part]) -> Callable[[Commands, Asked], JsonObject]:
        return lambda commands, asked: request.carry_out(part(commands), asked)

    return {name: Request(r.authority, r.effect, carried_out_by(r), r.lane) for name, r in table.items()}


REQUESTS: Mapping[str, Request[Commands]] = {
    "records": Request(Authority.READ, Effect.NOTHING, _records, Lane.LOOKS),
    "health": Request(Authority.READ, Effect.NOTHING, _health, Lane.LOOKS),
    "start": Request(Authority.OWNER_OR_SESSION, Effect.RUN, _start, Lane.ACTS),
    "stop": Request(Authority.OWNER_OR_SESSION, Effect.RUN, _stop),
    "skip": Request(Authority.OWNER_OR_SESSION, Effect.RUN, _skip, Lane.ACTS),
    "answer": Request(Authority.OWNER_OR_SESSION, Effect.RUN, _answer, Lane.ACTS),
    "confirm": Request(Authority.OWNER, Effect.RUN, _confirm),
    **_of_part(STAFF_REQUESTS, lambda commands: commands.staff),
    **_of_part(OFFICE_REQUESTS, lambda commands: commands.office),
}
