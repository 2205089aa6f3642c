"""What was refused over the socket, in the trail: who asked for what, and which rule stood against it.

The trail cannot be shortened, and whoever can open the socket can be refused a thousand times a second. So a certain
number are kept at once and then one in a while; what is left out meanwhile is counted, and the next entry says how
many it was.
"""

from __future__ import annotations

import threading
from pathlib import Path

from bench.control.refused_reasons import RefusedByRuleError
from bench.registry import trail
from bench.registry.store import writing

AT_ONCE = 40
ONE_IN_S = 600.0
"""144 entries a day at most, some 40 kB."""


class KeptRefusals:
    """From any thread. Seconds are of a clock that does not step."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._lock = threading.Lock()
        self._left = float(AT_ONCE)
        self._counted_s: float | None = None
        self._left_out = 0

    def keep(
        self, what: str, about: str, person: str | None, error: RefusedByRuleError, now: str, now_s: float
    ) -> None:
        """person: id; None: nobody signed in. now: wall time. Errors: OperatorError where it cannot be written."""
        with self._lock:
            if self._counted_s is not None:
                self._left = min(AT_ONCE, self._left + (now_s - self._counted_s) / ONE_IN_S)
            self._counted_s = now_s
            if self._left < 1.0:
                self._left_out += 1
                return
            self._left -= 1.0
            left_out, self._left_out = self._left_out, 0
        told = {"act": what, "reason": error.reason.value} | ({"left_out": left_out} if left_out else {})
        with writing(self._state_dir, now) as database:
            trail.add(database, now, trail.NOBODY if person is None else person, "refused", about, None, told)
