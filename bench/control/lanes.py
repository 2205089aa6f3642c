"""Threads in which answers are found that take their time, so that the socket waits for none of them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from bench.control.asking import LONGEST_QUEUE, Lane

Find = Callable[[], bytes]
Deliver = Callable[[bytes], None]
"""Neither must raise."""


class Lanes:
    """One thread for each lane that was ever needed. Used by one thread, which closes it, too."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, _LaneThread] = {}

    def take(self, lane: Lane, find: Find, deliver: Deliver) -> bool:
        """Have an answer found after those that wait in this lane already; False where too many do."""
        if lane not in self._lanes:
            self._lanes[lane] = _LaneThread(lane)
        return self._lanes[lane].take(find, deliver)

    def close(self) -> None:
        """Wait for what is at work; what has not begun is dropped."""
        for thread in self._lanes.values():
            thread.end()
        for thread in self._lanes.values():
            thread.join()


class _LaneThread:
    def __init__(self, lane: Lane) -> None:
        self._longest = LONGEST_QUEUE[lane] + 1
        self._changed = threading.Condition()
        self._jobs: deque[tuple[Find, Deliver]] = deque()
        """The first is at work."""
        self._is_ending = False
        self._thread = threading.Thread(target=self._run, name=f"control-{lane}")
        self._thread.start()

    def take(self, find: Find, deliver: Deliver) -> bool:
        with self._changed:
            if len(self._jobs) >= self._longest:
                return False
            self._jobs.append((find, deliver))
            self._changed.notify()
            return True

    def end(self) -> None:
        with self._changed:
            self._is_ending = True
            self._changed.notify()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            find, deliver = job
            found = find()
            with self._changed:
                self._jobs.popleft()
            # Only now: whoever has the answer finds the lane free.
            deliver(found)

    def _next(self) -> tuple[Find, Deliver] | None:
        with self._changed:
            while not (self._jobs or self._is_ending):
                self._changed.wait()
            return None if self._is_ending else self._jobs[0]
