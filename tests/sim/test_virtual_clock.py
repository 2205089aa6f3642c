"""The wall clock of virtual time: that of today where people watch, the same each time where nobody does."""

from __future__ import annotations

from datetime import datetime, timedelta

from bench.clock import SystemClock
from bench.sim.clock import ORIGIN_NS, VirtualClock
from calibration.quantities import NS_PER_S


def wall_time(clock: VirtualClock) -> datetime:
    return datetime.fromisoformat(clock.state().wall_time)


def test_a_paced_clock_starts_at_the_real_wall_clock() -> None:
    real = SystemClock()
    before = datetime.fromisoformat(real.state().wall_time)
    started = wall_time(VirtualClock(pace=real, speed=10.0))
    after = datetime.fromisoformat(real.state().wall_time)
    assert before <= started <= after


def test_an_unpaced_clock_starts_at_the_same_wall_clock_each_time() -> None:
    first, second = VirtualClock(), VirtualClock()
    assert wall_time(first) == wall_time(second)
    second.wait_until(ORIGIN_NS + 90 * NS_PER_S)
    assert wall_time(second) - wall_time(first) == timedelta(seconds=90)
