"""Meters of the demonstration: three invented types, the plan of a case, and what its test would have shown.

An outcome has the form of web/after/outcome.py, so that every page reads it like a real one; the bench in it is called
a demonstration, and simulated. No journal has the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from random import Random
from typing import Any

from web.casework.model import Outcome

RULE_SET, DECISION_RULE = "jjg596-2012", "simple"
PLANNED_S = 200.0
_PLAN = (files("web.demonstration") / "plan.toml").read_text("utf-8")
_LIMIT_PCT = 1.0
_POINTS = (
    ("Imax 1.0", "60", "1.0", "13200", 60),
    ("Ib 0.5L", "10", "0.5L", "1100", 70),
    ("0.1Ib 1.0", "1", "1.0", "220", 60),
)
"""Name, current (A), power factor, power (W), planned time (s)."""


@dataclass(frozen=True, slots=True)
class MeterType:
    """middle, spread: of the error of its meters, %."""

    name: str
    middle: float
    spread: float


TYPES = (
    MeterType("DEMO-A1", 0.05, 0.25),
    MeterType("DEMO-B2", -0.15, 0.35),
    MeterType("DEMO-C3", 0.55, 0.5),
)
"""The last one is old: some of its meters are beyond the limit."""


def meter_of(serial: str, kind: MeterType) -> dict[str, str]:
    """By the names of a plan."""
    return {
        "serial": serial,
        "meter_type": kind.name,
        "accuracy_class": "1",
        "meter_constant_imp_per_kWh": "1200",
        "nominal_voltage_V": "220",
        "basic_current_A": "10",
        "maximum_current_A": "60",
    }


def plan_of(meter: dict[str, str]) -> str:
    return _PLAN.replace("{serial}", meter["serial"]).replace("{meter_type}", meter["meter_type"])


def tested(
    meter: dict[str, str],
    kind: MeterType,
    run_id: str,
    started: datetime,
    forced: Outcome | None,
    dice: Random,
) -> tuple[Outcome, dict[str, Any]]:
    """The outcome of a run in one word and as it is kept. forced: INVALID or UNJUDGED; else as the errors are."""
    error_pct = dice.gauss(kind.middle, kind.spread)
    results = {
        str(number): _result(
            name, error_pct + dice.gauss(0, 0.06), forced, is_last=number == len(_POINTS) - 1
        )
        for number, (name, *_) in enumerate(_POINTS)
    }
    verdicts = {one["verdict"] for one in results.values()}
    worst = next(v for v in ("INVALID", "FAIL", "UNJUDGED", "PASS") if v in verdicts)
    points = {
        str(number): {
            "item": "basic_error", "name": name, "voltage_V": "220", "current_A": current, "power_factor": factor,
            "power_W": power, "planned_s": str(planned), "state": "done",
        }
        for number, (name, current, factor, power, planned) in enumerate(_POINTS)
    }  # fmt: skip
    return Outcome(worst), {
        "position": "1",
        "phase": "finished",
        "bench": {"id": "demonstration", "software": "-", "kind": "simulated"},
        "environment": None,
        "run": {
            "id": run_id, "title": "Demonstration", "rule_set": RULE_SET, "decision_rule": DECISION_RULE,
            "started": started.isoformat(timespec="seconds"), "verdict": worst,
        },
        "points": points,
        "meter": {
            **{name: meter[name] for name in ("serial", "meter_type", "accuracy_class", "meter_constant_imp_per_kWh")},
            "pulses": 132, "last_pulse_ns": None, "running": None, "watching": None, "funnel": [],
            "results": results, "verdict": worst,
        },
        "faults": [],
    }  # fmt: skip


def _result(load_point: str, error_pct: float, forced: Outcome | None, *, is_last: bool) -> dict[str, Any]:
    """An invalid test has lost its last load point."""
    result: dict[str, Any] = {
        "item": "basic_error", "load_point": load_point, "percentage_error_pct": f"{error_pct:+.4f}",
        "expanded_uncertainty_pct": "0.0743", "coverage_factor": "2.00", "mpe_pct": f"{_LIMIT_PCT}",
        "estimator": "fused", "pulses": 44, "verdict": "PASS" if abs(error_pct) <= _LIMIT_PCT else "FAIL",
        "reasons": [], "three_ways": None,
    }  # fmt: skip
    if forced is Outcome.UNJUDGED:
        return result | {"verdict": "UNJUDGED", "mpe_pct": None}
    if forced is Outcome.INVALID and is_last:
        lost = [{"reason": "reference_stalled", "values": {"seconds": "7"}}]
        return result | {
            "verdict": "INVALID", "percentage_error_pct": None, "expanded_uncertainty_pct": None, "reasons": lost,
        }  # fmt: skip
    return result
