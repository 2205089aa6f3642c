"""Days as they are written for people."""

from __future__ import annotations

from datetime import date


def day_text(day: str, language: str) -> str:
    """ "2026-11-26" or "2026年11月26日" of a day or an instant in ISO 8601."""
    found = date.fromisoformat(day[:10])
    return f"{found.year}年{found.month}月{found.day}日" if language == "zh" else found.isoformat()


def days_between(first: str, last: str) -> int:
    """Whole days from one day or instant to another."""
    return (date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])).days
