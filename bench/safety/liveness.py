"""Does everything still turn? The watch of the loops, independent of whether data arrive.

A loop that waits for a silent instrument turns; one that hangs in a call, has died or was never scheduled does not.
Who depends on it: the feed of the contactor's timer, and whoever must tell a supervisor that the process is well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.ports import MeterPort, MeterReading
from calibration.quantities import NS_PER_S

RUNNER = "runner"
"""The thread that leads a run, or waits for one."""
JOURNAL = "journal"
"""The thread that commits records. Its time is that of its disk, whatever time the bench keeps."""
CONTROL = "control"
"""The thread of the control socket. It turns for whoever asks, and when it is asked whether it does."""


class Liveness:
    """When each loop turned last. Written by the loops, read from any thread (a dictionary entry is one write)."""

    def __init__(self, within_s: Mapping[str, float], now_ns: int) -> None:
        """within_s: name of a loop -> how long it may take from one turn to the next."""
        self._within_ns = {name: round(limit_s * NS_PER_S) for name, limit_s in within_s.items()}
        self._due_ns: dict[str, int] = {}
        self.begin(now_ns)

    def begin(self, now_ns: int) -> None:
        """All of them are starting now."""
        self._due_ns = {name: now_ns + within_ns for name, within_ns in self._within_ns.items()}

    def turned(self, name: str, now_ns: int, away_s: float = 0.0) -> None:
        """A sign of life; away_s: the next one will take so much longer. Names that are not known are not watched."""
        if name in self._within_ns:
            self._due_ns[name] = now_ns + self._within_ns[name] + round(away_s * NS_PER_S)

    def silent(self, now_ns: int) -> tuple[str, ...]:
        """Those that should have turned again by now."""
        return tuple(name for name, due_ns in self._due_ns.items() if now_ns > due_ns)


_PORT_READS_FOR_S = 150.0
"""A mode C read-out at 300 Bd takes two minutes."""


class AnnouncedPort:
    """A meter port that says, before it is read, how long its reader may be away; and after it, that he is back.

    turned: tells of the thread that reads; takes the seconds that it may be away.
    """

    def __init__(self, port: MeterPort, turned: Callable[[float], None]) -> None:
        self._port = port
        self._turned = turned

    def read(self) -> MeterReading:
        self._turned(_PORT_READS_FOR_S)
        try:
            return self._port.read()
        finally:
            self._turned(0.0)

    def close(self) -> None:
        self._port.close()
