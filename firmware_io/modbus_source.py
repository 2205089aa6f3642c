"""A programmable source over Modbus, RTU or TCP: what its profile's registers mean, and what proves each exchange."""

from __future__ import annotations

from collections.abc import Mapping

from bench.errors import InstrumentError
from bench.ports import Clock
from calibration.reasons import Reason
from firmware_io.modbus_frames import Request, decode_reply, encode_request
from firmware_io.modbus_link import Endpoint
from firmware_io.modbus_source_profiles import ModbusSourceProfile, Setting
from firmware_io.modbus_writes import WriteRequest, encode_write, require_confirmed
from firmware_io.programmable_source import Output
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
        text = self._read(where.function_code, where.address, where.count).decode("ascii", "replace")
        return "".join(filter(str.isprintable, text)).strip()

    def set(self, values: Mapping[str, float]) -> None:
        for setting in self._profile.settings:
            self._set(setting, values[setting.field])

    def _set(self, setting: Setting, value: float) -> None:
        field, block, shown = setting.field, setting.written, setting.read_back
        try:
            data = block.encode({field: value})
        except (ValueError, OverflowError) as error:
            raise InstrumentError(
                f"{self.name}: {field} {value:g} does not fit its register; correct the profile"
            ) from error
        self._write(block.address, data)
        ((_, written),) = block.decode(data)
        ((_, read),) = shown.decode(self._read(shown.function_code, shown.address, shown.count))
        if isinstance(read, Reason) or isinstance(written, Reason) or abs(read - written) > setting.within:
            said = read.value if isinstance(read, Reason) else f"{read:g}"
            raise InstrumentError(
                f"{self.name}: {field} was set to {value:g} and reads back {said}; look at its range and its lock"
            )

    def switch(self, *, on: bool) -> None:
        output = self._profile.switch
        self._write(output.register.address, (output.on if on else output.off).to_bytes(2, "big"))

    def output(self) -> Output:
        state = self._profile.state
        data = self._read(state.register.function_code, state.register.address, state.register.words)
        return state.of(int.from_bytes(data, "big"))

    def _read(self, function_code: int, address: int, count: int) -> bytes:
        framing = self._framing
        request = Request(self._device_id, self._next_transaction(), function_code, address, count)
        return self._link.ask(
            encode_request(framing, request),
            framing.frame_length,
            lambda frame: decode_reply(framing, request, frame),
        )

    def _write(self, address: int, data: bytes) -> None:
        framing, function = self._framing, self._profile.write_function
        request = WriteRequest(self._device_id, self._next_transaction(), function, address, data)
        self._link.ask(
            encode_write(framing, request),
            framing.frame_length,
            lambda frame: require_confirmed(framing, request, frame),
        )

    def _next_transaction(self) -> int:
        self._transaction = self._transaction % 0xFFFF + 1
        return self._transaction
