"""A Modbus server in front of the plant: the registers of a profile, over TCP or a serial line.

A request is answered with what the plant's registers hold between its arrival and the reply; the delays on
both sides are those of a `PollModel`, on top of what the machine takes. Runs at the speed of real time only.
"""

from __future__ import annotations

import asyncio
import struct
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Self

import numpy as np
from pymodbus.constants import ExcCodes
from pymodbus.exceptions import NoSuchIdException
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from bench.errors import OperatorError
from bench.ports import Clock
from bench.sim.faults import Fault
from bench.sim.plant import Plant
from bench.sim.polling import PollModel
from calibration.quantities import NS_PER_S
from firmware_io.reference_profiles import ReferenceProfile

NO_DELAY = PollModel(forward_s=(0.0, 0.0), backward_s=(0.0, 0.0))


def words_of(data: bytes) -> tuple[int, ...]:
    """Registers' bytes as pymodbus wants them: one number of 16 bit each."""
    return struct.unpack(f">{len(data) // 2}H", data)


class ModbusServer(ABC):
    """A device that serves registers from a thread of its own, from `tcp` or `serial` until `close`.

    what: names it in messages.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None
        self._server: ModbusTcpServer | ModbusSerialServer | None = None
        self.port = 0
        """TCP port it listens on."""

    @abstractmethod
    def _device(self) -> SimDevice:
        """Its registers, and what is called before each answer."""

    def tcp(self, host: str = "127.0.0.1", port: int = 0) -> Self:
        """Listen on a TCP port; 0 is any free one. Errors: OperatorError where the port is in use."""
        self._start(
            lambda device: ModbusTcpServer(device, address=(host, port), ignore_missing_devices=True),
            f"{host}:{port}",
        )
        assert self._server is not None, "started"
        self.port = int(self._server.transport.sockets[0].getsockname()[1])
        return self

    def serial(self, path: str, baudrate: int = 19200) -> Self:
        """Answer on a serial line (RTU, parity N). Errors: OperatorError where it cannot be opened."""
        self._start(
            lambda device: ModbusSerialServer(
                device, port=path, baudrate=baudrate, parity="N", ignore_missing_devices=True
            ),
            path,
        )
        return self

    def close(self) -> None:
        """Stop serving and end the thread."""
        if self._thread is not None:
            asyncio.run_coroutine_threadsafe(self._shutdown(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._thread = None
        if not self._loop.is_closed():
            self._loop.close()

    def _start(self, make: Callable[[SimDevice], ModbusTcpServer | ModbusSerialServer], where: str) -> None:
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"modbus server {where}")
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._serve(make), self._loop).result()
        except (RuntimeError, OSError) as error:
            self.close()
            raise OperatorError(
                f"the {self._what} cannot listen on {where} ({error}); is it in use?"
            ) from error

    async def _serve(self, make: Callable[[SimDevice], ModbusTcpServer | ModbusSerialServer]) -> None:
        self._server = make(self._device())
        await self._server.serve_forever(background=True)

    async def _shutdown(self) -> None:
        if self._server is not None:
            await self._server.shutdown()
        # What a client still waits for is not answered any more.
        pending = asyncio.all_tasks() - {asyncio.current_task()}
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)


class RegisterServer(ModbusServer):
    """Serves the registers of a reference standard's profile."""

    def __init__(
        self,
        plant: Plant,
        profile: ReferenceProfile,
        clock: Clock,
        *,
        device_id: int = 1,
        polling: PollModel = NO_DELAY,
        seed: int = 0,
    ) -> None:
        super().__init__("simulated reference")
        self._plant = plant
        self._profile = profile
        self._clock = clock
        self._device_id = device_id
        self._polling = polling
        self._rng = np.random.default_rng(seed)

    def _device(self) -> SimDevice:
        return SimDevice(self._device_id, self._simdata(), action=self._answer)

    def _simdata(self) -> list[SimData]:
        """The profile's blocks as readable ranges, one register longer where the model has one more."""
        blocks = self._profile.registers.blocks
        taken = {block.address for block in blocks}
        data = []
        for block in blocks:
            more = int(self._profile.may_read_one_more and block.address + block.count not in taken)
            data.append(SimData(block.address, block.count + more, 0, DataType.REGISTERS, readonly=True))
        return data

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
        await self._sleep(self._polling.forward_s)
        now_ns = self._clock.now_ns()
        fault = self._plant.unanswered_at(now_ns)
        if fault is not None and fault.fault is Fault.REFERENCE_SILENT:
            raise NoSuchIdException("the reference is silent")  # the server then sends nothing
        values = self._plant.reference_values(now_ns)._asdict()
        for block in self._profile.registers.blocks:
            first = block.address - start_address
            if block.address < address + count and address < block.address + block.count:
                registers[first : first + block.count] = words_of(block.encode(values))
        if fault is not None:
            self._plant.spend(fault)
            await asyncio.sleep(fault.amount)
        await self._sleep(self._polling.backward_s)
        return None

    async def _sleep(self, bounds_s: tuple[float, float]) -> None:
        if bounds_s[1] > 0.0:
            until_ns = self._clock.now_ns() + round(self._rng.uniform(*bounds_s) * NS_PER_S)
            # asyncio may wake a millisecond early or late; the delay only has to be of that size.
            await asyncio.sleep(max(until_ns - self._clock.now_ns(), 0) / NS_PER_S)
