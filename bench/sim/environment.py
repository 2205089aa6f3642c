"""The room of the simulated bench: a sensor that always says the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SimSensor:
    """An `EnvironmentSensor`. temperature_C, humidity_pct: what it says."""

    temperature_C: float = 23.0
    humidity_pct: float = 50.0

    def read(self) -> tuple[float, float | None]:
        return self.temperature_C, self.humidity_pct
