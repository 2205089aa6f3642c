"""The devices in front of the plant: a real Modbus server and edges in a pipe, for the real drivers."""

import socket
import threading
from contextlib import ExitStack

import numpy as np
import pytest

from bench.clock import SystemClock
from bench.errors import OperatorError
from bench.sim.edge_writer import EdgePipes
from bench.sim.faults import Fault, FaultEvent
from bench.sim.modbus_server import RegisterServer
from bench.sim.plant import Plant, PlantSetup
from bench.sim.polling import PollModel
from bench.sim.pty_pair import PtyPair
from calibration.load_points import LoadPoint
from calibration.quantities import RISING
from calibration.reasons import Reason
from firmware_io.descriptor_edges import DescriptorPulseInput
from firmware_io.edge_records import QUEUE_RECORDS
from firmware_io.modbus_link import RtuEndpoint, TcpEndpoint
from firmware_io.modbus_reference import ModbusReference
from firmware_io.reference_profiles import load_profile
from firmware_io.serial_line import SerialSettings

LOAD = LoadPoint("Imax 1.0", 220.0, 60.0, 1.0)
CLOCK = SystemClock()
PROFILE = load_profile("demo-reference")


@pytest.fixture
def plant() -> Plant:
    """A plant whose load has been on for a minute already."""
    plant = Plant(PlantSetup(), 1, CLOCK.now_ns() - 60_000_000_000)
    plant.apply(LOAD, CLOCK.now_ns() - 59_000_000_000)
    return plant


@pytest.fixture(autouse=True)
def _no_thread_is_left():
    yield
    assert [t for t in threading.enumerate() if t is not threading.main_thread()] == []


class TurnCountingClock(SystemClock):
    """Real time; whoever waits on it has ended a turn of its loop."""

    def __init__(self) -> None:
        super().__init__()
        self._turns = 0
        self._turned = threading.Condition()

    def wait_until(self, at_ns: int) -> None:
        with self._turned:
            self._turns += 1
            self._turned.notify_all()
        super().wait_until(at_ns)

    def wait_for_whole_turn(self) -> None:
        """One that began after now, however long that takes."""
        with self._turned:
            enough = self._turns + 2
            assert self._turned.wait_for(lambda: self._turns >= enough, timeout=300)


def poll_once(endpoint: TcpEndpoint | RtuEndpoint, profile=PROFILE):
    reference = ModbusReference(profile, endpoint, CLOCK)
    try:
        return reference.poll()
    finally:
        reference.close()


def assert_is_the_plant(sample, plant: Plant) -> None:
    assert sample.fault is None
    first = plant.reference_values(sample.energy_Wh.request_ns)
    last = plant.reference_values(sample.energy_Wh.reply_ns)
    assert first.energy_Wh - 1e-9 <= sample.energy_Wh.value <= last.energy_Wh + 1e-9
    assert sample.power_W.value in (pytest.approx(first.power_W), pytest.approx(last.power_W))


def test_the_modbus_driver_reads_the_plant_over_tcp(plant: Plant) -> None:
    server = RegisterServer(plant, PROFILE, CLOCK).tcp()
    try:
        assert_is_the_plant(poll_once(TcpEndpoint("127.0.0.1", server.port)), plant)
    finally:
        server.close()


def test_the_modbus_driver_reads_the_plant_over_a_serial_line(plant: Plant) -> None:
    pair = PtyPair()
    server = RegisterServer(plant, PROFILE, CLOCK).serial(pair.paths[1])
    try:
        for _ in range(2):  # the port can be opened again
            assert_is_the_plant(poll_once(RtuEndpoint(SerialSettings(pair.paths[0], 19200))), plant)
    finally:
        server.close()
        pair.close()


@pytest.mark.parametrize("model", ["eastron-sdm630", "abb-ab-series", "wattnode-rwnc"])
def test_models_with_several_blocks_are_served(plant: Plant, model: str) -> None:
    profile = load_profile(model)
    server = RegisterServer(plant, profile, CLOCK).tcp()
    try:
        sample = poll_once(TcpEndpoint("127.0.0.1", server.port), profile)
    finally:
        server.close()
    assert sample.fault is None
    assert sample.power_W.value == pytest.approx(13_200.0, rel=0.01)


def test_the_reply_takes_the_latency_that_was_set(plant: Plant) -> None:
    polling = PollModel(forward_s=(0.010, 0.010), backward_s=(0.010, 0.010))
    server = RegisterServer(plant, PROFILE, CLOCK, polling=polling).tcp()
    try:
        sample = poll_once(TcpEndpoint("127.0.0.1", server.port))
    finally:
        server.close()
    assert sample.energy_Wh.reply_ns - sample.energy_Wh.request_ns >= 18_000_000


def test_a_silent_reference_does_not_answer_on_the_wire(plant: Plant) -> None:
    server = RegisterServer(plant, PROFILE, CLOCK).tcp()
    reference = ModbusReference(PROFILE, TcpEndpoint("127.0.0.1", server.port), CLOCK, timeout_s=1.0)
    try:
        assert reference.poll().fault is None
        plant.disturb(FaultEvent(Fault.REFERENCE_SILENT, 0.0, 60.0), CLOCK.now_ns())
        fault = reference.poll().fault
    finally:
        reference.close()
        server.close()
    assert fault is not None
    assert fault.finding.reason is Reason.REFERENCE_SILENT


def test_a_late_reply_comes_late_on_the_wire(plant: Plant) -> None:
    """The time-out leaves a busy machine the time for the replies of the opening, which are not late."""
    with ExitStack() as closing:
        server = RegisterServer(plant, PROFILE, CLOCK).tcp()
        closing.callback(server.close)
        reference = ModbusReference(PROFILE, TcpEndpoint("127.0.0.1", server.port), CLOCK, timeout_s=0.3)
        closing.callback(reference.close)
        plant.disturb(FaultEvent(Fault.REFERENCE_LATE, 0.0, amount=0.35), CLOCK.now_ns())
        assert reference.poll().fault.finding.reason is Reason.REFERENCE_SILENT
        CLOCK.wait_until(CLOCK.now_ns() + 500_000_000)
        assert reference.poll().fault.finding.reason is Reason.REFERENCE_LATE


def test_a_port_in_use_is_one_line_that_names_it(plant: Plant) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OperatorError, match=f"127.0.0.1:{port}"):
            RegisterServer(plant, PROFILE, CLOCK).tcp(port=port)


def test_edges_come_through_a_pipe_as_from_the_kernel() -> None:
    plant = Plant(PlantSetup(), 1, CLOCK.now_ns())
    plant.apply(LOAD, CLOCK.now_ns())
    pipes = EdgePipes(plant, CLOCK, 1)
    line = DescriptorPulseInput(pipes.read_descriptors[0], "simulated", is_metrological=True)
    lateness_ns = []
    try:
        end_ns = CLOCK.now_ns() + 300_000_000_000
        while len(lateness_ns) < 4 and CLOCK.now_ns() < end_ns:
            CLOCK.wait_until(CLOCK.now_ns() + 5_000_000)
            edges = line.read().edges
            lateness_ns += [CLOCK.now_ns() - int(t) for t in edges.timestamp_ns]
    finally:
        line.close()
        pipes.close()
    assert len(lateness_ns) >= 4
    assert min(lateness_ns) >= 0


def test_the_seconds_of_a_clock_output_come_through_a_pipe_of_their_own() -> None:
    clock = TurnCountingClock()
    past_ns = clock.now_ns() - 60_000_000_000
    plant = Plant(PlantSetup(clock_errors_s_per_day=(0.0,)), 1, past_ns)
    plant.apply(LOAD, past_ns)
    pipes = EdgePipes(plant, clock, 2)
    line = DescriptorPulseInput(pipes.read_descriptors[1], "simulated", is_metrological=True)
    try:
        clock.wait_for_whole_turn()
        rising_ns = line.read().edges.of_kind(RISING)
    finally:
        line.close()
        pipes.close()
    assert len(rising_ns) >= 59
    assert np.diff(rising_ns) == pytest.approx(1e9, abs=1e5)


def test_edges_nobody_reads_overflow_with_the_oldest_lost() -> None:
    clock = TurnCountingClock()
    past_ns = CLOCK.now_ns() - 1_000_000_000_000
    plant = Plant(PlantSetup(), 1, past_ns)
    plant.apply(LOAD, past_ns)  # 1,000 s at 8.8 edges a second wait at once
    pipes = EdgePipes(plant, clock, 1)
    line = DescriptorPulseInput(pipes.read_descriptors[0], "simulated", is_metrological=True)
    pipe_records = 65_536 // 48
    try:
        clock.wait_for_whole_turn()
        first = line.read().edges
        clock.wait_for_whole_turn()
        second = line.read().edges
    finally:
        line.close()
        pipes.close()
    seen = [*first.line_seqno.tolist(), *second.line_seqno.tolist()]
    assert QUEUE_RECORDS <= len(seen) <= QUEUE_RECORDS + pipe_records + 20
    lost = seen[-1] - seen[0] + 1 - len(seen)
    assert lost > 5_000
