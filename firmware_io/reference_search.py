"""Which settings a reference standard answers under: tried one after the other, reading only, and bounded.

A search asks for the registers of one profile, as a poll does. On a serial port the usual rates, parities and stop bits
are tried at the likely unit addresses first, then other addresses; over TCP only the unit address is open. What answers
is read a few times, so that voltage, current and frequency, which take turns, have all come.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from bench.errors import InstrumentError
from bench.ports import Clock, ReferenceAnswer, ReferenceSample
from calibration.quantities import NS_PER_S
from firmware_io.modbus_link import Endpoint, RtuEndpoint, TcpEndpoint
from firmware_io.modbus_reference import ModbusReference
from firmware_io.reference_profiles import ReferenceProfile
from firmware_io.serial_line import SerialSettings

LONGEST_S = 90.0
"""A search ends after this, found or not."""
_RATES = (9600, 19_200, 38_400, 115_200, 4800, 2400, 57_600, 1200)
_FRAMES = (("N", 1), ("E", 1), ("N", 2), ("O", 1))
_OTHER_UNITS = (2, 3, 4, 5, 10, 100, 247)
_TIMEOUT_S = 0.3
"""Well above the latency of a reference standard at any of the rates, frames of some ten registers."""
_SLOW_TIMEOUT_S = 0.6
_POLLS = 6


def over_serial(
    profile: ReferenceProfile, port: str, clock: Clock, device_id: int
) -> Iterator[ReferenceAnswer]:
    """Answers on a serial port, the likely settings first; device_id: as configured.

    Errors: InstrumentError where the port cannot be opened at all.
    """
    _require_port(port, clock)
    first_units = dict.fromkeys((device_id, 1))
    tries = [
        *product(first_units, _RATES, _FRAMES),
        *product([unit for unit in _OTHER_UNITS if unit not in first_units], _RATES[:4], _FRAMES[:2]),
    ]
    end_ns = clock.now_ns() + round(LONGEST_S * NS_PER_S)
    for unit, rate, (parity, stop_bits) in tries:
        if clock.now_ns() >= end_ns:
            return
        endpoint = RtuEndpoint(SerialSettings(port, rate, parity, stop_bits))
        polls = _polls(profile, endpoint, clock, unit, _TIMEOUT_S if rate >= 9600 else _SLOW_TIMEOUT_S)
        if polls:
            settings = {
                "serial_port": port,
                "baud": str(rate),
                "parity": parity,
                "stop_bits": str(stop_bits),
                "device_id": str(unit),
            }
            yield _answer(profile, settings, polls)


def over_tcp(
    profile: ReferenceProfile, host: str, port: int, clock: Clock, device_id: int
) -> Iterator[ReferenceAnswer]:
    """Answers at an address, by unit."""
    for unit in dict.fromkeys((device_id, 1, *_OTHER_UNITS)):
        polls = _polls(profile, TcpEndpoint(host, port), clock, unit, _SLOW_TIMEOUT_S)
        if polls:
            settings = {"host": host, "port": str(port), "device_id": str(unit)}
            yield _answer(profile, settings, polls)


def _require_port(port: str, clock: Clock) -> None:
    try:
        SerialSettings(port).open(clock, _TIMEOUT_S).close()
    except OSError as error:
        raise InstrumentError(
            f"serial port {port}: {error.strerror or error}; name one that is there and that nobody uses"
        ) from error


def _polls(
    profile: ReferenceProfile, endpoint: Endpoint, clock: Clock, device_id: int, timeout_s: float
) -> tuple[ReferenceSample, ...]:
    """A few polls; none where nothing answers."""
    try:
        reference = ModbusReference(
            profile, endpoint, clock, device_id=device_id, timeout_s=timeout_s, drain_s=0.0
        )
    except InstrumentError:
        return ()
    try:
        return tuple(sample for _ in range(_POLLS) if (sample := reference.poll()).replies)
    finally:
        reference.close()


def _answer(
    profile: ReferenceProfile, settings: dict[str, str], polls: tuple[ReferenceSample, ...]
) -> ReferenceAnswer:
    other = profile.registers.turned()
    return ReferenceAnswer(tuple(settings.items()), polls, tuple(other.decode(p.replies) for p in polls))
