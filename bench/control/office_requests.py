"""What the socket is asked that is no part of a run: certificates. One of the tables of `requests.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bench.canonical import JsonObject
from bench.control.asking import Asked, Authority, Lane, Request


class OfficeCommands(Protocol):
    """What the office can ask of the bench; each raises OperatorError where it is refused."""

    def certificate_drafts(self) -> list[JsonObject]:
        """Drafts that wait for signatures, with those that they have."""

    def certificate_sign(self, draft: str, by: tuple[str, str], role: str | None) -> JsonObject:
        """What the signature of a person (with the password) came to. Takes seconds where it issues a certificate."""


def _certificate_drafts(commands: OfficeCommands, asked: Asked) -> JsonObject:
    return {"drafts": commands.certificate_drafts()}


def _certificate_sign(commands: OfficeCommands, asked: Asked) -> JsonObject:
    return commands.certificate_sign(asked.text("draft"), asked.password(), asked.optional_text("as"))


OFFICE_REQUESTS: Mapping[str, Request[OfficeCommands]] = {
    "certificate_drafts": Request(Authority.READ, _certificate_drafts, Lane.ACTS),
    "certificate_sign": Request(Authority.PASSWORD, _certificate_sign, Lane.SIGNING),
}
