"""Standards as data: limits, load points and rounding of a regulation, each row with its clause and provenance.

A rule set is a TOML file in `rules/`. Nothing in the code knows a limit. A rule set is provisional until a
laboratory has compared it with its own copy of the standard and approved it; the hash of the file is kept with
every run, so an approval lapses when the file changes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256
from importlib.resources import files
from typing import Any

from calibration.load_points import (
    ANY_METER,
    Currents,
    LoadPoint,
    current_over_ib,
    currents_of,
    parse_load_point,
    phases_of,
    split_name,
    split_power_factor,
)
from calibration.nameplate import Connection, MeterUnderTest

__all__ = [
    "Balance",
    "Limit",
    "RuleSet",
    "load_rule_set",
    "parse_load_point",
    "read_rule_set",
    "rule_set_text",
]

Table = dict[str, Any]

_FOLDER = "rules"
_SUFFIX = ".toml"
NO_LOAD_FORMULAS = ("maximum_current", "starting_current", "minimum_current")
_MARKS = ("V", "P", "M", "?")
_SOURCE_KEYS = ("clause", "clause_provenance", "provenance")


class Balance(StrEnum):
    """Whether all phases of the meter carry the load, or one of a polyphase meter's."""

    BALANCED = "balanced"
    ONE_PHASE = "one_phase"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a row is from: clause of the standard; marks V, P, M or ? as explained in the file."""

    clause: str
    clause_provenance: str
    provenance: str


@dataclass(frozen=True, slots=True)
class LimitRow:
    """Limits (+-, %) by accuracy class for a range of current and some power factors."""

    balance: Balance
    connection: Connection
    lower: str
    upper: str
    includes_upper: bool
    power_factors: tuple[str, ...]
    mpe_pct: Mapping[str, float]
    only_on_request: bool
    source: Provenance
    grows_below: str | None = None
    """A current I_0: the limit is mpe I_0/I (OIML R 46: b I_min/I below I_min)."""

    def covers(self, current: Decimal, currents: Currents) -> bool:
        """Whether a current (in units of I_b) is in the row's range; no range of a meter begins at a current that its
        nameplate does not state."""
        if any(_name_of(end) not in currents for end in (self.lower, self.upper)):
            return False
        lower = current_over_ib(self.lower, currents)
        upper = current_over_ib(self.upper, currents)
        return lower <= current and (current <= upper if self.includes_upper else current < upper)

    def at(self, accuracy_class: str, current: Decimal, currents: Currents) -> float:
        """The limit (%) for a current in the row's range."""
        limit = Decimal(str(self.mpe_pct[accuracy_class]))
        if self.grows_below is not None:
            limit *= current_over_ib(self.grows_below, currents) / current
        return float(limit)


def _name_of(expression: str) -> str:
    return expression.lstrip("0123456789.")


@dataclass(frozen=True, slots=True)
class LoadPointRow:
    """Load points to run for some classes; least_imax_over_ib: from which I_max/I_b on the row applies."""

    balance: Balance
    connection: Connection
    accuracy_classes: tuple[str, ...]
    current: str
    least_imax_over_ib: Decimal
    power_factors: tuple[str, ...]
    source: Provenance


@dataclass(frozen=True, slots=True)
class Limit:
    """A maximum permissible error (+-, %) and where it is from."""

    mpe_pct: float
    only_on_request: bool
    source: Provenance


@dataclass(frozen=True, slots=True)
class RemeasureRule:
    """A mean between lower and upper times the limit gets `more` further runs; the mean of all is judged."""

    lower: Decimal
    upper: Decimal
    more: int
    source: Provenance


@dataclass(frozen=True, slots=True)
class NoLoadRule:
    """Silence at voltage_factor x U_n. formula: which family of durations (`calibration/no_load.py`)."""

    formula: str
    voltage_factor: Decimal
    max_pulses: int
    numerator: Mapping[str, float]
    source: Provenance


@dataclass(frozen=True, slots=True)
class StartingRule:
    """The starting current as a part of `of` (Ib, In or Itr) by connection and class, and the time allowed."""

    of: Mapping[Connection, str]
    fraction: Mapping[Connection, Mapping[str, Decimal]]
    time_factor: Decimal
    source: Provenance


@dataclass(frozen=True, slots=True)
class ClockRule:
    limit_s_per_day: Decimal
    step_s_per_day: Decimal
    windows: int
    window_s: float
    warm_up_s: float
    source: Provenance


@dataclass(frozen=True, slots=True)
class Conditions:
    """Reference conditions: the temperature (degrees Celsius), lowest and highest."""

    temperature_C: tuple[float, float]
    source: Provenance


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One standard in one edition. sha256: hash of the file's bytes. What the standard does not ask is None."""

    name: str
    standard: str
    title: str
    edition: str
    quantity: str
    accuracy_classes: tuple[str, ...]
    limits: tuple[LimitRow, ...]
    load_point_rows: tuple[LoadPointRow, ...]
    rounding_steps_pct: Mapping[str, Decimal]
    rounding_source: Provenance | None
    sha256: str
    items: tuple[str, ...] = ()
    repeats: int = 1
    judges_rounded: bool = False
    remeasure: RemeasureRule | None = None
    unbalance: Mapping[str, float] | None = None
    unbalance_source: Provenance | None = None
    no_load: NoLoadRule | None = None
    starting: StartingRule | None = None
    clock: ClockRule | None = None
    tariff_sum_digits: int | None = None
    repeatability_steps_pct: Mapping[str, Decimal] | None = None
    reference_classes_pct: Mapping[str, float] | None = None
    largest_uncertainty_part: float | None = None
    conditions: Conditions | None = None
    validity_years: Mapping[str, int] | None = None

    def limit(
        self,
        accuracy_class: str,
        connection: Connection,
        balance: Balance,
        current: str,
        power_factor: str,
        currents: Currents = ANY_METER,
    ) -> Limit | None:
        """The limit at a load, or None where the rule set asks nothing there.

        current, power_factor: as in `0.05Ib`, `0.5L`. currents: the rated currents of the meter; without them only
        their order is known, I_max and its parts being above every multiple of I_b.
        """
        self.require_class(accuracy_class)
        over_ib = current_over_ib(current, currents)
        value, side = split_power_factor(power_factor)
        for row in self.limits:
            if (row.balance, row.connection) != (balance, connection) or accuracy_class not in row.mpe_pct:
                continue
            named = (split_power_factor(p) for p in row.power_factors)
            if (value, side) in named and row.covers(over_ib, currents):
                return Limit(row.at(accuracy_class, over_ib, currents), row.only_on_request, row.source)
        return None

    def limit_at(self, load_point: LoadPoint, meter: MeterUnderTest) -> Limit | None:
        """The limit of a meter at a load point, looked up by the load point's name."""
        current, power_factor, phase = split_name(load_point.name)
        balance = Balance.ONE_PHASE if phase else Balance.BALANCED
        return self.limit(
            meter.accuracy_class, meter.connection, balance, current, power_factor, currents_of(meter)
        )

    def load_points(
        self,
        accuracy_class: str,
        connection: Connection,
        balance: Balance = Balance.BALANCED,
        imax_over_ib: Decimal | None = None,
    ) -> tuple[str, ...]:
        """Names of the load points to run, in the order of the rule set.

        Without imax_over_ib (I_max/I_b of the meter) those that depend on it are left out.
        """
        self.require_class(accuracy_class)
        ratio = Decimal(0) if imax_over_ib is None else imax_over_ib
        return tuple(
            f"{row.current} {power_factor}"
            for row in self.load_point_rows
            if (row.balance, row.connection) == (balance, connection)
            and accuracy_class in row.accuracy_classes
            and ratio >= row.least_imax_over_ib
            for power_factor in row.power_factors
        )

    def load_points_for(self, meter: MeterUnderTest) -> tuple[str, ...]:
        """All load points of a meter: balanced, then each phase of a polyphase meter alone."""
        currents = currents_of(meter)

        def names(balance: Balance) -> tuple[str, ...]:
            found = self.load_points(meter.accuracy_class, meter.connection, balance, currents["Imax"])
            return tuple(name for name in found if _name_of(name.split()[0]) in currents)

        alone = tuple(
            f"{name} {phase}" for phase in phases_of(meter.wiring) for name in names(Balance.ONE_PHASE)
        )
        return (*names(Balance.BALANCED), *alone)

    def rounding_step_pct(self, accuracy_class: str) -> Decimal | None:
        """Step (%) to which results of an accuracy class are rounded; None where nothing is rounded."""
        self.require_class(accuracy_class)
        return self.rounding_steps_pct.get(accuracy_class)

    def repeatability_step_pct(self, accuracy_class: str) -> Decimal | None:
        """Step (%) to which a standard deviation is rounded."""
        return (self.repeatability_steps_pct or {}).get(accuracy_class)

    def reference_class_pct(self, accuracy_class: str) -> float | None:
        """The class (%) that the reference standard must have for meters of a class."""
        return (self.reference_classes_pct or {}).get(accuracy_class)

    def unbalance_limit_pct(self, accuracy_class: str) -> float | None:
        """How far (%) the error with one phase loaded may be from that with balanced load, at I_b (I_n), PF 1."""
        return (self.unbalance or {}).get(accuracy_class)

    def require_class(self, accuracy_class: str) -> None:
        if accuracy_class not in self.accuracy_classes:
            known = ", ".join(self.accuracy_classes)
            raise ValueError(f"{self.name} knows no accuracy class {accuracy_class!r}; it knows {known}")


def rule_set_text(name: str) -> str:
    """The file of a rule set such as `jjg596-2012`. Errors: ValueError naming the known ones."""
    folder = files("calibration") / _FOLDER
    known = rule_set_names()
    if name not in known:
        raise ValueError(f"there is no rule set {name!r}; known are {', '.join(known)}")
    return (folder / (name + _SUFFIX)).read_bytes().decode()


def rule_set_names() -> tuple[str, ...]:
    """The rule sets that are shipped."""
    found = (files("calibration") / _FOLDER).iterdir()
    return tuple(sorted(f.name.removesuffix(_SUFFIX) for f in found if f.name.endswith(_SUFFIX)))


def load_rule_set(name: str) -> RuleSet:
    """The shipped rule set of a name. Errors: ValueError naming the known ones."""
    return read_rule_set(rule_set_text(name).encode(), name)


_REQUIRED = ("name", "standard", "title", "edition", "quantity", "accuracy_classes")
_OPTIONAL = (
    "items", "rounding", "limits", "load_points", "measurements", "remeasure", "unbalance", "no_load", "starting",
    "clock", "tariff_sum", "repeatability", "reference", "conditions", "validity",
)  # fmt: skip


def read_rule_set(content: bytes, where: str) -> RuleSet:
    """A rule set from the bytes of its file. Errors: ValueError that names the row and what is wrong with it."""
    try:
        table = _checked(tomllib.loads(content.decode()), where, _REQUIRED, _OPTIONAL)
        return _rule_set(table, content, where)
    except (KeyError, TypeError, InvalidOperation) as error:
        raise ValueError(f"{where}: a rule cannot be read ({error!r})") from error


def _rule_set(table: Table, content: bytes, where: str) -> RuleSet:
    def part(name: str, *keys: str, optional: tuple[str, ...] = ()) -> Table | None:
        found = table.get(name)
        if found is None:
            return None
        return _checked(found, f"{where}: {name}", (*keys, *_SOURCE_KEYS), optional)

    def source(found: Table | None) -> Provenance | None:
        return None if found is None else _source(found, where)

    rounding = part("rounding", "step_pct", "judges_rounded")
    measurements = part("measurements", "repeats")
    unbalance = part("unbalance", "mpe_pct")
    tariffs = part("tariff_sum", "digits")
    repeatability = part("repeatability", "step_pct")
    reference = part("reference", "class_pct", "largest_uncertainty_part")
    validity = part("validity", "years")
    return RuleSet(
        name=table["name"],
        standard=table["standard"],
        title=table["title"],
        edition=table["edition"],
        quantity=table["quantity"],
        accuracy_classes=tuple(table["accuracy_classes"]),
        limits=tuple(
            _limit_row(row, f"{where}: limit {i}") for i, row in enumerate(table.get("limits", ()), 1)
        ),
        load_point_rows=tuple(
            _load_point_row(row, f"{where}: load point {i}")
            for i, row in enumerate(table.get("load_points", ()), 1)
        ),
        rounding_steps_pct=_decimals(rounding and rounding["step_pct"]) or {},
        rounding_source=source(rounding),
        sha256=sha256(content).hexdigest(),
        items=tuple(table.get("items", ())),
        repeats=1 if measurements is None else int(measurements["repeats"]),
        judges_rounded=rounding is not None and bool(rounding["judges_rounded"]),
        remeasure=_remeasure(part("remeasure", "lower", "upper", "more"), where),
        unbalance=unbalance and {k: float(v) for k, v in unbalance["mpe_pct"].items()},
        unbalance_source=source(unbalance),
        no_load=_no_load(
            part("no_load", "formula", "voltage_factor", "max_pulses", optional=("numerator",)), where
        ),
        starting=_starting(part("starting", "of", "fraction", "time_factor"), where),
        clock=_clock(
            part("clock", "limit_s_per_day", "step_s_per_day", "windows", "window_s", "warm_up_s"), where
        ),
        tariff_sum_digits=None if tariffs is None else int(tariffs["digits"]),
        repeatability_steps_pct=_decimals(repeatability and repeatability["step_pct"]),
        reference_classes_pct=reference and {k: float(v) for k, v in reference["class_pct"].items()},
        largest_uncertainty_part=None
        if reference is None
        else float(Fraction(reference["largest_uncertainty_part"])),
        conditions=_conditions(part("conditions", "temperature_C"), where),
        validity_years=validity and {k: int(v) for k, v in validity["years"].items()},
    )


def _decimals(figures: Table | None) -> dict[str, Decimal] | None:
    return None if figures is None else {k: Decimal(v) for k, v in figures.items()}


def _remeasure(row: Table | None, where: str) -> RemeasureRule | None:
    if row is None:
        return None
    return RemeasureRule(Decimal(row["lower"]), Decimal(row["upper"]), int(row["more"]), _source(row, where))


def _no_load(row: Table | None, where: str) -> NoLoadRule | None:
    if row is None:
        return None
    if row["formula"] not in NO_LOAD_FORMULAS:
        raise ValueError(f"{where}: no_load: formula is one of {', '.join(NO_LOAD_FORMULAS)}")
    return NoLoadRule(
        row["formula"],
        Decimal(row["voltage_factor"]),
        int(row["max_pulses"]),
        {k: float(v) for k, v in row.get("numerator", {}).items()},
        _source(row, where),
    )


def _starting(row: Table | None, where: str) -> StartingRule | None:
    if row is None:
        return None
    return StartingRule(
        {Connection(k): v for k, v in row["of"].items()},
        {Connection(k): {c: Decimal(f) for c, f in v.items()} for k, v in row["fraction"].items()},
        Decimal(row["time_factor"]),
        _source(row, where),
    )


def _clock(row: Table | None, where: str) -> ClockRule | None:
    if row is None:
        return None
    return ClockRule(
        Decimal(row["limit_s_per_day"]),
        Decimal(row["step_s_per_day"]),
        int(row["windows"]),
        float(row["window_s"]),
        float(row["warm_up_s"]),
        _source(row, where),
    )


def _conditions(row: Table | None, where: str) -> Conditions | None:
    if row is None:
        return None
    low_C, high_C = row["temperature_C"]
    return Conditions((float(low_C), float(high_C)), _source(row, where))


def _limit_row(row: Table, where: str) -> LimitRow:
    _checked(
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
        power_factors=tuple(row["power_factors"]),
        mpe_pct={k: float(v) for k, v in row["mpe_pct"].items()},
        only_on_request=row.get("only_on_request", False),
        source=_source(row, where),
        grows_below=row.get("grows_below"),
    )


def _load_point_row(row: Table, where: str) -> LoadPointRow:
    _checked(
        row,
        where,
        required=("load", "connection", "accuracy_classes", "current", "power_factors", *_SOURCE_KEYS),
        optional=("least_imax_over_ib",),
    )
    return LoadPointRow(
        balance=Balance(row["load"]),
        connection=Connection(row["connection"]),
        accuracy_classes=tuple(row["accuracy_classes"]),
        current=row["current"],
        least_imax_over_ib=Decimal(row.get("least_imax_over_ib", 0)),
        power_factors=tuple(row["power_factors"]),
        source=_source(row, where),
    )


def _source(row: Table, where: str) -> Provenance:
    for key in ("clause_provenance", "provenance"):
        if row[key] not in _MARKS:
            raise ValueError(f"{where}: {key} is one of {', '.join(_MARKS)}, not {row[key]!r}")
    return Provenance(row["clause"], row["clause_provenance"], row["provenance"])


def _checked(table: Table, where: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Table:
    missing = [key for key in required if key not in table]
    unknown = [key for key in table if key not in (*required, *optional)]
    if missing or unknown:
        said = [f"{what} {', '.join(keys)}" for what, keys in (("no", missing), ("unknown", unknown)) if keys]
        raise ValueError(f"{where}: {'; '.join(said)}")
    return table
