"""The day of a case's certificate, which the bench knows: asked for once, remembered, and not asked for too often."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from bench.errors import OperatorError
from web.bench_link import BenchAwayError, BenchLink
from web.service.facts import CaseFacts

_AGAIN_S = 600
"""How long a case without a certificate is not asked for again."""
_MOST_AT_ONCE = 400
"""Questions to the bench within `_AGAIN_S`, so that a page anybody may open does not keep it busy."""


class IssuedDays:
    """An `Issued` of web/service/promises_kept.py."""

    def __init__(
        self, link: BenchLink, now: Callable[[], str], is_made_up: Callable[[CaseFacts], bool]
    ) -> None:
        self._link, self._now, self._is_made_up = link, now, is_made_up
        self._days: dict[str, str] = {}
        self._asked: dict[str, datetime] = {}
        self._without: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, case: CaseFacts) -> str | None:
        """The first day on which a certificate of one of its runs was issued; None where none was.

        Errors: LookupError where the bench is away, has been asked too much, or the case was only made up.
        """
        if self._is_made_up(case):
            raise LookupError("no bench has it")
        with self._lock:
            if case.id in self._days:
                return self._days[case.id]
            now = datetime.fromisoformat(self._now())
            self._asked = {
                name: at for name, at in self._asked.items() if (now - at).total_seconds() < _AGAIN_S
            }
            if case.id in self._asked and case.id in self._without:
                return None
            if len(self._asked) >= _MOST_AT_ONCE:
                raise LookupError("asked too much")
            self._asked[case.id] = now
            self._without.discard(case.id)  # until the bench has answered, nobody can say
        try:
            days = [
                str(one["issued_on"]) for run_id in case.run_ids for one in self._link.certificates(run_id)
            ]
        except (BenchAwayError, OperatorError) as problem:
            with self._lock:
                self._asked.pop(case.id, None)
            raise LookupError("the bench does not answer") from problem
        if not days:
            with self._lock:
                self._without.add(case.id)
            return None
        with self._lock:
            self._days[case.id] = min(days)
        return min(days)
