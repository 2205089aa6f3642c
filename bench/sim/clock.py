"""The clock of virtual time."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bench.ports import Clock, ClockState
from bench.sim.faults import Fault, FaultEvent
from calibration.quantities import NS_PER_S

ORIGIN_NS = 1_000_000_000_000
"""Where virtual time starts: as if the bench had been running for a while."""
_WALL_START = datetime(2026, 1, 1, tzinfo=UTC)
"""Where the wall clock starts without a pace, so that such a run comes out the same whenever it is done."""


class VirtualClock:
    """A `Clock` that is where somebody has waited to.

    Without a pace, waiting takes no time. With `pace` (a real clock) and `speed`, virtual time runs `speed`
    times as fast as the pace at most: for a simulated bench that people watch, which so shows
    the wall clock of the pace.
    faults: those of the clock are shown in `state()`; others are not its business.
    """

    def __init__(
        self,
        origin_ns: int = ORIGIN_NS,
        *,
        pace: Clock | None = None,
        speed: float = 1.0,
        faults: Iterable[FaultEvent] = (),
    ) -> None:
        self._origin_ns = origin_ns
        self._now_ns = origin_ns
        self._pace = pace
        self._speed = speed
        self._pace_origin_ns = 0 if pace is None else pace.now_ns()
        self._wall_start = _WALL_START if pace is None else datetime.fromisoformat(pace.state().wall_time)
        self._lock = threading.Lock()
        scheduled = [event.scheduled(origin_ns) for event in faults]
        self._steps = [f for f in scheduled if f.fault is Fault.WALL_CLOCK_STEP]
        self._slews = [f for f in scheduled if f.fault is Fault.CLOCK_SLEWING]

    def now_ns(self) -> int:
        return self._now_ns

    def wait_until(self, at_ns: int) -> None:
        if self._pace is None:
            # Virtual time without a pace is turned by one thread; this is its hottest line.
            if at_ns > self._now_ns:
                self._now_ns = at_ns
            return
        elapsed_ns = round((at_ns - self._origin_ns) / self._speed)
        self._pace.wait_until(self._pace_origin_ns + elapsed_ns)
        with self._lock:
            self._now_ns = max(self._now_ns, at_ns)

    def state(self) -> ClockState:
        now_ns = self._now_ns
        stepped_s = sum(f.amount for f in self._steps if f.at_ns <= now_ns)
        elapsed = timedelta(seconds=(now_ns - self._origin_ns) / NS_PER_S + stepped_s)
        return ClockState(
            boot_id="simulated",
            monotonic_ns=now_ns,
            wall_time=(self._wall_start + elapsed).isoformat(timespec="milliseconds"),
            is_disciplined=True,
            frequency_ppm=sum(f.amount for f in self._slews if f.holds_at(now_ns)),
            source="simulated",
        )
