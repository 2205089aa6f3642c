"""The registers that a simulated meter tells, against the energy that flowed."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bench.errors import InstrumentError
from bench.sim.in_process import SimMeterPort
from bench.sim.meter import MeterModel, RegisterModel
from bench.sim.plant import PlantSetup
from calibration.load_points import LoadPoint
from calibration.quantities import RISING
from tests.sim.rig import FULL_LOAD, Rig

VOLTAGE_ALONE = LoadPoint("Un", 220.0, 0.0, 1.0)
METER = MeterModel(1600.0, error_pct=-0.7)


def readings(meter: MeterModel, duration_s: float = 400.0):
    """A reading with voltage alone, before and after a load; and the rig."""
    rig = Rig(PlantSetup((MeterModel(), meter)))
    port = SimMeterPort(rig.plant, 1, rig.clock)
    rig.source.apply(VOLTAGE_ALONE)
    before = port.read()
    rig.source.apply(FULL_LOAD)
    rig.run(duration_s)
    rig.source.apply(VOLTAGE_ALONE)
    rig.run(1.0)
    return rig, before, port.read()


@pytest.mark.parametrize("decimals", [0, 2, 4, 6])
def test_a_register_moves_by_what_its_meter_counts_to_a_digit(decimals: int) -> None:
    rig, before, after = readings(replace(METER, register=RegisterModel(decimals=decimals)))
    flowed_kWh = rig.plant.energy_Wh(rig.clock.now_ns()) / 1000.0
    digit = 10.0**-decimals
    assert float(after.total_kWh - before.total_kWh) == pytest.approx(flowed_kWh * 0.993, abs=digit)
    assert float(after.total_kWh - before.total_kWh) == pytest.approx(
        len(rig.edges(1).of_kind(RISING)) / 1600.0, abs=digit + 1.0 / 1600.0
    )
    assert after.decimals == decimals
    assert -int(after.total_kWh.as_tuple().exponent) == decimals
    assert sum(after.tariffs_kWh) == after.total_kWh
    assert after.meter_constant_imp_per_kWh == Decimal(1600)
    assert after.at_ns == rig.clock.now_ns()


def test_a_display_cuts_its_last_digit_off_and_does_not_round() -> None:
    register = RegisterModel(start_kWh=1234.5678, decimals=2)
    _, before, _ = readings(replace(METER, register=register), 1.0)
    assert before.total_kWh == Decimal("1234.56")


def test_a_register_can_disagree_with_its_pulses() -> None:
    rig, before, after = readings(replace(METER, register=RegisterModel(decimals=6, error_pct=3.0)))
    by_pulses_kWh = rig.plant.energy_Wh(rig.clock.now_ns()) / 1000.0 * 0.993
    assert float(after.total_kWh - before.total_kWh) == pytest.approx(1.03 * by_pulses_kWh, abs=2e-6)


def test_a_meter_that_creeps_moves_its_register_too() -> None:
    rig = Rig(PlantSetup((replace(METER, creep_W=36.0, register=RegisterModel(decimals=6)),)))
    port = SimMeterPort(rig.plant, 0, rig.clock)
    rig.source.apply(VOLTAGE_ALONE)
    before = port.read()
    rig.clock.wait_until(rig.clock.now_ns() + 100_000_000_000)
    assert float(port.read().total_kWh - before.total_kWh) == pytest.approx(0.001, abs=2e-6)


def test_a_meter_can_tell_another_constant_than_it_has() -> None:
    _, _, after = readings(replace(METER, register=RegisterModel(declared_constant_imp_per_kWh=1200.5)), 1.0)
    assert after.meter_constant_imp_per_kWh == Decimal("1200.5")


@pytest.mark.parametrize("defect_kWh", [0.0003, -0.01])
def test_tariffs_can_fail_to_sum_up(defect_kWh: float) -> None:
    _, _, after = readings(replace(METER, register=RegisterModel(tariff_defect_kWh=defect_kWh)), 1.0)
    assert sum(after.tariffs_kWh) - after.total_kWh == Decimal(str(defect_kWh))


def test_a_meter_without_voltage_does_not_answer() -> None:
    rig = Rig(PlantSetup((METER,)))
    port = SimMeterPort(rig.plant, 0, rig.clock)
    with pytest.raises(InstrumentError, match="no voltage"):
        port.read()
    rig.source.apply(FULL_LOAD)
    assert port.read().total_kWh > 0
    rig.source.remove()
    with pytest.raises(InstrumentError, match="no voltage"):
        port.read()
