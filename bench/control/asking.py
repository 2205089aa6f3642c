"""What can be asked over the socket, and by whom: the kinds of authority, the lanes, and what a request is.

The requests themselves stand in tables (`requests.py`, `office_requests.py`), each with the authority that it needs
beside it, so that who may do what is read in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeGuard, TypeVar

from bench.canonical import JsonObject
from bench.errors import OperatorError

Message = Mapping[str, Any]


class Authority(StrEnum):
    """Who may ask. A peer is whoever could open the socket; the kernel names its user."""

    READ = "read"
    """Any peer."""
    PASSWORD = "password"
    """Any peer that gives a person's password with it."""
    SESSION = "session"
    """Any peer that gives the token of somebody who has signed in; it is that person who asks."""
    OWNER = "owner"
    """The bench's own user, or root."""
    OWNER_OR_SESSION = "owner or session"
    """Where a token comes with it, that person asks; else it is for the bench's own user, or root."""


class Effect(StrEnum):
    """What a request can change, at most; docs/socket-commands.md is written from it."""

    NOTHING = "reads"
    SESSIONS = "who is signed in"
    REGISTRY = "the registry, with an entry in the trail"
    CERTIFICATES = "drafts and certificates, in the register and the trail"
    RUN = "the run, recorded in the journal"
    APART = "nothing here: a process of its own, on a simulated bench"


class Lane(StrEnum):
    """Where an answer that takes its time is found. Each lane has a thread; in a lane, one follows another."""

    LOOKS = "looks"
    """What only reads: milliseconds."""
    ACTS = "acts"
    """What changes a case, and starts a run: until a start is prepared. Nothing else changes them meanwhile."""
    SIGN_IN = "sign-in"
    """Passwords: each costs a hash, which is meant to be slow."""
    SIGNING = "signing"
    """Signatures of certificates, in a process of its own: seconds."""
    OFFICE = "office"
    """Plans, drafts and bundles: seconds."""
    TRIAL = "trial"
    """A simulated bench: as long as it takes."""
    REFUSED = "refused"
    """Recording what was refused."""


LONGEST_QUEUE: Mapping[Lane, int] = {
    Lane.LOOKS: 64,
    Lane.ACTS: 64,
    Lane.SIGN_IN: 8,
    Lane.SIGNING: 0,
    Lane.OFFICE: 8,
    Lane.TRIAL: 0,
    Lane.REFUSED: 64,
}
"""How many may wait in a lane while one is at work; who comes then is told that the bench is busy."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks with a session. person: id. ends_in_s: until the session ends if nothing more is asked with it."""

    person: str
    roles: tuple[str, ...]
    zh: str
    latin: str
    ends_in_s: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A message, and who asks. staff: the person whose session came with it; None: nobody, or it needs none."""

    message: Message
    staff: SignedIn | None

    @property
    def by(self) -> SignedIn:
        """Whoever has signed in; for requests that need a session."""
        assert self.staff is not None, "a request that needs a session is not carried out without one"
        return self.staff

    def text(self, key: str) -> str:
        """Errors: OperatorError where it is missing or no text."""
        value = self.message.get(key)
        if not isinstance(value, str):
            raise OperatorError(f"{self.message['do']} needs {key}, a text")
        return value

    def optional_text(self, key: str) -> str | None:
        """Errors: OperatorError where it is there and no text."""
        return None if self.message.get(key) is None else self.text(key)

    def password(self) -> tuple[str, str]:
        """Who is named, with the password. Errors: OperatorError where one of them is missing."""
        return self.text("by"), self.text("password")


_C = TypeVar("_C", contravariant=True)


@dataclass(frozen=True, slots=True)
class Request(Generic[_C]):
    """One thing that can be asked. lane: None where the answer is there at once, and nothing on a disk is asked."""

    authority: Authority
    effect: Effect
    carry_out: Callable[[_C, Asked], JsonObject]
    lane: Lane | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """An answer that takes its time: `give` is called in the thread of its lane, so that the socket goes on."""

    give: Callable[[], JsonObject]
    lane: Lane


def are_texts(fields: Any) -> TypeGuard[dict[str, str]]:
    return isinstance(fields, dict) and all(isinstance(value, str) for value in fields.values())
