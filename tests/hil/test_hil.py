"""Hardware in the loop: a virtual machine with a kernel GPIO chip runs the program on real edges and real RTU.

`./dev hil`, or `pytest -m hil tests/hil`. The first run builds the machine from Debian packages (root, some
minutes). Each test judges one boot; the boots that are wanted run two at a time.
"""

from __future__ import annotations

from typing import Any

import pytest

QUEUE_EDGES = 1024

pytestmark = pytest.mark.hil


@pytest.mark.guest("tests.hil.whole_program")
def test_both_errors_are_found_within_their_uncertainty_over_kernel_edges_and_rtu(
    report: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    points = sorted(report["bench"]["points"], key=lambda point: point["position"])
    with capsys.disabled():
        for point, true_error_pct in zip(points, report["true_errors_pct"], strict=True):
            print(
                f"\nposition {point['position']}: {point['percentage_error_pct']} % "
                f"± {point['expanded_uncertainty_pct']} % ({point['estimator']}), true {true_error_pct} %",
                end="",
            )
        print()
    assert len(points) == 2
    for point, true_error_pct in zip(points, report["true_errors_pct"], strict=True):
        assert point["reason"] is None
        deviation_pct = abs(float(point["percentage_error_pct"]) - true_error_pct)
        expanded_uncertainty_pct = float(point["expanded_uncertainty_pct"])
        assert deviation_pct <= expanded_uncertainty_pct <= 0.1
        assert point["verdict"] == "PASS"
    assert report["bench"]["kind"] in ("informative", "official")
    assert report["exit_status"] == 0
    assert report["replay_exit_status"] == 0


@pytest.mark.guest("tests.hil.whole_program", "--overflow")
def test_an_overflowed_queue_is_invalid_and_says_how_many_edges_were_lost(
    report: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    lost = report["burst_edges"] - QUEUE_EDGES
    told = {found["values"]["lost"] for found in report["reasons"] if found["reason"] == "pulses_lost"}
    with capsys.disabled():
        print(f"\n{report['burst_edges']} edges into a queue of {QUEUE_EDGES}: reported lost {sorted(told)}")
    assert told == {str(lost)}
    first, second = sorted(report["bench"]["points"], key=lambda point: point["position"])
    assert first["verdict"] == "INVALID"
    assert first["reason"] == "pulses_lost"
    assert first["percentage_error_pct"] is None
    assert second["verdict"] == "PASS", "the other position has lost nothing"
    assert report["exit_status"] == 4
    assert report["replay_exit_status"] == 0


@pytest.mark.guest("tests.hil.edge_cost")
def test_an_edge_costs_less_than_through_any_other_library_and_none_is_lost(
    report: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    at_usual_rate = {name: rates[0] for name, rates in report.items()}
    with capsys.disabled():
        for name, found in at_usual_rate.items():
            print(
                f"\n{name}: {found['had']} of {found['driven']} edges at {found['cpu_us_per_edge']:.0f} µs "
                "of emulated CPU each",
                end="",
            )
        print()
    ours = at_usual_rate.pop("ours")
    assert ours["had"] == ours["driven"]
    assert all(ours["cpu_us_per_edge"] < other["cpu_us_per_edge"] for other in at_usual_rate.values())


@pytest.mark.guest("tests.hil.wrong_wiring")
def test_wrong_labels_lines_and_lines_in_use_are_one_line_that_says_what_to_do(
    report: dict[str, Any],
) -> None:
    assert report == {
        "label": "no GPIO chip labelled pinctrl-rp1; chips found: pinctrl-bcm2711",
        "number": "no line 99 on /dev/gpiochip0; it has lines 0 to 53",
        "name": "no line 'PIN17' on /dev/gpiochip0; give a GPIO number or a name such as GPIO17",
        "in use": "pulse line GPIO17 of /dev/gpiochip0 is in use by meter test bench; "
        "end it or choose another line",
    }
