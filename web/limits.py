"""How often one address may try something: a table that cannot grow, whoever asks.

The address is the peer's. `X-Forwarded-For` is what a client says of itself and is not looked at. Behind our own https
(`bench/appliance/front.py`) each from outside has an address of its own; behind another proxy all are one, and share
its tries.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

MOST_ADDRESSES = 2000


class AddressLimit:
    """At most `most` tries of one address within `window_s`; of too many addresses the oldest are forgotten."""

    def __init__(self, most: int, window_s: float, now_s: Callable[[], float]) -> None:
        self._most = most
        self._window_s = window_s
        self._now_s = now_s
        self._tries: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, address: str) -> float:
        """Counts a try. 0 where it is within the limit, else the seconds until there may be another."""
        now_s = self._now_s()
        with self._lock:
            count, since_s = self._tries.get(address, (0, now_s))
            if now_s - since_s >= self._window_s:
                count, since_s = 0, now_s
            self._tries[address] = (count + 1, since_s)
            self._tries.move_to_end(address)
            while len(self._tries) > MOST_ADDRESSES:
                self._tries.popitem(last=False)
        return 0.0 if count < self._most else self._window_s - (now_s - since_s)

    def forget(self, address: str) -> None:
        """It has shown that it knows what it tried."""
        with self._lock:
            self._tries.pop(address, None)
