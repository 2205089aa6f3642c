"""What waitress leaves open: how many connections an address may have, how much may be on its way and for how long, and
the wall clock.

As it comes, whoever opens as many as there may be keeps everybody out. What comes in it keeps in files, on the disk
that is measured to, before anybody has looked at it: all connections together could fill that. And it looks for idle
ones by the wall clock: after that was set back nothing idle is closed for as long as the step was, so they fill the
server; set on, it cuts what is just coming in. And with a byte now and then nothing is ever idle.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer

_THIS_MACHINE = frozenset({"127.0.0.1", "::1"})
"""A proxy of it stands for many; those of our own https have other addresses (`bench/appliance/front.py`)."""
MOST_ON_ITS_WAY = 128 << 20
"""Bytes of all requests together, of one address half: some photos at once. What goes beyond it is closed."""
_ALWAYS_TAKEN = 1 << 16
"""Of one request: a form without photos."""
LONGEST_COMING_S = 900.0
"""From the first byte of a request to its last: the largest photo comes with 10 kB/s."""
_LOOK_S = 5.0
"""How often it is looked for those that take longer."""
_STEP_S = 1.0
"""By which a clock was set; less is what slewing, or the time between two readings, makes."""


class _Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    request: HTTPRequestParser | None
    """The one that has not come completely."""
    _latest: HTTPRequestParser | None = None
    """The request that is coming, or came last."""
    _since_s = 0.0
    """When its first byte came, or when the answer to the one before it had gone out."""

    def parser_class(self, settings: Adjustments) -> HTTPRequestParser:
        """waitress makes one for each request. Lines with nothing in them are none, however many come."""
        if self._latest is None or not self._latest.empty:
            self._since_s = time.monotonic()
        self._latest = HTTPRequestParser(settings)
        return self._latest

    def close_if_too_slow(self, now_s: float) -> None:
        """Where it comes without an end. What goes out is let go out first."""
        with self.requests_lock:
            if self.requests or self.total_outbufs_len:
                self._since_s = now_s
            is_coming = self.request is not None or (self._latest is not None and self._latest.empty)
            if is_coming and now_s - self._since_s > LONGEST_COMING_S:
                self._cut()

    def received(self, data: bytes) -> bool:
        is_taken = bool(super().received(data))
        if self._on_its_way() > _ALWAYS_TAKEN and self._is_too_much():
            with self.requests_lock:
                self._cut()
        return is_taken

    def _cut(self) -> None:
        """Close it once what goes out is out. Whoever calls has the lock of the requests."""
        self.will_close = True
        self._let_go()

    def _let_go(self) -> None:
        """Of what has not come completely; its file is gone at once."""
        if self.request is not None:
            self.request.close()
            self.request = None

    def handle_close(self) -> None:
        self._let_go()
        super().handle_close()

    def _on_its_way(self) -> int:
        """Bytes that came and are not done with."""
        coming = () if self.request is None else (self.request,)
        return sum(request.body_bytes_received for request in (*self.requests, *coming))

    def _is_too_much(self) -> bool:
        others = list(self.server.active_channels.values())
        own = [each for each in others if each.addr[0] == self.addr[0]]
        is_own = self.addr[0] not in _THIS_MACHINE and _together(own) > MOST_ON_ITS_WAY // 2
        return is_own or _together(others) > MOST_ON_ITS_WAY


def _together(channels: Iterable[_Channel]) -> int:
    return sum(each._on_its_way() for each in channels)


def guard(server: BaseWSGIServer, most_of_an_address: int) -> None:
    """From now on the server keeps to it. most_of_an_address: connections; further ones of it are closed at once."""
    look = server.readable
    ahead_s = time.time() - time.monotonic()
    next_look_s = 0.0

    def take_few(of: BaseWSGIServer, accepted: socket.socket, address: Any, *more: Any, **named: Any) -> None:
        if address[0] not in _THIS_MACHINE:
            its = sum(channel.addr[0] == address[0] for channel in of.active_channels.values())
            if its >= most_of_an_address:
                accepted.close()
                return
        _Channel(of, accepted, address, *more, **named)

    def look_by_a_clock_that_goes_on() -> bool:
        nonlocal ahead_s, next_look_s
        step_s = time.time() - time.monotonic() - ahead_s
        if abs(step_s) > _STEP_S:
            ahead_s += step_s
            server.next_channel_cleanup += step_s
            for channel in server.active_channels.values():
                channel.last_activity += step_s
        if (now_s := time.monotonic()) >= next_look_s:
            next_look_s = now_s + _LOOK_S
            for channel in list(server.active_channels.values()):
                channel.close_if_too_slow(now_s)
        return bool(look())

    server.channel_class = take_few
    server.readable = look_by_a_clock_that_goes_on
