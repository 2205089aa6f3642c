"""The two wires Modbus runs on, as byte streams with deadlines: a TCP connection and a serial port.

Waiting is `select` with a time-out computed from the injected clock, so a step of the wall clock stretches
nothing. A broken link raises OSError (pyserial's SerialException is one); the adapter makes faults of it.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import termios
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import serial

from bench.errors import InstrumentError, OperatorError
from bench.ports import Clock
from calibration.quantities import NS_PER_S
from firmware_io.modbus_frames import Framing, RtuFraming, TcpFraming

_CHUNK_BYTES = 512
_BY_ID = Path("/dev/serial/by-id")


class Link(Protocol):
    def send(self, data: bytes) -> None: ...

    def receive(self, until_ns: int) -> bytes:
        """What has come; where nothing has, wait for it until until_ns. Empty: nothing came."""

    def close(self) -> None: ...


class Endpoint(Protocol):
    """Where a device is: opens the link to it. `str()` names it in messages."""

    @property
    def silence_s(self) -> float:
        """Silence between two frames that the wire itself asks for."""

    def framing(self) -> Framing: ...

    def open(self, clock: Clock, timeout_s: float) -> Link:
        """Errors: OSError where it cannot be reached just now."""

    def advice(self) -> str:
        """What to check when it cannot be reached or does not answer."""


def _remaining_s(clock: Clock, until_ns: int) -> float:
    return max(until_ns - clock.now_ns(), 0) / NS_PER_S


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
        ready, _, _ = select.select([self._connection], [], [], _remaining_s(self._clock, until_ns))
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
    """A serial port, best by its name under /dev/serial/by-id (others change with the order of plugging).

    parity: "N", "E" or "O". Errors: OperatorError for a setting no port has.
    """

    port: str
    baudrate: int = 9600
    parity: str = "N"
    stop_bits: int = 1

    def __post_init__(self) -> None:
        if self.parity not in ("N", "E", "O"):
            raise OperatorError(f"serial port {self.port}: parity must be N, E or O, not {self.parity!r}")
        if self.stop_bits not in (1, 2):
            raise OperatorError(f"serial port {self.port}: stop_bits must be 1 or 2, not {self.stop_bits}")
        if self.baudrate not in serial.Serial.BAUDRATES:
            raise OperatorError(f"serial port {self.port}: {self.baudrate} Bd is no usual baud rate")

    @property
    def silence_s(self) -> float:
        """3.5 characters of 11 bits; 1.75 ms above 19,200 Bd (Modbus over serial line V1.02, 2.5.1.1)."""
        return 0.00175 if self.baudrate > 19_200 else 3.5 * 11 / self.baudrate

    def framing(self) -> Framing:
        return RtuFraming()

    def open(self, clock: Clock, timeout_s: float) -> Link:
        try:
            port = serial.Serial(
                self.port,
                self.baudrate,
                parity=self.parity,
                stopbits=self.stop_bits,
                timeout=0,
                write_timeout=timeout_s,
                exclusive=True,
            )
            port.reset_input_buffer()
        except (serial.SerialException, termios.error) as error:
            # Both hide the system's error in words of their own; its number says it better.
            number = error.args[0] if error.args and isinstance(error.args[0], int) else errno.EIO
            what = "another program uses this port" if number == errno.EAGAIN else os.strerror(number)
            raise OSError(number, what) from error
        return _SerialLink(port, clock)

    def advice(self) -> str:
        ports = sorted(entry.name for entry in _BY_ID.iterdir()) if _BY_ID.is_dir() else []
        found = f"ports found in {_BY_ID}: {', '.join(ports)}" if ports else f"no port found in {_BY_ID}"
        return f"check its wiring, device id, baud rate and parity ({found})"

    def __str__(self) -> str:
        return f"{self.port} ({self.baudrate} Bd 8{self.parity}{self.stop_bits})"


class _SerialLink:
    def __init__(self, port: serial.Serial, clock: Clock) -> None:
        self._port = port
        self._clock = clock

    def send(self, data: bytes) -> None:
        self._port.write(data)

    def receive(self, until_ns: int) -> bytes:
        ready, _, _ = select.select([self._port.fileno()], [], [], _remaining_s(self._clock, until_ns))
        # With a time-out of 0 pyserial gives what is there, and raises where the port has gone.
        return bytes(self._port.read(_CHUNK_BYTES)) if ready else b""

    def close(self) -> None:
        self._port.close()


def unreachable(name: str, endpoint: Endpoint, what: str) -> InstrumentError:
    """The one line that says which instrument cannot be used, what it said and what to check."""
    return InstrumentError(f"reference standard {name} at {endpoint}: {what}; {endpoint.advice()}")
