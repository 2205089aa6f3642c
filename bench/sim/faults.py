"""Faults on request: what can go wrong on the input side, and what the bench then sees.

A fault is asked for by a `FaultEvent` and works the same in a simulated run of arrays (`study`) and on the
live plant. None of them is announced to the measuring side; it must find out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from calibration.quantities import NS_PER_S


class Fault(StrEnum):
    """Each fault with what the input side sees of it, and the meaning of `amount` with its default."""

    # a pulse line
    LOST_EDGE = "lost_edge"
    """One edge is missing and `line_seqno` shows the gap."""
    VANISHED_EDGE = "vanished_edge"
    """One edge was never served: no gap, but two edges of one kind in a row."""
    BOUNCED_EDGE = "bounced_edge"
    """A contact bounces after a rising edge: an extra short pair; sequence and alternation are perfect."""
    MISSING_PULSE = "missing_pulse"
    """The meter does not emit one pulse: an interval of twice the energy; everything else is perfect."""
    DOUBLED_PULSE = "doubled_pulse"
    """One flash too many between two pulses: two short intervals that make one together."""
    EARLY_PULSE = "early_pulse"
    """One pulse comes early by `amount` (0.3) of its interval: a short interval, then a long one."""
    QUEUE_OVERFLOW = "queue_overflow"
    """The `amount` (20) oldest records are dropped from a full queue: a gap of that size in `line_seqno`."""
    UNPLUGGED_LINE = "unplugged_line"
    """Nothing arrives for the duration (the line falls to dark); the sequence goes on without a gap."""
    NOISY_LINE = "noisy_line"
    """For the duration nothing holds the line (no pull-up): short irregular pulses in step with the mains, between the
    meter's own."""
    BOUNCING_LINE = "bouncing_line"
    """For the duration every edge bounces for up to `amount` (2 ms), as a contact or a loose wire does."""
    # the reference standard
    REFERENCE_STALLED = "reference_stalled"
    """Replies come, but every register stands still for the duration; then it jumps to the truth."""
    REFERENCE_LATE = "reference_late"
    """One reply takes `amount` (0.7 s), longer than its time-out: no value, and the line is drained."""
    REFERENCE_SILENT = "reference_silent"
    """No reply for the duration; afterwards all registers are as they should be."""
    REFERENCE_NOT_A_NUMBER = "reference_not_a_number"
    """The power register holds the model's `no value` for the duration."""
    REFERENCE_OVER_RANGE = "reference_over_range"
    """The power register holds the model's over-range value for the duration."""
    ENERGY_RESET = "energy_reset"
    """The reference restarts: its energy register counts from zero again."""
    ENERGY_BACKWARD = "energy_backward"
    """The energy register falls by `amount` (1 Wh) and counts on."""
    ENERGY_JUMP = "energy_jump"
    """The energy register rises by `amount` (1 Wh) that did not flow."""
    RANGE_CHANGE = "range_change"
    """The reference switches its range: for the duration the power register shows zero and
    no energy is counted; from then on power and energy are `amount` (0.1 %) higher."""
    # the load
    LOAD_MOVES = "load_moves"
    """The load becomes `amount` (2 %) greater, for the duration or, where that is 0, for good."""
    LOAD_TRIPS = "load_trips"
    """The source switches off: no power and no pulses any more; the reference reads zero."""
    # the clock of the bench
    WALL_CLOCK_STEP = "wall_clock_step"
    """The wall clock jumps by `amount` (3,600 s); CLOCK_MONOTONIC and all stamps do not notice."""
    CLOCK_SLEWING = "clock_slewing"
    """The kernel changes the rate of CLOCK_MONOTONIC by `amount` (500 ppm) for the duration."""
    # the panel
    EMERGENCY_STOP = "emergency_stop"
    """The emergency stop is pressed, and released after the duration."""
    COVER_OPEN = "cover_open"
    """The cover is open for the duration."""
    STOP_BUTTON = "stop_button"
    """The stop button is pressed for the duration."""
    PANEL_SILENT = "panel_silent"
    """The panel cannot be read for the duration."""


LINE_FAULTS = frozenset(
    (
        Fault.LOST_EDGE,
        Fault.VANISHED_EDGE,
        Fault.BOUNCED_EDGE,
        Fault.MISSING_PULSE,
        Fault.DOUBLED_PULSE,
        Fault.EARLY_PULSE,
        Fault.QUEUE_OVERFLOW,
        Fault.UNPLUGGED_LINE,
        Fault.NOISY_LINE,
        Fault.BOUNCING_LINE,
    )
)
LOAD_FAULTS = frozenset((Fault.LOAD_MOVES, Fault.LOAD_TRIPS))
CLOCK_FAULTS = frozenset((Fault.WALL_CLOCK_STEP, Fault.CLOCK_SLEWING))
PANEL_FAULTS = frozenset((Fault.EMERGENCY_STOP, Fault.COVER_OPEN, Fault.STOP_BUTTON, Fault.PANEL_SILENT))
REFERENCE_FAULTS = frozenset(Fault) - LINE_FAULTS - LOAD_FAULTS - PANEL_FAULTS - CLOCK_FAULTS

_DEFAULT_AMOUNT: dict[Fault, float] = {
    Fault.EARLY_PULSE: 0.3,
    Fault.QUEUE_OVERFLOW: 20.0,
    Fault.BOUNCING_LINE: 2.0,
    Fault.REFERENCE_LATE: 0.7,
    Fault.ENERGY_BACKWARD: 1.0,
    Fault.ENERGY_JUMP: 1.0,
    Fault.RANGE_CHANGE: 0.1,
    Fault.LOAD_MOVES: 2.0,
    Fault.LOAD_TRIPS: -100.0,
    Fault.WALL_CLOCK_STEP: 3600.0,
    Fault.CLOCK_SLEWING: 500.0,
}
_DEFAULT_DURATION_S: dict[Fault, float] = {
    Fault.UNPLUGGED_LINE: 10.0,
    Fault.NOISY_LINE: 10.0,
    Fault.BOUNCING_LINE: 10.0,
    Fault.REFERENCE_STALLED: 10.0,
    Fault.REFERENCE_SILENT: 3.0,
    Fault.REFERENCE_NOT_A_NUMBER: 0.5,
    Fault.REFERENCE_OVER_RANGE: 0.5,
    Fault.RANGE_CHANGE: 0.5,
    Fault.CLOCK_SLEWING: 3600.0,
    Fault.EMERGENCY_STOP: 60.0,
    Fault.COVER_OPEN: 10.0,
    Fault.STOP_BUTTON: 0.2,
    Fault.PANEL_SILENT: 1.0,
}


@dataclass(frozen=True, slots=True)
class FaultEvent:
    """A fault to come.

    at_s: on a simulated run, after its start; on the live plant, after the load point number
    `load_application` (0 is the first load applied, a repetition counts as another) has been applied, or
    after the start of the plant where that is None; faults of the clock always after its start. duration_s 0
    and amount None are the defaults of the fault (see `Fault`). line: index of the pulse line that is meant
    (meters, then clock outputs).
    """

    fault: Fault
    at_s: float
    duration_s: float = 0.0
    amount: float | None = None
    line: int = 0
    load_application: int | None = None

    def scheduled(self, zero_ns: int) -> ScheduledFault:
        """The event with its instants, at_s counted from zero_ns."""
        at_ns = zero_ns + round(self.at_s * NS_PER_S)
        duration_s = self.duration_s or _DEFAULT_DURATION_S.get(self.fault, 0.0)
        amount = _DEFAULT_AMOUNT.get(self.fault, 0.0) if self.amount is None else self.amount
        return ScheduledFault(self.fault, at_ns, at_ns + round(duration_s * NS_PER_S), amount)


@dataclass(frozen=True, slots=True)
class ScheduledFault:
    """A fault with its instants (ns): it begins at at_ns, and one that lasts ends at until_ns."""

    fault: Fault
    at_ns: int
    until_ns: int
    amount: float

    def holds_at(self, at_ns: int) -> bool:
        return self.at_ns <= at_ns < self.until_ns
