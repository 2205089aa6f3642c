"""Instants as they are kept: ISO 8601 UTC texts."""

from __future__ import annotations

from datetime import datetime, timedelta

DAY_S = 86_400
_WRONG_BY_S = DAY_S
"""A clock that is set back by less ends nobody's visit."""


def later(at: str, seconds: float) -> str:
    """An instant so many seconds after another one; before it where negative."""
    return (datetime.fromisoformat(at) + timedelta(seconds=seconds)).isoformat()


def is_over(until: str, at: str) -> bool:
    """Whether an instant has been reached. By the time, not by its spelling."""
    return datetime.fromisoformat(at) >= datetime.fromisoformat(until)


def has_ended(until: str, lasts_s: float, at: str) -> bool:
    """Whether what lasts so long is over; also where it would last longer by more than a day: then the clock is wrong
    now, as after a start without one, or was when this began, and nothing that was over opens anything again."""
    return is_over(until, at) or datetime.fromisoformat(until) > datetime.fromisoformat(
        later(at, lasts_s + _WRONG_BY_S)
    )
