"""A programmable Modbus source on a wire in virtual time, built from the specification and not by the code under test.

It keeps registers; address 20 switches its output and 21 says what that does, as in the profile `demo-source`. What
goes wrong at which exchange is said by the test.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.ports import Clock
from firmware_io.exchanges import Link
from firmware_io.modbus_frames import Framing, RtuFraming, TcpFraming
from tests.codecs.scripted_wire import VirtualClock, _crc16

OUTPUT, STATE = 20, 21
FAILURES = ("silent", "garbled", "refused", "unplugged", "lost_reply", "ignored", "late")
DELAY_NS = 5_000_000


@dataclass(frozen=True)
class Written:
    """A write as the device reads it from the wire."""

    address: int
    words: tuple[int, ...]


@dataclass
class ScriptedSource:
    """Endpoint, link and device in one. failures: number of the exchange (from 1) -> one of FAILURES."""

    clock: VirtualClock
    is_rtu: bool = False
    failures: dict[int, str] = field(default_factory=dict)
    registers: dict[int, int] = field(default_factory=dict)
    exchanges: int = 0
    writes: list[Written] = field(default_factory=list)
    """Every write that somebody tried, heard or not."""
    outputs: list[int] = field(default_factory=list)
    """What the output did, one after another."""
    _pending: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def silence_s(self) -> float:
        return 0.002 if self.is_rtu else 0.0

    def framing(self) -> Framing:
        return RtuFraming() if self.is_rtu else TcpFraming()

    def open(self, clock: Clock, timeout_s: float) -> Link:
        return self

    def advice(self) -> str:
        return "check the test"

    def __str__(self) -> str:
        return "a scripted wire"

    @property
    def is_on(self) -> bool:
        return self.registers.get(OUTPUT, 0) == 1

    def send(self, data: bytes) -> None:
        head, device_id, pdu = self._parse(data)
        self.exchanges += 1
        failure = self.failures.get(self.exchanges, "")
        code, address = pdu[0], int.from_bytes(pdu[1:3], "big")
        if code in (6, 16):
            raw = pdu[3:5] if code == 6 else pdu[6:]
            words = tuple(int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2))
            self.writes.append(Written(address, words))
        if failure == "unplugged":
            raise BrokenPipeError(32, "Broken pipe")
        if failure == "silent":
            return
        if failure == "refused":
            self._say(head, device_id, bytes([code | 0x80, 3]))
            return
        if code in (6, 16):
            if failure != "ignored":
                self._write(address, words)
            payload = pdu[:5]
        else:
            count = int.from_bytes(pdu[3:5], "big")
            held = [self.registers.get(address + i, 0) for i in range(count)]
            payload = bytes([code, 2 * count]) + b"".join(word.to_bytes(2, "big") for word in held)
        if failure == "lost_reply":
            return
        self._say(head, device_id, payload, garbled=failure == "garbled", late=failure == "late")

    def _write(self, address: int, words: tuple[int, ...]) -> None:
        self.registers.update({address + i: word for i, word in enumerate(words)})
        if address == OUTPUT:
            self.registers[STATE] = self.registers[OUTPUT]
            self.outputs.append(self.registers[OUTPUT])

    def _say(
        self, head: bytes, device_id: int, payload: bytes, *, garbled: bool = False, late: bool = False
    ) -> None:
        body = bytes([device_id]) + payload
        frame = (
            body + _crc16(body).to_bytes(2, "little")
            if self.is_rtu
            else head[:4] + len(body).to_bytes(2, "big") + body
        )
        if garbled:
            frame = (
                frame[:-3] + bytes([frame[-3] ^ 0x55]) + frame[-2:]
                if self.is_rtu
                else b"\xff\xff" + frame[2:]
            )
        self._pending.append((self.clock.at_ns + DELAY_NS * (1 if not late else 150), frame))

    def receive(self, until_ns: int) -> bytes:
        if self._pending and self._pending[0][0] <= max(until_ns, self.clock.at_ns):
            at_ns, chunk = self._pending.pop(0)
            self.clock.wait_until(at_ns)
            return chunk
        self.clock.wait_until(until_ns)
        return b""

    def close(self) -> None:
        """A serial line keeps what is on its way; a connection that is closed does not."""
        if not self.is_rtu:
            self._pending.clear()

    def _parse(self, raw: bytes) -> tuple[bytes, int, bytes]:
        if self.is_rtu:
            assert _crc16(raw[:-2]).to_bytes(2, "little") == raw[-2:]
            return b"", raw[0], raw[1:-2]
        assert int.from_bytes(raw[4:6], "big") == len(raw) - 6
        return raw[:4], raw[6], raw[7:]
