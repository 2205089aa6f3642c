"""A programmable source over Modbus, RTU or TCP: what its profile's registers mean, and what proves each exchange."""

from __future__ import annotations

from collections.abc import Mapping

from bench.errors import InstrumentError
from bench.ports import Clock
from calibration.reasons import Reason
from firmware_io.modbus_frames import BadReply, Request
from firmware_io.modbus_link import Endpoint
from firmware_io.modbus_source_profiles import ModbusSourceProfile, Setting
from firmware_io.modbus_writes import WriteRequest, encode_write, why_not_confirmed
from firmware_io.programmable_source import Output
from firmware_io.registers import Block, Register
from firmware_io.source_link import SourceLink, WiredSource


class ModbusSource(WiredSource):
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
        self._framing = endpoint.framing()
        self._device_id = device_id
        silence_s = max(profile.silence_s, endpoint.silence_s)
        super().__init__(profile, SourceLink(profile.name, endpoint, clock, timeout_s, silence_s))
        self._transaction = 0

    @property
    def sets_within_s(self) -> float:
        return 2 * len(self._profile.settings) * self._link.exchange_s

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

    def _read_register(self, register: Register) -> tuple[int, ...]:
        return self._read(register.function_code, register.address, register.words)

    def _read(self, function_code: int, address: int, count: int) -> tuple[int, ...]:
        request = Request(self._device_id, self._next_transaction(), function_code, address, count)
        reply = self._link.ask(self._framing.encode(request), self._framing.frame_length)
        registers = self._framing.decode(request, reply)
        if isinstance(registers, BadReply):
            raise self._refused(registers)
        return registers

    def _write(self, address: int, words: tuple[int, ...]) -> None:
        code = self._profile.write_function
        request = WriteRequest(self._device_id, self._next_transaction(), code, address, words)
        reply = self._link.ask(encode_write(self._framing, request), self._framing.frame_length)
        if (bad := why_not_confirmed(self._framing, request, reply)) is not None:
            raise self._refused(bad)

    def _next_transaction(self) -> int:
        self._transaction = self._transaction % 0xFFFF + 1
        return self._transaction

    def _refused(self, bad: BadReply) -> InstrumentError:
        if bad.reason is Reason.REFERENCE_REFUSED:
            return InstrumentError(
                f"{self.name}: it refused ({bad.detail}); look at its range, its lock and its remote mode"
            )
        is_late = bad.reason is Reason.REFERENCE_LATE
        return self._link.broken(
            f"{'an answer to something else' if is_late else 'a damaged reply'} ({bad.detail})"
        )
