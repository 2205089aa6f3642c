"""What one bench compares of a model of reference standard: which energy, which power, behind which transformers.

A profile says all that a model can show; this says what of it is polled, and how it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from firmware_io.registers import TYPES


class EnergyRegister(StrEnum):
    """Which energy is compared."""

    IMPORT = "energy_import"
    EXPORT = "energy_export"
    REACTIVE = "reactive_energy"


class PowerRegister(StrEnum):
    """Which active power is compared: all phases together, or phase 1 alone."""

    TOTAL = "active_power"
    PHASE_1 = "active_power_l1"


_REACTIVE_POWER = "reactive_power"
COMPARED = frozenset((*EnergyRegister, *PowerRegister, _REACTIVE_POWER))
"""The quantities of which a bench compares one energy and one power."""


@dataclass(frozen=True, slots=True)
class ReferenceChoice:
    """What one bench reads of a model.

    energy_address: wire address of the energy, for models where the user assigns it. ct_ratio, vt_ratio: of the
    transformers between the load and the instrument, by which its currents, voltages, powers and energies are
    multiplied. export_is_negative: with exported energy, a power register that has a sign reads below zero.
    """

    energy: EnergyRegister = EnergyRegister.IMPORT
    power: PowerRegister = PowerRegister.TOTAL
    energy_address: int | None = None
    ct_ratio: Decimal = Decimal(1)
    vt_ratio: Decimal = Decimal(1)
    export_is_negative: bool = True

    @property
    def power_quantity(self) -> str:
        """Name of the compared power; with reactive energy the reactive one."""
        return _REACTIVE_POWER if self.energy is EnergyRegister.REACTIVE else self.power.value

    def sign_of(self, quantity: str, kind: str) -> int:
        """-1 for the compared power where energy is exported, so that what is decoded counts in its direction.

        This is the one place that turns a sign: raw replies stay as they were read. A type without a sign reads the
        magnitude (unsure).
        """
        has_sign = TYPES[kind].is_float or TYPES[kind].minimum < 0
        is_turned = self.energy is EnergyRegister.EXPORT and self.export_is_negative and has_sign
        return -1 if is_turned and quantity == self.power_quantity else 1

    def ratio_of(self, dimension: str) -> Decimal:
        """What a register of this dimension is multiplied by."""
        match dimension:
            case "voltage":
                return self.vt_ratio
            case "current":
                return self.ct_ratio
            case "ratio" | "frequency":
                return Decimal(1)
        return self.ct_ratio * self.vt_ratio
