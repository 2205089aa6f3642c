"""The faults on the terminal say where and when, and what is the same for all positions is one line."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from bench.control.live import LiveState
from bench.terminal.fault_lines import SHOWN, fault_lines
from bench.terminal.terminal import RunProgress


def fault(position: str | None, reason: str = "pulse_missing", **changed: Any) -> dict[str, Any]:
    usual = {"at_s": "1.0", "point": "0", "attempt": 1, "is_repeated": True, "values": {}}
    return {**usual, "position": position, "reason": reason, **changed}


def state(*faults: dict[str, Any]) -> dict[str, Any]:
    positions: dict[str, Any] = {"1": {"results": {}}, "2": {"results": {}}}
    return {
        "positions": positions,
        "points": {"0": {"item": "basic_error", "name": "Imax 1.0"}},
        "faults": list(faults),
    }


def test_a_line_names_position_and_load_point_and_says_that_the_attempt_is_repeated() -> None:
    (line,) = fault_lines(state(fault("1")), "en")
    assert line == "position 1, Imax 1.0: a flash was missed; this part does not count (repeated)"


def test_the_last_attempt_is_a_line_of_its_own() -> None:
    first, second = fault_lines(state(fault("1"), fault("1", attempt=2, is_repeated=False)), "en")
    assert first.endswith("(repeated)")
    assert second.endswith("(attempt 2)")


def test_what_all_positions_had_alike_is_one_line() -> None:
    assert fault_lines(state(fault("1"), fault("2")), "en")[0].startswith("all positions, Imax 1.0: ")


def test_a_fault_of_the_reference_names_no_position() -> None:
    (line,) = fault_lines(state(fault(None, "reference_over_range", is_repeated=False)), "en")
    assert line == "Imax 1.0: the reference standard is over range"


def test_a_load_point_that_was_refused_beforehand_says_why_and_how_long_it_would_take() -> None:
    refused = state()
    values = {"seconds": "626", "pulses": "10", "longest": "300"}
    reasons = [{"reason": "time_too_short", "values": values}]
    refused["positions"]["2"]["results"]["0"] = {"verdict": "INVALID", "reasons": reasons}
    (line,) = fault_lines(refused, "en")
    assert line == (
        "position 2, Imax 1.0: this load point takes about 626 s (for 10 pulses), the plan allows 300 s"
    )


def test_what_is_not_shown_is_counted() -> None:
    many = [fault("1", attempt=n) for n in range(1, SHOWN + 4)]
    lines = fault_lines(state(*many), "en")
    assert len(lines) == SHOWN + 1
    assert lines[-1].startswith("3 earlier ones")


def test_no_measured_digit_is_cut_on_a_terminal_of_80_columns() -> None:
    result = {
        "item": "basic_error", "figures": {}, "rounded_pct": None,
        "percentage_error_pct": "-0.1234", "expanded_uncertainty_pct": "0.1987", "mpe_pct": "0.2",
        "pulses": 12345, "verdict": "INVALID", "true_error_pct": "-0.1567", "reasons": [],
    }  # fmt: skip
    shown = {"serial": "2026-1234567890", "results": {"0": result}, "pulses": 12345}
    whole = {
        "bench": {"kind": "simulated"}, "run": {"id": "run-000001", "verdict": "INVALID"}, "faults": [],
        "reference": {"power_W": "0.0"}, "positions": {"1": shown},
        "points": {"0": {"item": "basic_error", "name": "Imax 0.5L", "positions": ["1"], "state": "done"}},
    }  # fmt: skip
    for language in ("zh", "en"):
        console = Console(width=80, record=True, force_terminal=False)
        with RunProgress(LiveState(whole), console, language):
            pass
        text = console.export_text()
        for digits in ("−0.1234", "0.1987", "±0.2", "12345", "−0.1567"):
            assert digits in text
        assert "…" not in text
        assert "0.0 W" not in text


def test_what_was_inspected_is_named_in_the_language_of_the_line() -> None:
    values = {"fields": "seals: broken, bent, display: dark"}
    seen = fault("1", "inspection_failed", values=values, is_repeated=False)
    assert "不合格：封印: broken, bent, 显示: dark" in fault_lines(state(seen), "zh")[0]
    assert "found: seals: broken, bent, display: dark" in fault_lines(state(seen), "en")[0]
    unanswered = fault("1", "not_answered", values={"detail": "nameplate, housing"}, is_repeated=False)
    assert fault_lines(state(unanswered), "zh")[0].endswith("没有人回答：铭牌, 外壳")
