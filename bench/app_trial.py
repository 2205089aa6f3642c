"""Catch the bench out: a simulated meter with an error that somebody chose, and what the bench finds of it.

A process of its own, `python -m bench.app_trial`, asked by the measuring process. It builds the bench of the
demonstration with this error in a state folder that its parent has made and clears away, and goes through a run in
virtual time as fast as it goes. What measures there is not told the error: it finds it from pulses and polls.
"""

from __future__ import annotations

import dataclasses
from importlib import resources
from pathlib import Path
from typing import Any

from bench.app import open_bench
from bench.canonical import JsonObject
from bench.child_process import answer_parent
from bench.commands.demo import demo_config
from bench.configuration.config import Config
from bench.plans.plan import CheckedPlan, parse_plan
from bench.process import MeasuringProcess, RunSummary
from calibration.quantities import NS_PER_S, Outcome

_POSITION = "1"
_FUNNEL_STEP_S = 1.0
"""Bench time from one point of the funnel to the next."""


def found(asked: JsonObject) -> JsonObject:
    """asked: `error_pct` (text), `seed`, `state_dir`, a folder that is empty. Errors: BenchError.

    Figures are texts, null where there is none, as of a point that is INVALID. `funnel`: [t_s, error_pct, U_pct] of the
    first point. `seconds`: how long the run took on the bench's own clock.
    """
    config = _config(Path(asked["state_dir"]), float(asked["error_pct"]), int(asked["seed"]))
    plan = _plan(config)
    with open_bench(config, lambda line: None) as process:
        funnel = _Funnel(process)
        began_ns = process.clock.now_ns()
        summary = process.run(plan)
        seconds = (process.clock.now_ns() - began_ns) / NS_PER_S
    return {
        "error_pct": asked["error_pct"],
        "kind": summary.kind.value,
        "verdict": summary.verdict.value,
        "points": [_point(point, summary) for point in summary.state["points"]],
        "funnel": funnel.rows,
        "seconds": round(seconds),
    }


def _config(state_dir: Path, error_pct: float, seed: int) -> Config:
    config = demo_config(state_dir, error_pct, 0.0, seed)
    often = dataclasses.replace(
        config.bench, publish_period_s=_FUNNEL_STEP_S, evaluation_period_s=_FUNNEL_STEP_S
    )
    return dataclasses.replace(config, bench=often)


def _plan(config: Config) -> CheckedPlan:
    text = (resources.files("bench") / "sim" / "trial-plan.toml").read_text(encoding="utf-8")
    return parse_plan(text, [p.name for p in config.position], "trial-plan.toml")


class _Funnel:
    """The funnel of the first point, as the live state has shown it last."""

    def __init__(self, process: MeasuringProcess) -> None:
        self.rows: list[Any] = []
        process.live.listen(self._look)

    def _look(self, sequence: int, patch: JsonObject, state: JsonObject) -> None:
        if state.get("point") == "0":
            self.rows = state["positions"][_POSITION]["funnel"] or self.rows


def _point(point: str, summary: RunSummary) -> JsonObject:
    result = summary.results[_POSITION][point]
    is_measured = result["verdict"] != Outcome.INVALID
    return {
        "name": summary.state["points"][point]["name"],
        "verdict": result["verdict"],
        "percentage_error_pct": result.get("percentage_error_pct") if is_measured else None,
        "expanded_uncertainty_pct": result.get("expanded_uncertainty_pct") if is_measured else None,
        "mpe_pct": result.get("mpe_pct"),
    }


if __name__ == "__main__":
    answer_parent(found)
