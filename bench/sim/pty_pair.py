"""Two serial ports joined by a cable: what is written to one is read from the other."""

from __future__ import annotations

import os
import select
import termios
import threading
import tty

_CHUNK_BYTES = 4096
_OUTPUT_RATE = 5
"""Place of the output rate in what `termios.tcgetattr` gives."""


class PtyPair:
    """Two pseudo terminals in raw mode, with a thread that carries bytes between them until `close`.

    Pseudo terminals know no parity: the ports must be opened with parity N. `paths` are the two ports.
    has_rates: as on a real line, what is sent at another rate than the receiver's does not arrive.
    """

    def __init__(self, *, has_rates: bool = False) -> None:
        self._has_rates = has_rates
        self._masters: list[int] = []
        # The other side of each is kept open here, so that a port may be closed and opened again.
        self._slaves: list[int] = []
        for _ in range(2):
            master, slave = os.openpty()
            tty.setraw(slave)
            self._masters.append(master)
            self._slaves.append(slave)
        self.paths = (os.ttyname(self._slaves[0]), os.ttyname(self._slaves[1]))
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._carry, name="pty pair")
        self._thread.start()

    def _carry(self) -> None:
        first, second = self._masters
        other = {first: second, second: first}
        while True:
            ready, _, _ = select.select([first, second, self._wake_read], [], [])
            if self._wake_read in ready:
                return
            for source in ready:
                data = self._as_received(os.read(source, _CHUNK_BYTES))
                while data:
                    data = data[os.write(other[source], data) :]

    def _as_received(self, data: bytes) -> bytes:
        """With rates that differ no byte has its stop bit where the receiver looks for it, and all are dropped."""
        rates = {termios.tcgetattr(slave)[_OUTPUT_RATE] for slave in self._slaves}
        return data if not self._has_rates or len(rates) == 1 else b""

    def close(self) -> None:
        if not self._masters:
            return
        os.write(self._wake_write, b"x")
        self._thread.join()
        for fd in (*self._masters, *self._slaves, self._wake_read, self._wake_write):
            os.close(fd)
        self._masters, self._slaves = [], []
