"""How much energy the meter constant test passes, before anything is measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.methods.briefing import Briefing
from bench.methods.register_verdict import energy_to_pass_Wh
from bench.plans.forecast import forecast
from calibration.reference_standard import ReferenceCard
from tests.bench_process.support import METER, plan_of

CARD = ReferenceCard("m", "s", 0.05, energy_step_Wh=0.01, refresh_s=0.2, power_step_W=0.1)
PRIMARY = "register_decimals = 2\nconstant_is_primary = true\nct_ratio = {ct}\nvt_ratio = {vt}\n"


def energy_Wh(nameplate: str, card: ReferenceCard = CARD, constant: str = "1200.0") -> float:
    meter = METER.replace("1200.0", constant)
    checked = plan_of('tests = ["meter_constant"]\n' + meter + nameplate)
    b = Briefing(checked, card, forecast(checked, card, 0.045))
    return energy_to_pass_Wh(b, checked.points[0], ("1",))


@pytest.mark.parametrize(
    ("decimals", "kWh"), [(1, 100 / 0.98 + 0.2), (2, 10 / 0.98 + 0.02), (3, 1 / 0.98 + 0.002)]
)
def test_class_1_passes_what_a_meter_two_limits_slow_needs(decimals: int, kWh: float) -> None:
    assert energy_Wh(f"register_decimals = {decimals}\n") == pytest.approx(1000 * kWh)


def test_a_reference_that_reads_too_much_must_read_more() -> None:
    reads_more = replace(CARD, indication_error_pct=3.0)
    assert energy_Wh("register_decimals = 2\n", reads_more) == pytest.approx(
        1.03 * energy_Wh("register_decimals = 2\n")
    )


def test_a_primary_register_needs_its_part_at_the_terminals() -> None:
    alone = energy_Wh("register_decimals = 2\n")
    assert energy_Wh(PRIMARY.format(ct=10.0, vt=1.0), constant="120.0") == pytest.approx(alone / 10)
    assert energy_Wh(PRIMARY.format(ct=10.0, vt=10.0), constant="12.0") == pytest.approx(alone / 100)


def test_a_fine_register_is_not_judged_by_a_coarse_reference_or_by_a_few_pulses() -> None:
    far = PRIMARY.format(ct=200.0, vt=100.0)  # 0.5 Wh at the terminals move it far enough
    assert energy_Wh(far, constant="0.06") == pytest.approx(1000 * 100 / 1200)  # 100 pulses for class 1
    coarse = replace(CARD, energy_step_Wh=1.0)
    assert energy_Wh(far, coarse, constant="0.06") == pytest.approx(1000 * 1.0)  # a step of 1 Wh is 0.1 %
