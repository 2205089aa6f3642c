"""The highest pulse rate that this bench counts without losing an edge, measured by a loopback.

An output line is wired to an input line and driven faster and faster. Each rate is held for a while and read as the
bench reads its lines, every 20 ms. What came is compared with what was driven: as many edges, alternating, numbered
without a gap, in the order of their stamps. The rate is that of the stamps, not the wanted one: a program cannot drive
a line evenly at some kHz, and where it cannot go faster, that is said instead of a limit that nobody has seen.

A bench that knows its rate refuses what needs more than half of it. One that does not goes on as before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.before_run.countable import USABLE_SHARE, hertz
from bench.commissioning.parts import Part, State
from bench.ports import Clock, PulseInput, PulseOutput
from calibration.quantities import NS_PER_S, EdgeTrain, seconds_between

RATES_HZ = (
    50.0,
    100.0,
    200.0,
    400.0,
    700.0,
    1000.0,
    1500.0,
    2000.0,
    3000.0,
    5000.0,
    7000.0,
    10_000.0,
    20_000.0,
)
_PULSES_AT_LEAST = 100
_HELD_S = 1.0
_READ_EVERY_NS = 20_000_000
_LAST_EDGES_S = 0.1
_CANNOT_FOLLOW = 0.7
"""An output that reaches less than this share of the wanted rate is at its own limit."""


@dataclass(frozen=True, slots=True)
class EdgeRate:
    """lossless_Hz: the highest rate of pulses (two edges each) at which nothing was lost, 0 where nothing came at all;
    lost_at_Hz: the rate at which something was, None where the output could go no faster; edges: that were driven."""

    lossless_Hz: float
    lost_at_Hz: float | None
    edges: int

    @property
    def allowed_Hz(self) -> float:
        return USABLE_SHARE * self.lossless_Hz

    def part(self) -> Part:
        if self.lossless_Hz <= 0.0:
            return Part("edge_rate", "", State.BAD, "rate_nothing")
        values = {"lossless": hertz(self.lossless_Hz), "allowed": hertz(self.allowed_Hz)}
        if self.lost_at_Hz is None:
            return Part("edge_rate", "", State.OK, "rate_at_least", values)
        return Part("edge_rate", "", State.OK, "rate_measured", {**values, "lost": hertz(self.lost_at_Hz)})


def measure_edge_rate(output: PulseOutput, line: PulseInput, clock: Clock) -> EdgeRate:
    """Raise the rate until an edge is lost or misordered, or the output cannot follow.

    Errors: InstrumentError where a line fails.
    """
    output.set(is_active=False)
    _wait(clock, _LAST_EDGES_S)
    line.read()
    lossless_Hz, edges = 0.0, 0
    for wanted_Hz in RATES_HZ:
        driven, seen = _drive(output, line, clock, wanted_Hz)
        edges += driven
        found_Hz = _rate_Hz(seen)
        if not is_whole(seen, driven):
            return EdgeRate(lossless_Hz, found_Hz or wanted_Hz, edges)
        if found_Hz < lossless_Hz:
            break
        lossless_Hz = found_Hz
        if found_Hz < _CANNOT_FOLLOW * wanted_Hz:
            break
    return EdgeRate(lossless_Hz, None, edges)


def is_whole(seen: EdgeTrain, driven: int) -> bool:
    """Whether these are all edges that were driven, each once and in its order."""
    return bool(
        len(seen) == driven
        and np.all(np.diff(seen.kind) != 0)
        and np.all(np.diff(seen.line_seqno) == 1)
        and np.all(np.diff(seen.timestamp_ns) > 0)
    )


def _drive(output: PulseOutput, line: PulseInput, clock: Clock, rate_Hz: float) -> tuple[int, EdgeTrain]:
    """Edges driven at a rate, an even number, and those that came."""
    pulses = max(_PULSES_AT_LEAST, round(_HELD_S * rate_Hz))
    half_ns = round(NS_PER_S / rate_Hz / 2)
    parts = []
    due_ns = read_ns = clock.now_ns()
    for number in range(2 * pulses):
        due_ns += half_ns
        clock.wait_until(due_ns)
        output.set(is_active=number % 2 == 0)
        now_ns = clock.now_ns()
        # What is late is not made up for in a burst.
        due_ns = max(due_ns, now_ns - half_ns)
        if now_ns - read_ns >= _READ_EVERY_NS:
            read_ns = now_ns
            parts.append(line.read().edges)
    _wait(clock, _LAST_EDGES_S)
    parts.append(line.read().edges)
    together = (np.concatenate([getattr(p, name) for p in parts]) for name in EdgeTrain.__slots__)
    return 2 * pulses, EdgeTrain(*together)


def _rate_Hz(seen: EdgeTrain) -> float:
    if len(seen) < 3:
        return 0.0
    return (len(seen) - 1) / 2 / seconds_between(int(seen.timestamp_ns[0]), int(seen.timestamp_ns[-1]))


def _wait(clock: Clock, seconds: float) -> None:
    clock.wait_until(clock.now_ns() + round(seconds * NS_PER_S))
