"""How far a register must move to be judged, and what it moved by, by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from calibration.reference_standard import ReferenceCard
from calibration.register_movement import energy_needed_kWh, margin_pct, register_comparison
from tests.unit.nameplates import meter

CARD = ReferenceCard("m", "s", 0.05, energy_step_Wh=0.01, refresh_s=0.2, power_step_W=0.1)
DIRECT = replace(meter(), accuracy_class="1", meter_constant_imp_per_kWh=1200.0, register_decimals=2)
PRIMARY = replace(DIRECT, constant_is_primary=True, ct_ratio=10.0, meter_constant_imp_per_kWh=120.0)


def test_a_meter_two_limits_slow_must_still_move_by_the_least() -> None:
    # One digit of 0.01 kWh is a tenth of class 1 (0.1 %) of 10 kWh; a limit of 1 % twice is 2 %.
    assert energy_needed_kWh(DIRECT, CARD, 1.0, 10) == Decimal(10) / Decimal("0.98") + Decimal("0.02")


def test_without_a_limit_the_class_is_the_margin() -> None:
    assert margin_pct(DIRECT, None) == 2.0
    assert margin_pct(DIRECT, 1.5) == 3.0


def test_a_primary_register_needs_its_part_at_the_terminals() -> None:
    assert energy_needed_kWh(PRIMARY, CARD, 1.0, 10) == energy_needed_kWh(DIRECT, CARD, 1.0, 10) / 10


def test_what_the_reference_counted_is_corrected_and_brought_to_the_nameplates_side() -> None:
    reads_more = replace(CARD, indication_error_pct=1.0)
    compared = register_comparison(
        PRIMARY, reads_more, (500.0, 1510.0), (Decimal("3.10"), Decimal("13.15")), 2, 1212
    )
    assert compared.register_kWh == Decimal("10.05")
    assert compared.reference_kWh == pytest.approx(10.0)  # 1010 Wh that read 1 % too much, ten times over
    assert compared.reference_step_kWh == pytest.approx(1e-4)
    assert compared.pulses_kWh == pytest.approx(10.1)
