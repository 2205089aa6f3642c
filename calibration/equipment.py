"""The card of a reference standard: what its certificate and commissioning say of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class ReferenceCard:
    """What is known of the reference standard that a window is computed with; frozen when a run starts.

    energy_step_Wh (r), refresh_s (T), power_step_W (a_P), power_lag_s and its standard uncertainty are what
    commissioning measured. A lag is the delay of the power register's averaging interval behind the energy
    register's refresh; lag_known is False where it was never measured (a result that needs it is then
    informative). indication_error_pct is the certificate's error of indication at the load point and
    calibration_U_pct its expanded uncertainty with coverage_factor; drift_pct and stability_pct are half
    widths of rectangular distributions. reference_pulse_constant_imp_per_Wh: pulses per watt-hour of the
    reference's own output after any divider, or None.
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
    certificate: str = ""
    valid_until: str = ""

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
