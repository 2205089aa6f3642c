"""The limits of a bench: refused with the plan, and held in front of the source whatever asks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.app import open_bench
from bench.before_run.limits import LimitedSource, require_plan_within
from bench.before_run.plan_check import review
from bench.clock import SystemClock
from bench.configuration.config import Config
from bench.configuration.load_source import LimitsSection
from bench.errors import OperatorError
from calibration.load_points import LoadPoint
from calibration.nameplate import Wiring
from tests.bench_process.support import PLAN, bench_config, plan_of

FULL = LoadPoint("Imax 1.0", 220.0, 60.0, 1.0)


def limited(state_dir: Path, **limits: float) -> Config:
    config = bench_config(state_dir)
    return replace(config, load_source=replace(config.load_source, limits=LimitsSection(**limits)))


class Commanded:
    def __init__(self) -> None:
        self.loads: list[LoadPoint | None] = []

    def apply(self, load_point: LoadPoint) -> None:
        self.loads.append(load_point)

    def remove(self) -> None:
        self.loads.append(None)

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("limits", "load_point", "said"),
    [
        ({"highest_voltage_V": 219.0}, FULL, "voltage of 220 V is beyond this bench's limit of 219 V"),
        ({"highest_current_A": 59.0}, FULL, "current of 60 A"),
        ({"highest_power_VA": 13_000.0}, FULL, "power of 13200 VA"),
        (
            {"highest_power_VA": 13_000.0},
            replace(FULL, power_factor=0.5, phase_side="L"),
            "power of 13200 VA",
        ),
        ({"highest_power_VA": 39_000.0}, replace(FULL, wiring=Wiring.FOUR_WIRE), "power of 39600 VA"),
    ],
)
def test_no_step_gets_past_the_limits(limits: dict[str, float], load_point: LoadPoint, said: str) -> None:
    source = Commanded()
    with pytest.raises(OperatorError, match=said) as refused:
        LimitedSource(source, LimitsSection(**limits), SystemClock()).apply(load_point)
    assert "\n" not in str(refused.value)
    assert source.loads == []


@given(st.floats(1.0, 500.0), st.floats(0.0, 200.0), st.floats(0.1, 1.0))
def test_what_is_within_the_limits_is_commanded_as_it_is(
    voltage_V: float, current_A: float, factor: float
) -> None:
    source, load_point = Commanded(), LoadPoint("any", voltage_V, current_A, factor)
    limits = LimitsSection(voltage_V, max(current_A, 1e-9), 1.000001 * voltage_V * max(current_A, 1e-9))
    limited_source = LimitedSource(source, limits, SystemClock())
    limited_source.apply(load_point)
    limited_source.remove()
    assert source.loads == [load_point, None]


def test_a_plan_beyond_the_limits_is_refused_before_anything_is_applied(tmp_path: Path) -> None:
    config, checked = limited(tmp_path, highest_current_A=59.0), plan_of()
    with pytest.raises(OperatorError, match="current of 60 A"):
        review(checked, config, "2026-11-24")
    with open_bench(config, lambda said: None) as process:
        with pytest.raises(OperatorError, match="current of 60 A"):
            process.run(checked)
        assert process.recorder.read(0, 10) == []


def test_the_load_that_proves_a_line_counts_too(tmp_path: Path) -> None:
    checked = plan_of(PLAN.replace("load_points", 'tests = ["no_load"]\nload_points'))
    require_plan_within(checked, limited(tmp_path, highest_current_A=10.0))
    with pytest.raises(OperatorError, match=r"Ib 1\.0"):
        require_plan_within(checked, limited(tmp_path, highest_current_A=9.0))
    with pytest.raises(OperatorError, match="voltage of 253 V"):
        require_plan_within(checked, limited(tmp_path, highest_voltage_V=250.0))
