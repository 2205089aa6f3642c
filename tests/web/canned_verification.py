"""States of a whole verification of a three-phase meter: every item, with thirty test points; and of many meters."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.web.canned import State, idle, measuring

_UN_V = "220"
_BALANCED = (
    ("Imax 1.0", "60", "1.0", "39600"), ("Imax 0.5L", "60", "0.5L", "19800"), ("Imax 0.8C", "60", "0.8C", "31680"),
    ("0.5Imax 1.0", "30", "1.0", "19800"), ("0.5Imax 0.5L", "30", "0.5L", "9900"), ("Ib 1.0", "5", "1.0", "3300"),
    ("Ib 0.5L", "5", "0.5L", "1650"), ("Ib 0.8C", "5", "0.8C", "2640"), ("0.2Ib 0.5L", "1", "0.5L", "330"),
    ("0.1Ib 1.0", "0.5", "1.0", "330"), ("0.05Ib 1.0", "0.25", "1.0", "165"),
)  # fmt: skip
_ONE_PHASE = (
    ("Imax 1.0", "60", "1.0", "13200"),
    ("Ib 1.0", "5", "1.0", "1100"),
    ("Ib 0.5L", "5", "0.5L", "550"),
)


def _point(
    item: str, load: tuple[str, str, str, str] | None = None, phase: str | None = None
) -> dict[str, Any]:
    name, current, factor, power = load or (None, None, None, None)
    return {
        "item": item, "name": f"{name} {phase}" if phase else name, "voltage_V": _UN_V if load else None,
        "current_A": current, "power_factor": factor, "power_W": power, "loaded_phase": phase,
        "positions": ["1"], "planned_s": "80", "warning": None, "state": "waiting",
    }  # fmt: skip


def _points() -> dict[str, dict[str, Any]]:
    alone = ("Un", "0", "1.0", "0.0")
    made = [
        _point("visual"),
        _point("warm_up", ("Ib 1.0", "5", "1.0", "3300")),
        _point("no_load", ("1.15Un", "0", "1.0", "0.0")),
        _point("starting", ("Ist 1.0", "0.02", "1.0", "13.2")),
        *(_point("basic_error", load) for load in _BALANCED),
        *(_point("basic_error", load, phase) for phase in "ABC" for load in _ONE_PHASE),
        _point("repeatability", ("Ib 1.0", "5", "1.0", "3300")),
        _point("repeatability", ("Ib 0.5L", "5", "0.5L", "1650")),
        _point("meter_constant", ("Imax 1.0", "60", "1.0", "39600")),
        _point("power_time", ("Ib 1.0", "5", "1.0", "3300")),
        _point("clock", alone),
        _point("tariff_sum", alone),
    ]
    points = {str(index): point for index, point in enumerate(made)}
    points["2"]["voltage_V"] = "253"
    for key, planned_s in {
        "0": None,
        "1": "1800",
        "2": "2052",
        "3": "560",
        "26": "2700",
        "28": "1000",
    }.items():
        points[key]["planned_s"] = planned_s
    return points


NO_LOAD, STARTING, METER_CONSTANT, CLOCK = "2", "3", "26", "28"


def result(point: dict[str, Any], verdict: str = "PASS", **more: Any) -> dict[str, Any]:
    """A result without a comparison."""
    empty = dict.fromkeys((
        "percentage_error_pct", "rounded_pct", "unrounded_pct", "expanded_uncertainty_pct", "coverage_factor",
        "mpe_pct", "standard_deviation_pct", "estimator", "meter_energy_Wh", "reference_energy_Wh", "decision_rule",
        "probability_of_conformity",
    ))  # fmt: skip
    shown = empty | {
        "item": point["item"], "load_point": point["name"], "runs_pct": [], "pulses": 0, "verdict": verdict,
        "conditional": False, "figures": {}, "reasons": [], "attempts": 1,
        "three_ways": {"pulses": None, "power_time": None, "register": None},
    }  # fmt: skip
    return shown | more


def error_result(point: dict[str, Any], error: str, verdict: str = "PASS", **more: Any) -> dict[str, Any]:
    """A basic error under the regulation rule, the mean of two runs."""
    found = {
        "percentage_error_pct": error, "rounded_pct": "+0.2", "unrounded_pct": error,
        "expanded_uncertainty_pct": "0.0743", "coverage_factor": "2.00", "mpe_pct": "1",
        "runs_pct": ["+0.2114", "+0.2302"], "standard_deviation_pct": "0.01329", "estimator": "fused", "pulses": 88,
        "meter_energy_Wh": "36.6667", "reference_energy_Wh": "36.5142", "decision_rule": "regulation",
        "probability_of_conformity": "1.0000",
        "three_ways": {"pulses": error, "power_time": "+0.2310", "register": None},
    }  # fmt: skip
    return result(point, verdict, **(found | more))


def _result_of(key: str, point: dict[str, Any]) -> dict[str, Any]:
    match point["item"]:
        case "visual":
            checks = ("nameplate", "seals", "housing", "display", "terminals")
            return result(point, figures=dict.fromkeys(checks, "ok"))
        case "warm_up":
            return result(point, figures={"held_s": "1800"})
        case "no_load":
            return result(point, figures={
                "pulses": "0", "allowed_pulses": "1", "watched_s": "2051.9", "duration_s": "2051.9",
                "test_voltage_V": "253",
            })  # fmt: skip
        case "starting":
            return result(point, figures={
                "starting_current_A": "0.02", "pulses": "2", "needed_pulses": "2", "limit_s": "272.7",
                "waits_s": "31.4, 189.6", "longest_wait_s": "189.6",
            })  # fmt: skip
        case "basic_error":
            return error_result(point, "+0.2208")
        case "repeatability":
            spread = {"runs": "5", "standard_deviation_pct": "0.01329", "rounded_pct": "0.01"}
            because = [{"reason": "not_judged", "values": {}}]
            return error_result(
                point, "+0.2208", "UNJUDGED", figures=spread, reasons=because, rounded_pct=None, mpe_pct=None,
                decision_rule=None, probability_of_conformity=None,
            )  # fmt: skip
        case "meter_constant":
            return result(point, mpe_pct="1", decision_rule="regulation", figures={
                "register_kWh": "10.02", "pulses_kWh": "10.01917", "reference_kWh": "9.99812", "pulses": "12023",
                "measured_constant_imp_per_kWh": "1202.53", "configured_constant_imp_per_kWh": "1200",
                "read_constant_imp_per_kWh": "1200", "register_error_pct": "+0.2188",
                "expanded_uncertainty_pct": "0.0811",
            })  # fmt: skip
        case "power_time":
            because = [{"reason": "not_judged", "values": {}}]
            figures = {
                "power_W": "3300.41", "time_s": "60.041225", "pulses": "66", "power_time_error_pct": "+0.2310",
                "percentage_error_pct": "+0.2208",
            }  # fmt: skip
            return error_result(
                point, "+0.2208", "UNJUDGED", figures=figures, reasons=because, rounded_pct=None, mpe_pct=None,
                decision_rule=None, probability_of_conformity=None,
            )  # fmt: skip
        case "clock":
            return result(point, decision_rule="regulation", probability_of_conformity="0.9981", figures={
                "error_s_per_day": "-0.1832", "rounded_s_per_day": "-0.18", "limit_s_per_day": "0.5",
                "expanded_uncertainty_s_per_day": "0.0214", "windows": "10",
            })  # fmt: skip
        case _:
            return result(point, figures={
                "total_kWh": "20347.18", "tariffs_kWh": "8120.44, 9001.73, 3225.02", "difference_kWh": "0.01",
                "allowed_kWh": "0.02",
            })  # fmt: skip


def _at(phase: str, point: str | None) -> State:
    """A verification whose test points before `point` are done; None: all of them."""
    state = idle()
    state["phase"], state["point"], state["points"] = phase, point, _points()
    state["question"] = None
    state["run"] = {
        "id": "run-000012", "title": "Verification of 33 0901 2764", "rule_set": "jjg596-2012",
        "decision_rule": "regulation", "started": "2026-11-23T20:31:00+00:00",
        "not_official_because": [
            {"reason": "rules_provisional", "values": {"name": "jjg596-2012"}},
            {"reason": "reference_too_weak",
             "values": {"have": "0.5", "needed": "0.2", "meter_class": "1", "ratio": "2.0"}},
        ],
        "verdict": None,
    }  # fmt: skip
    meter = state["positions"]["1"]
    meter |= {"meter_type": "DTS-88", "quantity": "active", "watching": None}
    for key, shown in state["points"].items():
        if point is None or int(key) < int(point):
            shown["state"] = "done"
            meter["results"][key] = _result_of(key, shown)
    if point is not None:
        state["points"][point]["state"] = "measuring"
    return state


def _watching(point: str, stage: str, whole: str, gone: str, pulses: int | None, enough: int = 0) -> State:
    state = _at("watching", point)
    state["positions"]["1"]["watching"] = {
        "stage": stage, "whole": whole, "gone": gone, "enough": enough, "pulses": pulses,
    }  # fmt: skip
    left_s = None if stage == "energy" else str(int(whole) - int(gone))
    state["ends_in_s"] = left_s
    state["next"] = {"what": "settle", "point": str(int(point) + 1), "in_s": left_s}
    return state


def asking() -> State:
    state = _at("asking", "0")
    state["question"] = {
        "point": "0", "item": "visual", "fields": ["nameplate", "seals", "housing", "display", "terminals"],
        "positions": ["1"], "answered": [],
    }  # fmt: skip
    state["next"] = {"what": "settle", "point": "1", "in_s": None}
    return state


def warming_up() -> State:
    return _watching("1", "hold", "1800", "540", None)


def proving_the_line() -> State:
    return _watching(NO_LOAD, "line_before", "12", "3", 1, 2)


def watching_no_load() -> State:
    return _watching(NO_LOAD, "test", "1800", "720", 0, 2)


def watching_starting() -> State:
    return _watching(STARTING, "test", "545", "40", 1, 2)


def passing_energy() -> State:
    return _watching(METER_CONSTANT, "energy", "10020", "4310", None)


def reading_registers() -> State:
    state = _at("watching", METER_CONSTANT)
    state["question"] = {
        "point": METER_CONSTANT, "item": "meter_constant", "fields": ["total_kWh"], "positions": ["1"], "answered": [],
    }  # fmt: skip
    return state


def watching_clock() -> State:
    return _watching(CLOCK, "clock", "100", "40", None)


def verified() -> State:
    """Everything is done and in order; some of it had no limit."""
    state = _at("finished", None)
    state["run"]["verdict"] = state["positions"]["1"]["verdict"] = "PASS"
    return state


def creeping() -> State:
    """A meter that counts without a current; all its errors are right."""
    state = verified()
    creeps = [{"reason": "creeps", "values": {"pulses": "2", "allowed": "1"}}]
    found = state["positions"]["1"]["results"][NO_LOAD]
    found |= {"verdict": "FAIL", "reasons": creeps}
    found["figures"] |= {"pulses": "2", "watched_s": "611.3"}
    state["run"]["verdict"] = state["positions"]["1"]["verdict"] = "FAIL"
    return state


def judged_in_many_ways() -> State:
    """Verdicts that a simple pass or fail does not tell: conditional, guarded, early, taken over, probable."""
    state = _at("settling", "13")
    state["points"]["13"]["state"] = "settling"
    state["run"]["decision_rule"] = "four-way"
    results, points = state["positions"]["1"]["results"], state["points"]
    four_way = {"decision_rule": "four-way", "rounded_pct": None}
    results["4"] = error_result(
        points["4"], "+0.9712", conditional=True, probability_of_conformity="0.7810", **four_way
    )
    results["5"] = error_result(
        points["5"], "+1.0302", "FAIL", conditional=True, probability_of_conformity="0.2081", **four_way
    )
    too_near = {"error": "+0.9712", "limit": "1", "accepted": "0.9257", "unit": "%"}
    results["6"] = error_result(
        points["6"],
        "+0.9712",
        "FAIL",
        decision_rule="guarded",
        reasons=[{"reason": "error_in_guard_band", "values": too_near}],
        rounded_pct=None,
        probability_of_conformity="0.7810",
    )
    results["7"] = error_result(
        points["7"],
        "+0.1208",
        decision_rule="sequential",
        rounded_pct=None,
        probability_of_conformity=None,
        runs_pct=[],
    )  # fmt: skip
    results["8"] = result(points["8"], taken_over=True)
    results["9"] = error_result(points["9"], "+0.9204", probability_of_conformity="0.9981", **four_way)
    results["10"] = error_result(
        points["10"], "+1.6204", "FAIL", probability_of_conformity="0.0000", **four_way
    )
    for key in ("11", "12"):
        results[key] = error_result(points[key], "+0.2208", probability_of_conformity="1.0000", **four_way)
    return state


def reactive() -> State:
    """A kvarh meter: measured, and nothing to judge it by."""
    state = measuring()
    state["positions"]["1"] |= {"quantity": "reactive"}
    state["positions"]["1"]["running"]["mpe_pct"] = None
    for found in state["positions"]["1"]["results"].values():
        found |= {"verdict": "UNJUDGED", "mpe_pct": None, "decision_rule": None}
    state["run"]["not_official_because"] = [{"reason": "reactive_unsure", "values": {}}]
    return state


def finished_unjudged() -> State:
    state = reactive()
    state |= {"phase": "finished", "point": None, "next": None}
    for key in ("1", "2"):
        state["positions"]["1"]["results"][key] = state["positions"]["1"]["results"]["0"]
    state["run"]["verdict"] = state["positions"]["1"]["verdict"] = "UNJUDGED"
    return state


def not_my_turn() -> State:
    """A step for another position, as the customer of position 1 sees it."""
    state = _at("measuring", "4")
    state["points"]["4"]["positions"] = ["2"]
    return state


def many_positions() -> State:
    """Forty-eight meters in a verification, one of them failed and one disturbed."""
    state = _at("measuring", "12")
    first = state["positions"].pop("1")
    for point in state["points"].values():
        point["positions"] = [str(number) for number in range(1, 49)]
    for number in range(1, 49):
        meter = deepcopy(first)
        meter["serial"] = f"33 0901 {2700 + number}"
        meter["running"] = measuring()["positions"]["1"]["running"] | {
            "percentage_error_pct": f"{(number % 11 - 5) / 10:+.4f}"
        }
        state["positions"][str(number)] = meter
    state["positions"]["7"]["results"]["5"] |= {"verdict": "FAIL", "percentage_error_pct": "+1.4208"}
    state["positions"]["9"]["running"] = None
    state["faults"] = [
        {"at_s": "900.0", "position": "9", "point": "12", "attempt": 1, "is_repeated": True,
         "reason": "pulse_missing", "values": {}},
    ]  # fmt: skip
    return state


ALL: dict[str, Any] = {
    made.__name__: made
    for made in (
        asking, warming_up, proving_the_line, watching_no_load, watching_starting, passing_energy, reading_registers,
        watching_clock, verified, creeping, judged_in_many_ways, reactive, finished_unjudged, not_my_turn,
        many_positions,
    )
}  # fmt: skip
