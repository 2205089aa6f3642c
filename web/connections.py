"""What waitress leaves open: how many connections an address may have, and what a step of the wall clock does to them.

As it comes, whoever opens as many as there may be keeps everybody out. And it looks for idle ones by the wall clock:
after that was set back nothing idle is closed for as long as the step was, so they fill the server; set on, it
cuts what is just coming in.
"""

from __future__ import annotations

import socket
import time
from typing import Any

from waitress.server import BaseWSGIServer

_THIS_MACHINE = frozenset({"127.0.0.1", "::1"})
"""A proxy of it stands for many; those of our own https have other addresses (`bench/appliance/front.py`)."""
_STEP_S = 1.0
"""What a clock that is only slewed never differs by between two looks."""


def guard(server: BaseWSGIServer, most_of_an_address: int) -> None:
    """From now on. Beyond so many, those of an address are closed at once."""
    take, look = server.channel_class, server.readable
    ahead_s = time.time() - time.monotonic()

    def take_few(of: BaseWSGIServer, accepted: socket.socket, address: Any, *more: Any, **named: Any) -> None:
        if address[0] not in _THIS_MACHINE:
            its = sum(channel.addr[0] == address[0] for channel in of.active_channels.values())
            if its >= most_of_an_address:
                accepted.close()
                return
        take(of, accepted, address, *more, **named)

    def look_by_a_clock_that_goes_on() -> bool:
        nonlocal ahead_s
        step_s = time.time() - time.monotonic() - ahead_s
        if abs(step_s) > _STEP_S:
            ahead_s += step_s
            server.next_channel_cleanup += step_s
            for channel in server.active_channels.values():
                channel.last_activity += step_s
        return bool(look())

    server.channel_class = take_few
    server.readable = look_by_a_clock_that_goes_on
