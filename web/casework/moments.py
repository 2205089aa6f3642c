"""Instants as they are kept: ISO 8601 UTC texts."""

from __future__ import annotations

from datetime import datetime, timedelta


def later(at: str, seconds: float) -> str:
    """An instant so many seconds after another one; before it where negative."""
    return (datetime.fromisoformat(at) + timedelta(seconds=seconds)).isoformat()


def is_over(until: str, at: str) -> bool:
    """Whether an instant has been reached. By the time, not by its spelling."""
    return datetime.fromisoformat(at) >= datetime.fromisoformat(until)
