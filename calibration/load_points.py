"""Load points by their names, as standards write them: a current and a power factor, `0.1Ib 0.5L`.

A current is a multiple of a rated current of the meter: `0.05Ib`, `Ib`, `In` (the basic current of a transformer
operated meter), `Imax`, `0.5Imax`, `Itr`, `Imin`, `Ist`. Currents are exact decimals in units of I_b, so `0.1Ib` is
never just below its own range. A power factor is `1.0`, `0.5L` (inductive) or `0.8C` (capacitive). A third word, `A`,
`B` or `C`, is the only phase of a polyphase meter that carries the current.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from calibration.nameplate import Connection, Direction, MeterUnderTest, Quantity, Wiring


@dataclass(frozen=True, slots=True)
class LoadPoint:
    """A load to apply: its name as a rule set writes it (`Ib 0.5L`) and its electrical values.

    power_factor is positive: cos(phi), or sin(phi) where reactive energy is compared (IEC 62053-23); phase_side is
    "" at 1.0, "L" inductive, "C" capacitive. loaded_phase: "" where all phases carry the current, else the only one
    that does, "A", "B" or "C"; all voltages are applied in either case. A current of 0 is voltage alone. Exported
    energy is that of the reversed current; power and power factor stay positive and count in the load's direction.
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
    direction: Direction = Direction.IMPORT

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


_CURRENT = re.compile(r"(\d+(?:\.\d+)?)?(Ib|In|Imax|Itr|Imin|Ist)")
_POWER_FACTOR = re.compile(r"(1(?:\.0+)?|0\.\d+)([LC]?)")
_PHASES = {Wiring.SINGLE_PHASE: "", Wiring.THREE_WIRE: "AC", Wiring.FOUR_WIRE: "ABC"}
IB_OVER_ITR = {Connection.DIRECT: Decimal(10), Connection.CT: Decimal(20)}
"""I_b (I_n) in I_tr of a meter (IEC 62052-11:2020, OIML R 46; from memory)."""

Currents = Mapping[str, Decimal]
"""What each rated current of a meter is, in units of its I_b (I_n)."""

ANY_METER: Currents = {
    "Ib": Decimal(1),
    "In": Decimal(1),
    "Imax": Decimal("Infinity"),
    "Itr": Decimal("1e-4"),
    "Imin": Decimal("1e-8"),
    "Ist": Decimal("1e-12"),
}
"""For a look-up without a meter: only the order I_st < I_min < I_tr < I_b < I_max is meant by it.

They lie so far apart that a part of one, such as 0.05Itr, is still above the next lower one.
"""


def split_current(expression: str) -> tuple[Decimal, str]:
    """`0.05Ib` -> (0.05, "Ib"), `Imax` -> (1, "Imax")."""
    found = _CURRENT.fullmatch(expression)
    if found is None:
        raise ValueError(
            f"{expression!r} is no current; write it like 0.1Ib, Ib, 0.1In, Imax, 0.5Imax, Itr or Imin"
        )
    return Decimal(found[1] or 1), found[2]


def current_over_ib(expression: str, currents: Currents) -> Decimal:
    """A current such as `0.05Ib`, `In` or `0.5Imax` in units of I_b (I_n)."""
    factor, rated = split_current(expression)
    if rated not in currents:
        raise ValueError(f"{expression}: the nameplate has no {rated}; give it in the meter's table")
    return factor * currents[rated]


def split_power_factor(expression: str) -> tuple[Decimal, str]:
    """`0.5L` -> (0.5, "L"), `0.8C` -> (0.8, "C"), `1.0` -> (1, "")."""
    found = _POWER_FACTOR.fullmatch(expression)
    if found is None or not (value := Decimal(found[1])) or (value == 1) != (found[2] == ""):
        raise ValueError(f"{expression!r} is no power factor; write it like 1.0, 0.5L or 0.8C")
    return value, found[2]


def is_power_factor_of(expression: str, value: Decimal, side: str) -> bool:
    """Whether a power factor is the one that is written, or in the range: `0.5L to 0.8C` is every inductive one from
    0.5 and every capacitive one from 0.8, but not 1, which has limits of its own."""
    ends = [split_power_factor(end) for end in expression.split(" to ")]
    if len(ends) == 1:
        return (value, side) == ends[0]
    return any(side == of_side and value >= end for end, of_side in ends)


def currents_of(meter: MeterUnderTest) -> Currents:
    """The rated currents of a meter, exact as they stand on its nameplate."""
    basic_A = _exact(meter.basic_current_A)
    known = {"Ib": Decimal(1), "In": Decimal(1), "Imax": _exact(meter.maximum_current_A) / basic_A}
    transitional = meter.transitional_current_A
    known["Itr"] = (
        1 / IB_OVER_ITR[meter.connection] if transitional is None else _exact(transitional) / basic_A
    )
    for name, current_A in (("Imin", meter.minimum_current_A), ("Ist", meter.starting_current_A)):
        if current_A is not None:
            known[name] = _exact(current_A) / basic_A
    return known


def _exact(value: float) -> Decimal:
    return Decimal(repr(float(value)))


def split_name(name: str) -> tuple[str, str, str]:
    """`0.1Ib 0.5L` -> ("0.1Ib", "0.5L", ""), `Ib 1.0 A` -> ("Ib", "1.0", "A")."""
    words = name.split()
    if len(words) not in (2, 3):
        raise ValueError(
            f"{name!r} is no load point; write current and power factor, like '0.1Ib 0.5L' "
            "(and the only loaded phase, like 'Ib 1.0 A')"
        )
    return words[0], words[1], words[2] if len(words) == 3 else ""


def phases_of(wiring: Wiring) -> str:
    """The phases that can be loaded alone: none, elements A and C, or A, B and C."""
    return _PHASES[wiring]


def parse_load_point(name: str, meter: MeterUnderTest, frequency_Hz: float = 50.0) -> LoadPoint:
    """The load point that a name such as `0.1Ib 0.5L` or `Ib 1.0 A` means for a meter, at its nominal voltage."""
    current, power_factor, phase = split_name(name)
    if phase and phase not in phases_of(meter.wiring):
        known = ", ".join(phases_of(meter.wiring)) or "none (the meter has one phase)"
        raise ValueError(f"{phase!r} is no phase that can be loaded alone; of this meter: {known}")
    currents = currents_of(meter)
    over_ib = current_over_ib(current, currents)
    if not 0 < over_ib <= currents["Imax"]:
        raise ValueError(f"{current} is outside 0 to Imax of this meter ({meter.maximum_current_A:g} A)")
    value, side = split_power_factor(power_factor)
    return LoadPoint(
        " ".join(filter(None, (current, power_factor, phase))),
        meter.nominal_voltage_V,
        float(over_ib * _exact(meter.basic_current_A)),
        float(value),
        side,
        meter.wiring,
        frequency_Hz,
        phase,
        meter.quantity,
        meter.direction,
    )
