"""The card of a reference standard: what its certificate and commissioning say of it.

Between the points of a certificate
    A certificate states an error of indication and its U at some currents and power factors. Between two currents of
    one power factor the error is interpolated linearly in the logarithm of the current; between two power factors
    linearly in the power factor (1.0 is the end of the inductive and of the capacitive side). Nobody has measured
    there, so U is the largest of the neighbours', and half of what their errors differ by becomes a row of its own,
    `reference_interpolation` (rectangular). Beyond the last point the nearest one is taken, and `covers` says no.

Away from the conditions of a certificate
    Its error of indication holds at its temperature and voltage. What a coefficient says of the way from there is not
    corrected, since its sign is mostly not known; it becomes the rows `reference_temperature` and `reference_voltage`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np

from calibration.load_points import LoadPoint
from calibration.nameplate import Quantity

_SAME = 1e-3
"""Power factors, or logarithms of currents, that are no further apart are the same point of a certificate."""
_SAME_VOLTAGE = 0.1
"""Relative; what was certified at 220 V is taken to hold at 230 V (unsure)."""


@dataclass(frozen=True, slots=True)
class CardCorrection:
    """One point of the certificate: what the reference standard shows too much there (%), and its expanded uncertainty.

    phase_side: "" at power factor 1.0, "L" or "C". voltage_V: 0 where the point holds at any voltage. The card's
    coverage factor is that of all points. A certificate that states corrections states -indication_error_pct.
    """

    current_A: float
    power_factor: float
    indication_error_pct: float
    U_pct: float
    phase_side: str = ""
    voltage_V: float = 0.0


@dataclass(frozen=True, slots=True)
class ReferenceCard:
    """What is known of the reference standard that a window is computed with; frozen when a run starts.

    energy_step_Wh (r), refresh_s (T), power_step_W (a_P), power_lag_s and its standard uncertainty are what
    commissioning measured. A lag is the delay of the power register's averaging interval behind the energy
    register's refresh; lag_known is False where it was never measured (a result that needs it is then
    informative). indication_error_pct is the certificate's error of indication at the load point and
    calibration_U_pct its expanded uncertainty with coverage_factor; drift_pct and stability_pct are half
    widths of rectangular distributions. reference_pulse_constant_imp_per_Wh: pulses per watt-hour of the
    reference's own output, or None; reference_pulse_divider: of those, how many make one pulse on the bench's line.
    """

    model: str
    serial: str
    accuracy_class_pct: float
    energy_step_Wh: float
    refresh_s: float
    power_step_W: float
    power_lag_s: float = 0.0
    power_lag_u_s: float = 0.0
    lag_known: bool = True
    indication_error_pct: float = 0.0
    calibration_U_pct: float = 0.0
    coverage_factor: float = 2.0
    drift_pct: float = 0.0
    stability_pct: float = 0.0
    power_gain_limit_pct: float = 0.2
    """How far the power register's gain may lie from the energy register's, by their specifications."""
    energy_is_float32: bool = False
    energy_register_unit_Wh: float = 1.0
    """Watt-hours in one unit of the energy register: gives the spacing of a float32 register."""
    reference_pulse_constant_imp_per_Wh: float | None = None
    reference_pulse_divider: int = 1
    certificate: str = ""
    valid_until: str = ""
    corrections: tuple[CardCorrection, ...] = ()
    """The certificate's table for active energy; empty where one figure serves every load point."""
    interpolation_pct: float = 0.0
    """Half width of what interpolating between the certificate's points may be off, at a load point (`at`)."""
    certificate_temperature_C: float = 23.0
    temperature_coefficient_pct_per_K: float = 0.0
    """How far the error may move for each kelvin; 0: not known, or stated over the whole range of temperatures."""
    certificate_voltage_V: float = 0.0
    """As a load point states it (line voltage of three wires); 0: the certificate holds at any. A table's own goes
    before it."""
    voltage_coefficient_pct_per_V: float = 0.0
    temperature_off_K: float = 0.0
    """How far the bench is from the certificate's temperature (`at`)."""
    voltage_off_V: float = 0.0
    """How far the load is from the certificate's voltage (`at`)."""

    def __post_init__(self) -> None:
        voltages = [self.certificate_voltage_V, *(c.voltage_V for c in self.corrections)]
        if self.voltage_coefficient_pct_per_V and not any(voltages):
            raise ValueError(
                "a voltage coefficient needs the voltage it counts from; give certificate_voltage_V"
            )
        points = [(c.voltage_V, c.phase_side, c.power_factor, c.current_A) for c in self.corrections]
        if len(set(points)) != len(points):
            raise ValueError("two corrections are for the same voltage, current and power factor; keep one")
        for c in self.corrections:
            if not (c.current_A > 0.0 and 0.0 < c.power_factor <= 1.0 and c.U_pct > 0.0):
                raise ValueError(
                    "a correction needs a current, a power factor up to 1 and an uncertainty above 0"
                )
            if (c.power_factor == 1.0) != (c.phase_side == "") or c.phase_side not in ("", "L", "C"):
                raise ValueError(
                    f"a correction at power factor {c.power_factor:g} has phase_side {c.phase_side!r}; "
                    "write 'L' or 'C' below 1.0 and nothing at 1.0"
                )

    @property
    def reference_pulses_per_Wh(self) -> float | None:
        """Pulses per watt-hour on the bench's line, behind the divider; None where none is wired."""
        constant = self.reference_pulse_constant_imp_per_Wh
        return None if constant is None else constant / self.reference_pulse_divider

    def at(self, load_point: LoadPoint, ambient_C: float | None = None) -> ReferenceCard:
        """The card as it holds at a load point: one error of indication with its U, and no table any more.

        ambient_C: temperature at the bench; without it that of the certificate.
        """
        card = self._of_table(load_point)
        if card.temperature_coefficient_pct_per_K and ambient_C is not None:
            card = replace(card, temperature_off_K=abs(ambient_C - card.certificate_temperature_C))
        if card.voltage_coefficient_pct_per_V and card.certificate_voltage_V:
            card = replace(card, voltage_off_V=abs(load_point.voltage_V - card.certificate_voltage_V))
        return card

    def _of_table(self, load_point: LoadPoint) -> ReferenceCard:
        if not self._has_table_for(load_point):
            return self
        found = _interpolated(self, load_point)
        table, _ = _at_voltage(self.corrections, load_point.voltage_V)
        return replace(
            self,
            certificate_voltage_V=table[0].voltage_V or self.certificate_voltage_V,
            indication_error_pct=found.error_pct,
            calibration_U_pct=found.U_pct,
            interpolation_pct=0.5 * (found.highest_pct - found.lowest_pct),
            corrections=(),
        )

    def covers(self, load_point: LoadPoint) -> bool:
        """Whether the certificate speaks for a load point: within its table, where it has one."""
        if not self.corrections or load_point.current_A == 0.0:
            return True  # without a current there is no energy to compare
        return self._has_table_for(load_point) and _interpolated(self, load_point).is_within

    def _has_table_for(self, load_point: LoadPoint) -> bool:
        return (
            bool(self.corrections) and load_point.quantity is Quantity.ACTIVE and load_point.current_A > 0.0
        )

    def float_spacing_Wh(self, reading_Wh: float) -> float:
        """Distance of neighbouring values of a float32 energy register at a reading; 0 for other registers."""
        if not self.energy_is_float32:
            return 0.0
        unit_Wh = self.energy_register_unit_Wh
        return float(np.spacing(np.float32(abs(reading_Wh) / unit_Wh))) * unit_Wh

    def energy_step_at_Wh(self, reading_Wh: float) -> float:
        """The effective step of the energy register at a reading.

        A float32 register grows coarser as it counts up: what it shows was cut to r and then rounded to one of its
        values, so the true energy lies within r and one spacing together.
        """
        return self.energy_step_Wh + self.float_spacing_Wh(reading_Wh)


@dataclass(frozen=True, slots=True)
class _Interpolated:
    """An error of indication (%) between points of a certificate, and the range of those points."""

    error_pct: float
    U_pct: float
    lowest_pct: float
    highest_pct: float
    is_within: bool

    @staticmethod
    def between(low: _Interpolated, high: _Interpolated, share: float) -> _Interpolated:
        """share 0: low, 1: high."""
        return _Interpolated(
            low.error_pct + share * (high.error_pct - low.error_pct),
            max(low.U_pct, high.U_pct),
            min(low.lowest_pct, high.lowest_pct),
            max(low.highest_pct, high.highest_pct),
            low.is_within and high.is_within,
        )


def _interpolated(card: ReferenceCard, load_point: LoadPoint) -> _Interpolated:
    """Over the power factors of the load's side, each of them over its currents."""
    table, is_within = _at_voltage(card.corrections, load_point.voltage_V)
    sides = ("", load_point.phase_side)
    of_side = [c for c in table if c.phase_side in sides]
    curves = [
        (
            factor,
            _over_currents([c for c in of_side or table if c.power_factor == factor], load_point.current_A),
        )
        for factor in sorted({c.power_factor for c in of_side or table})
    ]
    found = _on_axis(load_point.power_factor, curves)
    return found if is_within and of_side else replace(found, is_within=False)


def _over_currents(points: Iterable[CardCorrection], current_A: float) -> _Interpolated:
    at_points = [
        (
            log(c.current_A),
            _Interpolated(c.indication_error_pct, c.U_pct, *2 * (c.indication_error_pct,), True),
        )
        for c in sorted(points, key=lambda c: c.current_A)
    ]
    return _on_axis(log(current_A), at_points)


def _on_axis(at: float, points: Sequence[tuple[float, _Interpolated]]) -> _Interpolated:
    """The value at a place on an axis, between its neighbours; beyond the ends the last one, outside the table.

    points: (place, value), places ascending; one that is no further than _SAME is hit.
    """
    nearest, value = min(points, key=lambda point: abs(point[0] - at))
    if abs(nearest - at) <= _SAME:
        return value
    below = [point for point in points if point[0] < at]
    above = [point for point in points if point[0] > at]
    if not (below and above):
        return replace(value, is_within=False)
    (low_at, low), (high_at, high) = below[-1], above[0]
    return _Interpolated.between(low, high, (at - low_at) / (high_at - low_at))


def _at_voltage(table: Sequence[CardCorrection], voltage_V: float) -> tuple[tuple[CardCorrection, ...], bool]:
    """The points for a voltage, and whether they are: its own, else those of any voltage, else the nearest one's."""
    stated = sorted({c.voltage_V for c in table if c.voltage_V > 0.0}, key=lambda v: abs(v - voltage_V))
    if stated and abs(stated[0] / voltage_V - 1.0) <= _SAME_VOLTAGE:
        return tuple(c for c in table if c.voltage_V == stated[0]), True
    if any_voltage := tuple(c for c in table if c.voltage_V == 0.0):
        return any_voltage, True
    return tuple(c for c in table if c.voltage_V == stated[0]), False
