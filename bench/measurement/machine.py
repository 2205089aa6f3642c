"""The computer while a run goes on: its temperature, and whether its supply was too low, as the record keeps them.

A supply that is too low slows the processor down, and a card may lose what it writes: so it is asked every second,
and a change is recorded at once; what stays is recorded every minute. No figure of a result rests on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.canonical import JsonObject
from bench.measurement.environment import READ_EVERY_NS
from bench.ports import MachineSensor, MachineState
from calibration.quantities import NS_PER_S

_ASK_EVERY_NS = NS_PER_S


@dataclass(frozen=True, slots=True)
class MachineReading:
    """What the computer said at an instant; None: it does not know."""

    at_ns: int
    temperature_C: float | None
    is_undervolted: bool | None


class MachineWatch:
    """Of one run. sensor: None where nobody watches."""

    def __init__(self, sensor: MachineSensor | None) -> None:
        self._sensor = sensor
        self._asked_ns: int | None = None
        self._readings: list[MachineReading] = []

    def due(self, now_ns: int) -> MachineReading | None:
        """What is to be recorded now; None where that is nothing."""
        if self._sensor is None or (self._asked_ns is not None and now_ns - self._asked_ns < _ASK_EVERY_NS):
            return None
        self._asked_ns = now_ns
        state = self._sensor.read()
        if state == MachineState() or not self._says_anew(state, now_ns):
            return None
        self.add(MachineReading(now_ns, state.temperature_C, state.is_undervolted))
        return self._readings[-1]

    def _says_anew(self, state: MachineState, now_ns: int) -> bool:
        if not self._readings:
            return True
        last = self._readings[-1]
        return state.is_undervolted is not last.is_undervolted or now_ns - last.at_ns >= READ_EVERY_NS

    def add(self, reading: MachineReading) -> None:
        self._readings.append(reading)

    def summary(self) -> JsonObject | None:
        """As STATE has it; None where nothing is known. was_undervolted: at some time of the run."""
        if not self._readings:
            return None
        last = self._readings[-1]
        known = [r.temperature_C for r in self._readings if r.temperature_C is not None]
        supply = [r.is_undervolted for r in self._readings if r.is_undervolted is not None]
        return {
            "temperature_C": None if last.temperature_C is None else f"{last.temperature_C:.1f}",
            "highest_C": f"{max(known):.1f}" if known else None,
            "is_undervolted": last.is_undervolted,
            "was_undervolted": any(supply) if supply else None,
        }
