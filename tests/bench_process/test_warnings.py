"""A load at which the reference cannot average is said before it is applied: in the state and on the terminal."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from bench.control.live import LiveState
from bench.measurement.acquisition import Acquisition
from bench.plans.forecast import forecast, warning_of
from bench.ports import ClockState
from bench.run.progress import Progress
from bench.terminal.terminal import RunProgress
from calibration.quantities import Finding
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard
from tests.bench_process.support import PLAN, plan_of

WARNING = Finding(Reason.LOAD_RESONATES, {"better_power_W": "13012.3"})
COARSE = ReferenceCard("coarse", "1", 0.1, energy_step_Wh=1.0, refresh_s=1.0, power_step_W=0.1)


def state_of(warning: Finding | None) -> dict[str, object]:
    progress = Progress({"id": "test", "software": "0", "kind": "simulated"}, plan_of())
    progress.plan_point(0, 30.0, warning)
    clock = ClockState("boot", 0, "2026-11-23T20:00:00+00:00", True, 0.0, "simulated")
    return progress.state(clock, Acquisition(["1"]))


def terminal(state: dict[str, object], language: str) -> str:
    console = Console(file=io.StringIO(), width=200)
    with RunProgress(LiveState(state), console, language):
        """Shows it."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_warning_of_a_load_point_is_in_the_state_and_on_the_terminal() -> None:
    state = state_of(WARNING)
    points = state["points"]
    assert isinstance(points, dict)
    assert points["0"]["warning"] == {"reason": "load_resonates", "values": {"better_power_W": "13012.3"}}
    for language in ("zh", "en"):
        assert "13012.3 W" in terminal(state, language)


def test_a_load_without_a_warning_says_nothing() -> None:
    assert "W (1 to 3" not in terminal(state_of(None), "en")


def test_the_planned_window_of_a_resonant_load_brings_its_warning() -> None:
    # 3600 W: the register of 1 Wh moves once in each refresh of 1 s.
    plan = PLAN.replace("220.0", "240.0").replace("10.0", "15.0").replace('"Imax 1.0"', '"Ib 1.0"')
    resonant = plan_of(
        plan.replace("minimum_time_s = 20.0", "minimum_time_s = 180.0").replace("60.0\n", "600.0\n", 1)
    )
    found = warning_of(forecast(resonant, replace(COARSE, power_gain_limit_pct=5.0), 0.1)[0])
    assert found is not None
    assert found.reason is Reason.LOAD_RESONATES
    assert warning_of(forecast(plan_of(), COARSE, 0.1)[0]) is None
