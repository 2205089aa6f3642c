"""The Modbus adapter on real wires: pymodbus servers over TCP and over a serial line (PTY), loopback only."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import struct
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from bench.errors import InstrumentError
from bench.ports import ClockState, ReferenceSample
from calibration.reasons import Reason
from firmware_io.modbus_link import RtuEndpoint, TcpEndpoint
from firmware_io.modbus_reference import ModbusReference
from firmware_io.reference_profiles import load_profile
from firmware_io.serial_line import SerialSettings

PROFILE = load_profile("demo-reference")
DEADLINE_S = 10.0


class MonotonicClock:
    def now_ns(self) -> int:
        return time.monotonic_ns()

    def wait_until(self, at_ns: int) -> None:
        threading.Event().wait(max(0, at_ns - self.now_ns()) / 1e9)

    def state(self) -> ClockState:
        return ClockState("test", self.now_ns(), "", False, 0.0, "kernel")


class Device:
    """What the served registers hold and how long a reply takes."""

    def __init__(self) -> None:
        self.values = {"energy_Wh": 1000.0, "power_W": 2300.0}
        self.delay_s = 0.0
        self.requests = 0

    async def fill(
        self, function_code: int, start: int, address: int, count: int, current: list[int], new: object
    ) -> None:
        self.requests += 1
        (data,) = PROFILE.registers.encode(self.values)
        words = (*struct.unpack(f">{len(data) // 2}H", data), 0)
        current[address - start : address - start + count] = words[address : address + count]
        if self.delay_s:
            await asyncio.sleep(self.delay_s)

    def description(self) -> SimDevice:
        return SimDevice(1, [SimData(0, count=15, datatype=DataType.REGISTERS)], action=self.fill)


@contextmanager
def serving(make: Callable[[], Any]) -> Iterator[None]:
    """Run a pymodbus server in its own loop and thread until the block ends."""
    started = threading.Event()
    running: list[tuple[asyncio.AbstractEventLoop, Any]] = []

    async def serve() -> None:
        server = make()
        running.append((asyncio.get_running_loop(), server))
        await server.serve_forever(background=True)
        started.set()
        await server.serving

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="modbus server")
    thread.start()
    try:
        assert started.wait(DEADLINE_S)
        yield
    finally:
        loop, server = running[0]
        asyncio.run_coroutine_threadsafe(server.shutdown(), loop).result(DEADLINE_S)
        thread.join(DEADLINE_S)
        assert not thread.is_alive()


@contextmanager
def tcp_device(device: Device, port: int) -> Iterator[None]:
    with serving(lambda: ModbusTcpServer(device.description(), address=("127.0.0.1", port))):
        yield


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serial_line() -> Iterator[tuple[str, str]]:
    """Two serial ports whose wires are connected: two PTYs in raw mode and a pump between their masters."""
    masters, slaves = zip(*(os.openpty() for _ in range(2)), strict=True)
    for fd in (*masters, *slaves):
        tty.setraw(fd)
    stop_read, stop_write = os.pipe()

    def pump() -> None:
        while True:
            ready, _, _ = select.select([*masters, stop_read], [], [])
            if stop_read in ready:
                return
            for fd in ready:
                os.write(masters[1 - masters.index(fd)], os.read(fd, 512))

    thread = threading.Thread(target=pump, name="serial line")
    thread.start()
    try:
        yield os.ttyname(slaves[0]), os.ttyname(slaves[1])
    finally:
        os.write(stop_write, b"x")
        thread.join(DEADLINE_S)
        for fd in (*masters, *slaves, stop_read, stop_write):
            os.close(fd)


@contextmanager
def serial_device(device: Device) -> Iterator[str]:
    with (
        serial_line() as (ours, theirs),
        serving(
            lambda: ModbusSerialServer(
                device.description(), framer=FramerType.RTU, port=theirs, baudrate=19200, parity="N"
            )
        ),
    ):
        yield ours


@pytest.fixture(params=["tcp", "rtu"])
def wired(request: pytest.FixtureRequest, free_port: int) -> Iterator[tuple[Device, Any]]:
    device = Device()
    if request.param == "tcp":
        with tcp_device(device, free_port):
            yield device, TcpEndpoint("127.0.0.1", free_port)
    else:
        with serial_device(device) as port:
            yield device, RtuEndpoint(SerialSettings(port, 19200))


def poll_until(reference: ModbusReference, wanted: Callable[[ReferenceSample], bool]) -> ReferenceSample:
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        sample = reference.poll()
        if wanted(sample):
            return sample
        threading.Event().wait(0.01)
    raise AssertionError(f"never seen; last {sample}")


def test_polls_of_a_real_server_are_values_with_stamps_in_order(wired: tuple[Device, Any]) -> None:
    device, endpoint = wired
    reference = ModbusReference(PROFILE, endpoint, MonotonicClock())
    assert reference.varies_length
    try:
        for energy_Wh in (1000.0, 1000.01, 1000.02):
            device.values["energy_Wh"] = energy_Wh
            before_ns = time.monotonic_ns()
            sample = reference.poll()
            assert sample.fault is None
            assert sample.energy_Wh is not None
            assert sample.energy_Wh.value == energy_Wh
            stamps = [before_ns, sample.energy_Wh.request_ns, sample.energy_Wh.reply_ns, time.monotonic_ns()]
            assert stamps == sorted(stamps)
    finally:
        reference.close()


def test_a_stale_reply_of_a_real_server_is_never_taken_for_the_next(wired: tuple[Device, Any]) -> None:
    device, endpoint = wired
    reference = ModbusReference(PROFILE, endpoint, MonotonicClock(), timeout_s=0.1, drain_s=0.4)
    try:
        device.values["energy_Wh"] = 666.0
        device.delay_s = 0.25
        first = reference.poll()
        assert first.fault is not None
        assert first.fault.finding.reason is Reason.REFERENCE_SILENT
        device.values["energy_Wh"] = 1001.0
        device.delay_s = 0.0
        poll_until(
            reference, lambda s: s.fault is not None and s.fault.finding.reason is Reason.REFERENCE_LATE
        )
        after = poll_until(reference, lambda s: s.fault is None)
        assert after.energy_Wh is not None
        assert after.energy_Wh.value == 1001.0
    finally:
        reference.close()


def test_the_connection_comes_back_after_the_server_was_restarted(free_port: int) -> None:
    device = Device()
    with tcp_device(device, free_port):
        reference = ModbusReference(
            PROFILE, TcpEndpoint("127.0.0.1", free_port), MonotonicClock(), timeout_s=0.3, drain_s=0.05
        )
        assert reference.poll().fault is None
    try:
        gone = poll_until(reference, lambda s: s.fault is not None)
        assert gone.fault is not None
        assert gone.fault.finding.reason is Reason.REFERENCE_SILENT
        with tcp_device(device, free_port):
            device.values["energy_Wh"] = 1002.0
            back = poll_until(reference, lambda s: s.fault is None)
            assert back.energy_Wh is not None
            assert back.energy_Wh.value == 1002.0
            reference.close()
    finally:
        reference.close()


def test_a_wrong_device_id_is_silence_or_refusal_with_advice(wired: tuple[Device, Any]) -> None:
    _, endpoint = wired
    with pytest.raises(InstrumentError, match="demo-reference at"):
        ModbusReference(PROFILE, endpoint, MonotonicClock(), device_id=9, timeout_s=0.2)


def test_nobody_at_the_address_is_one_line(free_port: int) -> None:
    with pytest.raises(
        InstrumentError, match=f"127.0.0.1:{free_port}: Connection refused; check its network"
    ):
        ModbusReference(PROFILE, TcpEndpoint("127.0.0.1", free_port), MonotonicClock())


def test_a_missing_serial_port_is_one_line() -> None:
    with pytest.raises(
        InstrumentError, match=r"/dev/ttyNONE \(9600 Bd 8N1\): No such file or directory; check its wiring"
    ):
        ModbusReference(PROFILE, RtuEndpoint(SerialSettings("/dev/ttyNONE")), MonotonicClock())


def test_a_serial_port_is_opened_exclusively() -> None:
    device = Device()
    with serial_device(device) as port:
        reference = ModbusReference(PROFILE, RtuEndpoint(SerialSettings(port, 19200)), MonotonicClock())
        try:
            with pytest.raises(InstrumentError, match="another program uses this port; check its wiring"):
                ModbusReference(PROFILE, RtuEndpoint(SerialSettings(port, 19200)), MonotonicClock())
            assert reference.poll().fault is None
        finally:
            reference.close()


def test_an_unplugged_serial_port_is_silence_and_no_exception() -> None:
    device = Device()
    with serial_device(device) as port:
        reference = ModbusReference(PROFILE, RtuEndpoint(SerialSettings(port, 19200)), MonotonicClock())
    try:
        for _ in range(3):
            sample = reference.poll()
            assert sample.fault is not None
            assert sample.fault.finding.reason is Reason.REFERENCE_SILENT
    finally:
        reference.close()
