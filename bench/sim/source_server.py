"""A programmable source on a wire: the registers of a source profile, over TCP or a serial line.

What is written reaches the `SimulatedProgrammableSource` behind it before the write is confirmed; what is read is what
that one shows.
"""

from __future__ import annotations

import struct

from pymodbus.constants import ExcCodes
from pymodbus.exceptions import NoSuchIdException
from pymodbus.simulator import DataType, SimData, SimDevice

from bench.sim.modbus_server import ModbusServer, words_of
from bench.sim.programmable_source import SimulatedProgrammableSource, SourceFault
from firmware_io.modbus_source_profiles import ModbusSourceProfile
from firmware_io.programmable_source import Output


class SourceServer(ModbusServer):
    """Serves one source by its profile."""

    def __init__(
        self, source: SimulatedProgrammableSource, profile: ModbusSourceProfile, *, device_id: int = 1
    ) -> None:
        super().__init__("simulated load source")
        self._source = source
        self._profile = profile
        self._device_id = device_id
        self._said = {
            output: min(values) for output, values in profile.state.meanings if values
        }  # what its state register shows

    def _device(self) -> SimDevice:
        addresses: set[int] = {self._profile.switch.register.address, self._profile.state.register.address}
        for setting in self._profile.settings:
            for block in (setting.written, setting.read_back):
                addresses.update(range(block.address, block.address + block.count))
        if (where := self._profile.identity) is not None:
            addresses.update(range(where.address, where.address + where.count))
        data = [SimData(address, 1, 0, DataType.REGISTERS) for address in sorted(addresses)]
        return SimDevice(self._device_id, data, action=self._answer)

    async def _answer(
        self,
        function_code: int,
        start_address: int,
        address: int,
        count: int,
        registers: list[int],
        set_values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """pymodbus calls this before it answers; `registers` (from start_address) is what it answers from."""
        if SourceFault.SILENT in self._source.faults:
            raise NoSuchIdException("the source is silent")  # the server then sends nothing
        if set_values is not None:
            is_taken = self._write(address, struct.pack(f">{len(set_values)}H", *set_values))
            return None if is_taken else ExcCodes.ILLEGAL_VALUE
        for shown_at, data in self._shown():
            for offset, word in enumerate(words_of(data), shown_at - start_address):
                if 0 <= offset < len(registers):
                    registers[offset] = word
        return None

    def _write(self, address: int, data: bytes) -> bool:
        if address == self._profile.switch.register.address:
            self._source.switch(on=int.from_bytes(data, "big") == self._profile.switch.on)
            return True
        for setting in self._profile.settings:
            if setting.written.address == address:
                ((field, value),) = setting.written.decode(data)
                return isinstance(value, float) and self._source.set(field, value)
        return False

    def _shown(self) -> list[tuple[int, bytes]]:
        """Address and bytes of everything that can be read."""
        shown = []
        for setting in self._profile.settings:
            data = setting.read_back.encode({setting.field: self._source.shown(setting.field)})
            shown.append((setting.read_back.address, data))
        output, switch = self._source.output, self._profile.switch
        shown.append((self._profile.state.register.address, self._said[output].to_bytes(2, "big")))
        switched = switch.on if output is Output.ON else switch.off
        shown.append((switch.register.address, switched.to_bytes(2, "big")))
        if (where := self._profile.identity) is not None:
            length = 2 * where.count
            shown.append((where.address, self._source.identity.encode("ascii").ljust(length)[:length]))
        return shown
