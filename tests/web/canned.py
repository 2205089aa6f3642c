"""States of a bench, one for each situation a customer can be in: for tests and for pictures."""

from __future__ import annotations

import math
from copy import deepcopy
from typing import Any

State = dict[str, Any]

_POINTS = {
    "0": ("Imax 1.0", "60", "1.0", "13200", "60"),
    "1": ("Ib 1.0", "5", "1.0", "1100", "60"),
    "2": ("Ib 0.5L", "5", "0.5L", "550", "60"),
}


def _point(key: str, state: str) -> dict[str, Any]:
    name, current, factor, power, planned = _POINTS[key]
    return {
        "name": name, "voltage_V": "220", "current_A": current, "power_factor": factor,
        "power_W": power, "planned_s": planned, "state": state,
    }  # fmt: skip


def health() -> dict[str, Any]:
    """Of a bench on a Raspberry Pi on which everything is in order."""
    return {
        "software": {
            "version": "0.1.0", "python": "3.11.2", "packages": {"bench": "ab" * 32, "calibration": "cd" * 32},
        },
        "is_run_under_way": True,
        "up_s": "93720",
        "silent": [],
        "loops": {
            "edges": {"period_s": "0.0200", "turns": 4_686_000, "late_s": "0.0031"},
            "reference": {"period_s": "0.1000", "turns": 937_200, "late_s": "0.0120"},
        },
        "lines": {"1": {"edges": 3204, "lost": 0, "faults": 0}},
        "reference": {"polls": 937_200, "failed": {}},
        "journal": {
            "waiting": 2, "room": 10_000, "refused": 0,
            "commits": 40, "commits_s": "0.4800", "longest_commit_s": "0.0310", "is_failing": False,
        },
        "clock": {"is_disciplined": True, "frequency_ppm": "-3.412", "up_s": "93800"},
        "machine": {"temperature_C": "54.1", "is_undervolted": False},
        "backup": {"made": "2026-11-24T12:30:00+00:00"},
        "disk": {"free_MB": "21000", "needed_MB": "200"},
    }  # fmt: skip


def idle() -> State:
    return {
        "bench": {"id": "bench-7", "software": "0.1.0", "kind": "simulated"},
        "clock": {"monotonic_ns": 5_000_000_000, "wall_time": "2026-11-23T20:31:05+00:00", "is_disciplined": True},
        "phase": "idle",
        "is_energised": False,
        "lamp": "idle",
        "run": None,
        "points": {},
        "point": None,
        "ends_in_s": None,
        "reference": {
            "state": "ok", "power_W": "0.2", "voltage_V": "220.013", "current_A": "0.0004", "power_factor": "1.0000",
            "energy_Wh": "10452.31", "latency_ms": "12", "age_s": "0.1",
        },
        "positions": {
            "1": {
                "serial": "33 0901 2764", "meter_type": "DDS-88", "accuracy_class": "1",
                "meter_constant_imp_per_kWh": "1200", "pulses": 0, "last_pulse_ns": None, "running": None,
                "funnel": [], "results": {}, "verdict": None,
            }
        },
        "faults": [],
        "next": None,
    }  # fmt: skip


def cut_off() -> State:
    """After a power cut in a run that had come to results."""
    return idle() | {"interrupted": {"run": "run-000001", "case": None, "goes_on": True}}


def _begun(phase: str, point: str | None, done: int) -> State:
    """A run in a phase, with the first `done` points finished."""
    state = idle()
    state["phase"] = phase
    state["is_energised"] = phase in ("settling", "measuring")
    state["lamp"] = {"settling": "live_voltage", "measuring": "measuring", "interrupted": "invalid"}.get(
        phase, "idle"
    )
    state["run"] = {
        "id": "20261123-0007", "title": "Verification of 33 0901 2764", "rule_set": "jjg596-2012",
        "decision_rule": "simple", "started": "2026-11-23T20:31:00+00:00",
        "verdict": None,
    }  # fmt: skip
    state["point"] = point
    for number, key in enumerate(_POINTS):
        point_state = "done" if number < done else "waiting"
        if key == point and number >= done:
            point_state = "measuring" if phase == "measuring" else "settling"
        state["points"][key] = _point(key, point_state)
    for key in list(_POINTS)[:done]:
        state["positions"]["1"]["results"][key] = result(key, "PASS", {"0": "+0.4176", "1": "+0.3521"}[key])
    if point is not None:
        current, factor, power = _POINTS[point][1:4]
        state["reference"] |= {
            "power_W": f"{power}.41",
            "current_A": f"{current}.0012",
            "power_factor": factor[:3],
        }
    return state


def result(key: str, verdict: str, error: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "load_point": _POINTS[key][0], "percentage_error_pct": error, "expanded_uncertainty_pct": "0.0743",
        "coverage_factor": "2.00", "mpe_pct": "1.0", "estimator": "fused", "pulses": 44,
        "meter_energy_Wh": "36.6667", "reference_energy_Wh": "36.5142", "verdict": verdict, "reasons": [],
        "true_error_pct": "+0.3800",
        "three_ways": {"pulses": error, "power_time": "+0.3610", "register": None},
    }  # fmt: skip
    if error is None:
        found |= {"expanded_uncertainty_pct": None, "true_error_pct": None, "three_ways": None}
        found["reasons"] = [{"reason": "reference_stalled", "values": {"seconds": "7"}}]
    return found


def starting() -> State:
    return _begun("starting", None, 0)


def waiting_for_start() -> State:
    state = _begun("waiting_for_start", "0", 0)
    state["waits_for"] = {"what": "start", "by": ["start_button"], "why_not": None, "left_s": "597"}
    state["next"] = {"what": "measure", "point": "0", "in_s": "0"}
    state["reference"] |= {"power_W": "0.0", "voltage_V": "0.0", "current_A": "0.0", "power_factor": "1.0"}
    return state


def cover_is_open() -> State:
    state = waiting_for_start()
    state["waits_for"]["why_not"] = {"reason": "cover_opened", "values": {}}
    return state


def waiting_for_load() -> State:
    state = _begun("waiting_for_load", "1", 1)
    state |= {"is_energised": True, "lamp": "live_voltage"}
    state["waits_for"] = {"what": "load", "by": ["terminal", "console"], "why_not": None, "left_s": "1790"}
    return state


def emergency_stop() -> State:
    """Pressed while measuring: what is missing is INVALID for that reason."""
    stopped = {"reason": "emergency_stop_pressed", "values": {}}
    state = _finished("INVALID", result("2", "INVALID", None) | {"reasons": [stopped]})
    state["faults"] = [{"at_s": "164", "position": None, "point": "2", **stopped}]
    return state


def settling() -> State:
    state = _begun("settling", "1", 1)
    state["next"] = {"what": "measure", "point": "1", "in_s": "8"}
    return state


def counting() -> State:
    state = _begun("measuring", "1", 1)
    state["positions"]["1"]["pulses"] = 3
    state["next"] = {"what": "settle", "point": "2", "in_s": "52"}
    return state


def measuring() -> State:
    state = _begun("measuring", "1", 1)
    meter = state["positions"]["1"]
    meter["pulses"] = 29
    meter["funnel"] = funnel(37)
    meter["running"] = {
        "t_s": "37.2", "pulses": 27, "meter_energy_Wh": "22.5000", "reference_energy_Wh": "22.4294",
        "percentage_error_pct": "+0.3148", "expanded_uncertainty_pct": "0.1612", "estimator": "fused",
        "mpe_pct": "1.0", "decision_in_s": "23",
    }  # fmt: skip
    state["ends_in_s"] = "23"
    state["next"] = {"what": "settle", "point": "2", "in_s": "183"}
    return state


def measuring_outside() -> State:
    """A meter far outside its limits: the axis has to grow."""
    state = measuring()
    meter = state["positions"]["1"]
    meter["funnel"] = [[t, f"{float(error) - 2.9:+.4f}", U] for t, error, U in meter["funnel"]]
    meter["running"] |= {"percentage_error_pct": "-2.5852", "decision_in_s": "0"}
    return state


def funnel(seconds: int) -> list[list[str]]:
    """A running estimate that wanders less and less, twice a second."""
    points = []
    for half in range(8, 2 * seconds + 1):
        t = half / 2
        U = 6.0 / t
        points.append([f"{t:.1f}", f"{0.3148 + 0.4 * U * math.sin(t * 1.7):+.4f}", f"{U:.4f}"])
    return points


def repeating() -> State:
    state = _begun("settling", "1", 1)
    state["faults"] = [{"at_s": "71", "position": "1", "point": "1", "reason": "pulse_missing", "values": {}}]
    state["next"] = {"what": "measure", "point": "1", "in_s": "5"}
    return state


def second_attempt() -> State:
    """A point that is good enough, at its second attempt, while another meter is waited for."""
    state = measuring()
    state["points"]["2"]["warning"] = {"reason": "load_resonates", "values": {"better_power_W": "557"}}
    meter = state["positions"]["1"]
    meter["results"]["0"]["attempts"] = 2
    meter["running"] |= {"decision_in_s": "0", "waits_for_others": True}
    state["faults"] = [
        {
            "at_s": "71.0", "position": "1", "point": "0", "attempt": 1, "is_repeated": True,
            "reason": "pulse_missing", "values": {},
        },
        {
            "at_s": "183.2", "position": None, "point": "1", "attempt": 2, "is_repeated": False,
            "reason": "reference_silent", "values": {"seconds": "2.1"},
        },
    ]  # fmt: skip
    return state


def point_done() -> State:
    return _begun("settling", "1", 2)


def waiting_for_others() -> State:
    """Its step is over, and the other position is measured once more."""
    state = two_positions()
    meter, state["points"]["1"]["state"] = state["positions"]["1"], "measuring"
    meter["results"]["1"], meter["running"], meter["pulses"] = result("1", "PASS", "+0.3521"), None, 0
    return state


def spoilt() -> State:
    """Its window was disturbed, and the other position is measured to the end."""
    state = two_positions()
    silent = {"reason": "line_silent", "values": {"seconds": "16"}}
    state["positions"]["1"] |= {"running": None, "is_spoilt": True, "waiting": [silent]}
    return state


def skipped() -> State:
    state = two_positions()
    state["positions"]["1"]["is_skipped"] = True
    return state


def _finished(verdict: str, last: dict[str, Any]) -> State:
    state = _begun("finished", None, 2)
    meter = state["positions"]["1"]
    meter["results"]["2"] = last
    meter["verdict"] = state["run"]["verdict"] = verdict
    state["lamp"] = verdict.lower()
    state["points"]["2"]["state"] = "done"
    return state


def finished_pass() -> State:
    return _finished("PASS", result("2", "PASS", "-0.2210"))


def finished_fail() -> State:
    return _finished("FAIL", result("2", "FAIL", "+1.3702"))


def finished_invalid() -> State:
    state = _finished("INVALID", result("2", "INVALID", None))
    state["faults"] = [
        {"at_s": "71", "position": "1", "point": "1", "reason": "pulse_missing", "values": {}},
        {
            "at_s": "164",
            "position": None,
            "point": "2",
            "reason": "reference_stalled",
            "values": {"seconds": "7"},
        },
    ]
    return state


def interrupted() -> State:
    state = _begun("interrupted", None, 1)
    state["faults"] = [{"at_s": "90", "position": None, "point": "1", "reason": "interrupted", "values": {}}]
    return state


def informative() -> State:
    state = measuring()
    state["bench"]["kind"] = "informative"
    for found in state["positions"]["1"]["results"].values():
        found.pop("true_error_pct")
    return state


def two_positions() -> State:
    state = measuring()
    second = deepcopy(state["positions"]["1"])
    second["serial"] = "33 0901 2765"
    second["running"] |= {"percentage_error_pct": "-0.1204"}
    state["positions"]["2"] = second
    return state


ALL: dict[str, Any] = {
    made.__name__: made
    for made in (
        idle, cut_off, starting, waiting_for_start, cover_is_open, waiting_for_load, emergency_stop,
        settling, counting, measuring, measuring_outside, repeating, second_attempt, point_done,
        waiting_for_others, spoilt, skipped,
        finished_pass, finished_fail, finished_invalid, interrupted, informative, two_positions,
    )
}  # fmt: skip
