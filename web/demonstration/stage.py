"""The clock of the demonstration, and the stories that are played by it: each goes on when its time has come.

A story is a generator: it yields the instant at which it goes on, and acts after that. So a hundred cases run side by
side in the order of time, as in life, and numbers are given in that order. What would be later than the end of the
play does not happen: stories stop where they are then.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

Story = Iterator[datetime]
"""Yields aware instants. One that is earlier than the clock means at once."""


class Stage:
    """Call it for the wall time of the play, ISO 8601 UTC: it is the clock of its `Casework`."""

    def __init__(self, begin: datetime, end: datetime) -> None:
        self.at, self.end = begin.astimezone(UTC), end.astimezone(UTC)
        self._waiting: list[tuple[datetime, int, Story]] = []
        self._entered = 0

    def __call__(self) -> str:
        return self.at.isoformat(timespec="seconds")

    def enter(self, story: Story) -> None:
        """It begins at the first instant that it yields."""
        if (first := next(story, None)) is not None:
            self._wait(first, story)

    def play(self) -> None:
        """Until the end. The clock stands there afterwards."""
        while self._waiting and self._waiting[0][0] <= self.end:
            self.at, _, story = heapq.heappop(self._waiting)
            if (following := next(story, None)) is not None:
                self._wait(following, story)
        self._waiting.clear()
        self.at = self.end

    def _wait(self, until: datetime, story: Story) -> None:
        self._entered += 1
        heapq.heappush(self._waiting, (max(until.astimezone(UTC), self.at), self._entered, story))


def here(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant by the clocks of this place."""
    return datetime.combine(day, time(hour, minute)).astimezone()
