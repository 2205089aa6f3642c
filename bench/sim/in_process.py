"""The plant behind the ports of the bench, in this process and in the time of any clock.

Nothing is cut short: edges pass through the kernel's record format and registers through the bytes of a
profile, by the same parser and decoder as on a real bench. Only wires and kernel are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

import numpy as np

from bench.errors import InstrumentError
from bench.ports import BlockReply, Clock, EdgeBatch, MeterReading, ReferenceSample
from bench.sim.faults import Fault, ScheduledFault
from bench.sim.plant import Plant, ReferenceValues
from bench.sim.polling import PollModel
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, EdgeTrain, Finding, InstrumentFault
from calibration.reasons import Reason
from calibration.registers import last_digit_kWh
from firmware_io.edge_records import encode_records, parse_records
from firmware_io.reference_profiles import ReferenceProfile

_NO_EDGES = EdgeBatch(b"", EdgeTrain.empty())
_DRAWN_AT_ONCE = 1024
_NIGHT_SHARE = Decimal("0.3")
"""Of the energy that a simulated meter has counted so far."""


class SimPulseInput:
    """A `PulseInput` on a line of the plant."""

    is_metrological = True

    def __init__(self, plant: Plant, line: int, clock: Clock) -> None:
        self._plant = plant
        self._line = line
        self._clock = clock

    def read(self) -> EdgeBatch:
        edges = self._plant.take_edges(self._line, self._clock.now_ns())
        if edges is None or not len(edges):
            return _NO_EDGES
        raw = encode_records(edges, offset=self._line)
        return EdgeBatch(raw, parse_records(raw))

    def close(self) -> None:
        """Nothing is open."""


class SimMeterPort:
    """A `MeterPort` on a meter of the plant: its registers, cut off after the digits of its display."""

    def __init__(self, plant: Plant, position: int, clock: Clock) -> None:
        self._plant = plant
        self._position = position
        self._clock = clock

    def read(self) -> MeterReading:
        at_ns = self._clock.now_ns()
        counted_kWh = self._plant.register_kWh(self._position, at_ns)
        if counted_kWh is None:
            raise InstrumentError("the simulated meter does not answer: it has no voltage")
        model = self._plant.meter_model(self._position)
        shown = model.register
        digit = last_digit_kWh(shown.decimals)
        total = Decimal(counted_kWh).quantize(digit, ROUND_DOWN)
        night = (total * _NIGHT_SHARE).quantize(digit, ROUND_DOWN)
        day = total - night + Decimal(repr(shown.tariff_defect_kWh)).quantize(digit)
        constant = shown.declared_constant_imp_per_kWh or model.meter_constant_imp_per_kWh
        told = Decimal(repr(float(constant)))
        return MeterReading(total, (day, night), shown.decimals, told, at_ns, address=shown.address)

    def close(self) -> None:
        """Nothing is open."""


class SimLoadSource:
    """A `LoadSource` that commands the plant."""

    def __init__(self, plant: Plant, clock: Clock) -> None:
        self._plant = plant
        self._clock = clock

    def apply(self, load_point: LoadPoint) -> None:
        self._plant.apply(load_point, self._clock.now_ns())

    def remove(self) -> None:
        self._plant.remove(self._clock.now_ns())

    def close(self) -> None:
        self.remove()


@dataclass(frozen=True, slots=True)
class ReplyTimes:
    """How long the in-process reference takes. A poll waits for its reply on the clock.

    timeout_s: when a missing reply is given up; drain_s: how long nothing is asked then.
    """

    polling: PollModel = field(default_factory=PollModel)
    timeout_s: float = 0.5
    drain_s: float = 1.0


class SimReference:
    """A `ReferenceStandard` that answers with the plant's registers in the bytes of a profile.

    Behind a time-out it behaves as the Modbus driver does: the line is drained, and every poll until then is
    a fault. Errors of the constructor: ValueError where the profile cannot show the plant's values.
    """

    def __init__(
        self,
        plant: Plant,
        profile: ReferenceProfile,
        clock: Clock,
        *,
        times: ReplyTimes | None = None,
        seed: int = 0,
    ) -> None:
        self._plant = plant
        self._profile = profile
        self._clock = clock
        self._times = times or ReplyTimes()
        self._rng = np.random.default_rng(seed)
        self._delays: list[tuple[int, int]] = []
        self._shown: ReferenceValues | None = None
        self._data: tuple[bytes, ...] = ()
        self._turn = 0
        self._last_good_ns = clock.now_ns()
        self._drain_until_ns = 0
        self._late_reply_ns: int | None = None
        registers = profile.registers
        self._measured = tuple((registers.blocks.index(b), b) for b in registers.measured)
        self._auxiliary = tuple((registers.blocks.index(b), b) for b in registers.auxiliary)
        self._encode(plant.reference_values(clock.now_ns()))

    def poll(self) -> ReferenceSample:
        now_ns = self._clock.now_ns()
        if now_ns < self._drain_until_ns:
            return self._draining(now_ns)
        if (fault := self._plant.unanswered_at(now_ns)) is not None:
            return self._unanswered(fault, now_ns)
        blocks = self._measured
        if self._auxiliary:
            self._turn = (self._turn + 1) % len(self._auxiliary)
            blocks += (self._auxiliary[self._turn],)
        replies = []
        for index, block in blocks:
            forward_ns, backward_ns = self._delay()
            sampled_ns = now_ns + forward_ns
            self._encode(self._plant.reference_values(sampled_ns))
            reply_ns = sampled_ns + backward_ns
            data = self._data[index]
            replies.append(BlockReply(now_ns, reply_ns, block.function_code, block.address, data))
            now_ns = reply_ns
        self._clock.wait_until(now_ns)
        self._last_good_ns = now_ns
        return self._profile.registers.decode(tuple(replies))

    def close(self) -> None:
        """Nothing is open."""

    def _encode(self, values: ReferenceValues) -> None:
        """Keep the bytes of all blocks for these values, which mostly are the same as at the last poll."""
        if values is not self._shown:
            self._shown = values
            self._data = self._profile.registers.encode(values._asdict())

    def _delay(self) -> tuple[int, int]:
        """Delay there and back (ns) of one exchange."""
        if not self._delays:
            model = self._times.polling
            there = self._rng.uniform(*model.forward_s, _DRAWN_AT_ONCE)
            back = self._rng.uniform(*model.backward_s, _DRAWN_AT_ONCE)
            both = np.rint(np.stack((there, back), axis=1) * NS_PER_S).astype(np.int64)
            self._delays = [(int(a), int(b)) for a, b in both.tolist()]
        return self._delays.pop()

    def _unanswered(self, fault: ScheduledFault, now_ns: int) -> ReferenceSample:
        given_up_ns = now_ns + round(self._times.timeout_s * NS_PER_S)
        if fault.fault is Fault.REFERENCE_LATE:
            self._plant.spend(fault)
            self._late_reply_ns = now_ns + round(fault.amount * NS_PER_S)
        self._clock.wait_until(given_up_ns)
        self._drain_until_ns = given_up_ns + round(self._times.drain_s * NS_PER_S)
        return self._fault(Reason.REFERENCE_SILENT, given_up_ns)

    def _draining(self, now_ns: int) -> ReferenceSample:
        if self._late_reply_ns is not None and now_ns >= self._late_reply_ns:
            self._late_reply_ns = None
            return self._fault(Reason.REFERENCE_LATE, now_ns)
        return self._fault(Reason.REFERENCE_SILENT, now_ns)

    def _fault(self, reason: Reason, at_ns: int) -> ReferenceSample:
        seconds = f"{(at_ns - self._last_good_ns) / NS_PER_S:.1f}"
        return ReferenceSample((), fault=InstrumentFault(at_ns, Finding(reason, {"seconds": seconds})))
