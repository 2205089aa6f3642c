"""What turns the loops of the bench: a thread each in real time, whoever waits in virtual time.

A loop is an object with a period and a `turn()`. In real time a thread turns it (`LoopThread`) and records
the worst lateness against the declared period; in virtual time `LoopTurningClock` turns the same objects in
the order of their instants whenever somebody waits. Nothing else differs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from bench.canonical import JsonObject
from bench.ports import Clock, ClockState
from bench.safety.liveness import Liveness
from calibration.quantities import NS_PER_S


class Loop(Protocol):
    name: str
    period_ns: int
    """Declared period."""

    def turn(self, now_ns: int) -> None: ...

    def interval_ns(self) -> int:
        """From this turn to the next."""


@dataclass(frozen=True, slots=True)
class LoopHealth:
    """Of a loop that has a thread: its declared period, its turns so far, how late the worst one of this window was."""

    period_s: float
    turns: int
    late_s: float


class LoopTurningClock:
    """A clock for virtual time: whoever waits turns the loops that are due before the instant."""

    def __init__(self, clock: Clock, loops: Sequence[Loop], liveness: Liveness) -> None:
        self._clock = clock
        self._loops = list(loops)
        self._liveness = liveness
        self._due_ns = [clock.now_ns() for _ in loops]

    def now_ns(self) -> int:
        return self._clock.now_ns()

    def state(self) -> ClockState:
        return self._clock.state()

    def wait_until(self, at_ns: int) -> None:
        due_ns, loops, clock = self._due_ns, self._loops, self._clock
        while (instant_ns := min(due_ns)) <= at_ns:
            first = due_ns.index(instant_ns)
            clock.wait_until(instant_ns)
            loops[first].turn(clock.now_ns())
            self._liveness.turned(loops[first].name, clock.now_ns())
            # A turn may take time (a poll moves the clock by its latency); turns that it covered fall out.
            due_ns[first] = max(instant_ns + loops[first].interval_ns(), clock.now_ns())
        clock.wait_until(at_ns)


class LoopThread:
    """Turns one loop in real time. `worst_lateness_ns`: how late a turn began, at most, since it was reset."""

    def __init__(self, loop: Loop, clock: Clock, liveness: Liveness) -> None:
        self.loop = loop
        self.worst_lateness_ns = 0
        self.turns = 0
        self._clock = clock
        self._liveness = liveness
        self._stop = threading.Event()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=loop.name)
        self._future: Future[None] | None = None

    def start(self) -> None:
        self._future = self._executor.submit(self._run)

    def stop(self) -> None:
        self._stop.set()
        self._executor.shutdown()

    def check(self) -> None:
        """Raise what the loop died of."""
        if self._future is not None and self._future.done():
            self._future.result()

    def _run(self) -> None:
        due_ns = self._clock.now_ns()
        while not self._stop.is_set():
            now_ns = self._clock.now_ns()
            self.worst_lateness_ns = max(self.worst_lateness_ns, now_ns - due_ns)
            self.loop.turn(now_ns)
            self.turns += 1
            self._liveness.turned(self.loop.name, self._clock.now_ns())
            # Turns that a slow device made impossible are left out, not made up for in a burst.
            due_ns = max(due_ns + self.loop.interval_ns(), self._clock.now_ns())
            self._clock.wait_until(due_ns)


class Loops:
    """All loops of a bench; they turn between `start` and `stop`. `clock`: what everybody else waits on."""

    def __init__(
        self,
        loops: Sequence[Loop],
        hand_over: Callable[[int], None],
        clock: Clock,
        liveness: Liveness,
        *,
        in_virtual_time: bool,
    ) -> None:
        """hand_over: gives the recorder what it waits for, at an instant."""
        self.clock: Clock = LoopTurningClock(clock, loops, liveness) if in_virtual_time else clock
        self._hand_over = hand_over
        self._threads = [] if in_virtual_time else [LoopThread(loop, clock, liveness) for loop in loops]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    @property
    def stops(self) -> list[Callable[[], None]]:
        """What ends them, one by one."""
        return [thread.stop for thread in self._threads]

    @property
    def declared(self) -> JsonObject:
        """The period of each loop that has a thread."""
        return {thread.loop.name: {"period_ns": thread.loop.period_ns} for thread in self._threads}

    def health(self) -> dict[str, LoopHealth]:
        """By the names of the loops; nothing in virtual time, where they have no thread."""
        return {
            thread.loop.name: LoopHealth(
                thread.loop.period_ns / NS_PER_S, thread.turns, thread.worst_lateness_ns / NS_PER_S
            )
            for thread in self._threads
        }

    def check(self) -> None:
        """Raise what a loop died of."""
        for thread in self._threads:
            thread.check()

    def start_window(self) -> None:
        for thread in self._threads:
            thread.worst_lateness_ns = 0

    def end_window(self) -> JsonObject:
        """Hand over what waits to be recorded; declared periods and worst lateness since the start."""
        # Only the loop's own thread may hand over; a thread does so several times a second by itself.
        if not self._threads:
            self._hand_over(self.clock.now_ns())
        return {
            thread.loop.name: {
                "period_ns": thread.loop.period_ns,
                "worst_lateness_ns": thread.worst_lateness_ns,
            }
            for thread in self._threads
        }
