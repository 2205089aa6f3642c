"""A Modbus device on a wire in virtual time: it answers as the test says, at the instant the test says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bench.ports import Clock, ClockState
from firmware_io.exchanges import Link
from firmware_io.modbus_frames import Framing, RtuFraming, TcpFraming
from firmware_io.reference_profiles import ReferenceProfile

NS_PER_MS = 1_000_000
VALUES = {"energy_Wh": 1000.0, "power_W": 2300.0, "voltage_V": 220.0, "current_A": 10.5}


class VirtualClock:
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.at_ns = 1_000_000_000_000

    def now_ns(self) -> int:
        return self.at_ns

    def wait_until(self, at_ns: int) -> None:
        self.at_ns = max(self.at_ns, at_ns)

    def state(self) -> ClockState:
        return ClockState("test", self.at_ns, "", True, 0.0, "simulated")

    def advance_s(self, seconds: float) -> None:
        self.at_ns += round(seconds * 1e9)


@dataclass(frozen=True)
class Asked:
    """A request as the device reads it from the wire."""

    raw: bytes
    transaction: int
    device_id: int
    function_code: int
    address: int
    count: int


Answer = list[tuple[float, bytes]]
"""Chunks with their delay after the request in milliseconds."""


@dataclass
class ScriptedWire:
    """Endpoint, link and device in one. `behaviour` gives the answer to a request."""

    profile: ReferenceProfile
    clock: VirtualClock
    is_rtu: bool
    behaviour: Callable[[Asked], Answer] | None = None
    values: dict[str, float] = field(default_factory=lambda: dict(VALUES))
    serves_one_more: bool = True
    asked: list[Asked] = field(default_factory=list)
    opened: int = 0
    is_broken: bool = False
    _pending: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def silence_s(self) -> float:
        return 0.002 if self.is_rtu else 0.0

    def framing(self) -> Framing:
        return RtuFraming() if self.is_rtu else TcpFraming()

    def open(self, clock: Clock, timeout_s: float) -> Link:
        if self.is_broken:
            raise ConnectionRefusedError(111, "Connection refused")
        self.opened += 1
        return self

    def advice(self) -> str:
        return "check the test"

    def __str__(self) -> str:
        return "a scripted wire"

    def send(self, data: bytes) -> None:
        if self.is_broken:
            raise BrokenPipeError("gone")
        request = self._parse(data)
        self.asked.append(request)
        answer = self.good(request) if self.behaviour is None else self.behaviour(request)
        for delay_ms, chunk in answer:
            self._pending.append((self.clock.at_ns + round(delay_ms * NS_PER_MS), chunk))
        self._pending.sort(key=lambda item: item[0])

    def receive(self, until_ns: int) -> bytes:
        if self.is_broken:
            raise ConnectionResetError("gone")
        if self._pending and self._pending[0][0] <= max(until_ns, self.clock.at_ns):
            at_ns, chunk = self._pending.pop(0)
            self.clock.wait_until(at_ns)
            return chunk
        self.clock.wait_until(until_ns)
        return b""

    def close(self) -> None:
        self._pending.clear()

    def say(self, delay_ms: float, chunk: bytes) -> None:
        """Put bytes on the wire that nobody asked for."""
        self._pending.append((self.clock.at_ns + round(delay_ms * NS_PER_MS), chunk))

    def good(self, asked: Asked, delay_ms: float = 20.0) -> Answer:
        return [(delay_ms, self.frame(asked))]

    def frame(self, asked: Asked, count: int | None = None) -> bytes:
        """A sound reply to a request, with as many registers as asked for (or `count`)."""
        blocks = {block.address: index for index, block in enumerate(self.profile.registers.blocks)}
        data = self.profile.registers.encode(self.values)[blocks[asked.address]]
        if asked.count > len(data) // 2 and not self.serves_one_more:
            return self.refusal(asked, 2)
        wanted = asked.count if count is None else count
        payload = bytes([asked.function_code, 2 * wanted])
        return self.wrap(asked, payload + (data + bytes(250))[: 2 * wanted])

    def refusal(self, asked: Asked, code: int) -> bytes:
        return self.wrap(asked, bytes([asked.function_code | 0x80, code]))

    def wrap(self, asked: Asked, payload: bytes) -> bytes:
        """Payload to frame, built here from the specification and not by the code under test."""
        if self.is_rtu:
            body = bytes([asked.device_id]) + payload
            return body + _crc16(body).to_bytes(2, "little")
        head = asked.transaction.to_bytes(2, "big") + b"\0\0" + (len(payload) + 1).to_bytes(2, "big")
        return head + bytes([asked.device_id]) + payload

    def _parse(self, raw: bytes) -> Asked:
        if self.is_rtu:
            assert _crc16(raw[:-2]).to_bytes(2, "little") == raw[-2:]
            transaction, body = 0, raw[:-2]
        else:
            transaction, body = int.from_bytes(raw[:2], "big"), raw[6:]
        return Asked(
            raw,
            transaction,
            body[0],
            body[1],
            int.from_bytes(body[2:4], "big"),
            int.from_bytes(body[4:6], "big"),
        )


def _crc16(data: bytes) -> int:
    """CRC-16/MODBUS, bit by bit (Modbus over serial line V1.02, appendix B)."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc
