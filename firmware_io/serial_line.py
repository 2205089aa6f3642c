"""A serial port as a byte stream with deadlines; waiting is by the injected clock, as in `modbus_link.py`."""

from __future__ import annotations

import errno
import os
import select
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import serial
from serial.tools import list_ports

from bench.errors import OperatorError
from bench.ports import Clock, SerialPort
from calibration.quantities import NS_PER_S

_CHUNK_BYTES = 512
_BY_ID = Path("/dev/serial/by-id")


def serial_ports() -> tuple[SerialPort, ...]:
    """The serial ports of this machine, with what their adapters say of themselves."""
    stable = {str(entry.resolve()): str(entry) for entry in sorted(_BY_ID.glob("*"))}
    found = sorted(list_ports.comports(), key=lambda port: str(port.device))
    return tuple(
        SerialPort(str(port.device), stable.get(str(port.device), ""), str(port.description or ""))
        for port in found
    )


def remaining_s(clock: Clock, until_ns: int) -> float:
    """How long to wait yet; not below 0."""
    return max(until_ns - clock.now_ns(), 0) / NS_PER_S


@contextmanager
def _system_errors() -> Iterator[None]:
    """pyserial and termios hide the system's error in words of their own; its number says it better."""
    try:
        yield
    except (serial.SerialException, termios.error) as error:
        number = error.args[0] if error.args and isinstance(error.args[0], int) else errno.EIO
        what = "another program uses this port" if number == errno.EAGAIN else os.strerror(number)
        raise OSError(number, what) from error


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """A serial port, best by its name under /dev/serial/by-id (others change with the order of plugging).

    parity: "N", "E" or "O". Errors: OperatorError for a setting no port has.
    """

    port: str
    baudrate: int = 9600
    parity: str = "N"
    stop_bits: int = 1
    data_bits: int = 8

    def __post_init__(self) -> None:
        if self.parity not in ("N", "E", "O"):
            raise OperatorError(f"serial port {self.port}: parity must be N, E or O, not {self.parity!r}")
        if self.stop_bits not in (1, 2):
            raise OperatorError(f"serial port {self.port}: stop_bits must be 1 or 2, not {self.stop_bits}")
        if self.data_bits not in (7, 8):
            raise OperatorError(f"serial port {self.port}: data_bits must be 7 or 8, not {self.data_bits}")
        if self.baudrate not in serial.Serial.BAUDRATES:
            raise OperatorError(f"serial port {self.port}: {self.baudrate} Bd is no usual baud rate")

    def open(self, clock: Clock, write_timeout_s: float) -> SerialLink:
        """Exclusively, with nothing left in its input. Errors: OSError where it cannot be opened just now."""
        with _system_errors():
            port = serial.Serial(
                self.port,
                self.baudrate,
                bytesize=self.data_bits,
                parity=self.parity,
                stopbits=self.stop_bits,
                timeout=0,
                write_timeout=write_timeout_s,
                exclusive=True,
            )
            port.reset_input_buffer()
        return SerialLink(port, clock)

    def ports_found(self) -> str:
        """For a message: which ports there are."""
        ports = sorted(entry.name for entry in _BY_ID.iterdir()) if _BY_ID.is_dir() else []
        return f"ports found in {_BY_ID}: {', '.join(ports)}" if ports else f"no port found in {_BY_ID}"

    def __str__(self) -> str:
        return f"{self.port} ({self.baudrate} Bd {self.data_bits}{self.parity}{self.stop_bits})"


class SerialLink:
    """An open port. Errors of every method: OSError where the port has gone."""

    def __init__(self, port: serial.Serial, clock: Clock) -> None:
        self._port = port
        self._clock = clock

    def send(self, data: bytes) -> None:
        with _system_errors():
            self._port.write(data)

    def receive(self, until_ns: int) -> bytes:
        """What has come; where nothing has, wait for it until until_ns. Empty: nothing came."""
        ready, _, _ = select.select([self._port.fileno()], [], [], remaining_s(self._clock, until_ns))
        # With a time-out of 0 pyserial gives what is there, and raises where the port has gone.
        with _system_errors():
            return bytes(self._port.read(_CHUNK_BYTES)) if ready else b""

    def discard_input(self) -> None:
        """What came before the next request is no answer to it."""
        with _system_errors():
            self._port.reset_input_buffer()

    def change_baudrate(self, baudrate: int) -> None:
        """After everything sent so far is on the wire."""
        with _system_errors():
            self._port.flush()
            self._port.baudrate = baudrate

    def close(self) -> None:
        self._port.close()
