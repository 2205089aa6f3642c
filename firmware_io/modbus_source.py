"""The wire to a programmable source over Modbus, RTU or TCP: one request, one deadline, and what it proves.

Nothing is repeated here: a request that is not answered, or not rightly, is an InstrumentError, and whoever asked
decides (`programmable_source.py` tries its removal again and nothing else). After such a request the connection is
given up; the next one opens it anew, and lets pass for a time-out what the device may still say of the old one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.errors import InstrumentError
from bench.ports import Clock
from calibration.quantities import NS_PER_S
from calibration.reasons import Reason
from firmware_io.modbus_frames import BadReply, Request
from firmware_io.modbus_link import Endpoint, Link
from firmware_io.modbus_writes import SINGLE, WriteRequest, encode_write, why_not_confirmed
from firmware_io.programmable_source import Output
from firmware_io.registers import Block, Register
from firmware_io.source_profiles import ModbusSourceProfile, Setting
from firmware_io.source_values import SourceRange

_CHUNKS_DISCARDED_AT_ONCE = 64
_SAID = {
    Reason.REFERENCE_SILENT: "no reply",
    Reason.REFERENCE_GARBLED: "a damaged reply",
    Reason.REFERENCE_LATE: "an answer to something else",
    Reason.REFERENCE_REFUSED: "it refused",
}


class ModbusSource:
    """A `SourceDevice`. timeout_s: longest time from a request to the end of its reply."""

    def __init__(
        self,
        profile: ModbusSourceProfile,
        endpoint: Endpoint,
        clock: Clock,
        *,
        device_id: int = 1,
        timeout_s: float = 0.5,
    ) -> None:
        self._profile = profile
        self._endpoint = endpoint
        self._clock = clock
        self._device_id = device_id
        self._timeout_s = timeout_s
        self._silence_ns = round(max(profile.silence_s, endpoint.silence_s) * NS_PER_S)
        self._framing = endpoint.framing()
        self._link: Link | None = None
        self._transaction = 0
        self._quiet_until_ns = 0

    @property
    def name(self) -> str:
        return f"load source {self._profile.name} at {self._endpoint}"

    @property
    def range(self) -> SourceRange:
        return self._profile.range

    @property
    def follows_within_s(self) -> float:
        return self._profile.follows_within_s

    def identity(self) -> str:
        where = self._profile.identity
        if where is None:
            return ""
        words = self._read(where.function_code, where.address, where.count)
        text = b"".join(word.to_bytes(2, "big") for word in words).decode("ascii", "replace")
        return "".join(character for character in text if character.isprintable()).strip()

    def set(self, values: Mapping[str, float]) -> None:
        for setting in self._profile.settings:
            self._set(setting, values[setting.register.field])

    def _set(self, setting: Setting, value: float) -> None:
        field, block = setting.register.field, Block([setting.register])
        try:
            words = block.encode({field: value})
        except (ValueError, OverflowError) as error:
            raise InstrumentError(
                f"{self.name}: {field} {value:g} does not fit its register; correct the profile"
            ) from error
        self._write(setting.register.address, words)
        ((_, written),) = block.decode(words)
        ((_, read),) = Block([setting.read_back]).decode(self._read_register(setting.read_back))
        if isinstance(read, Reason) or isinstance(written, Reason) or abs(read - written) > setting.within:
            shown = read.value if isinstance(read, Reason) else f"{read:g}"
            raise InstrumentError(
                f"{self.name}: {field} was set to {value:g} and reads back {shown}; look at its range and its lock"
            )

    def switch(self, *, on: bool) -> None:
        output = self._profile.switch
        self._write(output.register.address, (output.on if on else output.off,))

    def output(self) -> Output:
        (number,) = self._read_register(self._profile.state.register)
        return self._profile.state.of(number)

    def reopen(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None
            self._quiet_until_ns = self._clock.now_ns() + round(self._timeout_s * NS_PER_S)

    def _read_register(self, register: Register) -> tuple[int, ...]:
        return self._read(register.function_code, register.address, register.words)

    def _read(self, function_code: int, address: int, count: int) -> tuple[int, ...]:
        request = Request(self._device_id, self._next_transaction(), function_code, address, count)
        registers: list[tuple[int, ...]] = []

        def judge(frame: bytes) -> BadReply | None:
            decoded = self._framing.decode(request, frame)
            if isinstance(decoded, BadReply):
                return decoded
            registers.append(decoded)
            return None

        self._exchange(self._framing.encode(request), judge)
        return registers[0]

    def _write(self, address: int, words: tuple[int, ...]) -> None:
        code = self._profile.write_function
        request = WriteRequest(self._device_id, self._next_transaction(), code, address, words)
        assert code != SINGLE or len(words) == 1, "the profile was checked"
        self._exchange(
            encode_write(self._framing, request),
            lambda frame: why_not_confirmed(self._framing, request, frame),
        )

    def _next_transaction(self) -> int:
        self._transaction = self._transaction % 0xFFFF + 1
        return self._transaction

    def _exchange(self, frame: bytes, judge: Callable[[bytes], BadReply | None]) -> None:
        """One request and its reply. Errors: InstrumentError; the connection is then given up."""
        try:
            bad = self._exchange_over(self._opened(), frame, judge)
        except OSError as error:
            self.reopen()
            raise self._failed(error.strerror or str(error)) from error
        if bad is None:
            return
        said = f"{_SAID[bad.reason]} ({bad.detail})"
        if bad.reason is Reason.REFERENCE_REFUSED:
            raise InstrumentError(f"{self.name}: {said}; look at its range, its lock and its remote mode")
        self.reopen()
        raise self._failed(said)

    def _exchange_over(
        self, link: Link, frame: bytes, judge: Callable[[bytes], BadReply | None]
    ) -> BadReply | None:
        self._clock.wait_until(self._quiet_until_ns)
        chunks = 0
        while chunks < _CHUNKS_DISCARDED_AT_ONCE and link.receive(self._clock.now_ns()):
            chunks += 1
        until_ns = self._clock.now_ns() + round(self._timeout_s * NS_PER_S)
        link.send(frame)
        received, length = b"", None
        while length is None or len(received) < length:
            chunk = link.receive(until_ns)
            if not chunk:
                detail = "incomplete" if received else f"in {self._timeout_s:g} s"
                reason = Reason.REFERENCE_GARBLED if received else Reason.REFERENCE_SILENT
                return BadReply(reason, detail)
            received += chunk
            length = self._framing.frame_length(received)
        self._quiet_until_ns = self._clock.now_ns() + self._silence_ns
        if len(received) > length:
            return BadReply(Reason.REFERENCE_GARBLED, f"{len(received) - length} bytes too many")
        return judge(received)

    def _opened(self) -> Link:
        if self._link is None:
            self._link = self._endpoint.open(self._clock, self._timeout_s)
        return self._link

    def _failed(self, what: str) -> InstrumentError:
        return InstrumentError(f"{self.name}: {what}; {self._endpoint.advice()}")
