"""What systemd is told: that the bench is ready, that it ends, and that its loops turn.

The protocol of sd_notify(3), a datagram of a line to the Unix socket that systemd names in NOTIFY_SOCKET. Where
nothing is named (a terminal, a test) nobody is told. A ping means that every loop has turned lately, not that data
came: a test at no load has no edges, and an unplugged reference is polled all the same. So the ping comes from a
loop of its own, which asks before it tells. Whoever hangs is ended by systemd, and the load removed after him.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Mapping

from bench.measurement.loops import LoopThread
from bench.ports import Clock
from bench.safety.liveness import Liveness
from calibration.quantities import NS_PER_S

_PINGS_A_TIMEOUT = 4
"""One that comes late must not end the bench."""
_LONGEST_PERIOD_NS = NS_PER_S
"""The end of the bench waits for the end of a turn."""
_NS_PER_US = 1000
_log = logging.getLogger(__name__)


class ServiceManager:
    """systemd, or nobody. watchdog_ns: within this a ping is expected; None: none is."""

    def __init__(self, address: str | None, watchdog_ns: int | None = None) -> None:
        """address: path of the socket; an @ at its beginning stands for the NUL of an abstract one."""
        self._address = None if address is None else "\0" + address[1:] if address[:1] == "@" else address
        self.watchdog_ns = watchdog_ns

    @classmethod
    def of(cls, environment: Mapping[str, str], pid: int) -> ServiceManager:
        """As the environment of the process `pid` says. A watchdog that waits for another process is none."""
        watchdog_us = environment.get("WATCHDOG_USEC", "")
        is_meant = environment.get("WATCHDOG_PID", str(pid)) == str(pid)
        return cls(
            environment.get("NOTIFY_SOCKET") or None,
            int(watchdog_us) * _NS_PER_US if watchdog_us.isdecimal() and is_meant else None,
        )

    def ready(self, status: str) -> None:
        """Every device is open and the socket listens. status: a line for `systemctl status`."""
        self._tell(f"READY=1\nSTATUS={status}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def ping(self) -> None:
        self._tell("WATCHDOG=1")

    def _tell(self, message: str) -> None:
        if self._address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.sendto(message.encode(), self._address)
        except OSError as error:  # systemd ends whom it does not hear, and says so
            _log.warning("systemd cannot be told %r: %s", message, error)


class WatchdogLoop:
    """Pings the service manager in each turn in which `silent` names nobody."""

    name = "watchdog"

    def __init__(
        self, manager: ServiceManager, timeout_ns: int, silent: Callable[[], tuple[str, ...]]
    ) -> None:
        self.period_ns = min(timeout_ns // _PINGS_A_TIMEOUT, _LONGEST_PERIOD_NS)
        self._manager = manager
        self._silent = silent

    def interval_ns(self) -> int:
        return self.period_ns

    def turn(self, now_ns: int) -> None:
        if silent := self._silent():
            _log.error("no turn lately: %s", ", ".join(silent))
        else:
            self._manager.ping()


class Watched:
    """While entered, the service manager is told of a bench that is ready, and pinged while its loops turn."""

    def __init__(
        self, manager: ServiceManager, clock: Clock, silent: Callable[[], tuple[str, ...]], status: str
    ) -> None:
        """clock: real time, whatever time the bench keeps. silent: names of the loops that have not turned."""
        self._manager = manager
        self._status = status
        self._thread: LoopThread | None = None
        if manager.watchdog_ns is not None:
            self._thread = LoopThread(
                WatchdogLoop(manager, manager.watchdog_ns, silent), clock, Liveness({}, 0)
            )

    def __enter__(self) -> Watched:
        self._manager.ready(self._status)
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        if self._thread is not None:
            self._thread.stop()
        self._manager.stopping()


def service_manager() -> ServiceManager:
    """Of this process."""
    return ServiceManager.of(os.environ, os.getpid())
