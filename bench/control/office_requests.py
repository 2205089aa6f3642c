"""What the socket is asked that is no part of a run: plans, certificates, bundles, trials. One of the tables of
`requests.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bench.canonical import JsonObject
from bench.control.asking import Asked, Authority, Effect, Lane, Request, SignedIn
from bench.errors import OperatorError

_MOST_NAMES = 200
_LARGEST_OFFSET = 1 << 40


class OfficeCommands(Protocol):
    """What the office, and customers, can ask of the bench; each raises OperatorError where it is refused."""

    def rule_sets(self) -> list[JsonObject]:
        """Those that are shipped, and whether the laboratory has approved them."""

    def plan_new(
        self,
        meter: Mapping[str, Any],
        rule_set: str,
        tests: tuple[str, ...] | None,
        load_points: tuple[str, ...] | None,
        repeats: int | None,
    ) -> JsonObject:
        """A plan for one meter; what is None is as the rule set has it."""

    def plan_check(self, plan: str) -> JsonObject:
        """How long a plan takes, and what speaks against it."""

    def who_may(self, plan: str, day: str) -> JsonObject:
        """Who is authorised for a plan on a day, until when, and what others lack."""

    def certificate_drafts(self) -> list[JsonObject]:
        """Drafts that wait for signatures, with those that they have."""

    def certificate_draft(self, by: SignedIn, run_id: str, position: str, request: str) -> JsonObject:
        """Draft a certificate of a meter in a run. request: TOML. Takes seconds."""

    def certificate_sign(self, draft: str, by: tuple[str, str], role: str | None) -> JsonObject:
        """What the signature of a person (with the password) came to. Takes seconds where it issues a certificate."""

    def certificates(self, run_id: str) -> list[JsonObject]:
        """Issued ones of a run."""

    def certificate_read(self, number: str, file: str, offset: int) -> JsonObject:
        """A part of a file of an issued certificate."""

    def bundle_read(self, run_id: str, offset: int) -> JsonObject:
        """A part of the bundle of a run. The first one takes seconds."""

    def trial(self, error_pct: str) -> JsonObject:
        """What a simulated bench finds of a meter with this error. Takes seconds."""


def _rule_sets(commands: OfficeCommands, asked: Asked) -> JsonObject:
    return {"rule_sets": commands.rule_sets()}


def _plan_new(commands: OfficeCommands, asked: Asked) -> JsonObject:
    meter, repeats = asked.message.get("meter"), asked.message.get("repeats")
    if not isinstance(meter, dict):
        raise OperatorError("plan_new needs meter, an object with what its nameplate says")
    if isinstance(repeats, bool) or not isinstance(repeats, int | None):
        raise OperatorError("repeats is a whole number")
    names = (_names(asked, "tests"), _names(asked, "load_points"))
    return commands.plan_new(meter, asked.text("rule_set"), *names, repeats)


def _names(asked: Asked, key: str) -> tuple[str, ...] | None:
    """Errors: OperatorError where it is there and no list of texts."""
    given = asked.message.get(key)
    if given is None:
        return None
    if not isinstance(given, list) or len(given) > _MOST_NAMES or not all(isinstance(n, str) for n in given):
        raise OperatorError(f"{key} is a list of texts")
    return tuple(given)


def _plan_check(commands: OfficeCommands, asked: Asked) -> JsonObject:
    return commands.plan_check(asked.text("plan"))


def _who_may(commands: OfficeCommands, asked: Asked) -> JsonObject:
    return commands.who_may(asked.text("plan"), asked.text("day"))


def _certificate_drafts(commands: OfficeCommands, asked: Asked) -> JsonObject:
    return {"drafts": commands.certificate_drafts()}


def _certificate_draft(commands: OfficeCommands, asked: Asked) -> JsonObject:
    return commands.certificate_draft(
        asked.by, asked.text("run"), asked.text("position"), asked.text("request")
    )


def _certificate_sign(commands: OfficeCommands, asked: Asked) -> JsonObject:
    return commands.certificate_sign(asked.text("draft"), asked.password(), asked.optional_text("as"))


def _certificates(commands: OfficeCommands, asked: Asked) -> JsonObject:
    return {"certificates": commands.certificates(asked.text("run"))}


def _certificate_read(commands: OfficeCommands, asked: Asked) -> JsonObject:
    return commands.certificate_read(asked.text("number"), asked.text("file"), _offset(asked))


def _bundle_read(commands: OfficeCommands, asked: Asked) -> JsonObject:
    return commands.bundle_read(asked.text("run"), _offset(asked))


def _offset(asked: Asked) -> int:
    offset = asked.message.get("offset", 0)
    if not isinstance(offset, int) or isinstance(offset, bool) or not 0 <= offset <= _LARGEST_OFFSET:
        raise OperatorError("offset is where the part begins, a whole number of bytes")
    return offset


def _trial(commands: OfficeCommands, asked: Asked) -> JsonObject:
    return commands.trial(asked.text("error_pct"))


OFFICE_REQUESTS: Mapping[str, Request[OfficeCommands]] = {
    "rule_sets": Request(Authority.READ, Effect.NOTHING, _rule_sets, Lane.LOOKS),
    "plan_new": Request(Authority.SESSION, Effect.NOTHING, _plan_new, Lane.OFFICE),
    "plan_check": Request(Authority.SESSION, Effect.NOTHING, _plan_check, Lane.OFFICE),
    "who_may": Request(Authority.SESSION, Effect.NOTHING, _who_may, Lane.OFFICE),
    "certificate_drafts": Request(Authority.READ, Effect.NOTHING, _certificate_drafts, Lane.LOOKS),
    "certificate_draft": Request(Authority.SESSION, Effect.CERTIFICATES, _certificate_draft, Lane.OFFICE),
    "certificate_sign": Request(Authority.PASSWORD, Effect.CERTIFICATES, _certificate_sign, Lane.SIGNING),
    "certificates": Request(Authority.READ, Effect.NOTHING, _certificates, Lane.LOOKS),
    "certificate_read": Request(Authority.READ, Effect.NOTHING, _certificate_read, Lane.LOOKS),
    "bundle_read": Request(Authority.READ, Effect.NOTHING, _bundle_read, Lane.OFFICE),
    "trial": Request(Authority.READ, Effect.APART, _trial, Lane.TRIAL),
}
