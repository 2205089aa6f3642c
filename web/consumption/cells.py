"""Columns of a list: dates and numbers as people write them. A column is read as a whole, since one cell may be either
of two things (`3/4/2025`, `1,234`) and its neighbours say which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from calibration.household.days import day_number, days_of_month

_TIME = re.compile(r"[T ]\s*(\d{1,2}:\d{2})(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?$")
_DATES: tuple[tuple[str, str, str], ...] = (
    ("YYYY-MM-DD", r"(\d{4})-(\d{1,2})-(\d{1,2})", "ymd"),
    ("YYYY/MM/DD", r"(\d{4})/(\d{1,2})/(\d{1,2})", "ymd"),
    ("YYYY.MM.DD", r"(\d{4})\.(\d{1,2})\.(\d{1,2})", "ymd"),
    ("YYYY年MM月DD日", r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]?", "ymd"),
    ("YYYYMMDD", r"((?:19|20)\d{2})(\d{2})(\d{2})", "ymd"),
    ("DD.MM.YYYY", r"(\d{1,2})\.(\d{1,2})\.(\d{4})", "dmy"),
    ("DD/MM/YYYY", r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", "dmy"),
    ("MM/DD/YYYY", r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", "mdy"),
    ("YYYY-MM", r"(\d{4})-(\d{1,2})", "ym"),
    ("YYYY/MM", r"(\d{4})/(\d{1,2})", "ym"),
    ("YYYY.MM", r"((?:19|20)\d{2})\.(\d{2})", "ym"),
    ("YYYY年MM月", r"(\d{4})年(\d{1,2})月[份]?", "ym"),
    ("YYYYMM", r"((?:19|20)\d{2})(0[1-9]|1[0-2])", "ym"),
    ("MM/YYYY", r"(\d{1,2})[/.-](\d{4})", "my"),
)
_LAYOUTS = tuple((name, re.compile(pattern, re.ASCII), order) for name, pattern, order in _DATES)
_MISSING = {"", "-", "--", "—", "–", "/", "n/a", "na", "null", "none", "nan", "无", "缺", "空"}
_NUMBER = re.compile(
    r"([+\-\u2212]?)([\d.,'\u2019\u00a0\u202f ]*\d[.,]?)\s*(kwh|wh|mwh|kw·h|千瓦时|度|兆瓦时)?", re.I
)
_EXPONENT = re.compile(r"[+-]?\d+(\.\d+)?e[+-]?\d{1,2}", re.I)
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+")
_QUOTED_FORMULA = re.compile(r'="([^"=]*)"')
_UNITS = (
    ("MWh", re.compile(r"mwh|兆瓦时", re.I)),
    ("kWh", re.compile(r"kw·?h|千瓦时|度", re.I)),
    ("Wh", re.compile(r"wh", re.I)),
)
_LONGEST_NUMBER = 30


@dataclass(frozen=True, slots=True)
class DateColumn:
    """values: ISO days, or months; times: of the day, "" where there is none."""

    layout: str
    values: tuple[str, ...]
    times: tuple[str, ...]
    are_months: bool


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """values: None where a cell is empty or says that there is none. unit: where the cells have one, else ""."""

    values: tuple[Decimal | None, ...]
    unit: str
    decimal_mark: str


def plain_cell(cell: str) -> str:
    """Without spaces around, the apostrophe of a spreadsheet, and the `="..."` that keeps leading zeros there."""
    cell = cell.strip().lstrip("'").strip()
    quoted = _QUOTED_FORMULA.fullmatch(cell)
    return quoted[1].strip() if quoted else cell


def unit_in(heading: str) -> str:
    """The unit that a heading names, else ""."""
    return next((unit for unit, pattern in _UNITS if pattern.search(heading)), "")


def date_column(cells: Sequence[str]) -> DateColumn | int:
    """All cells in one layout; or the index of the first cell that no layout of the ones before it has."""
    split = [_without_time(cell) for cell in cells]
    best: DateColumn | int = -1
    readings: list[DateColumn] = []
    for name, pattern, order in _LAYOUTS:
        values: list[str] = []
        for day, _ in split:
            found = _date(pattern.fullmatch(day), order)
            if found is None:
                break
            values.append(found)
        if len(values) == len(split):
            readings.append(
                DateColumn(name, tuple(values), tuple(time for _, time in split), "d" not in order)
            )
        elif isinstance(best, int):
            best = max(best, len(values))
    # 3/4/2025 may be two days: whoever makes a list writes it in order, so the nearer ones are meant.
    return min(readings, key=_length) if readings else max(0, int(best))  # type: ignore[arg-type]


def _length(column: DateColumn) -> int:
    if column.are_months:
        return 0
    return sum(
        abs(day_number(b) - day_number(a)) for a, b in zip(column.values, column.values[1:], strict=False)
    )


def _without_time(cell: str) -> tuple[str, str]:
    found = _TIME.search(cell)
    return (cell[: found.start()].strip(), found[1].zfill(5)) if found else (cell, "")


def _date(found: re.Match[str] | None, order: str) -> str | None:
    if found is None:
        return None
    parts = dict(zip(order, found.groups(), strict=True))
    month = f"{int(parts['y']):04}-{int(parts['m']):02}"
    try:
        days_of_month(month)
        if "d" not in parts:
            return month
        day = f"{month}-{int(parts['d']):02}"
        day_number(day)
    except ValueError:
        return None
    return day


def number_column(cells: Sequence[str], date_layout: str) -> NumberColumn | int:
    """All cells as numbers, or the index of the first one that is none.

    A comma is the decimal mark where one of the commas cannot stand between thousands, and beside dates with points
    (31.01.2025); else it stands between thousands.
    """
    parts: list[tuple[str, str, str] | None] = []
    for index, cell in enumerate(cells):
        if cell.lower() in _MISSING:
            parts.append(None)
            continue
        found = _NUMBER.fullmatch(cell) if len(cell) <= _LONGEST_NUMBER else None
        if found is None and not (_EXPONENT.fullmatch(cell) and len(cell) <= _LONGEST_NUMBER):
            return index
        parts.append((found[1], found[2], found[3] or "") if found else ("", cell, ""))
    figures = [part[1] for part in parts if part is not None]
    mark = _decimal_mark(figures, date_layout)
    units = {unit_in(part[2]) for part in parts if part is not None and part[2]}
    values: list[Decimal | None] = []
    for index, part in enumerate(parts):
        try:
            values.append(None if part is None else _number(part[0], part[1], mark))
        except InvalidOperation:
            return index
    if len(units) > 1:
        return next(n for n, part in enumerate(parts) if part is not None and part[2])
    return NumberColumn(tuple(values), next(iter(units), ""), mark)


def _decimal_mark(figures: Sequence[str], date_layout: str) -> str:
    both = [figure for figure in figures if "," in figure and "." in figure]
    if both:
        return "," if both[0].rindex(",") > both[0].rindex(".") else "."
    with_comma = [figure for figure in figures if "," in figure]
    if not with_comma:
        return "," if any(figure.count(".") > 1 for figure in figures) else "."
    grouped = all(_GROUPED.fullmatch(figure) for figure in with_comma)
    has_several = any(figure.count(",") > 1 for figure in with_comma)
    if grouped and (has_several or date_layout != "DD.MM.YYYY"):
        return "."
    return ","


def _number(sign: str, figure: str, mark: str) -> Decimal:
    """Errors: InvalidOperation for what is none."""
    between = "." if mark == "," else ","
    plain = re.sub("[\\s'\u2019]", "", figure)
    if between in plain:
        whole = plain.split(mark)[0]
        groups = whole.split(between)
        if between in plain[len(whole) :] or not groups[0] or any(len(group) != 3 for group in groups[1:]):
            raise InvalidOperation
        plain = plain.replace(between, "")
    value = Decimal(plain.replace(mark, "."))
    return -value if sign in ("-", "\u2212") else value
