"""What a procedure can ask the runner for. A method yields these and receives what came of them.

`point` is always the index of the plan's test point, `attempt` counts its repetitions from 0. Everything a step
gives is computed from recorded material by the same function in the run and in a replay.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload

from bench.items import Item
from bench.ports import MeterReading
from calibration.clock_rate import ClockRate
from calibration.load_points import LoadPoint
from calibration.quantities import ErrorResult, Finding, Outcome, Verdict
from calibration.runs import PointResult


@dataclass(frozen=True, slots=True)
class ApplyLoad:
    """Command a load point."""

    point: int
    load_point: LoadPoint


@dataclass(frozen=True, slots=True)
class Settle:
    """Wait until the reference reads the load point and stands still."""

    point: int
    load_point: LoadPoint


@dataclass(frozen=True, slots=True)
class CountPulses:
    """One run: count at these positions until each has its wanted uncertainty, or the longest time is over.

    run: how many there were at this load; to_come: how many follow that are known of.
    looks_s: declared instants (s after the run began) of a sequential rule; a position whose error is then decided
    against its limit stops with the result of that look. Empty: no early stop.
    """

    point: int
    attempt: int
    load_point: LoadPoint
    wanted_uncertainty_pct: Mapping[str, float]
    minimum_time_s: float
    minimum_pulses: int
    longest_time_s: float
    stability_pct: float
    run: int = 0
    looks_s: tuple[float, ...] = ()
    mpe_pct: Mapping[str, float] = field(default_factory=dict)
    to_come: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """What `CountPulses` gives: a result for each position, and of those that a declared look decided, how."""

    results: Mapping[str, ErrorResult]
    decided: Mapping[str, Outcome] = field(default_factory=dict)


TEST, LINE_BEFORE, LINE_AFTER = "test", "line_before", "line_after"
"""The stages of a watch: the one that the verdict is about, and the proofs of a line before and after it."""


@dataclass(frozen=True, slots=True)
class WatchPulses:
    """Watch the lines until each position has shown `enough` pulses, or its longest time is over."""

    point: int
    attempt: int
    stage: str
    load_point: LoadPoint
    enough: int
    longest_s: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PulseWatch:
    """What a line showed: seconds from the start of the watch to each pulse, and how long it was watched (s)."""

    watched_s: float
    pulses_s: tuple[float, ...]
    findings: tuple[Finding, ...] = ()


IDENTITY, BEFORE, AFTER, READING = "identity", "before", "after", "reading"
"""The stages of a reading: who the meter is; before and after energy was passed; for itself."""


@dataclass(frozen=True, slots=True)
class ReadMeters:
    """Read the registers of these meters and of the reference, and the pulses counted so far."""

    point: int
    attempt: int
    stage: str
    positions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MetersRead:
    """reference_energy_Wh: its register as read; pulses: counted since the reading of stage `before`."""

    reference_energy_Wh: float | None
    pulses: Mapping[str, int]
    registers: Mapping[str, MeterReading]
    findings: Mapping[str, tuple[Finding, ...]]
    """For each position what makes its reading unusable; empty tuples where nothing does."""


@dataclass(frozen=True, slots=True)
class PassEnergy:
    """Keep the load until the reference has counted so much energy (Wh), or the longest time (s) is over."""

    point: int
    attempt: int
    load_point: LoadPoint
    energy_Wh: float
    longest_s: float


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep the load for a time (s) and see whether the reference stays within stability_pct."""

    point: int
    attempt: int
    load_point: LoadPoint
    duration_s: float
    stability_pct: float


@dataclass(frozen=True, slots=True)
class WatchClock:
    """Measure the clock outputs of these positions: so many windows of so many seconds."""

    point: int
    attempt: int
    positions: tuple[str, ...]
    windows: int
    window_s: float


@dataclass(frozen=True, slots=True)
class ClockWatch:
    """Mean period (s of the bench clock) of the clock output in each window.

    rate: of the bench clock meanwhile, by the pulses of each second; None without them, or with why in why_no_rate.
    """

    periods_s: tuple[float, ...]
    findings: tuple[Finding, ...] = ()
    rate: ClockRate | None = None
    why_no_rate: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the technician for the named fields of each position."""

    point: int
    attempt: int
    item: Item
    positions: tuple[str, ...]
    fields: tuple[str, ...]

    def answered_by(self, answers: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
        """The positions that have an answer to every field."""
        return tuple(p for p in self.positions if set(self.fields) <= answers.get(p, {}).keys())


@dataclass(frozen=True, slots=True)
class Answered:
    """position -> field -> what was answered; a position that was not answered is missing."""

    answers: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class AskSkipped:
    """Ask whom the operator has taken out of the run."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """position -> why, in the operator's words; all that were taken out since the run began."""

    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RemoveLoad:
    """Take the load away."""


@dataclass(frozen=True, slots=True)
class Conclude:
    """The method's verdict on what one position showed; `will_repeat`: an INVALID that is tried again.

    runs and mean: of a comparison with the reference. figures: of any other item, as text with units in their
    names; what people and the record are told.
    """

    point: int
    attempt: int
    position: str
    verdict: Verdict
    will_repeat: bool
    runs: tuple[ErrorResult, ...] = ()
    mean: PointResult | None = None
    figures: Mapping[str, str] = field(default_factory=dict)


Step = (
    ApplyLoad
    | Settle
    | CountPulses
    | WatchPulses
    | ReadMeters
    | PassEnergy
    | Hold
    | WatchClock
    | Ask
    | AskSkipped
    | RemoveLoad
    | Conclude
)

SpanStep = WatchPulses | WatchClock | Hold | PassEnergy | ReadMeters
"""Steps that look at lines and registers for a span of time."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What `Settle`, `PassEnergy` and `Hold` give. Without findings the load is reached and steady."""

    findings: tuple[Finding, ...] = ()


StepResult = (
    Settled
    | Counted
    | MetersRead
    | Answered
    | Skipped
    | Mapping[str, PulseWatch]
    | Mapping[str, ClockWatch]
    | None
)
"""Settled; results; a watch or reading for each position; nothing for the other steps."""

Method = Generator[Step, StepResult, None]

_GIVES: Mapping[type[Step], type[Any]] = {
    Settle: Settled,
    CountPulses: Counted,
    WatchPulses: Mapping,
    WatchClock: Mapping,
    ReadMeters: MetersRead,
    PassEnergy: Settled,
    Hold: Settled,
    Ask: Answered,
    AskSkipped: Skipped,
}
"""What a step gives; the others give nothing."""
_T = TypeVar("_T")
_Doing = Generator[Step, StepResult, _T]


@overload
def do(step: Settle | PassEnergy | Hold) -> _Doing[Settled]: ...
@overload
def do(step: CountPulses) -> _Doing[Counted]: ...
@overload
def do(step: WatchPulses) -> _Doing[Mapping[str, PulseWatch]]: ...
@overload
def do(step: WatchClock) -> _Doing[Mapping[str, ClockWatch]]: ...
@overload
def do(step: ReadMeters) -> _Doing[MetersRead]: ...
@overload
def do(step: Ask) -> _Doing[Answered]: ...
@overload
def do(step: AskSkipped) -> _Doing[Skipped]: ...
def do(step: Step) -> _Doing[Any]:
    """Have a step carried out and get what it gives: `read = yield from do(ReadMeters(...))`."""
    given = yield step
    assert isinstance(given, _GIVES[type(step)]), f"{type(step).__name__} gave {type(given).__name__}"
    return given
