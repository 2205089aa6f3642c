"""What a meter's nameplate says: class, constant, ratings, connection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from calibration.quantities import RISING


class Connection(StrEnum):
    DIRECT = "direct"
    CT = "ct"


class Quantity(StrEnum):
    """Which energy is compared: active (kWh) or reactive (kvarh)."""

    ACTIVE = "active"
    REACTIVE = "reactive"


class Direction(StrEnum):
    """Which way the compared energy flows: drawn from the grid, or fed into it (as a roof's generator does)."""

    IMPORT = "import"
    EXPORT = "export"


class Wiring(StrEnum):
    SINGLE_PHASE = "1p2w"
    THREE_WIRE = "3p3w"
    FOUR_WIRE = "3p4w"


@dataclass(frozen=True, slots=True)
class MeterUnderTest:
    """Nameplate of a meter under test.

    A constant of a meter for reactive energy is in imp/kvarh. test_output_edge: which edge of the test output
    carries the time of a pulse (RISING where the lamp's lighting gives a rising edge). ct_ratio, vt_ratio: of the
    transformers that the nameplate is made for; constant_is_primary: the constant already counts their primary side,
    and so does the register.
    """

    serial: str
    accuracy_class: str
    meter_constant_imp_per_kWh: float
    connection: Connection
    wiring: Wiring
    nominal_voltage_V: float
    basic_current_A: float
    """I_b of a direct connected meter, I_n of a transformer operated one."""
    maximum_current_A: float
    meter_type: str = ""
    test_output_edge: int = RISING
    quantity: Quantity = Quantity.ACTIVE
    minimum_current_A: float | None = None
    """I_min, where the nameplate has it (OIML R 46, IEC 62053:2020, JJG 596-2026)."""
    transitional_current_A: float | None = None
    """I_tr, likewise."""
    starting_current_A: float | None = None
    """I_st where the nameplate states it; else the rule set derives it."""
    ct_ratio: float = 1.0
    vt_ratio: float = 1.0
    constant_is_primary: bool = False
    direction: Direction = Direction.IMPORT
    """Of a meter that counts both ways, the way that is verified: its test output then counts that energy."""
    register_decimals: int | None = None
    """Decimals of its energy register in kWh (kvarh); None where nobody reads it."""

    @property
    def constant_at_terminals_imp_per_kWh(self) -> float:
        """Pulses for each kWh at the meter's terminals, which is what a bench feeds and compares."""
        return self.meter_constant_imp_per_kWh * self.nameplate_ratio

    @property
    def nameplate_ratio(self) -> float:
        """kWh by constant and register of the nameplate for each kWh at the meter's terminals.

        A constant for the primary side counts each kWh at the terminals K_I K_U times over.
        """
        return self.ct_ratio * self.vt_ratio if self.constant_is_primary else 1.0
