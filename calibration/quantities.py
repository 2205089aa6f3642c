"""The value types that travel from the pins to the certificate. All frozen; all units in the names.

Instants are integers in nanoseconds of CLOCK_MONOTONIC (`_ns`), durations are floats in seconds (`_s`).
Relative quantities are in per cent (`_pct`). Energy is active energy in watt-hours (`_Wh`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import overload

import numpy as np
from numpy.typing import NDArray

from calibration.reasons import Reason

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

NS_PER_S = 1_000_000_000
SECONDS_PER_HOUR = 3600.0
WH_PER_KWH = 1000.0
WS_PER_KWH = WH_PER_KWH * SECONDS_PER_HOUR

RISING, FALLING = 1, 2
"""Kinds of an edge, numbered as the Linux GPIO character device v2 numbers them."""


@overload
def seconds_between(first_ns: int, last_ns: int) -> float: ...
@overload
def seconds_between(first_ns: int | IntArray, last_ns: IntArray) -> FloatArray: ...
def seconds_between(first_ns: int | IntArray, last_ns: int | IntArray) -> float | FloatArray:
    """Seconds from one instant (ns) to another, or to each of many: where nanoseconds become seconds.

    The integers are subtracted first: an instant as float seconds would lose nanoseconds after weeks of uptime.
    """
    return (last_ns - first_ns) / NS_PER_S


@dataclass(frozen=True, slots=True)
class Finding:
    """Why something is invalid, declined or remarkable: a reason and the figures its sentence needs."""

    reason: Reason
    values: Mapping[str, str] = field(default_factory=dict)


SEQNO_MODULUS = 2**32


@dataclass(frozen=True, slots=True)
class EdgeTrain:
    """Edges of one input line in the order of arrival; three arrays of equal length n.

    timestamp_ns: kernel stamp of each edge; kind: RISING or FALLING; line_seqno: the kernel's counter of
    this line, which goes up by one with each edge (a gap is a known loss).
    """

    timestamp_ns: IntArray
    kind: IntArray
    line_seqno: IntArray

    def __len__(self) -> int:
        return len(self.timestamp_ns)

    @staticmethod
    def empty() -> EdgeTrain:
        none = np.empty(0, np.int64)
        return EdgeTrain(none, none, none)

    @property
    def seqno_steps(self) -> IntArray:
        """From each edge to the next, by the kernel's counter, which has 32 bits; 1 where none was lost."""
        steps: IntArray = np.diff(self.line_seqno) % SEQNO_MODULUS
        return steps

    @property
    def lost(self) -> int:
        """Edges that the kernel counted and did not deliver; a counter that was restarted meanwhile tells none."""
        steps = self.seqno_steps
        return int(np.sum(steps[(steps > 0) & (steps <= SEQNO_MODULUS // 2)] - 1))

    def of_kind(self, kind: int) -> IntArray:
        """Stamps (ns) of the edges of one kind."""
        chosen: IntArray = self.timestamp_ns[self.kind == kind]
        return chosen

    def between(self, first_ns: int, last_ns: int) -> EdgeTrain:
        """The edges with first_ns <= stamp <= last_ns."""
        inside = (self.timestamp_ns >= first_ns) & (self.timestamp_ns <= last_ns)
        return EdgeTrain(self.timestamp_ns[inside], self.kind[inside], self.line_seqno[inside])


@dataclass(frozen=True, slots=True)
class PolledRegister:
    """One register of the reference standard as a poll sees it; three arrays of equal length n.

    request_ns: when the request had been sent; reply_ns: when the reply had been received; value: in the
    unit of the register. The value was true at an unknown instant between the two.
    """

    request_ns: IntArray
    reply_ns: IntArray
    value: FloatArray

    def __len__(self) -> int:
        return len(self.value)

    @staticmethod
    def empty() -> PolledRegister:
        none = np.empty(0, np.int64)
        return PolledRegister(none, none, np.empty(0, np.float64))

    def between(self, first_ns: int, last_ns: int) -> PolledRegister:
        """The polls that were wholly inside first_ns to last_ns (views: stamps of polls never run backwards)."""
        inside = slice(
            int(np.searchsorted(self.request_ns, first_ns)),
            int(np.searchsorted(self.reply_ns, last_ns, "right")),
        )
        return PolledRegister(self.request_ns[inside], self.reply_ns[inside], self.value[inside])


@dataclass(frozen=True, slots=True)
class InstrumentFault:
    """Something an instrument or a line did at an instant that makes every window around it INVALID."""

    at_ns: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class ReferenceReadings:
    """What was read from a reference standard: its energy register (Wh), its active power (W) and its voltage (V).

    Energy and power come from one reply where the profile's registers lie close enough, else from two replies
    with their own stamps. The voltage may come with some of the polls only.
    """

    energy_Wh: PolledRegister
    power_W: PolledRegister
    faults: tuple[InstrumentFault, ...] = ()
    voltage_V: PolledRegister = field(default_factory=PolledRegister.empty)

    @staticmethod
    def empty() -> ReferenceReadings:
        return ReferenceReadings(PolledRegister.empty(), PolledRegister.empty())

    def between(self, first_ns: int, last_ns: int) -> ReferenceReadings:
        return ReferenceReadings(
            self.energy_Wh.between(first_ns, last_ns),
            self.power_W.between(first_ns, last_ns),
            tuple(f for f in self.faults if first_ns <= f.at_ns <= last_ns),
            self.voltage_V.between(first_ns, last_ns),
        )


@dataclass(frozen=True, slots=True)
class Window:
    """From one pulse of the meter to another: `intervals` whole pulse intervals, so intervals + 1 pulses."""

    first_ns: int
    last_ns: int
    intervals: int

    @property
    def duration_s(self) -> float:
        return seconds_between(self.first_ns, self.last_ns)


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One row of an uncertainty budget, already in per cent of the energy.

    half_width_pct / divisor * sensitivity = standard_uncertainty_pct. `shared` rows are common to all
    estimators of one window (they do not enter the comparison of two of them).
    """

    source: str
    half_width_pct: float
    distribution: str
    divisor: float
    sensitivity: float
    degrees_of_freedom: float
    shared: bool = False

    @property
    def standard_uncertainty_pct(self) -> float:
        return abs(self.half_width_pct / self.divisor * self.sensitivity)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one estimator makes of one window. A declined estimate has findings and no number.

    reference_energy_Wh is the energy of the reference over exactly `window`, as read, before its correction.
    """

    estimator: str
    version: int
    window: Window
    reference_energy_Wh: float | None
    rows: tuple[BudgetRow, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def is_valid(self) -> bool:
        return self.reference_energy_Wh is not None

    @property
    def standard_uncertainty_pct(self) -> float:
        return float(np.sqrt(sum(r.standard_uncertainty_pct**2 for r in self.rows)))


class Outcome(StrEnum):
    PASS = "PASS"
    FAIL = "FAIL"
    INVALID = "INVALID"
    UNJUDGED = "UNJUDGED"
    """Measured, and there is no limit to hold it against."""


class Kind(StrEnum):
    """What a run is worth; the lowest of its drivers, cards and rule set."""

    SIMULATED = "simulated"
    INFORMATIVE = "informative"
    OFFICIAL = "official"


@dataclass(frozen=True, slots=True)
class ErrorResult:
    """The percentage error of one meter at one load point, with its uncertainty; or why there is none.

    Without a number (`percentage_error_pct` is None) `findings` is never empty.
    """

    load_point: str
    window: Window | None
    estimator: str = ""
    estimator_version: int = 0
    meter_energy_Wh: float | None = None
    reference_energy_read_Wh: float | None = None
    reference_energy_Wh: float | None = None
    percentage_error_pct: float | None = None
    standard_uncertainty_pct: float | None = None
    degrees_of_freedom: float | None = None
    coverage_factor: float | None = None
    expanded_uncertainty_pct: float | None = None
    rows: tuple[BudgetRow, ...] = ()
    estimates: tuple[Estimate, ...] = ()
    findings: tuple[Finding, ...] = ()

    @staticmethod
    def refused(
        load_point: str,
        window: Window | None,
        findings: Iterable[Finding],
        estimates: tuple[Estimate, ...] = (),
    ) -> ErrorResult:
        """A result without a number, and why there is none.

        Errors: ValueError without a finding, because nobody could be told what to do about it.
        """
        reasons = tuple(findings)
        if not reasons:
            raise ValueError(f"the result at {load_point} is refused without a reason")
        return ErrorResult(load_point, window, estimates=estimates, findings=reasons)


@dataclass(frozen=True, slots=True)
class Verdict:
    """PASS, FAIL or INVALID for one test point, by a rule chosen before the measurement.

    decision_rule is "" where nothing is held against a limit with an uncertainty (counts, readings, checklists).
    decided_value: the figure that the rule judged as it was written, rounded where the rule rounds.
    """

    outcome: Outcome
    decision_rule: str
    mpe_pct: float | None
    conditional: bool = False
    findings: tuple[Finding, ...] = ()
    probability_of_conformity: float | None = None
    acceptance_limit_pct: float | None = None
    decided_value: str | None = None
