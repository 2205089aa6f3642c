"""`bench calc` of energies and times against the worked cases, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from bench.calc import calc as command
from tests.bench_process.calc_support import calc, refusal
from tests.unit.worked_cases import items

Case = dict[str, Any]


def of_method(case_id: str, method: str) -> list[tuple[Case, Case]]:
    return [
        (given, expected) for given, expected in items(case_id) if given.get("method", "").startswith(method)
    ]


@pytest.mark.parametrize(("given", "expected"), items("C12"))
def test_errors_by_reference_pulses_agree_with_the_worked_cases(given: Case, expected: Case) -> None:
    found = calc(
        "error", "--pulses", given["N"], "--constant", given["CL"], "--reference-pulses", given["m"],
        "--reference-constant", given["C0"], "--ct", given["KI"], "--vt", given["KU"], "--correction", given["gamma0"],
    )  # fmt: skip
    assert float(found["percentage_error_pct"]) == pytest.approx(expected["gamma"], abs=5e-7)


def test_an_error_by_energy_knows_its_sign_its_transformers_and_gamma0() -> None:
    # 10 pulses of 1,200 imp/kWh are 8.3333 Wh; the reference says 8.3 Wh, so the meter is fast.
    by_energy = ("error", "--pulses", 10, "--constant", 1200, "--energy-Wh")
    assert float(calc(*by_energy, "8.3")["percentage_error_pct"]) == pytest.approx(100 * (1 / 0.996 - 1))
    assert float(calc(*by_energy, "8.4")["percentage_error_pct"]) < 0
    behind = calc(*by_energy, "0.083", "--ct", 20, "--vt", 5, "--correction", "-0.05")
    assert float(behind["percentage_error_pct"]) == pytest.approx(100 * (1 / 0.996 - 1) - 0.05)


def test_both_forms_of_the_error_agree() -> None:
    # 199,000 pulses of 24,000 imp/Wh are 8.2916667 Wh.
    common = ("error", "--pulses", 10, "--constant", 1200)
    by_pulses = calc(*common, "--reference-pulses", 199000, "--reference-constant", 24000000)
    by_energy = calc(*common, "--energy-Wh", 199000 / 24000)
    assert float(by_pulses["percentage_error_pct"]) == pytest.approx(
        float(by_energy["percentage_error_pct"]), abs=1e-9
    )


@pytest.mark.parametrize(("given", "expected"), items("C13"))
def test_power_and_time_agree_with_the_worked_cases(given: Case, expected: Case) -> None:
    found = calc(
        "power-time", "--power-W", expected["P_W"], "--constant", given["C"], "--pulses", given["N"],
        "--time-s", given["t_s"],
    )  # fmt: skip
    assert float(found["percentage_error_pct"]) == pytest.approx(expected["gamma"], abs=5e-7)
    assert float(found["nominal_time_s"]) == pytest.approx(expected["T_theory_s"], abs=5e-7)


@pytest.mark.parametrize(("given", "expected"), [c for c in items("C14") if "P_W" in c[0]])
def test_pulses_to_count_agree_with_the_worked_cases(given: Case, expected: Case) -> None:
    found = calc(
        "pulses", "--constant", given["C"], "--power-W", given["P_W"], "--minimum-time-s", given["t_min_s"]
    )
    assert float(found["pulse_rate_Hz"]) == pytest.approx(expected["pulse_hz"], abs=5e-7)
    assert found["pulses"] == str(expected["N_min"])
    assert float(found["time_s"]) == pytest.approx(expected["time_for_N_s"], abs=5e-7)


@pytest.mark.parametrize(("given", "expected"), [c for c in items("C14") if "P_max_kW" in c[1]])
def test_the_highest_power_of_an_s0_output_agrees_with_the_worked_cases(given: Case, expected: Case) -> None:
    found = calc("pulses", "--constant", given["C"], "--power-W", 100, "--minimum-time-s", 10)
    assert float(found["s0_highest_power_W"]) == pytest.approx(1000 * expected["P_max_kW"])


@pytest.mark.parametrize(("given", "expected"), of_method("C15", "count"))
def test_pulses_of_a_register_agree_with_the_worked_cases(given: Case, expected: Case) -> None:
    found = calc(
        "register", "--method", "count", "--constant", given["C"], "--decimals", given["decimals"],
        "--digits", given["digits_moved"], "--multiplier", given["b"],
    )  # fmt: skip
    assert float(found["expected_pulses"]) == expected["expected_pulses"]


def against_reference(before: str, after: str, kWh: str, accuracy_class: str, *more: object) -> Case:
    return calc(
        "register", "--method", "reference", "--before", before, "--after", after, "--reference-kWh", kWh,
        "--class", accuracy_class, *more,
    )  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), [c for c in items("C15") if "gamma" in c[1]])
def test_registers_against_a_reference_agree_with_the_worked_cases(given: Case, expected: Case) -> None:
    before, after = given.get("start", "0"), given.get("end") or given.get("D") or given["Wp"]
    reference = given.get("W") or given["D0"]
    found = against_reference(before, after, reference, "1", "--correction", given.get("gamma0", "0"))
    assert float(found["percentage_error_pct"]) == pytest.approx(expected["gamma"], abs=5e-7)


@pytest.mark.parametrize(("given", "expected"), of_method("C15", "minimum energy"))
def test_minimum_energies_agree_with_the_worked_cases(given: Case, expected: Case) -> None:
    found = against_reference("0", "1", "1", given["cls"], "--decimals", given["decimals"])
    assert float(found["minimum_energy_kWh"]) == expected["min_kWh"]


@pytest.mark.parametrize(("after", "sufficient"), [("9.99", False), ("10.00", True), ("10.0", False)])
def test_a_register_that_moved_too_little_is_told(after: str, sufficient: bool) -> None:
    # Two decimals, class 1: 10 kWh. The last reading has one decimal only: 100 kWh.
    before = "0.00" if after != "10.0" else "0.0"
    assert against_reference(before, after, "10", "1")["sufficient"] is sufficient


@pytest.mark.parametrize(("given", "expected"), [c for c in items("C16") if "s_per_day" in c[1]])
def test_daily_errors_of_clocks_agree_with_the_worked_cases(given: Case, expected: Case) -> None:
    words: tuple[object, ...] = ("--period-s", given.get("period_s"))
    if "freq_hz" in given:
        words = ("--frequency-Hz", given["freq_hz"], "--nominal-Hz", given["f0"])
    found = calc("clock", *words)
    assert float(found["error_s_per_day"]) == pytest.approx(expected["s_per_day"], abs=5e-7)
    assert found["rounded_s_per_day"] == expected.get("rounded", "+0.50")


@pytest.mark.parametrize(("given", "expected"), [c for c in items("C16") if "readings" in c[0]])
def test_the_mean_of_clock_readings_agrees_with_the_worked_case(given: Case, expected: Case) -> None:
    assert float(calc("statistics", *given["readings"])["mean"]) == pytest.approx(expected["mean"])


@pytest.mark.parametrize(("given", "expected"), items("C17"))
def test_statistics_agree_with_the_worked_case(given: Case, expected: Case) -> None:
    found = calc("statistics", *given["data"])
    assert float(found["mean"]) == pytest.approx(expected["mean"], abs=6e-5)
    assert float(found["standard_deviation"]) == pytest.approx(expected["s"], abs=5e-8)
    assert found["n"] == "10"


def test_statistics_takes_negative_values_after_two_dashes_and_one_value_alone() -> None:
    assert calc("statistics", "--", "-0.5", "0.1") == {
        "mean": "-0.2",
        "standard_deviation": "0.424264068712",
        "n": "2",
    }
    assert calc("statistics", "3")["standard_deviation"] is None


@pytest.mark.parametrize(("given", "expected"), items("C22"))
def test_power_of_a_load_agrees_with_the_worked_cases(given: Case, expected: Case) -> None:
    wiring = {"1ph": "1p2w", "3P3W": "3p3w", "3P4W": "3p4w"}[given["wiring"]]
    factor = "1.0" if given["pf"] == 1 else f"{given['pf']}L"
    words = ("power", "--wiring", wiring, "--voltage", given["U"], "--current", given["I"], "--power-factor")
    found = calc(*words, factor)
    assert float(found["active_power_W"]) == pytest.approx(expected["P_W"], abs=5e-7)
    assert float(found["reactive_power_var"]) == pytest.approx(expected["Q_var"], abs=5e-7)
    if factor != "1.0":
        leading = calc(*words, factor.replace("L", "C"))
        assert float(leading["reactive_power_var"]) == -float(found["reactive_power_var"])


def test_json_may_stand_at_the_command_and_figures_are_text() -> None:
    words = ["--period-s", "0.999995"]
    before = CliRunner().invoke(command, ["--json", "clock", *words]).output
    after = CliRunner().invoke(command, ["clock", "--json", *words]).output
    assert before == after == '{"error_s_per_day": "0.432002160014", "rounded_s_per_day": "+0.43"}\n'
    plain = CliRunner().invoke(command, ["clock", *words]).output
    assert plain == "error_s_per_day: 0.432002160014\nrounded_s_per_day: +0.43\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("error --pulses 10 --constant 0 --energy-Wh 1", "--constant: 0 must be above 0"),
        ("error --pulses 10 --constant nan --energy-Wh 1", "--constant: 'nan' is no number"),
        ("error --pulses 10 --constant 1 --energy-Wh inf", "--energy-Wh: 'inf' is no number"),
        ("error --pulses 10 --constant 1 --energy-Wh 1e300", "--energy-Wh: '1e300' is no number"),
        ("error --pulses 0 --constant 1 --energy-Wh 1", "--pulses: 0 must be at least 1"),
        ("error --pulses 1.5 --constant 1 --energy-Wh 1", "--pulses: '1.5' is no whole number"),
        ("error --pulses 10 --constant 1", "give either --energy-Wh"),
        ("error --pulses 10 --constant 1 --energy-Wh 1 --reference-pulses 3", "give either --energy-Wh"),
        ("error --pulses 10 --constant 1 --reference-pulses 3", "give either --energy-Wh"),
        ("clock --period-s 1 --frequency-Hz 1", "give either --period-s"),
        ("clock --frequency-Hz 1", "give either --period-s"),
        ("clock --period-s 0", "must be above 0"),
        ("power --wiring 1p2w --voltage 1 --current 1 --power-factor 0.5", "is no power factor"),
        ("statistics 1 x", "VALUE: 'x' is no number"),
        ("register --method count --constant 1200 --digits 10", "needs --constant, --decimals and --digits"),
        (
            "register --method reference --before 1 --after 2",
            "needs --before, --after, --reference-kWh and --class",
        ),
        (
            "register --method reference --before 2 --after 1 --reference-kWh 1 --class 1",
            "the register went from 2 back to 1",
        ),
        (
            "register --method reference --before 1 --after 2 --reference-kWh 1 --class good",
            "'good' is no accuracy class",
        ),
        (
            "register --method count --constant 1200 --digits 10 --decimals 13",
            "0 to 12 decimals",
        ),
    ],
)
def test_nonsense_is_refused_in_one_line(line: str, said: str) -> None:
    assert said in refusal(*line.split())


def test_negative_values_of_statistics_need_no_dashes_before_them() -> None:
    assert calc("statistics", "-0.35", "-0.41")["mean"] == "-0.38"
    assert calc("statistics", "--", "-0.35", "-0.41")["mean"] == "-0.38"
