"""What persons ask of the bench over the socket: to be signed in, and what they do to a witnessed case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bench.canonical import JsonObject
from bench.control.asking import Asked, Authority, Effect, Lane, Request, SignedIn
from bench.control.refused_reasons import RefusedByRuleError


class StaffCommands(Protocol):
    """Each raises RefusedByRuleError where a rule stands against it."""

    def count_try(self, *, is_owner: bool) -> None:
        """A password comes, from the bench's own user or from another one."""

    def refused(self, what: str, about: str, person: str | None, error: RefusedByRuleError) -> None:
        """Keep that a request was refused. about: the case or draft that it names; person: None: nobody signed in."""

    def sign_in(self, by: str, password: str) -> tuple[str, SignedIn]:
        """The token of a new session, and whose it is. by: id or name."""

    def who(self, token: str, *, asks_registry: bool) -> SignedIn:
        """Whose session it is, which has been used now.

        asks_registry: whether the person is still active is asked, too; without, roles and name are those of the
        signing in.
        """

    def session_lasts(self, token: str) -> bool:
        """Whether somebody is still signed in with it; to ask is not to use it."""

    def sign_out(self, token: str) -> None: ...

    def persons(self) -> list[JsonObject]:
        """Active persons, with the case that keeps each busy."""

    def competence(self, by: SignedIn) -> JsonObject:
        """Trainings, authorisations and what of them ends soon: of everybody for the office, else of who asks."""

    def case(self, case: str) -> JsonObject:
        """A case as it is."""

    def case_assign(
        self, by: SignedIn, case: str, serial: str, verifier: str, checker: str, retest_of: str | None
    ) -> JsonObject:
        """Name who verifies and checks it, before it begins; the case as it is then."""

    def case_begin(self, by: SignedIn, case: str) -> JsonObject: ...

    def case_handover(self, by: SignedIn, case: str, role: str, to: str, why: str) -> JsonObject: ...

    def case_release(self, by: SignedIn, case: str, why: str) -> JsonObject:
        """It has begun and nothing was measured: assigned as before, its verifier and its meter free."""

    def case_end(self, by: SignedIn, case: str, digest: str) -> JsonObject: ...


def _sign_in(commands: StaffCommands, asked: Asked) -> JsonObject:
    token, staff = commands.sign_in(*asked.password())
    return {"session": token, **_shown(staff)}


def _session(commands: StaffCommands, asked: Asked) -> JsonObject:
    return _shown(asked.by)


def _shown(staff: SignedIn) -> JsonObject:
    return {
        "person": staff.person,
        "name": {"zh": staff.zh, "latin": staff.latin},
        "roles": list(staff.roles),
        "ends_in_s": staff.ends_in_s,
    }


def _session_lasts(commands: StaffCommands, asked: Asked) -> JsonObject:
    return {"lasts": commands.session_lasts(asked.text("session"))}


def _sign_out(commands: StaffCommands, asked: Asked) -> JsonObject:
    commands.sign_out(asked.text("session"))
    return {}


def _persons(commands: StaffCommands, asked: Asked) -> JsonObject:
    return {"persons": commands.persons()}


def _competence(commands: StaffCommands, asked: Asked) -> JsonObject:
    return commands.competence(asked.by)


def _case(commands: StaffCommands, asked: Asked) -> JsonObject:
    return commands.case(asked.text("case"))


def _case_assign(commands: StaffCommands, asked: Asked) -> JsonObject:
    verifier, checker = asked.text("verifier"), asked.text("checker")
    retest_of = asked.optional_text("retest_of")
    return commands.case_assign(
        asked.by, asked.text("case"), asked.text("serial"), verifier, checker, retest_of
    )


def _case_begin(commands: StaffCommands, asked: Asked) -> JsonObject:
    return commands.case_begin(asked.by, asked.text("case"))


def _case_handover(commands: StaffCommands, asked: Asked) -> JsonObject:
    return commands.case_handover(
        asked.by, asked.text("case"), asked.text("role"), asked.text("to"), asked.text("why")
    )


def _case_release(commands: StaffCommands, asked: Asked) -> JsonObject:
    return commands.case_release(asked.by, asked.text("case"), asked.text("why"))


def _case_end(commands: StaffCommands, asked: Asked) -> JsonObject:
    return commands.case_end(asked.by, asked.text("case"), asked.text("digest"))


STAFF_REQUESTS: Mapping[str, Request[StaffCommands]] = {
    "sign_in": Request(Authority.PASSWORD, Effect.SESSIONS, _sign_in, Lane.SIGN_IN),
    "session": Request(Authority.SESSION, Effect.SESSIONS, _session, Lane.LOOKS),
    "session_lasts": Request(Authority.READ, Effect.NOTHING, _session_lasts, Lane.LOOKS),
    "sign_out": Request(Authority.READ, Effect.SESSIONS, _sign_out),
    "persons": Request(Authority.SESSION, Effect.NOTHING, _persons, Lane.LOOKS),
    "competence": Request(Authority.SESSION, Effect.NOTHING, _competence, Lane.LOOKS),
    "case": Request(Authority.READ, Effect.NOTHING, _case, Lane.LOOKS),
    "case_assign": Request(Authority.SESSION, Effect.REGISTRY, _case_assign, Lane.ACTS),
    "case_begin": Request(Authority.SESSION, Effect.REGISTRY, _case_begin, Lane.ACTS),
    "case_handover": Request(Authority.SESSION, Effect.REGISTRY, _case_handover, Lane.ACTS),
    "case_release": Request(Authority.SESSION, Effect.REGISTRY, _case_release, Lane.ACTS),
    "case_end": Request(Authority.SESSION, Effect.REGISTRY, _case_end, Lane.ACTS),
}
