"""Temperature and humidity at the bench while a run goes on: what the sensor said, and what follows from it.

A sensor is read before the run, every minute of it and at its end; each reading is a record. A window is computed with
the temperature that was last read before it began, and the reference conditions of the rule set are held against all
readings. A sensor that fails leaves the temperature unknown from then on, until it answers again: no figure is kept in
its place. Without a sensor the plan's figure counts (somebody has typed it), all through the run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import fmean

from bench.canonical import JsonObject
from bench.errors import InstrumentError
from bench.plans.plan import CheckedPlan
from bench.ports import EnvironmentSensor
from calibration.quantities import NS_PER_S, Finding
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard
from calibration.rules import Conditions

READ_EVERY_NS = 60 * NS_PER_S
_HOLDS_FOR_NS = 5 * READ_EVERY_NS
"""A reading that is older says nothing of now; a meter that is read out may keep the run from reading on time."""


@dataclass(frozen=True, slots=True)
class EnvironmentReading:
    """temperature_C None: the sensor failed, and fault is what it said. humidity_pct: where it has one."""

    at_ns: int
    temperature_C: float | None
    humidity_pct: float | None = None
    fault: str = ""


def read_environment(sensor: EnvironmentSensor, at_ns: int) -> EnvironmentReading:
    try:
        temperature_C, humidity_pct = sensor.read()
    except InstrumentError as error:
        return EnvironmentReading(at_ns, None, fault=str(error))
    return EnvironmentReading(at_ns, temperature_C, humidity_pct)


def at_ambient(checked: CheckedPlan, reading: EnvironmentReading | None) -> CheckedPlan:
    """The plan with the temperature that was read before the run in place of its own; unchanged without a sensor."""
    if reading is None:
        return checked
    return replace(checked, plan=replace(checked.plan, ambient_temperature_C=reading.temperature_C))


def require_known_ambient(card: ReferenceCard, reading: EnvironmentReading | None) -> None:
    """Errors: InstrumentError where the reference depends on a temperature that its sensor does not tell."""
    if reading is not None and reading.fault and card.temperature_coefficient_pct_per_K:
        raise InstrumentError(f"the reference standard's error depends on the temperature: {reading.fault}")


class Ambient:
    """Of one run. typed_C: the plan's figure, which counts where nothing is measured."""

    def __init__(self, typed_C: float | None, first: EnvironmentReading | None) -> None:
        """first: the reading before the run; None where there is no sensor."""
        self._typed_C = typed_C
        self._readings = [] if first is None else [first]
        self._is_measured = first is not None

    @property
    def latest(self) -> EnvironmentReading | None:
        return self._readings[-1] if self._readings else None

    def add(self, reading: EnvironmentReading) -> None:
        self._readings.append(reading)

    def is_due(self, now_ns: int) -> bool:
        return self._is_measured and now_ns - self._readings[-1].at_ns >= READ_EVERY_NS

    def temperature_C(self, at_ns: int) -> float | None:
        """By the last reading before an instant; None where the sensor had failed, or was not asked for too long."""
        if not self._is_measured:
            return self._typed_C
        known = next((r for r in reversed(self._readings) if r.at_ns <= at_ns), None)
        return None if known is None or at_ns - known.at_ns > _HOLDS_FOR_NS else known.temperature_C

    def summary(self) -> JsonObject | None:
        """Mean, least and largest of all readings, as text; None where nothing is measured."""
        if not self._is_measured:
            return None
        temperatures = [r.temperature_C for r in self._readings if r.temperature_C is not None]
        humidities = [r.humidity_pct for r in self._readings if r.humidity_pct is not None]
        return {
            "readings": len(self._readings),
            "failed": sum(r.temperature_C is None for r in self._readings),
            "temperature_C": _spread(temperatures, 2),
            "humidity_pct": _spread(humidities, 1),
        }

    def why_not(self, conditions: Conditions | None) -> tuple[Finding, ...]:
        """What the readings say against the reference conditions."""
        if not self._is_measured or conditions is None:
            return ()
        low_C, high_C = conditions.temperature_C
        wanted = f"{low_C:g} … {high_C:g} °C"
        found = []
        if failed := next((r.fault for r in self._readings if r.temperature_C is None), None):
            found.append(Finding(Reason.SENSOR_FAILED, {"detail": failed, "wanted": wanted}))
        read = [r.temperature_C for r in self._readings if r.temperature_C is not None]
        if read and not (low_C <= min(read) and max(read) <= high_C):
            have = f"{min(read):.1f} … {max(read):.1f} °C"
            found.append(Finding(Reason.CONDITIONS_UNMET, {"have": have, "wanted": wanted}))
        return tuple(found)


def _spread(values: list[float], decimals: int) -> JsonObject | None:
    if not values:
        return None
    figures = {"mean": fmean(values), "min": min(values), "max": max(values)}
    return {name: f"{value:.{decimals}f}" for name, value in figures.items()}
