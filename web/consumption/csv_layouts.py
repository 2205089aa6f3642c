"""Reading a list of energies as utilities and people write it: what is a date, what is the energy, in which unit.

`decoded` makes text of a file's bytes (UTF-8, UTF-16 with its mark, GB18030, which contains GBK). `read` makes rows of
a text: commas, semicolons, tabs or spaces between cells; a decimal comma or point, with or without groups of thousands;
days, months or hours in the usual layouts; headings in Chinese and English; what was used, or what a register showed.
What it has understood it says (`Layout`), so that whoever sent the list can see whether that is right; what it cannot
understand it refuses with the number of the line. Nothing is evaluated: a cell with a formula is refused.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from statistics import median

from calibration.household.days import day_number, day_text, days_of_month
from calibration.household.nights import Night
from calibration.household.series import MOST_ROWS, Row, Series, SeriesError, Trouble, series
from web.consumption.cells import DateColumn, date_column, number_column, plain_cell, unit_in
from web.consumption.hours import from_beginnings, hour_columns, is_time, nights_of, time_of

MOST_BYTES = 450_000
MOST_CHARACTERS = 300_000
_MOST_LINES = 3 * MOST_ROWS
"""A year and a third of hours."""
_MOST_CELLS = 110
_LONGEST_CELL = 200
_HEADING_LINES = 12
_DELIMITERS = ("\t", ";", ",")
_LEAST_REGISTER_ROWS = 8
_IN_KWH = {"kWh": Decimal(1), "Wh": Decimal("0.001"), "MWh": Decimal(1000)}
UNITS = tuple(_IN_KWH)
USE, REGISTER = "use", "register"
KINDS = (USE, REGISTER)
_OF_USE = re.compile(r"电量|用电|度数|耗电|consum|usage|used|energy|kwh|千瓦时|^use$", re.I)
_OF_REGISTER = re.compile(r"示数|读数|示值|止码|表底|表码|抄表数|reading|register|index|counter", re.I)
_OF_OTHER = re.compile(
    r"峰|谷|尖|平段|费|金额|价|户号|编号|表号|序号|温|cost|price|amount|fee|peak|valley|off-?peak|account|serial|"
    r"meter (id|no|number)|^(no|nr|id)\.?$|temp",
    re.I,
)
_OF_TOTAL = re.compile(r"总|合计|total|sum", re.I)
_LINE_OF_TOTAL = re.compile(r"(合|总|小)计\W*|(grand |sub)?total\W*|sum\W*", re.I)
_SPACE_BEFORE_UNIT = re.compile(r"(?<=\d)[ \t]+(?=(?:[km]?wh|千瓦时|度)(?:\s|$))", re.I)


class CsvError(Exception):
    """Why a list cannot be read: the name of a text of the section `consumption_csv`, with its values."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"{key} {values}")
        self.key = key
        self.values = values


@dataclass(frozen=True, slots=True)
class Layout:
    """How a list was read. heading: the cell above the energies, "" without one. kind: of KINDS; unit: of UNITS."""

    delimiter: str
    date_layout: str
    heading: str
    kind: str
    unit: str
    decimal_mark: str


@dataclass(frozen=True, slots=True)
class Note:
    """What was left out or taken to be, by the name of a text, and in which line (0: in none)."""

    key: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class List:
    """A list that was read. nights: where it has energies of hours or of less."""

    series: Series
    layout: Layout
    notes: tuple[Note, ...]
    nights: tuple[Night, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    cells: tuple[str, ...]


def decoded(data: bytes) -> str:
    """The text of a file. Errors: CsvError too_large, spreadsheet, not_text."""
    if len(data) > MOST_BYTES:
        raise CsvError("too_large", most=MOST_BYTES // 1000)
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise CsvError("spreadsheet")
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        elif data.startswith(b"\xef\xbb\xbf"):
            text = data.decode("utf-8-sig")
        else:
            text = _without_mark(data)
    except UnicodeDecodeError:
        raise CsvError("not_text") from None
    if any(unicodedata.category(c) == "Cc" and c not in "\t\r\n" for c in text):
        raise CsvError("not_text")
    return text


def _without_mark(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def read(text: str, kind: str = "", unit: str = "") -> List:
    """The list in a text. kind, unit: where somebody has said them; else they are found. Errors: CsvError."""
    if len(text) > MOST_CHARACTERS:
        raise CsvError("too_large", most=MOST_CHARACTERS // 1000)
    plain = (
        unicodedata.normalize("NFKC", text.replace("\ufeff", "")).replace("\r\n", "\n").replace("\r", "\n")
    )
    delimiter = _delimiter(plain)
    lines = _lines(plain, delimiter)
    if not lines:
        raise CsvError("empty")
    first, at = _first_dated(lines)
    heading = lines[first - 1].cells if first and len(lines[first - 1].cells) > 1 else ()
    data, notes = _without_sums(lines[first:], at)
    dates = date_column([line.cells[at] for line in data])
    if isinstance(dates, int):
        wrong = data[dates]
        raise CsvError("no_date", line=wrong.number, cell=wrong.cells[at][:40])
    columns = _value_columns(data, at, heading)
    name = " … ".join(dict.fromkeys(heading[c] for c in (columns[0], columns[-1]) if c < len(heading)))
    cells = [(line, line.cells[column]) for line in data for column in columns]
    numbers = number_column([cell for _, cell in cells], dates.layout)
    if isinstance(numbers, int):
        line, cell = cells[numbers]
        raise CsvError(
            "formula" if cell.startswith(("=", "@", "+")) else "no_number", line=line.number, cell=cell[:40]
        )
    unit = unit or numbers.unit or unit_in(name) or "kWh"
    moments = _moments(data, at, dates, len(columns))
    read_cells = zip(cells, moments, numbers.values, strict=True)
    found, missing = [], []
    for (line, _), (day, time), value in read_cells:
        if value is None:
            missing.append(Note("missing", line.number))
        else:
            found.append(_Value(line.number, day, time, value * _IN_KWH[unit]))
    notes += dict.fromkeys(missing)
    if not found:
        raise CsvError("empty")
    kind = kind or _kind(name, sorted(found, key=lambda value: (value.date, value.time)))
    values, more = _each_once(found, kind)
    rows, of_rows = _rows(values, kind, dates.are_months)
    layout = Layout(delimiter, dates.layout, name[:40], kind, unit, numbers.decimal_mark)
    nights = () if dates.are_months else nights_of({(v.date, v.time): v.kWh for v in found}, kind == REGISTER)
    return List(_series(rows, values), layout, (*notes, *more, *of_rows), nights)


def _moments(data: Sequence[_Line], at: int, dates: DateColumn, parts: int) -> list[tuple[str, str]]:
    """(day, time) of each figure: of the parts of a day in a line, else beside its date; "" without a time."""
    if parts > 1:
        return [(day, time_of(n, parts)) for day in dates.values for n in range(parts)]
    times = list(dates.times)
    beside = [line.cells[at + 1] if at + 1 < len(line.cells) else "" for line in data]
    if not any(times) and all(map(is_time, beside)):
        times = [cell.zfill(5)[:5] for cell in beside]
    return list(zip(dates.values, from_beginnings(list(zip(dates.values, times, strict=True))), strict=True))


@dataclass(frozen=True, slots=True)
class _Value:
    """A date is an ISO day or month; kWh may still be a register's."""

    line: int
    date: str
    time: str
    kWh: Decimal


def _delimiter(text: str) -> str:
    """What stands between cells; " " where it is nothing else."""
    lines = [line for line in text.split("\n", _MOST_LINES) if line.strip()][:200]
    for delimiter in _DELIMITERS:
        if sum(delimiter in line for line in lines) > 0.6 * len(lines):
            return delimiter
    return " "


def _lines(text: str, delimiter: str) -> list[_Line]:
    """The lines that have something, with their numbers. Errors: CsvError line_too_long, too_many_rows."""
    lines: list[_Line] = []
    for number, row in _split(text, delimiter):
        cells = tuple(plain_cell(cell) for cell in row)
        if not any(cells):
            continue
        if len(cells) > _MOST_CELLS or any(len(cell) > _LONGEST_CELL for cell in cells):
            raise CsvError("line_too_long", line=number)
        if len(lines) >= _MOST_LINES:
            raise CsvError("too_many_rows", most=_MOST_LINES)
        lines.append(_Line(number, cells))
    return lines


def _split(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    if delimiter == " ":
        for number, line in enumerate(text.split("\n"), start=1):
            yield number, _SPACE_BEFORE_UNIT.sub("", line).split()
        return
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error:
        raise CsvError("line_too_long", line=reader.line_num) from None


def _first_dated(lines: Sequence[_Line]) -> tuple[int, int]:
    """(index of the first line with a date, its column). Errors: CsvError no_dates."""
    for index, line in enumerate(lines[: _HEADING_LINES + 1]):
        for column, cell in enumerate(line.cells):
            if not isinstance(date_column([cell]), int):
                return index, column
    raise CsvError("no_dates", line=lines[0].number)


def _without_sums(lines: Sequence[_Line], at: int) -> tuple[list[_Line], list[Note]]:
    """Without lines of totals; those that are too short are filled."""
    data, notes = [], []
    for line in lines:
        if any(_LINE_OF_TOTAL.fullmatch(cell) for cell in line.cells[:2]):
            notes.append(Note("total", line.number))
        else:
            data.append(_Line(line.number, line.cells + ("",) * (at + 1 - len(line.cells))))
    return data, notes


def _value_columns(data: list[_Line], at: int, heading: Sequence[str]) -> list[int]:
    """Which column has the energies; those of the hours of a day. Errors: CsvError no_energies, which_column,
    line_too_wide."""
    first = data[0]
    numeric = [
        column
        for column in range(len(first.cells))
        if column != at
        and any(
            not isinstance(number_column([line.cells[column]], ""), int) and line.cells[column]
            for line in data[:20]
            if column < len(line.cells)
        )
    ]
    if hours := hour_columns(numeric, heading):
        return _filled(data, hours, len(heading) or len(first.cells))
    if heading:
        named = {column: heading[column] for column in numeric if column < len(heading) and heading[column]}
        ours = [c for c, name in named.items() if _OF_TOTAL.search(name) and not _OF_OTHER.search(name)]
        for wanted in (_OF_USE, _OF_REGISTER):
            ours = ours or [
                c for c, name in named.items() if wanted.search(name) and not _OF_OTHER.search(name)
            ]
        numeric = ours or [c for c in numeric if not _OF_OTHER.search(named.get(c, ""))]
    if not numeric:
        formula = next((cell for cell in first.cells if cell.startswith("=")), "")
        raise CsvError("formula" if formula else "no_energies", line=first.number, cell=formula[:40])
    if len(numeric) > 1:
        raise CsvError("which_column", line=first.number)
    return _filled(data, numeric, len(heading) or len(first.cells))


def _filled(data: list[_Line], columns: list[int], width: int) -> list[int]:
    """The same columns; lines that end before them are filled. Errors: CsvError line_too_wide."""
    for index, line in enumerate(data):
        if sum(map(bool, line.cells[width:])):
            raise CsvError("line_too_wide", line=line.number)
        if columns[-1] >= len(line.cells):
            data[index] = _Line(line.number, line.cells + ("",) * (columns[-1] + 1 - len(line.cells)))
    return columns


def _each_once(found: Sequence[_Value], kind: str) -> tuple[list[_Value], list[Note]]:
    """By rising date, each once. Several times of one day are one day: what was used in them is added; of a register
    the first reading stays. Errors: CsvError twice."""
    by_moment: dict[tuple[str, str], _Value] = {}
    notes: dict[str, Note] = {}
    for value in found:
        before = by_moment.setdefault((value.date, value.time), value)
        if before.kWh != value.kWh:
            raise CsvError("twice", line=value.line, other=before.line)
        if before is not value:
            notes[value.date] = Note("duplicate", value.line)
    by_date: dict[str, _Value] = {}
    for (date, _), value in sorted(by_moment.items()):
        first = by_date.setdefault(date, value)
        if first is not value and kind == USE:
            by_date[date] = replace(first, kWh=first.kWh + value.kWh)
            notes["hours_added"] = Note("hours_added")
    return list(by_date.values()), list(notes.values())


def _kind(heading: str, values: Sequence[_Value]) -> str:
    """By the heading, else a register where the figures only ever rise."""
    if _OF_REGISTER.search(heading) and not _OF_USE.search(heading):
        return REGISTER
    if _OF_USE.search(heading):
        return USE
    rising = all(before.kWh <= after.kWh for before, after in pairwise(values))
    return (
        REGISTER if len(values) >= _LEAST_REGISTER_ROWS and rising and values[0].kWh < values[-1].kWh else USE
    )


def _rows(values: Sequence[_Value], kind: str, are_months: bool) -> tuple[list[Row], list[Note]]:
    """Errors: CsvError register_back, too_few."""
    starts = [_start(value.date, are_months) for value in values]
    if kind == REGISTER:
        rows = []
        for n, (before, after) in enumerate(pairwise(values)):
            if after.kWh < before.kWh:
                raise CsvError("register_back", line=after.line)
            # A month's reading is that of its end, a day's that of its beginning.
            first, end = (_end(before.date), _end(after.date)) if are_months else (starts[n], starts[n + 1])
            rows.append(Row(first, end - first, after.kWh - before.kWh))
        if not rows:
            raise CsvError("too_few")
        return rows, [Note("differences")]
    if are_months or _are_months(values, starts):
        return [Row(*days_of_month(value.date[:7]), value.kWh) for value in values], []
    apart = [after - before for before, after in pairwise(starts)]
    if not apart or median(apart) <= 1:
        return [Row(start, 1, value.kWh) for start, value in zip(starts, values, strict=True)], []
    # Bills: each has the days since the one before; how many the first one has, nobody says.
    return [
        Row(before + 1, after - before, value.kWh)
        for (before, after), value in zip(pairwise(starts), values[1:], strict=True)
    ], [Note("first_bill", values[0].line)]


def _start(date: str, are_months: bool) -> int:
    return day_number(f"{date}-01" if are_months else date)


def _end(month: str) -> int:
    first, days = days_of_month(month)
    return first + days


def _are_months(values: Sequence[_Value], starts: Sequence[int]) -> bool:
    """Dated days that stand for whole months: each the first, or each the last, of its month."""
    if len(values) < 2:
        return False
    if all(value.date.endswith("-01") for value in values):
        return True
    return all(day_text(start + 1).endswith("-01") for start in starts)


_SERIES_ERRORS = {
    Trouble.NEGATIVE: "negative",
    Trouble.TOO_MUCH: "too_much",
    Trouble.ROW_TOO_LONG: "row_too_long",
    Trouble.SPAN_TOO_LONG: "span_too_long",
    Trouble.TOO_MANY_ROWS: "too_many_rows",
}


def _series(rows: Sequence[Row], values: Sequence[_Value]) -> Series:
    try:
        return series(rows)
    except SeriesError as error:
        offset = len(values) - len(rows)
        line = values[error.row + offset].line if error.row is not None else 0
        raise CsvError(_SERIES_ERRORS[error.trouble], line=line, most=MOST_ROWS) from None
