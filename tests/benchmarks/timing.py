"""What a piece of work takes: by the clock on the wall, and of this process's CPU, which others cannot lengthen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of the clock on the wall, and of CPU."""

    wall_s: float
    cpu_s: float

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.wall_s + other.wall_s, self.cpu_s + other.cpu_s)


def timed(work: Callable[[], T]) -> tuple[T, Spent]:
    """What it gives, and what it took."""
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    done = work()
    return done, Spent(time.perf_counter() - wall_s, time.process_time() - cpu_s)
