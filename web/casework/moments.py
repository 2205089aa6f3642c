"""Instants and days as they are kept: ISO 8601 UTC texts, and YYYY-MM-DD."""

from __future__ import annotations

from datetime import date, datetime, timedelta


def later(at: str, seconds: float) -> str:
    """An instant so many seconds after another one; before it where negative."""
    return (datetime.fromisoformat(at) + timedelta(seconds=seconds)).isoformat()


def is_over(until: str, at: str) -> bool:
    """Whether an instant has been reached. By the time, not by its spelling."""
    return datetime.fromisoformat(at) >= datetime.fromisoformat(until)


def day_later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
