"""A laboratory's library of meter types: after it, a position, a serial number and a type are all there is to enter.

The library is a TOML file of `[[type]]` tables: name, maker, model and the nameplate keys of a plan's `[[meter]]`. A
batch of meters is a CSV file with the columns position, serial and type (表位, 出厂编号, 型号), as a spreadsheet
writes it.
"""

from __future__ import annotations

import csv
import dataclasses
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import OperatorError
from bench.plans.plan import MeterSection
from bench.toml_reader import load_toml, read_table, setting

_OF_ONE_METER = ("position", "serial", "meter_type")
_COLUMNS = {"position": "表位", "serial": "出厂编号", "type": "型号"}
"""The columns of a batch, and what they may be called as well."""
_SPREADSHEET_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?E[+-]?\d+", re.IGNORECASE)
"""What a spreadsheet makes of a long number: its last digits are lost."""


@dataclass(frozen=True)
class _Identification:
    """What a `[[type]]` has beside its nameplate."""

    name: str = setting("what plans and batches call this type")
    maker: str = setting("who makes it")
    model: str = setting("its maker's designation")


@dataclass(frozen=True)
class MeterType:
    """nameplate: of a meter that is mounted nowhere yet."""

    name: str
    maker: str
    model: str
    nameplate: MeterSection

    def mounted(self, position: str, serial: str) -> MeterSection:
        """A meter of this type at a position."""
        return dataclasses.replace(self.nameplate, position=position, serial=serial)


MeterTypes = Mapping[str, MeterType]


def load_meter_types(path: Path) -> MeterTypes:
    """The library by the names of its types. Errors: OperatorError, one line naming the type."""
    table = load_toml(path)
    unknown = [key for key in table if key != "type"]
    rows = table.get("type", [])
    if unknown or not isinstance(rows, list) or not rows:
        raise OperatorError(f"{path}: a library of meter types has [[type]] tables and nothing else")
    types: dict[str, MeterType] = {}
    for number, row in enumerate(rows, 1):
        found = _meter_type(row, f"{path}: type {number}")
        if found.name in types:
            raise OperatorError(f"{path}: there are two types {found.name!r}; names must differ")
        types[found.name] = found
    return types


def _meter_type(row: Any, where: str) -> MeterType:
    if not isinstance(row, dict):
        raise OperatorError(f"{where} must be a table")
    if "name" in row:
        where = f"{where} ({row['name']})"
    keys = {field.name for field in dataclasses.fields(_Identification)}
    identification = read_table(_Identification, {k: v for k, v in row.items() if k in keys}, where)
    for key in ("name", "maker", "model"):
        if not str(getattr(identification, key)).strip():
            raise OperatorError(f"{where}: {key} is empty; give it")
    for key in _OF_ONE_METER:
        if key in row:
            raise OperatorError(f"{where}: {key} is of one meter and not of its type; leave it out")
    designation = f"{identification.maker} {identification.model}"
    one_meter = dict(zip(_OF_ONE_METER, ("", "", designation), strict=True))
    nameplate = {k: v for k, v in row.items() if k not in keys}
    section = read_table(MeterSection, nameplate | one_meter, where)
    return MeterType(identification.name, identification.maker, identification.model, section)


def type_named(types: MeterTypes, name: str, where: str) -> MeterType:
    """Errors: OperatorError with the nearest known name."""
    if name in types:
        return types[name]
    close = difflib.get_close_matches(name, list(types), n=1, cutoff=0.5)
    said = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(types)}"
    raise OperatorError(f"{where}: there is no meter type {name!r}; {said}")


def load_batch(path: Path, types: MeterTypes) -> tuple[MeterSection, ...]:
    """The meters of a CSV file. Errors: OperatorError, one line naming the line of the file."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OperatorError(
            f"{path}: cannot be read ({error.strerror}); give the path of a CSV file"
        ) from error
    return tuple(_batch(_decoded(content, path), types, str(path)))


def _decoded(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OperatorError(
            f"{path}: is not UTF-8 (a spreadsheet in Chinese writes GBK); save it as 'CSV UTF-8' / "
            "请另存为 CSV UTF-8"
        ) from error


def _batch(text: str, types: MeterTypes, where: str) -> Iterator[MeterSection]:
    lines = text.splitlines()
    header = lines[0] if lines else ""
    reader = csv.reader(lines, delimiter=";" if header.count(";") > header.count(",") else ",", strict=True)
    seen: dict[tuple[str, str], int] = {}
    columns: list[str] = []
    try:
        for cells in reader:
            row = [cell.strip() for cell in cells]
            at = f"{where}: line {reader.line_num}"
            if not columns:
                columns = _header(row, at)
            elif any(row):
                yield _mounted(row, columns, types, at, seen, reader.line_num)
    except csv.Error as error:
        raise OperatorError(f"{where}: line {reader.line_num}: is not CSV ({error})") from error
    if not seen:
        raise OperatorError(f"{where}: there are no meters; add a line for each under {','.join(_COLUMNS)}")


def _header(row: list[str], at: str) -> list[str]:
    of_chinese = {chinese: name for name, chinese in _COLUMNS.items()}
    names = [of_chinese.get(name, name) for name in row]
    if sorted(names) != sorted(_COLUMNS):
        raise OperatorError(
            f"{at}: the header is {','.join(row)!r}; it must be {','.join(_COLUMNS)} "
            f"({','.join(_COLUMNS.values())})"
        )
    return names


def _mounted(
    row: list[str],
    columns: list[str],
    types: MeterTypes,
    at: str,
    seen: dict[tuple[str, str], int],
    number: int,
) -> MeterSection:
    if len(row) != len(columns):
        raise OperatorError(f"{at}: has {len(row)} values; give {len(columns)}: {', '.join(columns)}")
    cells = dict(zip(columns, row, strict=True))
    for column, value in cells.items():
        if not value:
            raise OperatorError(f"{at}: {column} is empty; give it, or take the line out")
    if _SPREADSHEET_NUMBER.fullmatch(cells["serial"]):
        raise OperatorError(
            f"{at}: serial {cells['serial']!r} is what a spreadsheet made of a long number; format the column as "
            "text and enter the serial numbers again"
        )
    for column in ("position", "serial"):
        key = (column, cells[column])
        if key in seen:
            raise OperatorError(f"{at}: {column} {cells[column]!r} is on line {seen[key]} already")
        seen[key] = number
    return type_named(types, cells["type"], at).mounted(cells["position"], cells["serial"])
