"""Standards as data: what a regulation asks of a meter, each row with its clause and provenance.

A rule set is a TOML file in `rules/` (`calibration/rule_files.py` reads it). Nothing in the code knows a limit. A rule
set is provisional until a laboratory has compared it with its own copy of the standard and approved it; the hash of the
file is kept with every run, so an approval lapses when the file changes. What a standard does not ask is None, never a
figure of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from math import floor

from calibration.load_points import (
    ANY_METER,
    Currents,
    LoadPoint,
    current_over_ib,
    currents_of,
    is_power_factor_of,
    phases_of,
    split_current,
    split_name,
    split_power_factor,
)
from calibration.nameplate import Connection, MeterUnderTest


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
        if any(split_current(end)[1] not in currents for end in (self.lower, self.upper)):
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

    def wants_more(self, mean_pct: Decimal, mpe_pct: Decimal) -> bool:
        """Whether a mean lies that near its limit; the ends of the band are included."""
        return self.lower * mpe_pct <= abs(mean_pct) <= self.upper * mpe_pct


@dataclass(frozen=True, slots=True)
class NoLoadRule:
    """Silence at voltage_factor x U_n. formula: which family of durations (`calibration/no_load.py`).

    three_wire_elements: m of a three-phase three-wire meter. numerator: N by class, of the family that has one.
    """

    formula: str
    voltage_factor: Decimal
    max_pulses: int
    three_wire_elements: float
    numerator: Mapping[str, float]
    source: Provenance


@dataclass(frozen=True, slots=True)
class StartingRule:
    """The starting current as a part of `of` (Ib, In or Itr) by connection and class.

    time_factor: how many times the period of its pulses a meter may take for a pulse.
    """

    of: Mapping[Connection, str]
    fraction: Mapping[Connection, Mapping[str, Decimal]]
    time_factor: Decimal
    source: Provenance


@dataclass(frozen=True, slots=True)
class MeterConstantRule:
    """One last digit of the register is at most class/parts_of_the_class (%) of the energy it moved by."""

    parts_of_the_class: int
    source: Provenance


@dataclass(frozen=True, slots=True)
class ClockRule:
    """The daily error, mean of `windows` windows after warming up."""

    limit_s_per_day: Decimal
    step_s_per_day: Decimal
    windows: int
    window_s: float
    warm_up_s: float
    source: Provenance


@dataclass(frozen=True, slots=True)
class Conditions:
    """Reference conditions: the temperature (degrees Celsius), lowest and highest; how far (+-, %) voltage and
    frequency may be from nominal, and the distortion (%). None: the rule set does not say."""

    temperature_C: tuple[float, float]
    source: Provenance
    voltage_pct: float | None = None
    frequency_pct: float | None = None
    distortion_pct: float | None = None


@dataclass(frozen=True, slots=True)
class ReferenceBound:
    """What a reference standard must be for meters of a class: its class (%), and the part of a limit that U may be.

    is_ours: the rule set states none, and it is this program's own (`OUR_CLASS_PART`, `OUR_UNCERTAINTY_PART`).
    """

    class_pct: float
    uncertainty_part: float
    is_ours: bool

    @property
    def wanted_uncertainty(self) -> float:
        """The part as a plan writes it: two digits, and not above it."""
        return floor(100 * self.uncertainty_part) / 100


OUR_CLASS_PART = 1 / 4
OUR_UNCERTAINTY_PART = 1 / 3
"""Where a rule set says nothing of the reference standard (unsure): the weakest that JJG 596-2012 takes for any class,
0.05 for 0.2S, and its third of the limit for U. Without them a reference as weak as the meter would do."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One standard in one edition. sha256: hash of the file's bytes. What the standard does not ask is None.

    items: names of the tests of a verification, in their order. sources: where those parts are from that are a figure
    by class or a single figure, by the name of their table in the file.
    """

    name: str
    standard: str
    title: str
    edition: str
    quantity: str
    accuracy_classes: tuple[str, ...]
    limits: tuple[LimitRow, ...]
    load_point_rows: tuple[LoadPointRow, ...]
    sha256: str
    items: tuple[str, ...] = ()
    repeats: int = 1
    judges_rounded: bool = False
    remeasure: RemeasureRule | None = None
    no_load: NoLoadRule | None = None
    starting: StartingRule | None = None
    meter_constant: MeterConstantRule | None = None
    clock: ClockRule | None = None
    conditions: Conditions | None = None
    tariff_sum_digits: int | None = None
    largest_uncertainty_part: float | None = None
    rounding_steps_pct: Mapping[str, Decimal] = field(default_factory=dict)
    repeatability_steps_pct: Mapping[str, Decimal] = field(default_factory=dict)
    unbalance_limits_pct: Mapping[str, float] = field(default_factory=dict)
    reference_classes_pct: Mapping[str, float] = field(default_factory=dict)
    validity_years: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, Provenance] = field(default_factory=dict)

    def limit(
        self,
        accuracy_class: str,
        connection: Connection,
        balance: Balance,
        current: str,
        power_factor: str,
        currents: Currents | None = None,
    ) -> Limit | None:
        """The limit at a load, or None where the rule set asks nothing there.

        current, power_factor: as in `0.05Ib`, `0.5L`. currents: the rated currents of the meter; without them only
        their order is known: a part of a rated current lies above the next lower one, `0.9Itr` above `Imin`.
        Errors: ValueError for a class, current or power factor that means nothing here.
        """
        self.require_class(accuracy_class)
        if currents is None:
            self._require_known_current(current)
            currents = ANY_METER
        over_ib = current_over_ib(current, currents)
        value, side = split_power_factor(power_factor)
        for row in self.limits:
            if (row.balance, row.connection) != (balance, connection) or accuracy_class not in row.mpe_pct:
                continue
            named = any(is_power_factor_of(p, value, side) for p in row.power_factors)
            if named and row.covers(over_ib, currents):
                return Limit(row.at(accuracy_class, over_ib, currents), row.only_on_request, row.source)
        return None

    def _require_known_current(self, current: str) -> None:
        """Without a meter, 0.05Ib cannot be compared with Itr: nobody knows their ratio."""
        factor, rated = split_current(current)
        if not factor or (rated == "Imax" and factor > 1):
            raise ValueError(f"{current} is outside 0 to Imax")
        known = {split_current(end)[1] for row in self.limits for end in (row.lower, row.upper)}
        known |= {"Ib", "In"} if known & {"Ib", "In"} else set()
        if known and rated not in known:
            raise ValueError(
                f"{current}: {self.name} has its limits by {', '.join(sorted(known))}; give the current in one of them"
            )

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
        """All load points of a meter: balanced, then each phase of a polyphase meter alone.

        Errors: ValueError where one is at a current that the nameplate does not state.
        """
        currents = currents_of(meter)

        def names(balance: Balance) -> tuple[str, ...]:
            found = self.load_points(meter.accuracy_class, meter.connection, balance, currents["Imax"])
            for name in found:
                current_over_ib(split_name(name)[0], currents)
            return found

        alone = tuple(
            f"{name} {phase}" for phase in phases_of(meter.wiring) for name in names(Balance.ONE_PHASE)
        )
        return (*names(Balance.BALANCED), *alone)

    def rounding_step_pct(self, accuracy_class: str) -> Decimal | None:
        """Step (%) to which results of an accuracy class are rounded; None where nothing is rounded."""
        self.require_class(accuracy_class)
        return self.rounding_steps_pct.get(accuracy_class)

    def judged_step_pct(self, accuracy_class: str) -> Decimal | None:
        """Step (%) to which an error is rounded before it is held against its limit; None where it is not rounded."""
        return self.rounding_step_pct(accuracy_class) if self.judges_rounded else None

    def repeatability_step_pct(self, accuracy_class: str) -> Decimal | None:
        """Step (%) to which a standard deviation is rounded."""
        return self.repeatability_steps_pct.get(accuracy_class)

    def smallest_limit_pct(self, accuracy_class: str) -> float | None:
        """The strictest limit (%) of a class; None where the rule set states no limits for it."""
        found = (row.mpe_pct[accuracy_class] for row in self.limits if accuracy_class in row.mpe_pct)
        return min(found, default=None)

    def reference_bound(self, accuracy_class: str) -> ReferenceBound | None:
        """What the reference standard must be for meters of a class; None where they have no limits to hold."""
        own_pct, part = self.reference_classes_pct.get(accuracy_class), self.largest_uncertainty_part
        if own_pct is not None and part is not None:
            return ReferenceBound(own_pct, part, is_ours=False)
        limit_pct = self.smallest_limit_pct(accuracy_class)
        if limit_pct is None:
            return None
        return ReferenceBound(OUR_CLASS_PART * limit_pct, OUR_UNCERTAINTY_PART, is_ours=True)

    def unbalance_limit_pct(self, accuracy_class: str) -> float | None:
        """How far (%) the error with one phase loaded may be from that with balanced load, at I_b (I_n), PF 1."""
        self.require_class(accuracy_class)
        return self.unbalance_limits_pct.get(accuracy_class)

    def judges(self, meter: MeterUnderTest) -> bool:
        """Whether it is about the energy that the meter counts; a meter of any other is measured and not judged."""
        return self.quantity == f"{meter.quantity} energy"

    def require_class(self, accuracy_class: str) -> None:
        """Errors: ValueError for a class that the rule set does not know."""
        if accuracy_class not in self.accuracy_classes:
            known = ", ".join(self.accuracy_classes)
            raise ValueError(f"{self.name} knows no accuracy class {accuracy_class!r}; it knows {known}")
