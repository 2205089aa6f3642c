"""What people and the record are told of a register, its pulses and the reference: all on the nameplate's side."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from calibration.quantities import Finding
from calibration.reasons import Reason
from calibration.registers import RegisterComparison

ENERGIES = {"register": "register_kWh", "pulses": "pulses_kWh", "reference": "reference_kWh"}
CONSTANTS = {
    "configured": "configured_constant_imp_per_kWh",
    "measured": "measured_constant_imp_per_kWh",
    "read": "read_constant_imp_per_kWh",
}
"""Name of a value in a reason's sentence -> name of the figure."""


def figures_of(compared: RegisterComparison, told: Decimal | None) -> dict[str, str]:
    """told: the constant (imp/kWh) that the meter tells of itself; None where it tells none."""
    return {
        "register_kWh": str(compared.register_kWh),
        "pulses_kWh": f"{compared.pulses_kWh:.5f}",
        "reference_kWh": f"{compared.reference_kWh:.5f}",
        "pulses": str(compared.pulses),
        "measured_constant_imp_per_kWh": f"{compared.measured_constant_imp_per_kWh:.2f}",
        "configured_constant_imp_per_kWh": f"{compared.meter_constant_imp_per_kWh:g}",
        "read_constant_imp_per_kWh": "—" if told is None else str(told),
    }


def named(reason: Reason, names: Mapping[str, str], figures: Mapping[str, str]) -> Finding:
    """The finding whose sentence has these figures."""
    return Finding(reason, {value: figures[figure] for value, figure in names.items()})
