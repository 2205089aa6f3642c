"""The simulated bench as one thing: a load source, a reference standard and meters on the same circuit.

The plant is a function of time: whoever asks for edges or registers says at which instant, and the plant is
drawn that far (and some way ahead, so that asking is cheap). It knows no clock. A change of the load takes
back what was drawn after it; registers and meters count on.

Instants are ns of the clock of whoever asks (from origin_ns on). All public methods may be called from any
thread: the devices in front of the plant have their own.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from bench.sim.energy_curve import Pulsation
from bench.sim.faults import (
    LINE_FAULTS,
    LOAD_FAULTS,
    PANEL_FAULTS,
    REFERENCE_FAULTS,
    Fault,
    FaultEvent,
    ScheduledFault,
)
from bench.sim.live_clock import LiveClock
from bench.sim.live_meter import LiveMeter
from bench.sim.live_output import LiveOutput
from bench.sim.live_reference import LiveReference
from bench.sim.live_source import LiveSource
from bench.sim.meter import MeterModel
from bench.sim.reference import ReferenceModel
from bench.sim.reference_faults import ReferenceFaults
from bench.sim.source import SourceModel
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, EdgeTrain

_PPS_STREAM = 1
"""Random numbers of its own: with it, everything else stays as it was without."""
_AHEAD_S = 30.0
_GUARD_S = 1.5
"""The plant is drawn at least this far beyond the instant asked for: longer than lamps, lags and frames."""


@dataclass(frozen=True, slots=True)
class PlantSetup:
    """What the simulated bench is made of, one meter a position."""

    meters: tuple[MeterModel, ...] = (MeterModel(),)
    reference: ReferenceModel = field(default_factory=ReferenceModel)
    source: SourceModel = field(default_factory=SourceModel)
    faults: tuple[FaultEvent, ...] = ()
    clock_errors_s_per_day: tuple[float, ...] = ()
    """One a clock output of a meter: more lines, numbered after those of the meters."""
    pps_error_s_per_day: float | None = None
    """Of a clock of its own that nothing switches off: one more line, the last."""


class ReferenceValues(NamedTuple):
    """What the registers of the reference standard hold. The fields are those of `ReferenceSample`."""

    energy_Wh: float
    power_W: float
    voltage_V: float
    current_A: float
    power_factor: float
    frequency_Hz: float


class _LoadChange(NamedTuple):
    """A change of the load that a fault makes: to factor times the load point."""

    at_ns: int
    factor: float
    is_of_application: bool
    """Meant for the load that is applied, so forgotten with it."""


class Plant:
    """The live plant."""

    def __init__(self, setup: PlantSetup, seed: int, origin_ns: int) -> None:
        streams = iter(
            np.random.default_rng(seed).spawn(3 + len(setup.meters) + len(setup.clock_errors_s_per_day))
        )
        self._setup = setup
        self._origin_ns = origin_ns
        self._lock = threading.RLock()
        self._mains_phase_rad = float(next(streams).uniform(0.0, 2.0 * np.pi))
        self._source = LiveSource(setup.source, next(streams))
        self._reference = LiveReference(setup.reference, origin_ns, next(streams))
        self._meters = [LiveMeter(m, origin_ns, next(streams)) for m in setup.meters]
        self._clocks = [LiveClock(e, origin_ns, next(streams)) for e in setup.clock_errors_s_per_day]
        if (error_s_per_day := setup.pps_error_s_per_day) is not None:
            pps_rng = np.random.default_rng((seed, _PPS_STREAM))
            self._clocks.append(LiveClock(error_s_per_day, origin_ns, pps_rng, needs_voltage=False))
        self._outputs: list[LiveOutput] = [*self._meters, *self._clocks]
        self._reference_faults = ReferenceFaults(setup.reference.energy_step_Wh)
        self._panel_faults: list[ScheduledFault] = []
        self._load: LoadPoint | None = None
        self._has_voltage = False
        self._load_changes: list[_LoadChange] = []
        self._pulsation: Pulsation | None = None
        self._applied_ns: list[int] = []
        self._drawn_ns = origin_ns
        self._asked_ns = origin_ns
        self._values: tuple[int, ReferenceValues] | None = None
        self._schedule(None, origin_ns)

    # --- the load

    def apply(self, load_point: LoadPoint, at_ns: int) -> None:
        """The source goes to a load point, over its ramp."""
        with self._lock:
            at_ns = self._from_now_on(at_ns)
            self._load = load_point
            self._schedule(len(self._applied_ns), at_ns)
            self._applied_ns.append(at_ns)
            self._switch(at_ns, 1.0)

    def remove(self, at_ns: int) -> None:
        """The source takes the load away. Without a load nothing happens."""
        with self._lock:
            if self._load is not None:
                at_ns = self._from_now_on(at_ns)
                self._switch(at_ns, 0.0)
                self._load = None

    def _from_now_on(self, at_ns: int) -> int:
        """When a command works: what a device has shown already is not taken back. Ends the last command."""
        at_ns = max(at_ns, self._asked_ns)
        self._draw_to(at_ns)
        self._load_changes = [change for change in self._load_changes if not change.is_of_application]
        return at_ns

    def _switch(self, at_ns: int, factor: float) -> None:
        """From at_ns on, up to where the plant is drawn already, the load is factor times the load point."""
        if self._load is None:
            return
        at_s = self._seconds(at_ns)
        power_W = self._load.compared_power * factor
        self._source.change(at_s, power_W)
        energy_Wh = self._energy_Wh(at_s)
        self._pulsation = self._pulsation_of(self._load)
        energised = self._load if factor > 0.0 else None
        self._has_voltage = energised is not None
        for meter in self._meters:
            meter.change(at_s, energy_Wh, energised, power_W)
        for clock in self._clocks:
            clock.change(at_s, has_voltage=energised is not None)
        self._reference.change(at_s)
        self._values = None
        self._drawn_ns = at_ns

    def _pulsation_of(self, load: LoadPoint) -> Pulsation | None:
        if not load.pulsates:
            return None
        return Pulsation(load.frequency_Hz, load.power_factor, self._mains_phase_rad)

    # --- drawing

    def _seconds(self, at_ns: int) -> float:
        return (at_ns - self._origin_ns) / NS_PER_S

    def _ask(self, at_ns: int) -> None:
        if at_ns >= self._drawn_ns:
            self._draw_to(at_ns)
        if at_ns > self._asked_ns:
            self._asked_ns = at_ns

    def _draw_to(self, at_ns: int) -> None:
        """Draw the plant to beyond at_ns, with the changes of the load that faults make on the way."""
        while self._drawn_ns <= at_ns:
            if self._load_changes and self._load_changes[0].at_ns <= self._drawn_ns:
                change = self._load_changes.pop(0)
                self._switch(max(change.at_ns, self._asked_ns), change.factor)
            self._source.extend(_AHEAD_S)
            for meter in self._meters:
                meter.extend(self._source.curve, self._pulsation)
            for clock in self._clocks:
                clock.extend(self._source.end_s)
            self._reference.extend(self._source.curve)
            end_ns = self._origin_ns + round((self._source.end_s - _GUARD_S) * NS_PER_S)
            if self._load_changes:
                end_ns = min(end_ns, self._load_changes[0].at_ns)
            self._drawn_ns = max(end_ns, self._drawn_ns + 1)

    # --- what the devices in front of the plant ask

    def take_edges(self, line: int, until_ns: int) -> EdgeTrain | None:
        """Edges of a line up to an instant that were not taken yet; None where there are none.

        line: index of a meter, or, beyond the meters, of a clock output.
        """
        output = self._outputs[line]
        if until_ns < self._drawn_ns and until_ns < output.next_edge_ns:
            if until_ns > self._asked_ns:
                self._asked_ns = until_ns
            return None  # asked fifty times a second, and mostly there is nothing
        with self._lock:
            self._ask(until_ns)
            return output.take(until_ns)

    def next_edge_ns(self, line: int, after_ns: int) -> int:
        """When the next edge of a line is due; where none is drawn yet, an instant before which there is none."""
        with self._lock:
            self._ask(after_ns)
            return min(self._outputs[line].next_edge_ns, self._drawn_ns)

    def reference_values(self, at_ns: int) -> ReferenceValues:
        """What the registers hold at an instant. The same object as long as nothing was refreshed."""
        with self._lock:
            self._ask(at_ns)
            if at_ns >= self._reference_faults.first_ns:
                return self._values_for(*self._reference_faults.read(at_ns, self._reference.registers_at))
            serial = self._reference.serial_at(at_ns)
            if self._values is None or self._values[0] != serial:
                self._values = serial, self._values_for(*self._reference.registers_of(serial))
            return self._values[1]

    def register_kWh(self, position: int, at_ns: int) -> float | None:
        """A meter's energy register at an instant, with more digits than it shows; None without voltage."""
        with self._lock:
            self._ask(at_ns)
            if self._load is None:
                return None
            at_s = self._seconds(at_ns)
            return self._meters[position].register_kWh(at_s, self._energy_Wh(at_s))

    def meter_model(self, position: int) -> MeterModel:
        """A meter as it is."""
        return self._setup.meters[position]

    def unanswered_at(self, at_ns: int) -> ScheduledFault | None:
        """The fault because of which a request sent at this instant gets no answer in time."""
        if at_ns < self._reference_faults.first_ns:
            return None
        with self._lock:
            return self._reference_faults.unanswered_at(at_ns)

    def spend(self, fault: ScheduledFault) -> None:
        """A fault that `unanswered_at` gave and that happens once has happened."""
        with self._lock:
            self._reference_faults.spend(fault)

    def panel_faults_at(self, at_ns: int) -> frozenset[Fault]:
        """What holds at the panel at an instant."""
        with self._lock:
            self._asked_ns = max(self._asked_ns, at_ns)
            return frozenset(f.fault for f in self._panel_faults if f.holds_at(at_ns))

    def _values_for(self, energy_Wh: float, power_W: float) -> ReferenceValues:
        load = self._load
        if load is None or not self._has_voltage:
            return ReferenceValues(energy_Wh, power_W, 0.0, 0.0, 0.0, 0.0)
        if load.compared_power == 0.0:
            return ReferenceValues(energy_Wh, power_W, load.voltage_V, 0.0, 1.0, load.frequency_Hz)
        share = power_W / load.compared_power if np.isfinite(power_W) else 1.0
        return ReferenceValues(
            energy_Wh, power_W, load.voltage_V, load.current_A * share, load.power_factor, load.frequency_Hz
        )

    # --- faults and truth

    def faults_to_come(self) -> list[FaultEvent]:
        """Faults of the setup whose instant nobody has seen yet, or whose load was never applied."""
        with self._lock:
            return [event for event in self._setup.faults if self._is_to_come(event)]

    def _is_to_come(self, event: FaultEvent) -> bool:
        load = event.load_application
        if load is not None and load >= len(self._applied_ns):
            return True
        zero_ns = self._origin_ns if load is None else self._applied_ns[load]
        return event.scheduled(zero_ns).at_ns > self._asked_ns

    def disturb(self, event: FaultEvent, zero_ns: int) -> None:
        """Put a fault on the schedule, its at_s counted from zero_ns."""
        scheduled = event.scheduled(zero_ns)
        with self._lock:
            if event.fault in LINE_FAULTS:
                self._outputs[event.line].disturb(scheduled)
            elif event.fault in REFERENCE_FAULTS:
                self._reference_faults.add(scheduled)
            elif event.fault in PANEL_FAULTS:
                self._panel_faults.append(scheduled)
            elif event.fault in LOAD_FAULTS:
                self._schedule_load(scheduled, event.load_application is not None)

    def _schedule(self, application: int | None, zero_ns: int) -> None:
        for event in self._setup.faults:
            if event.load_application == application:
                self.disturb(event, zero_ns)

    def _schedule_load(self, fault: ScheduledFault, is_of_application: bool) -> None:
        changes = [_LoadChange(fault.at_ns, 1.0 + fault.amount / 100.0, is_of_application)]
        if fault.until_ns > fault.at_ns:
            changes.append(_LoadChange(fault.until_ns, 1.0, is_of_application))
        self._load_changes = sorted([*self._load_changes, *changes])
        self._drawn_ns = min(self._drawn_ns, max(fault.at_ns, self._asked_ns))

    def true_errors_pct(self, load_point: LoadPoint) -> Sequence[float]:
        """The true error of each meter at a load point."""
        power_W, phase = load_point.compared_power, load_point.loaded_phase
        return [m.model.true_error_pct(power_W, phase) for m in self._meters]

    def energy_Wh(self, at_ns: int) -> float:
        """Energy that has flowed since the start of the plant, without the pulsation."""
        with self._lock:
            self._ask(at_ns)
            return self._energy_Wh(self._seconds(at_ns))

    def _energy_Wh(self, at_s: float) -> float:
        return float(self._source.curve.mean_energy_Wh(np.array([at_s]))[0])
