"""The live state while a window runs."""

from __future__ import annotations

from types import SimpleNamespace

from bench.acquisition import Acquisition
from bench.ports import ClockState
from bench.progress import Progress
from calibration.quantities import ErrorResult, Finding, Window
from calibration.reasons import Reason
from tests.bench_process.support import plan_of

WINDOW = Window(0, 30_000_000_000, 40)


def result(error_pct: float | None, *findings: Finding) -> ErrorResult:
    figures = (33.3, 33.2, 33.2, error_pct, 0.01, float("inf"), 2.0, 0.02)
    if error_pct is None:
        figures = (None,) * 8
    return ErrorResult("Imax 1.0", WINDOW, "fused", 1, *figures, findings=findings)


def shown(progress: Progress) -> dict:
    clock = ClockState("boot", 0, "2026-11-23T20:00:00+00:00", True, 0.0, "simulated")
    return progress.state(clock, Acquisition(["1"]))["positions"]["1"]


def test_an_old_figure_does_not_stay_when_the_data_no_longer_support_it() -> None:
    progress = Progress({"id": "test", "software": "0", "kind": "simulated"}, plan_of())
    step = SimpleNamespace(wanted_uncertainty_pct={"1": 0.2}, point=0, minimum_time_s=20.0)
    progress.measurement = SimpleNamespace(
        step=step, pulses=lambda position: 41, positions=("1",), first_ns=0, elapsed_s=lambda now_ns: 30.0,
        edges=lambda position: Acquisition(["1"]).edges["1"].since(0),
    )  # fmt: skip
    progress.phase, progress.point = "measuring", 0
    progress.look({"1": result(0.3)})
    assert shown(progress)["running"] is not None
    progress.look({"1": result(None, Finding(Reason.REFRESH_NOT_PERIODIC, {"residual": "57"}))})
    now = shown(progress)
    assert now["running"] is None
    assert now["waiting"][0]["reason"] == "refresh_not_periodic"
