"""From devices to arrays: the two loops that must never wait for anything else.

A loop is an object with a period and a `turn()`. In real time a thread turns it (`LoopThread`) and records
the worst lateness against the declared period; in virtual time `LoopTurningClock` turns the same objects in
the order of their instants whenever somebody waits. Nothing else differs.

A turn hands the raw material to the `RawSink` (the journal's queue) and the parsed values to the stores. A
sink that is full is a fault of the run: what is not recorded raw cannot be a result.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from random import Random
from typing import Protocol

from bench.errors import InstrumentError
from bench.measurement.stores import EdgeStore, PollStore
from bench.ports import Clock, ClockState, PulseInput, ReferenceSample, ReferenceStandard
from bench.safety.liveness import Liveness
from calibration.quantities import NS_PER_S, Finding, InstrumentFault, ReferenceReadings
from calibration.reasons import Reason

_AUXILIARY = ("voltage_V", "current_A", "power_factor", "frequency_Hz")


class RawSink(Protocol):
    """Where raw material goes to be recorded. Both return False when there is no room: never blocks."""

    def put_edges(self, position: str, raw: bytes) -> bool: ...

    def put_samples(self, samples: Sequence[ReferenceSample]) -> bool: ...


class Acquisition:
    """What was measured since the bench started; written by the loops, read by the runner."""

    def __init__(self, positions: Sequence[str]) -> None:
        self.edges = {position: EdgeStore() for position in positions}
        self.line_faults: dict[str, list[InstrumentFault]] = {position: [] for position in positions}
        self.energy_Wh = PollStore()
        self.power_W = PollStore()
        self.voltage_V = PollStore()
        self.reference_faults: list[InstrumentFault] = []
        self.latest_sample: ReferenceSample | None = None
        self.auxiliary: dict[str, float] = {}
        """Newest voltage_V, current_A, power_factor, frequency_Hz; a poll need not bring all of them."""

    def add_sample(self, sample: ReferenceSample) -> None:
        """A poll: its values into the stores, its fault to the faults."""
        self.latest_sample = sample
        if sample.fault is not None:
            self.reference_faults.append(sample.fault)
        if (energy := sample.energy_Wh) is not None:
            self.energy_Wh.append(energy.request_ns, energy.reply_ns, energy.value)
        if (power := sample.power_W) is not None:
            self.power_W.append(power.request_ns, power.reply_ns, power.value)
        if (voltage_V := sample.voltage_V) is not None and sample.replies:
            self.voltage_V.append(sample.replies[0].request_ns, sample.replies[-1].reply_ns, voltage_V)
        for name in _AUXILIARY:
            if (value := getattr(sample, name)) is not None:
                self.auxiliary[name] = value

    def readings_since(self, first_ns: int) -> ReferenceReadings:
        """The reference's readings from an instant on, with its faults."""
        return ReferenceReadings(
            self.energy_Wh.since(self.energy_Wh.index_at(first_ns)),
            self.power_W.since(self.power_W.index_at(first_ns)),
            tuple(f for f in self.reference_faults if f.at_ns >= first_ns),
            self.voltage_V.since(self.voltage_V.index_at(first_ns)),
        )


def device_fault(at_ns: int, detail: str) -> InstrumentFault:
    return InstrumentFault(at_ns, Finding(Reason.DEVICE_FAILED, {"detail": detail}))


class Loop(Protocol):
    name: str
    period_ns: int
    """Declared period."""

    def turn(self, now_ns: int) -> None: ...

    def interval_ns(self) -> int:
        """From this turn to the next."""


class EdgeLoop:
    """Drains every pulse line."""

    name = "edges"

    def __init__(
        self, inputs: Mapping[str, PulseInput], acquisition: Acquisition, sink: RawSink, period_s: float
    ) -> None:
        self.period_ns = round(period_s * NS_PER_S)
        self._inputs = dict(inputs)
        self._acquisition = acquisition
        self._sink = sink
        self._failed: set[str] = set()

    def interval_ns(self) -> int:
        return self.period_ns

    def turn(self, now_ns: int) -> None:
        for position, pulse_input in self._inputs.items():
            try:
                batch = pulse_input.read()
            except InstrumentError as error:
                self._fail(position, now_ns, str(error))
                continue
            self._failed.discard(position)
            if not batch.raw:
                continue
            if not self._sink.put_edges(position, batch.raw):
                self._fault(position, now_ns, "raw edges could not be recorded (queue full)")
            self._acquisition.edges[position].append(batch.edges)

    def _fail(self, position: str, now_ns: int, detail: str) -> None:
        """A line that fails is told once, and again after it has come back."""
        if position not in self._failed:
            self._failed.add(position)
            self._fault(position, now_ns, detail)

    def _fault(self, position: str, now_ns: int, detail: str) -> None:
        self._acquisition.line_faults[position].append(device_fault(now_ns, detail))


class PollLoop:
    """Polls the reference standard.

    The intervals are dithered by a quarter of the period: polls that kept step with the reference's refreshes
    would bracket each of them at the same place and see no more of their clock (`calibration/timebase.py`).
    """

    name = "reference"
    _DITHER = 0.25

    def __init__(
        self,
        reference: ReferenceStandard,
        acquisition: Acquisition,
        sink: RawSink,
        period_s: float,
        hand_over_s: float = 0.2,
    ) -> None:
        """hand_over_s: samples go to the sink at least this often; what is waiting is lost in a crash."""
        self.period_ns = round(period_s * NS_PER_S)
        self._dither = Random(1)
        self._hand_over_ns = round(hand_over_s * NS_PER_S)
        self._reference = reference
        self._acquisition = acquisition
        self._sink = sink
        self._waiting: list[ReferenceSample] = []
        self._handed_ns = 0

    def interval_ns(self) -> int:
        return round(self.period_ns * self._dither.uniform(1.0 - self._DITHER, 1.0 + self._DITHER))

    def turn(self, now_ns: int) -> None:
        sample = self._reference.poll()
        self._acquisition.add_sample(sample)
        self._waiting.append(sample)
        if now_ns - self._handed_ns >= self._hand_over_ns:
            self.hand_over(now_ns)

    def hand_over(self, now_ns: int) -> None:
        """Give the waiting samples to the sink (also called when a window ends, so that its file is whole)."""
        self._handed_ns = now_ns
        samples, self._waiting = self._waiting, []
        if samples and not self._sink.put_samples(samples):
            fault = device_fault(now_ns, "raw readings could not be recorded (queue full)")
            self._acquisition.reference_faults.append(fault)


class LoopTurningClock:
    """A clock for virtual time: whoever waits turns the loops that are due before the instant."""

    def __init__(self, clock: Clock, loops: Sequence[Loop], liveness: Liveness) -> None:
        self._clock = clock
        self._loops = list(loops)
        self._liveness = liveness
        self._due_ns = [clock.now_ns() for _ in loops]

    def now_ns(self) -> int:
        return self._clock.now_ns()

    def state(self) -> ClockState:
        return self._clock.state()

    def wait_until(self, at_ns: int) -> None:
        due_ns, loops, clock = self._due_ns, self._loops, self._clock
        while (instant_ns := min(due_ns)) <= at_ns:
            first = due_ns.index(instant_ns)
            clock.wait_until(instant_ns)
            loops[first].turn(clock.now_ns())
            self._liveness.turned(loops[first].name, clock.now_ns())
            # A turn may take time (a poll moves the clock by its latency); turns that it covered fall out.
            due_ns[first] = max(instant_ns + loops[first].interval_ns(), clock.now_ns())
        clock.wait_until(at_ns)


class LoopThread:
    """Turns one loop in real time. `worst_lateness_ns`: how late a turn began, at most, since it was reset."""

    def __init__(self, loop: Loop, clock: Clock, liveness: Liveness) -> None:
        self.loop = loop
        self.worst_lateness_ns = 0
        self._clock = clock
        self._liveness = liveness
        self._stop = threading.Event()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=loop.name)
        self._future: Future[None] | None = None

    def start(self) -> None:
        self._future = self._executor.submit(self._run)

    def stop(self) -> None:
        self._stop.set()
        self._executor.shutdown()

    def check(self) -> None:
        """Raise what the loop died of."""
        if self._future is not None and self._future.done():
            self._future.result()

    def _run(self) -> None:
        due_ns = self._clock.now_ns()
        while not self._stop.is_set():
            now_ns = self._clock.now_ns()
            self.worst_lateness_ns = max(self.worst_lateness_ns, now_ns - due_ns)
            self.loop.turn(now_ns)
            self._liveness.turned(self.loop.name, self._clock.now_ns())
            # Turns that a slow device made impossible are left out, not made up for in a burst.
            due_ns = max(due_ns + self.loop.interval_ns(), self._clock.now_ns())
            self._clock.wait_until(due_ns)
