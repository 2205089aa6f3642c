"""The lines of the page of the appliance's health: pure, from what is `Seen`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g

from calibration.texts import LANGUAGES
from web import numbers
from web.dates import moment_text
from web.staff.health import DEAD_AFTER_S, Health, Level, health_rows
from web.texts import reason_sentence, text

WARM_C, HOT_C = 70.0, 80.0
"""A Raspberry Pi slows itself down from 80 degrees on."""
BACKUP_OLD_DAYS = 7
CASES_FULL_MB, CASES_NEARLY_FULL_MB = 50, 500
"""Some photos; some weeks of them."""
CERTIFICATE_SOON_DAYS, CERTIFICATE_LAST_DAYS = 30, 7
"""A CA takes its time."""
_ROOM_TO_SPARE = 5
"""Times what a run needs: with less it is time to make room."""
_MB, _MS = 1_000_000, 1000
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Seen:
    """bench: its answer to `health` (docs/architecture.md), None where it gave none. state: its STATE.

    free_bytes: of the disk of the cases; None where this process keeps nothing. now: UTC. certificate_until: of https
    (UTC); None where there is none, or it cannot be read. is_https: whether there should be one.
    """

    bench: Mapping[str, Any] | None
    state: dict[str, Any] | None
    is_connected: bool
    age_s: float | None
    viewers: int
    most_viewers: int
    version: str
    free_bytes: int | None
    now: datetime
    certificate_until: datetime | None
    is_https: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A heading of the page, and its lines."""

    heading: str
    rows: tuple[Health, ...]


def rows_of(seen: Seen) -> tuple[Part, ...]:
    """All parts, in the language of the page."""
    language = str(g.get("language", LANGUAGES[0]))
    said = seen.bench
    bench = () if said is None else tuple(_Bench(said, seen.now, language).rows())
    age_s = seen.age_s if seen.is_connected else None
    # What a bench said that is silent by now is not how it is.
    state = seen.state if age_s is not None and age_s <= DEAD_AFTER_S else None
    measured = tuple(health_rows(state, age_s, language))
    return tuple(
        Part(text(f"operation.part_{name}", language), rows)
        for name, rows in (
            ("measured", measured),
            ("bench", bench or (_away(language),)),
            ("web", tuple(_web(seen, language))),
        )
    )


def _away(language: str) -> Health:
    return _row("process", Level.BAD, text("operation.no_answer", language), language)


def _row(key: str, level: Level, word: str, language: str, *figures: str) -> Health:
    return Health(text(f"operation.{key}", language), level, word, tuple(filter(None, figures)))


class _Bench:
    """The lines of the measuring process and its computer."""

    def __init__(self, said: Mapping[str, Any], now: datetime, language: str) -> None:
        self._said, self._now, self._language = said, now, language

    def rows(self) -> Iterator[Health]:
        yield self._process()
        yield from self._loops()
        yield from self._lines()
        yield self._reference()
        yield self._journal()
        yield self._clock()
        yield self._supply()
        yield self._temperature()
        yield self._disk()
        yield self._backup()
        software = self._said["software"]
        yield self._row("software", Level.GOOD, software["version"], f"Python {software['python']}")

    def _row(self, key: str, level: Level, word: str, *figures: str) -> Health:
        return _row(key, level, word, self._language, *figures)

    def _text(self, key: str, **values: object) -> str:
        return text(f"operation.{key}", self._language, **values)

    def _process(self) -> Health:
        up = self._text("since", time=_duration(self._said["up_s"], self._language))
        if silent := self._said["silent"]:
            names = text("list.and", self._language).join(self._loop(name) for name in silent)
            return self._row("process", Level.BAD, self._text("stands", loops=names), up)
        run = self._text("run" if self._said["is_run_under_way"] else "no_run")
        return self._row("process", Level.GOOD, self._text("turns"), up, run)

    def _loop(self, name: str) -> str:
        key = f"operation.loop_{name}"
        return text(key, self._language) if key in text else name

    def _loops(self) -> Iterator[Health]:
        for name, loop in self._said["loops"].items():
            level = Level.BAD if name in self._said["silent"] else Level.GOOD
            late = self._text("late", time=_ms(loop["late_s"]), period=_ms(loop["period_s"]))
            yield Health(
                self._text("loop", name=self._loop(name)),
                level,
                self._text("stands_still" if level is Level.BAD else "turns"),
                (late,),
            )

    def _lines(self) -> Iterator[Health]:
        for name, line in self._said["lines"].items():
            lost, faults = line["lost"], line["faults"]
            level = Level.NOTE if lost or faults else Level.GOOD
            word = self._text("lost", count=lost) if lost else self._text("nothing_lost")
            figures = (self._text("edges", count=line["edges"]), self._text("faults", count=faults))
            yield Health(self._text("line", name=name), level, word, figures)

    def _reference(self) -> Health:
        polls, failed = self._said["reference"]["polls"], self._said["reference"]["failed"]
        asked = self._text("polls", count=polls)
        if not failed:
            return self._row("reference", Level.GOOD, self._text("all_answered"), asked)
        reasons = [
            self._text(
                "failed", count=count, why=reason_sentence({"reason": reason, "values": {}}, self._language)
            )
            for reason, count in failed.items()
        ]
        return self._row(
            "reference", Level.NOTE, self._text("not_answered", count=sum(failed.values())), asked, *reasons
        )

    def _journal(self) -> Health:
        journal = self._said["journal"]
        waiting = self._text("waiting", count=journal["waiting"], room=journal["room"])
        commits = journal["commits"]
        mean = _ms(float(journal["commits_s"]) / commits) if commits else ""
        took = commits and self._text(
            "commits", count=commits, mean=mean, longest=_ms(journal["longest_commit_s"])
        )
        if journal.get("is_failing"):  # a measuring process of a release before this one does not tell
            return self._row("journal", Level.BAD, self._text("failing"), waiting, took or "")
        if journal["refused"]:
            word = self._text("refused", count=journal["refused"])
            return self._row("journal", Level.BAD, word, waiting, took or "")
        level = Level.NOTE if 2 * journal["waiting"] > journal["room"] else Level.GOOD
        return self._row("journal", level, self._text("keeps_up"), waiting, took or "")

    def _clock(self) -> Health:
        clock = self._said["clock"]
        up = self._text("computer_since", time=_duration(clock["up_s"], self._language))
        level, word = (Level.GOOD, "disciplined") if clock["is_disciplined"] else (Level.NOTE, "free_running")
        rate = numbers.with_unit(numbers.signed(clock["frequency_ppm"], 3), "ppm")
        return self._row("clock", level, text(f"health.{word}", self._language), rate, up)

    def _supply(self) -> Health:
        is_low = self._said["machine"].get("is_undervolted")
        level, word = {
            None: (Level.NONE, "unknown"), True: (Level.BAD, "too_low"), False: (Level.GOOD, "in_order"),
        }[is_low]  # fmt: skip
        return self._row("supply", level, self._text(word))

    def _temperature(self) -> Health:
        temperature = self._said["machine"].get("temperature_C")
        if temperature is None:
            return self._row("temperature", Level.NONE, self._text("unknown"))
        is_warm, is_hot = float(temperature) >= WARM_C, float(temperature) >= HOT_C
        level, word = (
            (Level.BAD, "hot") if is_hot else (Level.NOTE, "warm") if is_warm else (Level.GOOD, "in_order")
        )
        return self._row("temperature", level, self._text(word), numbers.with_unit(temperature, "°C"))

    def _disk(self) -> Health:
        free, needed = float(self._said["disk"]["free_MB"]), float(self._said["disk"]["needed_MB"])
        level = Level.BAD if free < needed else Level.NOTE if free < _ROOM_TO_SPARE * needed else Level.GOOD
        word = {Level.BAD: "full", Level.NOTE: "nearly_full", Level.GOOD: "room"}[level]
        needs = self._text("needed", size=_size(needed))
        return self._row("disk", level, self._text(word), self._text("free", size=_size(free)), needs)

    def _backup(self) -> Health:
        # A measuring process of a release before this one does not tell.
        last = self._said.get("backup", {})
        failed = (
            self._text("backup_failed", when=moment_text(last["failed"], self._language))
            if "failed" in last
            else ""
        )
        if "made" not in last:
            return self._row("backup", Level.NOTE, self._text("backup_never"), failed)
        days = (self._now - datetime.fromisoformat(last["made"])).days
        made = self._text("backup_made", when=moment_text(last["made"], self._language))
        if days < -1:
            return self._row("backup", Level.NOTE, self._text("backup_ahead"), made, failed)
        if days > BACKUP_OLD_DAYS:
            return self._row("backup", Level.BAD, self._text("backup_old", days=days), made, failed)
        level = Level.NOTE if failed else Level.GOOD
        return self._row("backup", level, failed or self._text("in_order"), made)


def _certificate(until: datetime | None, now: datetime, language: str) -> Health:
    if until is None:
        return _row("certificate", Level.BAD, text("operation.certificate_unread", language), language)
    left = until - now
    level = (
        Level.BAD if left.days < CERTIFICATE_LAST_DAYS else
        Level.NOTE if left.days < CERTIFICATE_SOON_DAYS else Level.GOOD
    )  # fmt: skip
    key = "expired" if left.total_seconds() < 0 else "lasts"
    word = text(f"operation.certificate_{key}", language, days=left.days)
    return _row("certificate", level, word, language, f"{until:%Y-%m-%d}")


def _web(seen: Seen, language: str) -> Iterator[Health]:
    is_full = seen.viewers >= seen.most_viewers
    count = text("operation.viewers_of", language, count=seen.viewers, most=seen.most_viewers)
    word = text("operation.full_house" if is_full else "operation.in_order", language)
    yield _row("viewers", Level.NOTE if is_full else Level.GOOD, word, language, count)
    if seen.free_bytes is not None:
        yield _disk_of_cases(seen.free_bytes / _MB, language)
    if seen.is_https:
        yield _certificate(seen.certificate_until, seen.now, language)
    is_same = seen.bench is None or seen.bench["software"]["version"] == seen.version
    other = "" if is_same else text("operation.other_version", language)
    yield _row("software", Level.GOOD if is_same else Level.NOTE, seen.version, language, other)


def _disk_of_cases(free_MB: float, language: str) -> Health:
    level, word = (
        (Level.BAD, "cases_full") if free_MB < CASES_FULL_MB else
        (Level.NOTE, "nearly_full") if free_MB < CASES_NEARLY_FULL_MB else (Level.GOOD, "room")
    )  # fmt: skip
    free = text("operation.free", language, size=_size(free_MB))
    return _row("disk_of_cases", level, text(f"operation.{word}", language), language, free)


def _ms(seconds: str | float) -> str:
    return numbers.with_unit(f"{float(seconds) * _MS:.1f}", "ms")


def _size(size_MB: float) -> str:
    return (
        numbers.with_unit(f"{size_MB / 1000:.1f}", "GB")
        if size_MB >= 1000
        else numbers.with_unit(f"{size_MB:.0f}", "MB")
    )


def _duration(seconds: str, language: str) -> str:
    whole = int(float(seconds))
    days, rest = divmod(whole, _DAY_S)
    hours, minutes = rest // _HOUR_S, rest % _HOUR_S // _MINUTE_S
    return text(
        "operation.duration_days" if days else "operation.duration",
        language,
        days=days,
        hours=hours,
        minutes=minutes,
    )
