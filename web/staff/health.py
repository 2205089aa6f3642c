"""The health of everything that a measurement hangs on, as a list for the verifier. Pure: from STATE alone.

A row that nobody watches on this bench (no sensor, no clock input) says so: an absent row would look like a good one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from calibration.quantities import NS_PER_S
from web import numbers
from web.customer.scene import State
from web.texts import reason_sentence, text

OLD_AFTER_S = 2.0
"""A reading or a message older than this is worth a note."""
DEAD_AFTER_S = 5.0
_SHOWN_FAULTS = 3
LEAST_READ = {"voltage_V": Decimal(10), "current_A": Decimal("0.01")}
"""A reading from here on is one of a load, and not the noise of a reference without one."""


class Level(StrEnum):
    """Said by a word and a sign as well as by colour."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"
    NONE = "none"
    """Nobody watches it here."""


@dataclass(frozen=True, slots=True)
class Health:
    """name: the input; word: how it is; figures: written readings."""

    name: str
    level: Level
    word: str
    figures: tuple[str, ...] = ()


def health_rows(state: State | None, age_s: float | None, language: str) -> list[Health]:
    """All rows, in the order of a walk along the bench. age_s: of the bench's last word, None where it never spoke."""
    rows = [_connection(age_s, language)]
    if state is None:
        return rows
    return [
        *rows,
        _reference(state.get("reference"), language),
        _load(state, language),
        *_pulses(state, language),
        _clock(state.get("clock") or {}, language),
        _environment(state.get("environment"), language),
        *_machine(state.get("machine"), language),
        _way(state, language),
        _faults(state, language),
    ]


def _row(key: str, level: Level, word: str, language: str, *figures: str) -> Health:
    return Health(
        text(f"health.{key}", language), level, text(f"health.{word}", language), tuple(filter(None, figures))
    )


def _connection(age_s: float | None, language: str) -> Health:
    if age_s is None:
        return _row("connection", Level.BAD, "never", language)
    level = Level.BAD if age_s > DEAD_AFTER_S else Level.NOTE if age_s > OLD_AFTER_S else Level.GOOD
    word = {Level.BAD: "silent", Level.NOTE: "late", Level.GOOD: "answers"}[level]
    return _row("connection", level, word, language)


def _reference(reference: dict[str, Any] | None, language: str) -> Health:
    if not reference:
        return _row("reference", Level.BAD, "silent", language)
    word = {"ok": "answers", "silent": "silent"}.get(str(reference["state"]), "faulty")
    level = Level.GOOD if word == "answers" else Level.BAD
    age_s = reference.get("age_s")
    if level is Level.GOOD and age_s is not None and float(age_s) > OLD_AFTER_S:
        level, word = Level.NOTE, "late"
    latency = _value(reference.get("latency_ms"), "ms")
    age = _value(age_s, "s")
    return _row(
        "reference",
        level,
        word,
        language,
        text("health.latency", language, time=latency) if latency else "",
        text("health.age", language, time=age) if age else "",
    )


def _load(state: State, language: str) -> Health:
    """What the reference reads of the load, beside what is wanted of it."""
    reference = state.get("reference") or {}
    word, level = ("load_on" if state.get("is_energised") else "load_off"), Level.GOOD
    if word == "load_off" and _reads_a_load(reference):
        word, level = "load_still", Level.NOTE
    read = [
        _value(_digits(reference.get(name)), unit)
        for name, unit in (("voltage_V", "V"), ("current_A", "A"), ("power_W", "W"))
    ]
    if factor := _digits(reference.get("power_factor")):
        read.append(text("health.power_factor", language, value=factor))
    point = (state.get("points") or {}).get(state.get("point")) or {}
    wanted = ""
    if point.get("current_A") is not None:
        figures = [
            numbers.with_unit(numbers.plain(str(point[name])), unit)
            for name, unit in (("voltage_V", "V"), ("current_A", "A"))
        ]
        wanted = text("health.wanted", language, load=" · ".join([*figures, str(point["power_factor"])]))
    return _row("load", level, word, language, " · ".join(filter(None, read)), wanted)


def _reads_a_load(reference: Mapping[str, Any]) -> bool:
    return any(
        reference.get(name) is not None and abs(Decimal(reference[name])) >= least
        for name, least in LEAST_READ.items()
    )


def _pulses(state: State, language: str) -> Iterator[Health]:
    """Each pulse line: how many of the running part, and how long ago the last one came."""
    now_ns = (state.get("clock") or {}).get("monotonic_ns")
    positions = state.get("positions") or {}
    for position, meter in positions.items():
        last_ns = meter.get("last_pulse_ns")
        ago = ""
        if last_ns is not None and now_ns is not None:
            seconds = max(0.0, (now_ns - last_ns) / NS_PER_S)
            ago = text("health.last_pulse", language, time=numbers.with_unit(f"{seconds:.0f}", "s"))
        count = text("health.pulse_count", language, count=int(meter.get("pulses") or 0))
        word, level = ("seen", Level.GOOD) if last_ns is not None else ("none_yet", Level.NONE)
        row = _row("pulses", level, word, language, count, ago)
        yield row if len(positions) == 1 else replace(row, name=_at(position, row.name, language))


def _at(position: str, said: str, language: str) -> str:
    """Which of several positions it is said of."""
    where = text("page.position", language, position=position)
    return f"{where}{text('list.colon', language)}{said}"


def _clock(clock: dict[str, Any], language: str) -> Health:
    pps = clock.get("pps") or {}
    rate = pps.get("rate_ppm")
    figure = "" if rate is None else numbers.with_unit(numbers.signed(rate, 3), "ppm")
    if pps.get("reasons"):
        said = reason_sentence(pps["reasons"][0], language)
        return Health(text("health.clock", language), Level.NOTE, said, (figure,) if figure else ())
    if clock.get("is_disciplined"):
        return _row("clock", Level.GOOD, "disciplined", language, figure)
    return _row("clock", Level.NOTE, "free_running", language, figure)


def _environment(environment: dict[str, Any] | None, language: str) -> Health:
    if not environment:
        return _row("environment", Level.NONE, "no_sensor", language)
    temperature, humidity = environment.get("temperature_C"), environment.get("humidity_pct")
    if temperature is None:
        return _row("environment", Level.BAD, "silent", language)
    return _row(
        "environment",
        Level.GOOD,
        "read",
        language,
        numbers.with_unit(numbers.fixed(str(temperature), 1), "°C"),
        "" if humidity is None else numbers.percent(str(humidity)),
    )


def _machine(machine: dict[str, Any] | None, language: str) -> Iterator[Health]:
    """The computer, where it tells how it is; while a run goes on."""
    if not machine:
        return
    level, word = Level.GOOD, "supply_in_order"
    if machine.get("is_undervolted"):
        level, word = Level.BAD, "supply_too_low"
    elif machine.get("was_undervolted"):
        level, word = Level.NOTE, "supply_was_too_low"
    elif machine.get("was_undervolted") is None:
        level, word = Level.NONE, "supply_unknown"
    temperature = machine.get("temperature_C")
    figure = "" if temperature is None else numbers.with_unit(numbers.fixed(str(temperature), 1), "°C")
    yield _row("machine", level, word, language, figure)


def _way(state: State, language: str) -> Health:
    """Cover and stop: the bench names what is in the way only while it waits to energise."""
    waits_for = state.get("waits_for") or {}
    name = text("health.way", language)
    if why_not := waits_for.get("why_not"):
        return Health(name, Level.BAD, reason_sentence(why_not, language))
    if what := waits_for.get("what"):
        left = waits_for.get("left_s")
        figures = (text("health.gives_up", language, time=numbers.with_unit(str(left), "s")),) if left else ()
        return Health(name, Level.NOTE, text(f"health.waits_{what}", language), figures)
    return Health(name, Level.GOOD, text("health.free", language))


def _faults(state: State, language: str) -> Health:
    faults = state.get("faults") or []
    name = text("health.faults", language)
    if not faults:
        return Health(name, Level.GOOD, text("health.no_faults", language))
    is_one = len(state.get("positions") or {}) == 1
    newest = []
    for fault in reversed(faults[-_SHOWN_FAULTS:]):
        said, position = reason_sentence(fault, language), fault.get("position")
        newest.append(said if is_one or position is None else _at(position, said, language))
    return Health(name, Level.NOTE, text.counted("health.faults_count", language, len(faults)), tuple(newest))


def _value(value: object, unit: str) -> str:
    return "" if value is None else numbers.with_unit(str(value), unit)


_DIGITS = 5


def _digits(value: str | None) -> str | None:
    """A reading with as many decimals as leave it at five digits."""
    if value is None:
        return None
    before_point = max(0, Decimal(value).adjusted()) + 1
    return numbers.fixed(value, max(0, min(3, _DIGITS - before_point)))
