"""A simulated programmable source: what its front panel knows, whatever the wire in front of it.

It is told values and an output, as a real one is, and makes a load of them that it applies to what stands behind it
(the source of the plant). Values that are told while the output is on take effect at once. Its faults are those that a
driver must survive; several may be on at a time.
"""

from __future__ import annotations

import threading
from enum import StrEnum
from math import cos, radians

from bench.ports import LoadSource
from calibration.load_points import LoadPoint
from calibration.nameplate import Direction, Wiring
from firmware_io.programmable_source import Output

_PHASES = ("l1", "l2", "l3")
_EXACT_DIGITS = 9


class SourceFault(StrEnum):
    REFUSES = "refuses"
    """A write is refused."""
    READS_OTHERWISE = "reads_otherwise"
    """What was set reads back a little higher."""
    SILENT = "silent"
    """Nothing is answered, nothing is done."""
    DOES_NOT_SWITCH_ON = "does_not_switch_on"
    """The command is confirmed, the output stays off."""
    DOES_NOT_SWITCH_OFF = "does_not_switch_off"


class SimulatedProgrammableSource:
    """May be used from any thread. `behind` gets the load points; `history` is every command that reached it."""

    identity = "Simulated source 1"

    def __init__(self, behind: LoadSource) -> None:
        self._behind = behind
        self._lock = threading.RLock()
        self.values: dict[str, float] = {"frequency_Hz": 50.0}
        self.output = Output.OFF
        self.faults: set[SourceFault] = set()
        self.history: list[str] = []

    def set(self, field: str, value: float) -> bool:
        """False where it is refused."""
        with self._lock:
            self.history.append(field)
            if SourceFault.REFUSES in self.faults:
                return False
            self.values[field] = value
            if self.output is Output.ON:
                self._load()
            return True

    def shown(self, field: str) -> float:
        value = self.values.get(field, 0.0)
        return value * 1.01 + 1.0 if SourceFault.READS_OTHERWISE in self.faults else value

    def switch(self, *, on: bool) -> None:
        with self._lock:
            self.history.append("on" if on else "off")
            if on and SourceFault.DOES_NOT_SWITCH_ON not in self.faults and self.output is Output.OFF:
                self.output = Output.ON
                self._load()
            elif not on and SourceFault.DOES_NOT_SWITCH_OFF not in self.faults:
                self.output = Output.OFF
                self._behind.remove()

    def trip(self) -> None:
        """Its own protection takes the load away; off acknowledges it."""
        with self._lock:
            self.output = Output.TRIPPED
            self._behind.remove()

    def _load(self) -> None:
        self._behind.apply(load_of(self.values))


def load_of(values: dict[str, float]) -> LoadPoint:
    """The load that these settings make: of three phases where the second has voltage, of one otherwise."""
    wiring = Wiring.FOUR_WIRE if values.get("voltage_l2_V") else Wiring.SINGLE_PHASE
    currents = {p: values.get(f"current_{p}_A", values.get("current_A", 0.0)) for p in _PHASES}
    loaded = [letter for letter, p in zip("ABC", _PHASES, strict=True) if currents[p]]
    angle_deg = values.get("phase_angle_deg", 0.0)
    # Rounded as a front panel shows it, or the cosine of 60 degrees would be no power factor of 0.5.
    factor = round(cos(radians(angle_deg)), _EXACT_DIGITS)
    is_capacitive = -180.0 < angle_deg < 0.0 and abs(factor) < 1.0
    if factor < 0.0:
        is_capacitive = angle_deg > 0.0 and factor > -1.0
    return LoadPoint(
        "source",
        values.get("voltage_l1_V", values.get("voltage_V", 0.0)),
        max(currents.values()),
        abs(factor),
        "" if abs(factor) == 1.0 else "C" if is_capacitive else "L",
        wiring,
        values["frequency_Hz"],
        loaded[0] if wiring is Wiring.FOUR_WIRE and len(loaded) == 1 else "",
        direction=Direction.EXPORT if factor < 0.0 else Direction.IMPORT,
    )
