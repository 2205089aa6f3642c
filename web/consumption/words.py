"""What an analysis of a household's consumption says, in one language: sentences with its numbers. No page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from calibration.household.analysis import Analysis, NightBase
from calibration.household.argued import Argument, Cause, CauseKey
from calibration.household.days import day_text as iso_day
from calibration.household.season import DAYS_OF_A_YEAR
from calibration.household.tiers import Tariff
from web import numbers
from web.casework.self_checks import Found
from web.consumption.csv_layouts import List
from web.dates import day_text
from web.plots import UsePlot, use_plot
from web.texts import text

_WITH_BOTH = {CauseKey.HEATING, CauseKey.COOLING, CauseKey.STANDBY, CauseKey.PROPORTIONAL}
"""Causes that can make more or less."""
_HOURS = 24
_MOST_CAUSES = 3
_MONTHS_OF_AXIS = (2, 3, 4, 6, 12)
_MOST_LABELS = 4


@dataclass(frozen=True, slots=True)
class ShownCause:
    """like: which others cannot be told apart from it, a sentence, "" where there are none."""

    title: str
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
    like: str


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the page of the result says. second: the likeliest reason of another change, where there is one."""

    summary: str
    facts: tuple[tuple[str, str], ...]
    causes: tuple[ShownCause, ...]
    second: ShownCause | None
    odd_days: tuple[str, ...]
    cannot: tuple[str, ...]
    read_as: tuple[str, ...]
    plot: UsePlot
    plot_says: str


def shown(
    given: List, found: Analysis, night: NightBase | None, tariff: Tariff | None, currency: str, language: str
) -> Shown:
    return Shown(
        summary=summary(found, language),
        facts=tuple(_facts(found, night, tariff, currency, language)),
        causes=tuple(_cause(cause, currency, language) for cause in found.causes[:_MOST_CAUSES]),
        second=_cause(found.second[0], currency, language) if found.second else None,
        odd_days=tuple(
            text("consumption.odd_day", language, day=day_text(day.row.date, language),
                 kWh=kWh(float(day.row.energy_kWh)), usual=kWh(day.usual_kWh))
            for day in found.odd_days
        ),
        cannot=tuple(cannot(found, night, language)),
        read_as=tuple(_read_as(given, language)),
        plot=_plot(found, language),
        plot_says=text("consumption.plot_says", language, first=day_text(iso_day(found.series.first), language),
                       last=day_text(iso_day(found.series.end - 1), language),
                       highest=kWh(max(row.kWh_a_day for row in found.series.rows))),
    )  # fmt: skip


def outcome(found: Analysis) -> Found:
    """A list of energies never speaks against a meter: at most it cannot tell."""
    if found.too_short or any(
        CauseKey.PROPORTIONAL in cause.keys for cause in (*found.causes[:2], *found.second[:1])
    ):
        return Found.CANNOT_TELL
    return Found.CONSISTENT


def kept_sentences(found: Analysis, currency: str, language: str) -> list[str]:
    """What is kept with a case: the summary, which names the first cause, the first two with their numbers and a
    second change."""
    said = [summary(found, language)]
    for number, cause in enumerate((*found.causes[:2], *found.second[:1])):
        one = _cause(cause, currency, language)
        said += [
            *([one.title] if number else []),
            *one.speaks_for,
            *one.speaks_against,
            *([one.like] if one.like else []),
        ]
    return [*said, text("consumption_cannot.meter", language)]


def summary(found: Analysis, language: str) -> str:
    if found.too_short and not found.causes:
        return text("consumption.too_short", language)
    if not found.causes:
        return text("consumption.nothing", language)
    said = text("consumption.likeliest", language, cause=title(found.causes[0], language))
    if found.second:
        said += text("consumption.and_second", language, cause=title(found.second[0], language))
    return said


def title(cause: Cause, language: str) -> str:
    """With that of the cause that shares its place."""
    if cause.same is None:
        return _one_title(cause, language)
    return text(
        "consumption.either",
        language,
        one=_one_title(cause, language),
        other=_one_title(cause.same, language),
    )


def _one_title(cause: Cause, language: str) -> str:
    key = f"{cause.key}_{'more' if cause.is_more else 'less'}" if cause.key in _WITH_BOTH else str(cause.key)
    size = abs(cause.size)
    return text(
        f"consumption_cause.{key}",
        language,
        day="" if cause.first is None else day_text(iso_day(cause.first), language),
        end="" if cause.end is None else day_text(iso_day(cause.end - 1), language),
        size=f"{100 * size:.0f}" if cause.key is CauseKey.PROPORTIONAL else kWh(size),
        left=f"{100 * max(0.0, 1 - size):.0f}",
        power=f"{size * 1000 / _HOURS:.0f}",
    )


def cannot(found: Analysis, night: NightBase | None, language: str) -> list[str]:
    keys = [key for key in found.cannot_know if night is None or not key.startswith("night")]
    return [text(f"consumption_cannot.{key}", language) for key in keys]


def _cause(cause: Cause, currency: str, language: str) -> ShownCause:
    joined = text("list.and", language).join(text(f"consumption_short.{key}", language) for key in cause.like)
    return ShownCause(
        title(cause, language),
        tuple(_argument(one, currency, language) for one in cause.speaks_for),
        tuple(_argument(one, currency, language) for one in cause.speaks_against),
        text("consumption.like", language, causes=joined) if cause.like else "",
    )


def _argument(argument: Argument, currency: str, language: str) -> str:
    values = {name: _value(name, value, currency, language) for name, value in argument.values.items()}
    return text(f"consumption_argument.{argument.key}", language, **values)


def _value(name: str, value: float | int | str, currency: str, language: str) -> str:
    if name == "day" and isinstance(value, str):
        return day_text(value, language)
    if isinstance(value, str):
        return text(f"consumption_short.{value}", language)
    if name.endswith("kWh"):
        return kWh(value)
    if name in ("change_pct", "bill_pct", "energy_pct", "low_pct", "high_pct"):
        return _change(value)
    if name.endswith("price"):
        return numbers.money(f"{value:.4f}".rstrip("0").rstrip("."), currency, language)
    return f"{value:.0f}"


def _change(value: float) -> str:
    """A change in whole per cent, with its sign; none is "0"."""
    whole = round(value)
    return numbers.with_minus(f"{whole:+d}") if whole else "0"


def kWh(value: float) -> str:
    """With as many digits as somebody wants to read."""
    return numbers.with_minus(f"{value:.{0 if abs(value) >= 100 else 1}f}")


def money(amount: Decimal, currency: str, language: str) -> str:
    return numbers.money(f"{amount.quantize(Decimal('0.01'), ROUND_HALF_EVEN):f}", currency, language)


def _facts(
    found: Analysis, night: NightBase | None, tariff: Tariff | None, currency: str, language: str
) -> list[tuple[str, str]]:
    series = found.series

    def fact(key: str, **values: object) -> tuple[str, str]:
        return text(f"consumption.{key}", language), text(f"consumption.{key}_is", language, **values)

    facts = [
        fact("span", first=day_text(iso_day(series.first), language),
             last=day_text(iso_day(series.end - 1), language), days=series.days,
             missing=sum(gap.days for gap in series.gaps)),
        fact("use", kWh=kWh(float(series.energy_kWh)), a_day=kWh(float(series.energy_kWh) / series.days),
             a_year=f"{float(series.energy_kWh) / series.days * DAYS_OF_A_YEAR:.0f}"),
    ]  # fmt: skip
    compared = found.compared
    if compared is None or compared.change_pct is None:
        facts.append((text("consumption.compared", language), text("consumption.compared_unknown", language)))
    else:
        change = _change(compared.change_pct)
        facts.append(
            fact("compared", first=day_text(iso_day(compared.first), language), days=compared.days,
                 now=kWh(compared.now_kWh), before=kWh(compared.before_kWh), change=change)
        )  # fmt: skip
    if found.base_W is not None:
        facts.append(fact("base", power=f"{found.base_W:.0f}"))
    if found.nights is not None:
        nights = found.nights
        facts.append(fact("nights", power=f"{nights.power_W:.0f}", nights=nights.nights))
        if nights.before_W is not None:
            facts.append(fact("nights_before", power=f"{nights.before_W:.0f}"))
    elif night is not None:
        facts.append(fact("night", power=f"{night.power_W:.0f}", give=str(math.ceil(night.give_or_take_W))))
    else:
        facts.append((text("consumption.night", language), text("consumption.night_unknown", language)))
    if tariff is not None:
        facts += _tariff_facts(found, currency, language)
    return facts


def _tariff_facts(found: Analysis, currency: str, language: str) -> list[tuple[str, str]]:
    label = text("consumption.tier_now", language)
    now = found.now
    if now is None:
        facts = [(label, text("consumption.tier_unknown", language))]
    else:
        left = (
            text("consumption.tier_left", language, kWh=kWh(float(now.left_kWh)))
            if now.left_kWh is not None
            else text("consumption.tier_last", language)
        )
        said = text("consumption.tier_now_is", language, tier=now.tier_now,
                    price=money(now.price_now, currency, language),
                    cost=money(now.cost, currency, language), kWh=kWh(float(now.energy_kWh)), left=left)  # fmt: skip
        facts = [(label, said)]
    crossed = [
        text("consumption.crossing", language, day=day_text(one.day, language), tier=one.tier)
        for one in found.crossings[-4:]
    ]
    if crossed:
        facts.append(
            (text("consumption.crossings", language), ("；" if language == "zh" else "; ").join(crossed))
        )
    return facts


def _read_as(given: List, language: str) -> list[str]:
    """How the list was read, so that a mistake of the reading is seen."""
    layout = given.layout
    delimiter = text(f"consumption_read.{_DELIMITER_NAMES[layout.delimiter]}", language)
    said = [
        text("consumption_read.rows", language, rows=len(given.series.rows), layout=layout.date_layout,
             delimiter=delimiter),
        text(f"consumption_read.{layout.kind}", language, unit=layout.unit, mark=layout.decimal_mark),
    ]  # fmt: skip
    if layout.heading:
        said.append(text("consumption_read.heading", language, heading=layout.heading))
    by_key: dict[str, list[int]] = {}
    for note in given.notes:
        by_key.setdefault(note.key, []).append(note.line)
    for key, lines in by_key.items():
        listed = ", ".join(map(str, lines[:8])) + ("…" if len(lines) > 8 else "")
        said.append(text(f"consumption_read.{key}", language, lines=listed))
    return said


_DELIMITER_NAMES: Mapping[str, str] = {",": "comma", ";": "semicolon", "\t": "tab", " ": "space"}


def _plot(found: Analysis, language: str) -> UsePlot:
    series = found.series
    first = found.causes[0] if found.causes else None
    marked = None
    if first is not None and first.first is not None and first.end is not None:
        marked = (max(first.first, series.first), min(first.end, series.end))
    rows = [(row.first, row.days, row.kWh_a_day) for row in series.rows]
    return use_plot(rows, found.usual_kWh, marked, _labels(series.first, series.end))


def _labels(first: int, end: int) -> Sequence[tuple[int, str]]:
    """First days of some months."""
    starts = [day for day in range(first, end) if iso_day(day).endswith("-01")]
    stride = next((n for n in (1, *_MONTHS_OF_AXIS) if len(starts) <= n * _MOST_LABELS), 24)
    return [(day, iso_day(day)[2:7]) for day in starts[::stride]]
