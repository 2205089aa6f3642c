"""How far a register must move to be judged, and what it moved by, beside a reference at the meter's terminals.

Register and constant of a meter behind transformers may count primary energy; then what the reference counts at the
terminals is `nameplate_ratio` times less than what they show.
"""

from __future__ import annotations

from decimal import Decimal

from calibration.nameplate import MeterUnderTest
from calibration.percentage_error import corrected_reference_energy_Wh
from calibration.quantities import WH_PER_KWH
from calibration.reference_standard import ReferenceCard
from calibration.registers import (
    RegisterComparison,
    class_pct,
    energy_of_small_step_kWh,
    energy_to_pass_kWh,
    minimum_energy_kWh,
)

_MARGIN_IN_LIMITS = 2.0
"""A meter slower than so many limits fails however coarse its register is."""


def margin_pct(meter: MeterUnderTest, mpe_pct: float | None) -> float:
    """How slow (%) a meter may be and have its last digit matter. mpe_pct: its limit; without one its class counts."""
    limit_pct = float(class_pct(meter.accuracy_class)) if mpe_pct is None else mpe_pct
    return _MARGIN_IN_LIMITS * limit_pct


def energy_needed_kWh(
    meter: MeterUnderTest, card: ReferenceCard, mpe_pct: float | None, parts_of_the_class: int
) -> Decimal:
    """Energy at the meter's terminals after which its register can be judged, if it is not slower than any meter that
    a last digit could save.

    A fine register (behind transformers even more so) must not be judged by a coarse reference or by a few pulses.
    card: at the load. parts_of_the_class: a last digit is so small a part of the accuracy class, as the reference's.
    """
    assert meter.register_decimals is not None
    least_kWh = minimum_energy_kWh(meter.accuracy_class, meter.register_decimals, parts_of_the_class)
    on_nameplate = energy_to_pass_kWh(least_kWh, meter.register_decimals, margin_pct(meter, mpe_pct))
    step_kWh = Decimal(repr(card.energy_step_Wh / WH_PER_KWH))
    pulse_kWh = 1 / Decimal(repr(meter.constant_at_terminals_imp_per_kWh))
    return max(
        on_nameplate / Decimal(repr(meter.nameplate_ratio)),
        energy_of_small_step_kWh(meter.accuracy_class, step_kWh, parts_of_the_class),
        energy_of_small_step_kWh(meter.accuracy_class, pulse_kWh, 1),
    )


def register_comparison(
    meter: MeterUnderTest,
    card: ReferenceCard,
    reference_Wh: tuple[float, float],
    register_kWh: tuple[Decimal, Decimal],
    decimals: int,
    pulses: int,
) -> RegisterComparison:
    """What was counted between two readings. reference_Wh, register_kWh: as they stood before and after."""
    before_Wh, after_Wh = reference_Wh
    at_terminals_Wh = corrected_reference_energy_Wh(after_Wh - before_Wh, card.indication_error_pct)
    kWh_per_Wh = meter.nameplate_ratio / WH_PER_KWH
    return RegisterComparison(
        register_kWh=register_kWh[1] - register_kWh[0],
        decimals=decimals,
        pulses=pulses,
        meter_constant_imp_per_kWh=meter.meter_constant_imp_per_kWh,
        reference_kWh=at_terminals_Wh * kWh_per_Wh,
        reference_step_kWh=card.energy_step_at_Wh(after_Wh) * kWh_per_Wh,
    )
