"""The terminal shows every item of a verification, one meter or forty-eight, and stands still while it asks."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bench.app import open_bench
from bench.configuration.config import parse_config
from bench.control.live import LiveState
from bench.terminal.result_text import result_cells
from bench.terminal.run_list import runs_table
from bench.terminal.state_view import StateView
from bench.terminal.terminal import RunProgress
from calibration.reasons import Reason, sentence
from tests.bench_process.support import BENCH, METER, plan_of


def result(item: str = "basic_error", **changed: Any) -> dict[str, Any]:
    usual = {
        "item": item, "load_point": "Ib 1.0", "percentage_error_pct": None, "rounded_pct": None,
        "expanded_uncertainty_pct": None, "mpe_pct": None, "figures": {}, "pulses": 0, "verdict": "PASS",
        "conditional": False, "reasons": [],
    }  # fmt: skip
    return {**usual, **changed}


@pytest.mark.parametrize(
    ("shown", "cells"),
    [
        (
            result(percentage_error_pct="-0.3540", expanded_uncertainty_pct="0.0659", mpe_pct="1"),
            ("−0.3540", "0.0659", "±1"),
        ),
        (
            result(
                percentage_error_pct="-0.0400", rounded_pct="-0.0", expanded_uncertainty_pct="0.06", mpe_pct="1"
            ),
            ("−0.0400→−0.0", "0.06", "±1"),
        ),
        (result("no_load", figures={"pulses": "0", "allowed_pulses": "1"}), ("0 imp", "—", "≤ 1 imp")),
        (
            result("starting", figures={"longest_wait_s": "12.1", "limit_s": "409.1"}),
            ("12.1 s", "—", "≤ 409.1 s"),
        ),
        (
            result(
                "starting",
                figures={"longest_wait_s": "381.6", "unended_wait_s": "381.6", "limit_s": "218.2"},
            ),
            ("> 381.6 s", "—", "≤ 218.2 s"),
        ),
        (
            result(
                "starting",
                figures={"longest_wait_s": "400.0", "unended_wait_s": "36.4", "limit_s": "218.2"},
            ),
            ("400.0 s", "—", "≤ 218.2 s"),
        ),
        (
            result(
                "clock",
                figures={
                    "rounded_s_per_day": "-0.60", "limit_s_per_day": "0.5",
                    "expanded_uncertainty_s_per_day": "0.0364",
                },
            ),
            ("−0.60 s/d", "0.0364", "±0.5 s/d"),
        ),
        (
            result(
                "meter_constant", mpe_pct="1",
                figures={"register_error_pct": "+0.3953", "expanded_uncertainty_pct": "0.08"},
            ),
            ("+0.3953 %", "0.08", "±1"),
        ),
        (
            result("tariff_sum", figures={"difference_kWh": "-0.03", "allowed_kWh": "0.02"}),
            ("−0.03 kWh", "—", "±0.02 kWh"),
        ),
        (result("repeatability", figures={"standard_deviation_pct": "0.012"}), ("s = 0.012 %", "—", "—")),
        (result("starting", verdict="INVALID"), ("—", "—", "—")),
        (result("visual", figures={"seals": "ok"}), ("—", "—", "—")),
        (result(), ("—", "—", "—")),
    ],
)  # fmt: skip
def test_a_result_in_three_cells(shown: dict[str, Any], cells: tuple[str, str, str]) -> None:
    assert result_cells(shown) == cells


def state(positions: int, verdict: str | None = None, **changed: Any) -> dict[str, Any]:
    names = [str(n + 1) for n in range(positions)]
    points = {
        "0": {"item": "no_load", "name": "1.15Un", "positions": names, "state": "done", "warning": None},
        "1": {
            "item": "basic_error",
            "name": "Ib 1.0",
            "positions": names,
            "state": "measuring",
            "warning": None,
        },
    }
    quiet = result("no_load", figures={"pulses": "0", "allowed_pulses": "1"})
    running = {"percentage_error_pct": "0.1234", "expanded_uncertainty_pct": "0.0456", "mpe_pct": "1"}
    shown = {
        name: {
            "serial": f"S-{name}", "results": {"0": quiet}, "pulses": 321, "running": running, "watching": None,
            "verdict": None,
        }
        for name in names
    }  # fmt: skip
    return {
        "bench": {"kind": "informative"}, "run": {"id": "run-000001", "verdict": verdict}, "faults": [],
        "reference": {"power_W": "2200.0"}, "positions": shown, "points": points, "point": "1", "question": None,
        **changed,
    }  # fmt: skip


def display(live: LiveState, language: str = "en") -> tuple[RunProgress, io.StringIO]:
    console = Console(file=io.StringIO(), width=100, height=24, force_terminal=False)
    assert isinstance(console.file, io.StringIO)
    return RunProgress(live, console, language), console.file


def test_forty_eight_meters_have_a_row_each_with_how_far_they_have_come() -> None:
    progress, screen = display(LiveState(state(48)))
    with progress:
        pass
    rows = [line for line in screen.getvalue().splitlines() if " S-" in line]
    assert len(rows) == 48
    assert "1/2" in rows[47]
    assert "+0.1234" in rows[47]
    assert "PASS" in rows[47]
    assert "Ib 1.0" in screen.getvalue()


def test_the_worst_verdict_so_far_is_the_one_of_the_row() -> None:
    shown = state(48)
    shown["positions"]["7"]["results"]["1"] = result(verdict="FAIL")
    progress, screen = display(LiveState(shown), "zh")
    with progress:
        pass
    (row,) = (line for line in screen.getvalue().splitlines() if "S-7 " in line)
    assert "2/2" in row
    assert "不合格" in row


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"verdict": "UNJUDGED"}, "NOT JUDGED"),
        ({"verdict": "PASS", "conditional": True}, "PASS, conditional"),
        ({"verdict": "PASS", "taken_over": True}, "PASS (taken over)"),
    ],
)
def test_a_verdict_says_what_is_particular_about_it(changed: dict[str, Any], said: str) -> None:
    shown = state(1)
    shown["positions"]["1"]["results"]["1"] = result(**changed)
    progress, screen = display(LiveState(shown))
    with progress:
        pass
    assert said in screen.getvalue()


def test_a_watch_shows_how_far_it_has_come() -> None:
    shown = state(1)
    watching = {"stage": "line_before", "whole": "60", "gone": "12", "enough": 2, "pulses": 1}
    shown["positions"]["1"] |= {"running": None, "watching": watching}
    progress, screen = display(LiveState(shown))
    with progress:
        pass
    assert "line shown alive before 12/60 s" in screen.getvalue()


@pytest.mark.parametrize(
    ("changed", "zh", "en"),
    [({"is_spoilt": True}, "受干扰", "disturbed"), ({"is_skipped": True}, "已撤出", "taken out")],
)
def test_a_position_whose_figures_stand_still_says_why(changed: dict[str, bool], zh: str, en: str) -> None:
    shown = state(2)
    shown["positions"]["1"] |= {"running": None, **changed}
    for language, said in (("zh", zh), ("en", en)):
        progress, screen = display(LiveState(shown), language)
        with progress:
            pass
        assert said in screen.getvalue()


def test_why_a_run_is_not_official_is_said_where_it_could_have_been() -> None:
    shown = state(1)
    shown["run"]["not_official_because"] = [{"reason": "lag_unknown", "values": {}}]
    progress, screen = display(LiveState(shown))
    with progress:
        pass
    assert "why it is not official: the lag of the reference" in screen.getvalue()


def test_a_file_gets_a_line_when_all_positions_have_finished_a_test_point() -> None:
    live = LiveState(state(2))
    progress, screen = display(live)
    with progress:
        for finished in ("1", "2"):
            shown = state(2)
            for position in "12"[: int(finished)]:
                done = result(percentage_error_pct="0.5000", expanded_uncertainty_pct="0.02")
                shown["positions"][position]["results"]["1"] = done
            live.publish(shown)
            told = [line for line in screen.getvalue().splitlines() if line.startswith("Ib 1.0: ")]
            assert told == (["Ib 1.0: 1 +0.5000 PASS, 2 +0.5000 PASS"] if finished == "2" else [])


INVALID_BY = {"reason": "pulse_missing", "values": {}}
UNBALANCE = {"reason": "unbalance", "values": {"phase": "A", "difference": "+1.1", "limit": "1"}}
NO_POOL = {"reason": "repeatability_unknown", "values": {}}


def test_every_fail_and_invalid_says_why_under_the_table_and_the_deciding_reason_comes_first() -> None:
    shown = state(2, "FAIL", phase="finished")
    shown["positions"]["1"]["results"] = {
        "0": result("no_load", verdict="INVALID", reasons=[INVALID_BY]),
        "1": result(verdict="FAIL", reasons=[UNBALANCE, INVALID_BY, NO_POOL]),
    }
    shown["positions"]["2"]["results"] = {"0": result("no_load", verdict="INVALID", reasons=[INVALID_BY])}
    for language, wanted in (
        (
            "en",
            [
                "all positions, no load (creep) 1.15Un: INVALID: a flash was missed",
                "position 1, Ib 1.0: FAIL: the",
            ],
        ),
        ("zh", ["所有表位, 潜动试验 1.15Un: 无效: 刚才漏了一次闪灯", "表位 1, Ib 1.0: 不合格: "]),
    ):
        console = Console(file=io.StringIO(), width=400, height=24)
        assert isinstance(console.file, io.StringIO)
        console.print(StateView(console, language).render(shown))
        lines = [line for line in console.file.getvalue().splitlines() if ": " in line]
        assert [line[: len(start)] for line, start in zip(lines[-2:], wanted, strict=True)] == wanted
        assert sentence(Reason.REPEATABILITY_UNKNOWN, {}, language) not in console.file.getvalue()


def test_the_display_stands_still_while_the_bench_asks() -> None:
    live = LiveState(state(1))
    question = {"item": "visual", "point": "0", "fields": ["seals"], "positions": ["1"], "answered": []}
    console = Console(file=io.StringIO(), width=100, height=40, force_terminal=True, color_system=None)
    assert isinstance(console.file, io.StringIO)
    with RunProgress(live, console, "en", can_type=True):
        live.publish(state(1, question=question))
        asked = console.file.getvalue()
        assert asked.count("please answer for position 1: seals") == 1
        live.publish(state(1, question=question, reference={"power_W": "2201.0"}))
        assert console.file.getvalue() == asked
        live.publish(state(1, reference={"power_W": "2202.0"}))
        assert "2202.0 W" in console.file.getvalue()


def test_every_item_of_a_real_run_has_a_row_in_both_languages(tmp_path: Path) -> None:
    text = BENCH.format(state_dir=tmp_path, simulation="").replace(
        "simulated_error_pct = 0.4\n", 'simulated_error_pct = 0.4\nmeter_port = "sim"\n'
    )
    config = parse_config(text + '[desk]\ndriver = "sim"\n', "bench.toml")
    tests = 'tests = ["visual", "starting", "basic_error", "repeatability", "meter_constant", "power_time"]\n'
    plan = 'load_points = ["Imax 1.0"]\nrepeatability_runs = 3\n' + METER + "register_decimals = 4\n"
    shown = {}
    with open_bench(config, lambda line: None) as process:
        process.run(plan_of(tests + plan))
        for language in ("en", "zh"):
            progress, screen = display(process.live, language)
            with progress:
                pass
            shown[language] = screen.getvalue()
    for word in ("visual", "starting", "Imax 1.0", "repeatability", "meter", "power", "NOT JUDGED"):
        assert word in shown["en"]
    for word in ("外观检查", "起动试验", "测量重复性", "仪表常数试验", "瓦秒法核对", "只测不判"):
        assert word in shown["zh"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_of_runs_breaks_no_day_and_no_number_on_a_usual_terminal(language: str) -> None:
    run = {
        "run": "run-000001", "state": "open", "started": "2026-11-27T14:02:17Z", "title": "Three load points",
        "serials": ["SIM-000001"], "kind": "simulated", "verdict": None,
    }  # fmt: skip
    console = Console(file=io.StringIO(), width=80)
    console.print(runs_table([run], language))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert all(whole in shown for whole in ("run-000001", "2026-11-27", "SIM-000001"))
