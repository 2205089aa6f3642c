"""Reading the files of rule sets: every key and figure is checked, and a mistake is named with its row.

Rows that share their clause, marks, load or connection stand in one table, which says what they share once and lists
them in `rows`; a row may say it otherwise. `connections` repeats a row for each connection.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, TypeVar

from calibration.load_points import ANY_METER, current_over_ib, split_power_factor
from calibration.nameplate import Connection
from calibration.rules import (
    Balance,
    ClockRule,
    Conditions,
    LimitRow,
    LoadPointRow,
    MeterConstantRule,
    NoLoadRule,
    Provenance,
    RemeasureRule,
    RuleSet,
    StartingRule,
)

Table = dict[str, Any]
T = TypeVar("T")

_FOLDER = files("calibration") / "rules"
_SUFFIX = ".toml"
_MARKS = ("V", "P", "M", "?")
_SOURCE_KEYS = ("clause", "clause_provenance", "provenance")
NO_LOAD_FORMULAS = ("maximum_current", "starting_current", "minimum_current")
_ELEMENTS = {"sqrt3": 3**0.5, "2": 2.0}
_IDENTIFICATION = ("name", "standard", "title", "edition", "quantity", "accuracy_classes")
_PARTS = {
    "verification": ("items",),
    "rounding": ("step_pct",),
    "judging": ("rounded",),
    "measurements": ("repeats",),
    "remeasure": ("lower", "upper", "more"),
    "unbalance": ("mpe_pct",),
    "no_load": ("formula", "voltage_factor", "max_pulses", "three_wire_elements"),
    "starting": ("of", "fraction", "time_factor"),
    "meter_constant": ("parts_of_the_class",),
    "clock": ("limit_s_per_day", "step_s_per_day", "windows", "window_s", "warm_up_s"),
    "tariff_sum": ("digits",),
    "repeatability": ("step_pct",),
    "reference": ("class_pct", "largest_uncertainty_part"),
    "conditions": ("temperature_C",),
    "validity": ("years",),
}
"""The tables of a file with the keys that each must have, beside those of its source."""
_OPTIONAL = {
    "rounding": ("judges_rounded",),
    "no_load": ("numerator",),
    "conditions": ("voltage_pct", "frequency_pct", "distortion_pct"),
}
"""`items` beside the tables and `judges_rounded` in [rounding] are how older records of a rule set have it: without a
clause and a mark of their own."""


def rule_set_names() -> tuple[str, ...]:
    """The rule sets that are shipped."""
    return tuple(sorted(f.name.removesuffix(_SUFFIX) for f in _FOLDER.iterdir() if f.name.endswith(_SUFFIX)))


def rule_set_text(name: str) -> str:
    """The file of a rule set such as `jjg596-2012`. Errors: ValueError naming the known ones."""
    known = rule_set_names()
    if name not in known:
        raise ValueError(f"there is no rule set {name!r}; known are {', '.join(known)}")
    return (_FOLDER / (name + _SUFFIX)).read_bytes().decode()


def load_rule_set(name: str) -> RuleSet:
    """The shipped rule set of a name. Errors: ValueError naming the known ones."""
    return read_rule_set(rule_set_text(name).encode(), name)


def read_rule_set(content: bytes, where: str) -> RuleSet:
    """A rule set from the bytes of its file; the same bytes are the same rule set, which nobody changes.

    Errors: ValueError that names the row and what is wrong with it.
    """
    return _remembered(content, where)


def _read(content: bytes, where: str) -> RuleSet:
    try:
        table = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where}: this is no TOML: {error}") from error
    try:
        return _rule_set(table, content, where)
    except (KeyError, TypeError, AttributeError, InvalidOperation, OverflowError) as error:
        raise ValueError(f"{where}: a rule cannot be read ({error!r})") from error


_remembered = lru_cache(maxsize=16)(_read)
"""A plan, its replay and each signature under it read the same file."""


def _rule_set(table: Table, content: bytes, where: str) -> RuleSet:
    _check(table, where, _IDENTIFICATION, ("items", "limits", "load_points", *_PARTS))
    classes = tuple(table["accuracy_classes"])
    parts = {name: table[name] for name in _PARTS if name in table}
    for name, part in parts.items():
        _check(part, f"{where}: {name}", (*_PARTS[name], *_SOURCE_KEYS), _OPTIONAL.get(name, ()))
    sources = {name: _source(part, f"{where}: {name}") for name, part in parts.items()}

    def of(name: str, read: Callable[[Table, Provenance], T]) -> T | None:
        return read(parts[name], sources[name]) if name in parts else None

    def by_class(name: str, key: str, read: Callable[[Any], T]) -> dict[str, T]:
        return _by_class(parts[name][key], classes, f"{where}: {name}", read) if name in parts else {}

    return RuleSet(
        **{key: table[key] for key in _IDENTIFICATION if key != "accuracy_classes"},
        accuracy_classes=classes,
        limits=tuple(_limit_row(row, classes, at) for row, at in _rows(table, "limits", f"{where}: limit")),
        load_point_rows=tuple(
            _load_point_row(row, classes, at)
            for row, at in _rows(table, "load_points", f"{where}: load point")
        ),
        sha256=sha256(content).hexdigest(),
        items=tuple(parts["verification"]["items"] if "verification" in parts else table.get("items", ())),
        repeats=int(parts["measurements"]["repeats"]) if "measurements" in parts else 1,
        judges_rounded=_judges_rounded(parts),
        remeasure=of("remeasure", _remeasure),
        no_load=of("no_load", lambda row, source: _no_load(row, source, classes, f"{where}: no_load")),
        starting=of("starting", lambda row, source: _starting(row, source, classes, f"{where}: starting")),
        meter_constant=of(
            "meter_constant", lambda row, source: MeterConstantRule(int(row["parts_of_the_class"]), source)
        ),
        clock=of("clock", _clock),
        conditions=of("conditions", _conditions),
        tariff_sum_digits=of("tariff_sum", lambda row, _: int(row["digits"])),
        largest_uncertainty_part=of(
            "reference", lambda row, _: float(Fraction(row["largest_uncertainty_part"]))
        ),
        rounding_steps_pct=by_class("rounding", "step_pct", Decimal),
        repeatability_steps_pct=by_class("repeatability", "step_pct", Decimal),
        unbalance_limits_pct=by_class("unbalance", "mpe_pct", float),
        reference_classes_pct=by_class("reference", "class_pct", float),
        validity_years=by_class("validity", "years", int),
        sources=sources,
    )


def _judges_rounded(parts: dict[str, Table]) -> bool:
    said: object = parts.get("rounding", {}).get("judges_rounded")
    if "judging" in parts:
        said = parts["judging"]["rounded"]
    return "rounding" in parts and said is True


def _rows(table: Table, name: str, where: str) -> Iterator[tuple[Table, str]]:
    """Each row with what its table says for all of them, once for each connection; and where it stands."""
    number = 0
    for shared in table.get(name, ()):
        for own in shared.get("rows", ({},)):
            number += 1
            row = {key: value for key, value in shared.items() if key != "rows"} | own
            connections = row.pop("connections", None)
            if connections is None:
                yield row, f"{where} {number}"
                continue
            for connection in connections:
                yield row | {"connection": connection}, f"{where} {number}"


def _limit_row(row: Table, classes: tuple[str, ...], where: str) -> LimitRow:
    _check(
        row,
        where,
        required=("load", "connection", "from", "power_factors", "mpe_pct", *_SOURCE_KEYS),
        optional=("up_to", "below", "only_on_request", "grows_below"),
    )
    if ("up_to" in row) == ("below" in row):
        raise ValueError(f"{where}: give its upper end either as up_to or as below")
    upper = row["up_to"] if "up_to" in row else row["below"]
    for current in (row["from"], upper):
        current_over_ib(current, ANY_METER)
    return LimitRow(
        balance=Balance(row["load"]),
        connection=Connection(row["connection"]),
        lower=row["from"],
        upper=upper,
        includes_upper="up_to" in row,
        power_factors=_power_factors(row, may_be_range=True),
        mpe_pct=_by_class(row["mpe_pct"], classes, where, float),
        only_on_request=row.get("only_on_request", False) is True,
        source=_source(row, where),
        grows_below=row.get("grows_below"),
    )


def _load_point_row(row: Table, classes: tuple[str, ...], where: str) -> LoadPointRow:
    _check(
        row,
        where,
        required=("load", "connection", "accuracy_classes", "current", "power_factors", *_SOURCE_KEYS),
        optional=("least_imax_over_ib",),
    )
    current_over_ib(row["current"], ANY_METER)
    return LoadPointRow(
        balance=Balance(row["load"]),
        connection=Connection(row["connection"]),
        accuracy_classes=tuple(_by_class(dict.fromkeys(row["accuracy_classes"]), classes, where, str)),
        current=row["current"],
        least_imax_over_ib=Decimal(row.get("least_imax_over_ib", 0)),
        power_factors=_power_factors(row),
        source=_source(row, where),
    )


def _power_factors(row: Table, *, may_be_range: bool = False) -> tuple[str, ...]:
    for power_factor in row["power_factors"]:
        for end in power_factor.split(" to ") if may_be_range else (power_factor,):
            split_power_factor(end)
    return tuple(row["power_factors"])


def _remeasure(row: Table, source: Provenance) -> RemeasureRule:
    return RemeasureRule(Decimal(row["lower"]), Decimal(row["upper"]), int(row["more"]), source)


def _no_load(row: Table, source: Provenance, classes: tuple[str, ...], where: str) -> NoLoadRule:
    formula, elements = row["formula"], row["three_wire_elements"]
    if formula not in NO_LOAD_FORMULAS:
        raise ValueError(f"{where}: formula is one of {', '.join(NO_LOAD_FORMULAS)}")
    if elements not in _ELEMENTS:
        raise ValueError(f"{where}: three_wire_elements is one of {', '.join(_ELEMENTS)}")
    return NoLoadRule(
        formula,
        Decimal(row["voltage_factor"]),
        int(row["max_pulses"]),
        _ELEMENTS[elements],
        _by_class(row.get("numerator", {}), classes, where, float),
        source,
    )


def _starting(row: Table, source: Provenance, classes: tuple[str, ...], where: str) -> StartingRule:
    return StartingRule(
        {Connection(k): str(v) for k, v in row["of"].items()},
        {Connection(k): _by_class(v, classes, where, Decimal) for k, v in row["fraction"].items()},
        Decimal(row["time_factor"]),
        source,
    )


def _clock(row: Table, source: Provenance) -> ClockRule:
    return ClockRule(
        Decimal(row["limit_s_per_day"]),
        Decimal(row["step_s_per_day"]),
        int(row["windows"]),
        float(row["window_s"]),
        float(row["warm_up_s"]),
        source,
    )


def _conditions(row: Table, source: Provenance) -> Conditions:
    low_C, high_C = row["temperature_C"]
    others = {key: float(row[key]) for key in _OPTIONAL["conditions"] if key in row}
    return Conditions((float(low_C), float(high_C)), source, **others)


def _by_class(figures: Table, classes: tuple[str, ...], where: str, read: Callable[[Any], T]) -> dict[str, T]:
    if unknown := [accuracy_class for accuracy_class in figures if accuracy_class not in classes]:
        raise ValueError(
            f"{where}: class {', '.join(unknown)} is none of accuracy_classes; correct it or add it there"
        )
    return {accuracy_class: read(figure) for accuracy_class, figure in figures.items()}


def _source(row: Table, where: str) -> Provenance:
    for key in ("clause_provenance", "provenance"):
        if row[key] not in _MARKS:
            raise ValueError(f"{where}: {key} is one of {', '.join(_MARKS)}, not {row[key]!r}")
    return Provenance(row["clause"], row["clause_provenance"], row["provenance"])


def _check(table: Table, where: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
    missing = [key for key in required if key not in table]
    unknown = [key for key in table if key not in (*required, *optional)]
    if missing or unknown:
        said = [f"{what} {', '.join(keys)}" for what, keys in (("no", missing), ("unknown", unknown)) if keys]
        raise ValueError(f"{where}: {'; '.join(said)}")
