"""Who is signed in, and how often somebody may try to be: in memory, so nobody is after a restart.

A token is 256 random bits; only its SHA-256 is kept, so what is read out of this memory signs nobody in. A session
ends when it was not used for a while, and after half a day whatever was done with it. Time is passed in, in seconds of
a clock that does not step.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import deque
from dataclasses import dataclass, replace

from bench.control.asking import SignedIn
from bench.control.refused_reasons import Refusal, RefusedByRuleError

IDLE_S = 30 * 60.0
LONGEST_S = 12 * 3600.0
MOST_OF_A_PERSON = 8
"""Sessions at once; the one that was used least lately goes first."""
TRIES, TRIES_WITHIN_S = 30, 60.0
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Kept:
    """A session. staff: the person as when signing in. mark: what changes with the password."""

    staff: SignedIn
    mark: str
    begun_s: float
    used_s: float

    def ends_at_s(self) -> float:
        return min(self.used_s + IDLE_S, self.begun_s + LONGEST_S)


class Sessions:
    """From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[bytes, Kept] = {}

    def begin(self, staff: SignedIn, mark: str, now_s: float) -> tuple[str, SignedIn]:
        """The token of a new session, and whose it is."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._lock:
            self._forget_ended(now_s)
            own = [key for key, kept in self._kept.items() if kept.staff.person == staff.person]
            own.sort(key=lambda key: self._kept[key].used_s)
            for key in own[: max(0, len(own) - MOST_OF_A_PERSON + 1)]:
                del self._kept[key]
            kept = Kept(staff, mark, now_s, now_s)
            self._kept[_hash(token)] = kept
        return token, _shown(kept, now_s)

    def use(self, token: str, now_s: float) -> tuple[SignedIn, str]:
        """Whose session it is, which has been used now, and its mark. Errors: RefusedByRuleError where it has ended."""
        with self._lock:
            self._forget_ended(now_s)
            kept = self._kept.get(_hash(token))
            if kept is None:
                raise RefusedByRuleError(Refusal.SESSION_EXPIRED)
            kept = self._kept[_hash(token)] = replace(kept, used_s=now_s)
        return _shown(kept, now_s), kept.mark

    def look(self, token: str, now_s: float) -> tuple[str, str] | None:
        """The person of a session, and its mark, without using it; None where it has ended."""
        with self._lock:
            self._forget_ended(now_s)
            kept = self._kept.get(_hash(token))
        return None if kept is None else (kept.staff.person, kept.mark)

    def end(self, token: str) -> None:
        """Also where there is none any more."""
        with self._lock:
            self._kept.pop(_hash(token), None)

    def _forget_ended(self, now_s: float) -> None:
        self._kept = {key: kept for key, kept in self._kept.items() if now_s < kept.ends_at_s()}


class Throttle:
    """At most so many tries within a time, whoever tries. From any thread."""

    def __init__(self, tries: int = TRIES, within_s: float = TRIES_WITHIN_S) -> None:
        self._lock = threading.Lock()
        self._tries, self._within_s = tries, within_s
        self._at_s: deque[float] = deque()

    def take(self, now_s: float) -> None:
        """Count a try. Errors: RefusedByRuleError where it is one too many; then it does not count."""
        with self._lock:
            while self._at_s and now_s - self._at_s[0] >= self._within_s:
                self._at_s.popleft()
            if len(self._at_s) >= self._tries:
                wait_s = self._at_s[0] + self._within_s - now_s
                raise RefusedByRuleError(Refusal.TOO_MANY_TRIES, wait_s=f"{max(1.0, wait_s):.0f}")
            self._at_s.append(now_s)


def _shown(kept: Kept, now_s: float) -> SignedIn:
    return replace(kept.staff, ends_in_s=round(kept.ends_at_s() - now_s))


def _hash(token: str) -> bytes:
    # Half a surrogate pair, which JSON can spell, is no UTF-8, and no token either.
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
