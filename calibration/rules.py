"""Standards as data: limits, load points and rounding of a regulation, each row with its clause and provenance.

A rule set is a TOML file in `rules/`. Nothing in the code knows a limit. A rule set is provisional until a
laboratory has compared it with its own copy of the standard and approved it; the hash of the file is kept with
every run, so an approval lapses when the file changes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from importlib.resources import files
from typing import Any

from calibration.load_points import (
    LoadPoint,
    current_over_ib,
    imax_over_ib,
    parse_load_point,
    split_name,
    split_power_factor,
)
from calibration.nameplate import Connection, MeterUnderTest

__all__ = ["Balance", "Limit", "RuleSet", "load_rule_set", "parse_load_point", "read_rule_set"]

INFINITE = Decimal("Infinity")

Table = dict[str, Any]

_FOLDER = "rules"
_SUFFIX = ".toml"
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

    def covers(self, current: Decimal, imax_over_ib: Decimal) -> bool:
        """Whether a current (in units of I_b) is in the row's range."""
        lower = current_over_ib(self.lower, imax_over_ib)
        upper = current_over_ib(self.upper, imax_over_ib)
        return lower <= current and (current <= upper if self.includes_upper else current < upper)


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
class RuleSet:
    """One standard in one edition. sha256: hash of the file's bytes."""

    name: str
    standard: str
    title: str
    edition: str
    quantity: str
    accuracy_classes: tuple[str, ...]
    limits: tuple[LimitRow, ...]
    load_point_rows: tuple[LoadPointRow, ...]
    rounding_steps_pct: Mapping[str, Decimal]
    rounding_source: Provenance
    sha256: str
    is_provisional: bool = True

    def limit(
        self,
        accuracy_class: str,
        connection: Connection,
        balance: Balance,
        current: str,
        power_factor: str,
        imax_over_ib: Decimal | None = None,
    ) -> Limit | None:
        """The limit at a load, or None where the rule set asks nothing there.

        current, power_factor: as in `0.05Ib`, `0.5L`. Without imax_over_ib (I_max/I_b of the meter) I_max and
        its parts are taken as above every multiple of I_b that the rule set names.
        """
        self._require_class(accuracy_class)
        ratio = INFINITE if imax_over_ib is None else imax_over_ib
        over_ib = current_over_ib(current, ratio)
        value, side = split_power_factor(power_factor)
        for row in self.limits:
            if (row.balance, row.connection) != (balance, connection) or accuracy_class not in row.mpe_pct:
                continue
            named = (split_power_factor(p) for p in row.power_factors)
            if (value, side) in named and row.covers(over_ib, ratio):
                return Limit(row.mpe_pct[accuracy_class], row.only_on_request, row.source)
        return None

    def limit_at(
        self, load_point: LoadPoint, meter: MeterUnderTest, balance: Balance = Balance.BALANCED
    ) -> Limit | None:
        """The limit of a meter at a load point, looked up by the load point's name."""
        current, power_factor = split_name(load_point.name)
        ratio = imax_over_ib(meter)
        return self.limit(meter.accuracy_class, meter.connection, balance, current, power_factor, ratio)

    def load_points(
        self,
        accuracy_class: str,
        connection: Connection,
        balance: Balance = Balance.BALANCED,
        imax_over_ib: Decimal | None = None,
    ) -> tuple[str, ...]:
        """Names of the load points to run, in the order of the rule set.

        Without imax_over_ib those that depend on it are left out.
        """
        self._require_class(accuracy_class)
        ratio = Decimal(0) if imax_over_ib is None else imax_over_ib
        return tuple(
            f"{row.current} {power_factor}"
            for row in self.load_point_rows
            if (row.balance, row.connection) == (balance, connection)
            and accuracy_class in row.accuracy_classes
            and ratio >= row.least_imax_over_ib
            for power_factor in row.power_factors
        )

    def rounding_step_pct(self, accuracy_class: str) -> Decimal:
        """Step (%) to which results of an accuracy class are rounded."""
        self._require_class(accuracy_class)
        return self.rounding_steps_pct[accuracy_class]

    def _require_class(self, accuracy_class: str) -> None:
        if accuracy_class not in self.accuracy_classes:
            known = ", ".join(self.accuracy_classes)
            raise ValueError(f"{self.name} knows no accuracy class {accuracy_class!r}; it knows {known}")


def load_rule_set(name: str) -> RuleSet:
    """The rule set of a name such as `jjg596-2012`. Errors: ValueError naming the known ones."""
    folder = files("calibration") / _FOLDER
    known = sorted(f.name.removesuffix(_SUFFIX) for f in folder.iterdir() if f.name.endswith(_SUFFIX))
    if name not in known:
        raise ValueError(f"there is no rule set {name!r}; known are {', '.join(known)}")
    return read_rule_set((folder / (name + _SUFFIX)).read_bytes(), name)


def read_rule_set(content: bytes, where: str) -> RuleSet:
    """A rule set from the bytes of its file. Errors: ValueError that names the row and what is wrong with it."""
    table = _checked(
        tomllib.loads(content.decode()),
        where,
        required=(
            "name",
            "standard",
            "title",
            "edition",
            "quantity",
            "accuracy_classes",
            "rounding",
            "limits",
        ),
        optional=("load_points",),
    )
    rounding = _checked(table["rounding"], f"{where}: rounding", ("step_pct", *_SOURCE_KEYS))
    return RuleSet(
        name=table["name"],
        standard=table["standard"],
        title=table["title"],
        edition=table["edition"],
        quantity=table["quantity"],
        accuracy_classes=tuple(table["accuracy_classes"]),
        limits=tuple(_limit_row(row, f"{where}: limit {i}") for i, row in enumerate(table["limits"], 1)),
        load_point_rows=tuple(
            _load_point_row(row, f"{where}: load point {i}")
            for i, row in enumerate(table.get("load_points", ()), 1)
        ),
        rounding_steps_pct={k: Decimal(v) for k, v in rounding["step_pct"].items()},
        rounding_source=_source(rounding, where),
        sha256=sha256(content).hexdigest(),
    )


def _limit_row(row: Table, where: str) -> LimitRow:
    _checked(
        row,
        where,
        required=("load", "connection", "from", "power_factors", "mpe_pct", *_SOURCE_KEYS),
        optional=("up_to", "below", "only_on_request"),
    )
    if ("up_to" in row) == ("below" in row):
        raise ValueError(f"{where}: give its upper end either as up_to or as below")
    upper = row["up_to"] if "up_to" in row else row["below"]
    for current in (row["from"], upper):
        current_over_ib(current, INFINITE)
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
