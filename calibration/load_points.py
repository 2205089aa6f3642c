"""Load points by their names, as standards write them: a current and a power factor, `0.1Ib 0.5L`.

A current is a multiple of a rated current of the meter: `0.05Ib`, `Ib`, `In` (the basic current of a transformer
operated meter), `Imax`, `0.5Imax`. Currents are exact decimals in units of I_b, so `0.1Ib` is never just below
its own range. A power factor is `1.0`, `0.5L` (inductive) or `0.8C` (capacitive).
"""

from __future__ import annotations

import re
from decimal import Decimal

from calibration.quantities import LoadPoint, MeterUnderTest

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
