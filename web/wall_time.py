"""The time of day, for what the pages keep: the one place of the web that reads it; everybody else is given `now`."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """ISO 8601, UTC, whole seconds: "2026-11-26T18:00:00+00:00"."""
    return datetime.now(UTC).isoformat(timespec="seconds")  # noqa: TID251 - the web's own clock
