"""Load points by their names, as standards write them: a current and a power factor, `0.1Ib 0.5L`.

A current is a multiple of a rated current of the meter: `0.05Ib`, `Ib`, `In` (the basic current of a transformer
operated meter), `Imax`, `0.5Imax`. Currents are exact decimals in units of I_b, so `0.1Ib` is never just below
its own range. A power factor is `1.0`, `0.5L` (inductive) or `0.8C` (capacitive).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from calibration.nameplate import MeterUnderTest, Quantity, Wiring


@dataclass(frozen=True, slots=True)
class LoadPoint:
    """A load to apply: its name as a rule set writes it (`Ib 0.5L`) and its electrical values.

    power_factor is positive: cos(phi), or sin(phi) where reactive energy is compared (IEC 62053-23); phase_side is
    "" at 1.0, "L" inductive, "C" capacitive. loaded_phase: "" where all phases carry the current, else the only one
    that does, "A", "B" or "C"; all voltages are applied in either case. A current of 0 is voltage alone.
    """

    name: str
    voltage_V: float
    current_A: float
    power_factor: float
    phase_side: str = ""
    wiring: Wiring = Wiring.SINGLE_PHASE
    frequency_Hz: float = 50.0
    loaded_phase: str = ""
    quantity: Quantity = Quantity.ACTIVE

    @property
    def compared_power(self) -> float:
        """What the reference must read: active power in W, or reactive in var where that energy is compared.

        m U I factor; m = 1, sqrt(3) with the line voltage, or 3 with the phase voltage; m = 1 for one loaded phase
        (of a three-wire meter: one element, its factor between its own voltage and current).
        """
        m = {Wiring.SINGLE_PHASE: 1.0, Wiring.THREE_WIRE: 3**0.5, Wiring.FOUR_WIRE: 3.0}[self.wiring]
        return (1.0 if self.loaded_phase else m) * self.voltage_V * self.current_A * self.power_factor

    @property
    def pulsates(self) -> bool:
        """Whether the instantaneous power swings at twice the mains frequency: any load but balanced phases."""
        return self.wiring is Wiring.SINGLE_PHASE or self.loaded_phase != ""


_CURRENT = re.compile(r"(\d+(?:\.\d+)?)?(Ib|In|Imax)")
_POWER_FACTOR = re.compile(r"(1(?:\.0+)?|0\.\d+)([LC]?)")


def current_over_ib(expression: str, imax_over_ib: Decimal) -> Decimal:
    """A current such as `0.05Ib`, `In` or `0.5Imax` in units of I_b (I_n)."""
    found = _CURRENT.fullmatch(expression)
    if found is None:
        raise ValueError(f"{expression!r} is no current; write it like 0.1Ib, Ib, 0.1In, Imax or 0.5Imax")
    factor = Decimal(found[1] or 1)
    return factor * imax_over_ib if found[2] == "Imax" else factor


def split_power_factor(expression: str) -> tuple[Decimal, str]:
    """`0.5L` -> (0.5, "L"), `0.8C` -> (0.8, "C"), `1.0` -> (1, "")."""
    found = _POWER_FACTOR.fullmatch(expression)
    if found is None or not (value := Decimal(found[1])) or (value == 1) != (found[2] == ""):
        raise ValueError(f"{expression!r} is no power factor; write it like 1.0, 0.5L or 0.8C")
    return value, found[2]


def imax_over_ib(meter: MeterUnderTest) -> Decimal:
    """I_max/I_b of a meter, exact for currents as they stand on a nameplate."""
    return Decimal(repr(float(meter.maximum_current_A))) / Decimal(repr(float(meter.basic_current_A)))


def split_name(name: str) -> tuple[str, str]:
    """`0.1Ib 0.5L` -> ("0.1Ib", "0.5L")."""
    words = name.split()
    if len(words) != 2:
        raise ValueError(f"{name!r} is no load point; write current and power factor, like '0.1Ib 0.5L'")
    return words[0], words[1]


def parse_load_point(name: str, meter: MeterUnderTest, frequency_Hz: float = 50.0) -> LoadPoint:
    """The load point that a name such as `0.1Ib 0.5L` means for a meter: its nominal voltage, balanced phases."""
    current, power_factor = split_name(name)
    ratio = imax_over_ib(meter)
    over_ib = current_over_ib(current, ratio)
    if not 0 < over_ib <= ratio:
        raise ValueError(f"{current} is outside 0 to Imax of this meter ({meter.maximum_current_A:g} A)")
    value, side = split_power_factor(power_factor)
    current_A = float(over_ib * Decimal(repr(float(meter.basic_current_A))))
    return LoadPoint(
        f"{current} {power_factor}",
        meter.nominal_voltage_V,
        current_A,
        float(value),
        side,
        meter.wiring,
        frequency_Hz,
    )
