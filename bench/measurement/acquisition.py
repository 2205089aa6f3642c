"""From devices to arrays: the two loops that must never wait for anything else (`loops.py` turns them).

A turn hands the raw material to the `RawSink` (the journal's queue) and the parsed values to the stores. A
sink that is full is a fault of the run: what is not recorded raw cannot be a result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import Protocol

from bench.errors import InstrumentError
from bench.measurement.stores import EdgeStore, PollStore
from bench.ports import PulseInput, ReferenceSample, ReferenceStandard
from calibration.quantities import NS_PER_S, EdgeTrain, Finding, InstrumentFault, ReferenceReadings
from calibration.reasons import Reason


class RawSink(Protocol):
    """Where raw material goes to be recorded. Both return False when there is no room: never blocks."""

    def put_edges(self, position: str, raw: bytes) -> bool: ...

    def put_samples(self, samples: Sequence[ReferenceSample]) -> bool: ...


class Acquisition:
    """What was measured since the bench started, or since what was forgotten; written by the loops, read by the
    runner."""

    def __init__(self, positions: Sequence[str]) -> None:
        self.edges = {position: EdgeStore() for position in positions}
        self.line_faults: dict[str, list[InstrumentFault]] = {position: [] for position in positions}
        self.energy_Wh = PollStore()
        self.power_W = PollStore()
        self.voltage_V = PollStore()
        self.reference_faults: list[InstrumentFault] = []
        self._forgotten_faults: Counter[str] = Counter()
        self.latest_sample: ReferenceSample | None = None
        self.polls = 0
        self.failed_polls: Counter[str] = Counter()
        """Of all polls, those that were faulty, by the reason."""
        self.auxiliary: dict[str, float] = {}
        """Newest voltage_V, current_A, power_factor, frequency_Hz; a poll need not bring all of them."""

    def add_sample(self, sample: ReferenceSample) -> None:
        """A poll: its values into the stores, its fault to the faults."""
        self.latest_sample = sample
        self.polls += 1
        if sample.fault is not None:
            self.failed_polls[sample.fault.finding.reason.value] += 1
            self.reference_faults.append(sample.fault)
        if (energy := sample.energy_Wh) is not None:
            self.energy_Wh.append(energy.request_ns, energy.reply_ns, energy.value)
        if (power := sample.power_W) is not None:
            self.power_W.append(power.request_ns, power.reply_ns, power.value)
        if (voltage_V := sample.voltage_V) is not None and sample.replies:
            self.voltage_V.append(sample.replies[0].request_ns, sample.replies[-1].reply_ns, voltage_V)
        self.auxiliary.update(sample.auxiliary)

    def forget_before(self, at_ns: int) -> None:
        """Between two runs, by the thread that carries them out: nobody will ask for what is older than this. A bench
        that is on for years would be full of it."""
        for store in (*self.edges.values(), self.energy_Wh, self.power_W, self.voltage_V):
            store.forget_before(at_ns)
        _forget(self.reference_faults, at_ns)
        for line, faults in self.line_faults.items():
            self._forgotten_faults[line] += _forget(faults, at_ns)

    def faults_of(self, line: str) -> int:
        """How many a pulse line has had since the bench started."""
        return self._forgotten_faults[line] + len(self.line_faults[line])

    def has_line(self, line: str) -> bool:
        return line in self.edges

    def edges_of(self, line: str) -> EdgeTrain:
        """All edges of a pulse line so far that were not forgotten (a view)."""
        return self.edges[line].since(0)

    def readings_since(self, first_ns: int) -> ReferenceReadings:
        """The reference's readings from an instant on, with its faults."""
        return ReferenceReadings(
            self.energy_Wh.since(self.energy_Wh.index_at(first_ns)),
            self.power_W.since(self.power_W.index_at(first_ns)),
            tuple(f for f in self.reference_faults if f.at_ns >= first_ns),
            self.voltage_V.since(self.voltage_V.index_at(first_ns)),
        )


def _forget(faults: list[InstrumentFault], before_ns: int) -> int:
    """Take the oldest ones out of a list that a loop appends to meanwhile; returns how many."""
    gone = next((number for number, fault in enumerate(faults) if fault.at_ns >= before_ns), len(faults))
    del faults[:gone]
    return gone


def device_fault(at_ns: int, detail: str) -> InstrumentFault:
    return InstrumentFault(at_ns, Finding(Reason.DEVICE_FAILED, {"detail": detail}))


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
