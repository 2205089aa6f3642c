"""The percentage error of a meter: what it counted against what the reference standard counted.

Definition

    error_pct = (E_meter - E_ref) / E_ref * 100          E_meter = N / C

N whole pulse intervals lie between N + 1 pulses, so a window from one pulse to another holds no fraction of a
pulse, and there is never a "plus or minus one pulse".

The sign trap
    Ask which way a figure moves before writing a formula from memory. A meter whose pulses take *longer* than
    they should counts less energy than flowed: it is slow, and its error is negative.

        pulses against energy        more reference energy for the same N    ->  error goes down
        pulses against pulses        more reference pulses m for the same N  ->  error goes down:  (m0 - m)/m
        pulses against power x time  a longer time t for the same N          ->  error goes down:  (T0 - t)/t

    In each, the denominator is what was *measured* (m, t), not what was expected (m0, T0). Swapping the two
    flips the sign; dividing by the expected value is wrong by the square of the error (0.0025 % at 0.5 %).
    Both have been printed.

Transformers
    Current and voltage transformers multiply the energy of the side that is behind them, that is, whichever
    instrument sees the secondary values; and not where its constant is already stated for the primary side.
    At a bench it is usually the reference standard that sits behind transformers of ratio K_I and K_U.

The reference's own error
    Its certificate states an error of indication e_ref (one that states a correction states -e_ref). The true
    energy is E_read / (1 + e_ref/100). The regulation's form adds gamma_0 = e_ref to the result instead; they
    differ by error * e_ref / 100 (0.0005 % at 1 % and 0.05 %).
"""

from __future__ import annotations

from calibration.quantities import WH_PER_KWH, WS_PER_KWH


def _require_positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0.0:
            raise ValueError(f"{name} must be positive, not {value}")


def meter_energy_Wh(intervals: int, meter_constant_imp_per_kWh: float) -> float:
    """Energy (Wh) that a meter of constant C (imp/kWh) counted in `intervals` whole pulse intervals: N/C."""
    _require_positive(meter_constant_imp_per_kWh=meter_constant_imp_per_kWh)
    return intervals * WH_PER_KWH / meter_constant_imp_per_kWh


def primary_energy_Wh(secondary_energy_Wh: float, ct_ratio: float, vt_ratio: float) -> float:
    """Primary energy (Wh) of an instrument that sits behind transformers of the given ratios."""
    _require_positive(ct_ratio=ct_ratio, vt_ratio=vt_ratio)
    return secondary_energy_Wh * ct_ratio * vt_ratio


def corrected_reference_energy_Wh(energy_read_Wh: float, indication_error_pct: float) -> float:
    """True energy (Wh) behind a reading of the reference: E_read / (1 + e_ref/100).

    indication_error_pct: error of indication by its certificate, positive where it reads too much.
    """
    if indication_error_pct <= -100.0:
        raise ValueError(f"an error of indication of {indication_error_pct} % leaves no energy")
    return energy_read_Wh / (1.0 + indication_error_pct / 100.0)


def percentage_error_pct(meter_Wh: float, reference_Wh: float) -> float:
    """(E_meter - E_ref)/E_ref in %; both energies on the same side of any transformer."""
    _require_positive(reference_Wh=reference_Wh)
    return (meter_Wh - reference_Wh) / reference_Wh * 100.0


def pulse_comparison_error_pct(
    meter_pulses: int,
    meter_constant_imp_per_kWh: float,
    reference_pulses: float,
    reference_constant_imp_per_kWh: float,
    ct_ratio: float = 1.0,
    vt_ratio: float = 1.0,
    indication_error_pct: float = 0.0,
) -> float:
    """Error (%) from `reference_pulses` m counted during `meter_pulses` N: (m0 - m)/m * 100 + gamma_0.

    m0 = C0 N/(C_L K_I K_U), the transformers being in front of the reference (JJG 596-2012, comparison with a
    standard meter). indication_error_pct is gamma_0, added as the regulation does.
    """
    _require_positive(
        reference_pulses=reference_pulses,
        meter_constant_imp_per_kWh=meter_constant_imp_per_kWh,
        reference_constant_imp_per_kWh=reference_constant_imp_per_kWh,
        ct_ratio=ct_ratio,
        vt_ratio=vt_ratio,
    )
    expected = reference_constant_imp_per_kWh * meter_pulses
    expected /= meter_constant_imp_per_kWh * ct_ratio * vt_ratio
    return (expected - reference_pulses) / reference_pulses * 100.0 + indication_error_pct


def nominal_time_s(pulses: int, meter_constant_imp_per_kWh: float, power_W: float) -> float:
    """T0 (s): how long a meter without error takes for `pulses` intervals at a power (W)."""
    _require_positive(meter_constant_imp_per_kWh=meter_constant_imp_per_kWh, power_W=power_W)
    return pulses * WS_PER_KWH / (meter_constant_imp_per_kWh * power_W)


def power_time_error_pct(
    pulses: int, meter_constant_imp_per_kWh: float, power_W: float, time_s: float
) -> float:
    """Error (%) by the power x time method: (T0 - t)/t * 100, t the measured time of `pulses` intervals."""
    _require_positive(time_s=time_s)
    return (nominal_time_s(pulses, meter_constant_imp_per_kWh, power_W) - time_s) / time_s * 100.0
