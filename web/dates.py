"""Days and moments as pages write them, and the day that it is at this place. Pure."""

from __future__ import annotations

from datetime import date, datetime


def day_text(day: str, language: str) -> str:
    """ "2026-11-26" or "2026年11月26日" of a day or an instant in ISO 8601."""
    found = day_of(day)
    return f"{found.year}年{found.month}月{found.day}日" if language == "zh" else found.isoformat()


def days_between(first: str, last: str) -> int:
    """Whole days from one day or instant to another."""
    return (day_of(last) - day_of(first)).days


def moment_text(at: str, language: str) -> str:
    """ "11-26 21:52" of an instant, by the clocks of the place; an appointment (no zone) and a day as they are."""
    if len(at) == len("2026-11-26"):
        day = date.fromisoformat(at)
        return f"{day.month}月{day.day}日" if language == "zh" else at
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is not None:
        moment = moment.astimezone()
    return moment.strftime("%m月%d日 %H:%M" if language == "zh" else "%m-%d %H:%M")


def appointment_text(at: str, language: str) -> str:
    """ "2026-11-26 09:30" or "2026年11月26日 09:30" of an appointment, which is by the clocks of the place."""
    return f"{day_text(at, language)} {at[len('2026-11-26T') :]}"


def day_of(at: str) -> date:
    """The day on which an instant falls at this place; of a day or an appointment (no zone), as it is."""
    moment = datetime.fromisoformat(at)
    return (moment if moment.tzinfo is None else moment.astimezone()).date()


def local_day(now: str) -> date:
    """The day that it is at this place."""
    return day_of(now)
