"""A pulse line that may be faulty: from what the meter emits to what the kernel delivers.

The line is fed edge by edge in time order and in any number of pieces, and numbers what it delivers. What a
fault inserts or moves is always stamped before the edge that releases it, so order is kept across pieces.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import numpy as np

from bench.sim.faults import Fault, ScheduledFault
from calibration.quantities import FALLING, RISING, EdgeTrain, IntArray

_BOUNCE_NS = 200_000
_FIRST_GAP_NS = 100_000_000
"""Dark time before the first pulse of a line, where nothing was seen before it."""
_MAINS_PERIOD_NS = 20_000_000
_NOISE_SHARE = 0.3
_NOISE_NS = (1_000_000, 6_000_000)
"""An open line follows the mains: in so many of its periods a pulse of such a length."""
_SHORTEST_BOUNCE_NS = 50_000
_MOST_BOUNCES = 3
_LASTING = (Fault.NOISY_LINE, Fault.BOUNCING_LINE)
_AT_RISING = (Fault.BOUNCED_EDGE, Fault.MISSING_PULSE, Fault.DOUBLED_PULSE, Fault.EARLY_PULSE)


class PulseLine:
    """One line, its faults and its sequence number."""

    def __init__(self, faults: Iterable[ScheduledFault] = ()) -> None:
        self._waiting: list[ScheduledFault] = []
        self._lasting: list[ScheduledFault] = []
        for fault in faults:
            self.add(fault)
        self._random = Random(1)
        self._unplugged: ScheduledFault | None = None
        self._to_drop = 0
        self._skip_falling = False
        self._shift_ns = 0
        self._seqno = 0
        self._last: dict[int, int] = {}
        self._is_lit = False
        self._delivered: list[tuple[int, int, int]] = []

    def add(self, fault: ScheduledFault) -> None:
        to = self._lasting if fault.fault in _LASTING else self._waiting
        to.append(fault)
        to.sort(key=lambda f: f.at_ns)

    @property
    def _is_busy(self) -> bool:
        return bool(self._unplugged or self._to_drop or self._skip_falling or self._shift_ns or self._lasting)

    def deliver(self, stamp_ns: IntArray, kind: IntArray) -> EdgeTrain:
        """What the kernel delivers of these edges; arrays of equal length, stamps increasing."""
        if not len(stamp_ns):
            return EdgeTrain.empty()
        quiet = not self._waiting or int(stamp_ns[-1]) < self._waiting[0].at_ns
        if quiet and not self._is_busy:
            return self._undisturbed(stamp_ns, kind)
        for at_ns, edge in zip(stamp_ns.tolist(), kind.tolist(), strict=True):
            self._take_while_it_lasts(at_ns, edge)
        rows = np.array(self._delivered, np.int64).reshape(-1, 3)
        self._delivered = []
        return EdgeTrain(rows[:, 0].copy(), rows[:, 1].copy(), rows[:, 2].copy())

    def _undisturbed(self, stamp_ns: IntArray, kind: IntArray) -> EdgeTrain:
        numbers = self._seqno + np.arange(1, len(stamp_ns) + 1, dtype=np.int64)
        self._seqno += len(stamp_ns)
        for edge in (RISING, FALLING):
            of_kind = stamp_ns[kind == edge]
            if len(of_kind):
                self._last[edge] = int(of_kind[-1])
        self._is_lit = int(kind[-1]) == RISING
        return EdgeTrain(stamp_ns, kind, numbers)

    def _put(self, at_ns: int, edge: int) -> None:
        # Faults that fall together may ask for an edge before the last one; a kernel's stamps do not.
        at_ns = max(at_ns, 1 + max(self._last.values(), default=at_ns - 1))
        self._seqno += 1
        self._delivered.append((at_ns, edge, self._seqno))
        self._last[edge] = at_ns
        self._is_lit = edge == RISING

    def _take_while_it_lasts(self, at_ns: int, edge: int) -> None:
        """An edge, with what a line that is noisy or bounces makes of the time before and after it."""
        self._lasting = [f for f in self._lasting if at_ns < f.until_ns]
        holding = {f.fault: f for f in self._lasting if f.holds_at(at_ns)}
        if (noise := holding.get(Fault.NOISY_LINE)) is not None:
            self._make_noise(max([noise.at_ns, *self._last.values()]), at_ns)
        self._take(at_ns, edge)
        if (bounce := holding.get(Fault.BOUNCING_LINE)) is not None:
            self._bounce(at_ns, edge, round(bounce.amount * 1e6))

    def _make_noise(self, from_ns: int, to_ns: int) -> None:
        level = RISING if self._is_lit else FALLING
        other = FALLING if self._is_lit else RISING
        period_ns = from_ns - from_ns % _MAINS_PERIOD_NS + _MAINS_PERIOD_NS
        while period_ns + _NOISE_NS[1] < to_ns:
            if self._random.random() < _NOISE_SHARE:
                self._put(period_ns, other)
                self._put(period_ns + self._random.randint(*_NOISE_NS), level)
            period_ns += _MAINS_PERIOD_NS

    def _bounce(self, at_ns: int, edge: int, longest_ns: int) -> None:
        other = FALLING if edge == RISING else RISING
        bounces = self._random.randint(1, _MOST_BOUNCES)
        instants = sorted(self._random.randint(_SHORTEST_BOUNCE_NS, longest_ns) for _ in range(2 * bounces))
        for number, after_ns in enumerate(instants):
            self._put(at_ns + after_ns, edge if number % 2 else other)

    def _take(self, at_ns: int, edge: int) -> None:
        if self._is_cut_off(at_ns, edge):
            return
        if edge == FALLING and self._skip_falling:
            self._skip_falling = False
        elif self._to_drop:
            self._to_drop -= 1
            self._seqno += 1
        elif edge == FALLING and self._shift_ns:
            self._put(at_ns - self._shift_ns, edge)
            self._shift_ns = 0
        elif (fault := self._due(at_ns, edge)) is not None:
            self._disturb(fault, at_ns, edge)
        else:
            self._put(at_ns, edge)

    def _is_cut_off(self, at_ns: int, edge: int) -> bool:
        """Whether the line is unplugged at this edge. Unplugging and plugging in make edges themselves."""
        if self._unplugged is None:
            first = next((f for f in self._waiting if f.fault is Fault.UNPLUGGED_LINE), None)
            if first is None or at_ns < first.at_ns:
                return False
            self._waiting.remove(first)
            self._unplugged = first
            if self._is_lit:
                self._put(first.at_ns, FALLING)
        if at_ns < self._unplugged.until_ns:
            return True
        self._unplugged = None
        # Plugged in while lit, the line shows no falling edge here: it has been taken as dark all along.
        return edge == FALLING

    def _due(self, at_ns: int, edge: int) -> ScheduledFault | None:
        for fault in self._waiting:
            if fault.at_ns > at_ns:
                return None
            if edge == RISING or fault.fault not in _AT_RISING:
                self._waiting.remove(fault)
                return fault
        return None

    def _disturb(self, fault: ScheduledFault, at_ns: int, edge: int) -> None:
        match fault.fault:
            case Fault.LOST_EDGE:
                self._seqno += 1
            case Fault.QUEUE_OVERFLOW:
                self._to_drop = round(fault.amount) - 1
                self._seqno += 1
            case Fault.MISSING_PULSE:
                self._skip_falling = True
            case Fault.BOUNCED_EDGE:
                self._put(at_ns, edge)
                self._put(at_ns + _BOUNCE_NS, FALLING)
                self._put(at_ns + 2 * _BOUNCE_NS, RISING)
            case Fault.DOUBLED_PULSE:
                self._insert_pulse(at_ns)
                self._put(at_ns, edge)
            case Fault.EARLY_PULSE:
                self._shift_ns = self._earlier_by_ns(fault.amount, at_ns)
                self._put(at_ns - self._shift_ns, edge)
            case _:  # Fault.VANISHED_EDGE: nothing is delivered and nothing counts it
                pass

    def _insert_pulse(self, before_ns: int) -> None:
        """A short pulse in the dark time before a rising edge."""
        dark_ns = self._last.get(FALLING, before_ns - _FIRST_GAP_NS)
        gap_ns = before_ns - dark_ns
        self._put(dark_ns + gap_ns * 2 // 5, RISING)
        self._put(dark_ns + gap_ns * 3 // 5, FALLING)

    def _earlier_by_ns(self, share: float, at_ns: int) -> int:
        interval_ns = at_ns - self._last.get(RISING, at_ns)
        dark_ns = at_ns - self._last.get(FALLING, at_ns)
        return min(int(share * interval_ns), int(0.8 * dark_ns))
