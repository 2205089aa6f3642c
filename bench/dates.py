"""Days as people write them: YYYY-MM-DD. Such texts sort as the days do."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bench.errors import OperatorError


def require_day(written: str, where: str) -> str:
    """The day as it was written. Errors: OperatorError for anything else than YYYY-MM-DD."""
    complaint = OperatorError(f"{where}: {written[:40]!r} is no date; write it as 2027-12-31")
    try:
        read = date.fromisoformat(written)
    except ValueError as error:
        raise complaint from error
    if read.isoformat() != written:
        raise complaint
    return written


def utc_second(wall_time: str) -> str:
    """An ISO 8601 time to the second in UTC, such as 2026-11-26T18:00:00Z."""
    return datetime.fromisoformat(wall_time).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_of(wall_time: str) -> str:
    """The day that an instant (ISO 8601 UTC) is on at this bench.

    Certificates and authorisations end when the day of the laboratory does, which is hours from that of Greenwich.
    """
    return datetime.fromisoformat(wall_time).astimezone().date().isoformat()


def days_between(first: str, last: str) -> int:
    """Days from one day to another, both YYYY-MM-DD; negative where the last one is earlier."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days
