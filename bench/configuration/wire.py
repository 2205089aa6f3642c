"""Where an instrument is, as several tables of bench.toml say it: an address or a serial port."""

from __future__ import annotations

from bench.errors import OperatorError


def check_wire(host: str, serial_port: str, where: str, *, may_be_absent: bool = False) -> None:
    """One of the two. may_be_absent: neither is good as well. Errors: OperatorError."""
    wires = bool(host) + bool(serial_port)
    if wires > 1 or (wires == 0 and not may_be_absent):
        raise OperatorError(f"{where} needs either host or serial_port")


def check_host(host: str, where: str) -> None:
    """A name that the resolver would not even look up. Errors: OperatorError."""
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise OperatorError(f"{where} host is {host!r}; give an address or a name") from error
