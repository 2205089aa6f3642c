"""The two wires Modbus runs on, as byte streams with deadlines: a TCP connection and a serial port.

Waiting is `select` with a time-out computed from the injected clock, so a step of the wall clock stretches
nothing. A broken link raises OSError (pyserial's SerialException is one); the adapter makes faults of it.
"""

from __future__ import annotations

import select
import socket
from dataclasses import dataclass
from typing import Protocol

from bench.ports import Clock
from firmware_io.exchanges import Link, Opener
from firmware_io.modbus_frames import Framing, RtuFraming, TcpFraming
from firmware_io.serial_line import SerialSettings, remaining_s

_CHUNK_BYTES = 512


class Endpoint(Opener, Protocol):
    """Where a Modbus device is, and how its frames look there."""

    @property
    def silence_s(self) -> float:
        """Silence between two frames that the wire itself asks for."""

    def framing(self) -> Framing: ...


@dataclass(frozen=True, slots=True)
class TcpEndpoint:
    host: str
    port: int = 502

    @property
    def silence_s(self) -> float:
        return 0.0

    def framing(self) -> Framing:
        return TcpFraming()

    def open(self, clock: Clock, timeout_s: float) -> Link:
        connection = socket.create_connection((self.host, self.port), timeout_s)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _TcpLink(connection, clock)

    def advice(self) -> str:
        return "check its network address, cable and supply"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class _TcpLink:
    def __init__(self, connection: socket.socket, clock: Clock) -> None:
        # The time-out of the connection stays: a request that the peer does not take must not block.
        self._connection = connection
        self._clock = clock

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def receive(self, until_ns: int) -> bytes:
        ready, _, _ = select.select([self._connection], [], [], remaining_s(self._clock, until_ns))
        if not ready:
            return b""
        data = self._connection.recv(_CHUNK_BYTES)
        if not data:
            raise ConnectionResetError("the connection was closed by the device")
        return data

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True, slots=True)
class RtuEndpoint:
    """Modbus RTU on a serial port."""

    line: SerialSettings

    @property
    def silence_s(self) -> float:
        """3.5 characters of 11 bits; 1.75 ms above 19,200 Bd (Modbus over serial line V1.02, 2.5.1.1)."""
        return 0.00175 if self.line.baudrate > 19_200 else 3.5 * 11 / self.line.baudrate

    def framing(self) -> Framing:
        return RtuFraming()

    def open(self, clock: Clock, timeout_s: float) -> Link:
        return self.line.open(clock, timeout_s)

    def advice(self) -> str:
        return f"check its wiring, device id, baud rate and parity ({self.line.ports_found()})"

    def __str__(self) -> str:
        return str(self.line)
