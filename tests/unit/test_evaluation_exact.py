"""The evaluation of a plant without noise: every figure of a result, and who is named where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.evaluation import AGREEMENT_LIMIT, evaluate, find_contradiction
from calibration.load_points import LoadPoint
from calibration.nameplate import Wiring
from calibration.quantities import (
    FALLING,
    RISING,
    BudgetRow,
    EdgeTrain,
    ErrorResult,
    Estimate,
    Finding,
    FloatArray,
    IntArray,
    ReferenceReadings,
    Window,
)
from calibration.reasons import Reason
from calibration.uncertainty import combine
from tests.unit.nameplates import meter
from tests.unit.perfect_run import ORIGIN_NS, Plant

POWER_W = 2017.3
"""A pulse each 1.487 s: near no emission frame."""
PLANT = Plant(power_of=lambda j: np.full(len(j), POWER_W))
CARD = replace(PLANT.card(), calibration_U_pct=0.02, drift_pct=0.01)
BALANCED = LoadPoint("Ib 1.0", 230.0, POWER_W / 690.0, 1.0, wiring=Wiring.FOUR_WIRE)
METER = meter(wiring=Wiring.FOUR_WIRE)
RUN_NS = (ORIGIN_NS, ORIGIN_NS + 60 * 10**9)
INTERVAL_S = 3.6e6 / (1200.0 * POWER_W)


def edges_at(pulse_s: FloatArray, kind: int = RISING, width_ms: int = 50) -> EdgeTrain:
    """A pulse of width_ms at each instant, that begins or ends with an edge of `kind`."""
    at_ns: IntArray = ORIGIN_NS + np.rint(pulse_s * 1e9).astype(np.int64)
    other_ns = at_ns + width_ms * (1_000_000 if kind == RISING else -1_000_000)
    stamps = np.sort(np.concatenate((at_ns, other_ns)))
    return EdgeTrain(stamps, np.tile([RISING, FALLING], len(at_ns)), np.arange(len(stamps)) + 1)


def pulses_of(error_pct: float = 0.0, first_s: float = 0.7, until_s: float = 60.0) -> FloatArray:
    return np.arange(first_s, until_s, INTERVAL_S / (1.0 + error_pct / 100.0))


def measured(
    edges: EdgeTrain | None = None, readings: ReferenceReadings | None = None, **changed: object
) -> ErrorResult:
    arguments: dict[str, object] = {
        "reference_edges": None,
        "meters": {"A": METER},
        "card": CARD,
        "load_point": BALANCED,
        "stability_pct": 2.0,
        "run_ns": RUN_NS,
        "clock_slew_ppm": 0.0,
    }
    train = edges_at(pulses_of()) if edges is None else edges
    return evaluate({"A": train}, readings or PLANT.readings(), **(arguments | changed))["A"]  # type: ignore[arg-type]


def why(result: ErrorResult) -> list[Reason]:
    assert result.percentage_error_pct is None
    assert result.estimator == ""
    return [f.reason for f in result.findings]


def test_every_figure_of_a_result_is_what_the_plant_was_made_of() -> None:
    result = measured(edges_at(pulses_of(1.5)))
    window = result.window
    assert window is not None
    assert result.load_point == "Ib 1.0"
    assert result.estimator_version == 1
    assert result.meter_energy_Wh == pytest.approx(window.intervals / 1.2, rel=1e-12)
    true_Wh = POWER_W * window.duration_s / 3600.0
    assert result.reference_energy_read_Wh == pytest.approx(true_Wh, rel=3e-4)
    assert result.reference_energy_Wh == result.reference_energy_read_Wh
    assert result.reference_energy_Wh is not None
    assert result.percentage_error_pct == pytest.approx(
        100.0 * (window.intervals / 1.2 / result.reference_energy_Wh - 1.0)
    )
    assert result.percentage_error_pct == pytest.approx(1.5, abs=0.03)
    combined = combine(result.rows)
    assert result.standard_uncertainty_pct == combined.standard_uncertainty
    assert result.degrees_of_freedom == combined.degrees_of_freedom
    assert result.coverage_factor == combined.coverage_factor
    assert result.expanded_uncertainty_pct == combined.expanded_uncertainty
    assert result.findings == ()
    assert [e.estimator for e in result.estimates] == [
        "reference_pulses", "fused", "power_integral", "tick_gated", "tick_line"
    ]  # fmt: skip


def test_a_result_has_the_rows_of_its_estimator_and_of_the_reference_in_per_cent_of_the_error() -> None:
    result = measured(edges_at(pulses_of(50.0)), clock_slew_ppm=-20.0)
    sources = [row.source for row in result.rows]
    assert sources[-3:] == ["reference_calibration", "reference_drift", "clock_slewing"]
    by_source = {row.source: row for row in result.rows}
    share = 1.0 + result.percentage_error_pct / 100.0  # type: ignore[operator]
    assert by_source["reference_calibration"].standard_uncertainty_pct == pytest.approx(0.01 * share)
    assert by_source["clock_slewing"].standard_uncertainty_pct == pytest.approx(20e-4 / 3**0.5 * share)
    chosen = next(e for e in result.estimates if e.estimator == result.estimator)
    for row in chosen.rows:
        assert by_source[row.source].standard_uncertainty_pct == pytest.approx(
            row.standard_uncertainty_pct * share
        )
    assert "clock_slewing" not in {row.source for row in measured().rows}


def test_the_correction_of_the_reference_is_taken_from_what_was_read() -> None:
    result = measured(card=replace(CARD, indication_error_pct=-0.4))
    assert result.reference_energy_read_Wh is not None
    assert result.reference_energy_Wh == pytest.approx(result.reference_energy_read_Wh / 0.996)
    assert result.percentage_error_pct == pytest.approx(-0.4, abs=0.03)


def test_the_estimate_with_the_smallest_uncertainty_is_chosen() -> None:
    result = measured()
    valid = [e for e in result.estimates if e.is_valid]
    assert len(valid) == 4
    assert result.estimator == min(valid, key=lambda e: e.standard_uncertainty_pct).estimator
    trusted = measured(card=replace(CARD, power_gain_limit_pct=1e-6, power_step_W=1e-6))
    assert (
        trusted.estimator
        == min(
            (e for e in trusted.estimates if e.is_valid), key=lambda e: e.standard_uncertainty_pct
        ).estimator
    )


def test_only_what_lies_in_the_run_counts() -> None:
    later_ns = (ORIGIN_NS + 20 * 10**9, ORIGIN_NS + 50 * 10**9)
    result = measured(run_ns=later_ns)
    assert result.window is not None
    assert result.window.first_ns >= later_ns[0]
    assert result.window.last_ns <= later_ns[1]
    assert result.window.duration_s > 24.0
    assert result.percentage_error_pct == pytest.approx(0.0, abs=0.08)


def test_the_edge_that_carries_the_time_is_the_meters() -> None:
    assert measured(
        edges_at(pulses_of(), FALLING), meters={"A": meter(wiring=Wiring.FOUR_WIRE, test_output_edge=FALLING)}
    ).window == (measured().window)


def test_positions_have_their_own_results_and_a_failed_line_takes_its_own_away() -> None:
    failed = Finding(Reason.DEVICE_FAILED, {"detail": "unplugged"})
    results = evaluate(
        {"A": edges_at(pulses_of()), "B": edges_at(pulses_of(-2.0)), "C": edges_at(pulses_of(1.0))},
        PLANT.readings(),
        reference_edges=None,
        meters=dict.fromkeys("ABC", METER),
        card=CARD,
        load_point=BALANCED,
        stability_pct=2.0,
        run_ns=RUN_NS,
        clock_slew_ppm=0.0,
        line_findings={"A": (), "C": (failed,)},
    )
    assert list(results) == ["A", "B", "C"]
    assert results["A"].percentage_error_pct == pytest.approx(0.0, abs=0.03)
    assert results["B"].percentage_error_pct == pytest.approx(-2.0, abs=0.03)
    assert results["C"].percentage_error_pct is None
    assert results["C"].findings == (failed,)
    assert results["C"].window == measured(edges_at(pulses_of(1.0))).window
    assert len(results["C"].estimates) == 5
    assert results["C"].load_point == "Ib 1.0"


def test_a_failed_line_is_named_before_what_it_did_to_its_pulses() -> None:
    failed = Finding(Reason.DEVICE_FAILED, {"detail": "unplugged"})
    gap = edges_at(pulses_of())
    gap = replace(gap, line_seqno=gap.line_seqno + np.where(np.arange(len(gap)) > 20, 2, 0))
    assert why(measured(gap, line_findings={"A": (failed,)})) == [Reason.DEVICE_FAILED, Reason.PULSES_LOST]


def test_three_intervals_are_enough_and_two_are_not() -> None:
    few = {"run_ns": (ORIGIN_NS, ORIGIN_NS + 15 * 10**9), "readings": PLANT.readings(15.0)}
    for pulses, is_enough in ((4, True), (3, False)):
        slow = meter(wiring=Wiring.FOUR_WIRE, meter_constant_imp_per_kWh=1.8e6 / POWER_W)
        train = edges_at(0.9 + 2.0 * np.arange(pulses) + (0.0 if is_enough else 5.0))
        result = measured(train, meters={"A": slow}, **few)
        if is_enough:
            assert Reason.TOO_FEW_PULSES not in [f.reason for f in result.findings]
        else:
            assert why(result) == [Reason.TOO_FEW_PULSES]
            assert dict(result.findings[0].values) == {"pulses": "3", "needed": "4"}
            assert result.window is None


def test_a_line_without_pulses_is_silent_from_the_start_of_the_run() -> None:
    result = measured(EdgeTrain.empty())
    assert why(result) == [Reason.LINE_SILENT]
    assert dict(result.findings[0].values) == {"seconds": "60"}
    assert result.window is None


def test_a_line_that_stops_is_silent_from_its_last_pulse_and_keeps_its_window() -> None:
    result = measured(edges_at(pulses_of(until_s=30.0)))
    assert why(result) == [Reason.LINE_SILENT]
    assert 29.0 < float(result.findings[0].values["seconds"]) < 32.0
    assert result.window is not None
    assert result.window.last_ns == ORIGIN_NS + round(float(pulses_of(until_s=30.0)[-1]) * 1e9)


def test_a_silent_line_is_judged_by_the_load_that_flows_and_by_the_planned_one_where_none_is_read() -> None:
    """The reference reads nothing; by the planned load a pulse is due each 1.5 s."""
    result = measured(edges_at(pulses_of(until_s=30.0)), ReferenceReadings.empty())
    assert Reason.LINE_SILENT in why(result)
    weak = Plant(power_of=lambda j: np.full(len(j), 20.0))
    calm = measured(
        edges_at(np.arange(1.0, 31.0, 3.6e6 / (1200.0 * 20.0))), weak.readings(), card=weak.card()
    )
    assert Reason.LINE_SILENT not in [f.reason for f in calm.findings]


def test_a_clock_may_be_slewed_by_100_ppm_in_either_direction() -> None:
    for ppm in (100.0, -100.0):
        assert measured(clock_slew_ppm=ppm).percentage_error_pct is not None
    for ppm, said in ((100.6, "101"), (-150.0, "-150")):
        result = measured(clock_slew_ppm=ppm)
        assert why(result) == [Reason.CLOCK_SLEWING]
        assert dict(result.findings[0].values) == {"ppm": said}
        assert result.window is not None
        assert result.estimates == ()


def test_what_is_wrong_with_the_reference_is_wrong_for_every_position() -> None:
    readings = PLANT.readings()
    stepped = replace(
        readings.power_W,
        value=readings.power_W.value * np.where(np.arange(len(readings.power_W)) > 300, 1.2, 1.0),
    )
    assert Reason.LOAD_UNSTEADY in why(measured(readings=ReferenceReadings(readings.energy_Wh, stepped)))
    assert Reason.LOAD_UNSTEADY not in [
        f.reason
        for f in measured(
            readings=ReferenceReadings(readings.energy_Wh, stepped), stability_pct=30.0
        ).findings
    ]


def test_a_reference_that_cannot_be_laid_out_is_told_with_its_own_reason() -> None:
    slow = Plant(poll_s=0.4, power_of=PLANT.power_of)
    result = measured(readings=slow.readings())
    assert why(result) == [Reason.POLLED_TOO_SLOWLY]
    assert result.window is None
    assert result.estimates == ()


def reference_train(constant: float = 10.0, first_s: float = 0.0, until_s: float = 60.0) -> EdgeTrain:
    return edges_at(np.arange(first_s + 0.02, until_s, 3600.0 / POWER_W / constant))


def test_pulses_of_the_reference_serve_where_its_registers_cannot() -> None:
    slow = Plant(poll_s=0.4, power_of=PLANT.power_of)
    wired = replace(CARD, reference_pulse_constant_imp_per_Wh=10.0)
    result = measured(readings=slow.readings(), card=wired, reference_edges=reference_train())
    assert result.estimator == "reference_pulses"
    assert result.percentage_error_pct == pytest.approx(0.0, abs=0.02)
    short = measured(
        readings=slow.readings(), card=wired, reference_edges=reference_train(first_s=20.0, until_s=50.0)
    )
    assert short.window is not None
    assert 26.0 < short.window.duration_s < 30.0
    lone = measured(readings=slow.readings(), card=wired, reference_edges=reference_train(until_s=0.1))
    assert why(lone) == [Reason.POLLED_TOO_SLOWLY]


def test_an_estimator_that_declines_says_why_beside_the_number_of_another() -> None:
    card = replace(CARD, energy_step_Wh=100.0)
    readings = Plant(power_of=lambda j: POWER_W + 0.2 * (j % 2)).readings()
    energy = replace(readings.energy_Wh, value=np.floor(readings.energy_Wh.value / 100.0) * 100.0)
    result = measured(readings=ReferenceReadings(energy, readings.power_W), card=card)
    assert result.estimator == "power_integral"
    assert {e.estimator: [f.reason for f in e.findings] for e in result.estimates if not e.is_valid} == {
        "reference_pulses": [Reason.NO_REFERENCE_PULSES],
        "fused": [Reason.TOO_FEW_TICKS],
        "tick_gated": [Reason.TOO_FEW_TICKS],
        "tick_line": [Reason.TOO_FEW_TICKS],
    }


def estimate(name: str, energy_Wh: float, own_pct: float) -> Estimate:
    rows = (BudgetRow("own", own_pct, "normal", 1.0, 1.0, float("inf")),)
    return Estimate(name, 1, Window(0, 10**9, 1), energy_Wh, rows)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_two_estimates_may_differ_by_three_standard_uncertainties_of_their_difference(sign: float) -> None:
    assert AGREEMENT_LIMIT == 3.0
    limit_pct = 3.0 * float(np.hypot(0.03, 0.04))
    one = estimate("a", 100.0 * (1.0 + sign * 0.999 * limit_pct / 100.0), 0.03)
    assert find_contradiction([one, estimate("b", 100.0, 0.04)]) is None
    other = estimate("a", 100.0 * (1.0 + sign * 1.001 * limit_pct / 100.0), 0.03)
    assert find_contradiction([other, estimate("b", 100.0, 0.04)]) == Finding(
        Reason.ESTIMATORS_DISAGREE, {"first": "a", "second": "b", "difference": f"{sign * 0.150:+.3f}"}
    )


def test_each_two_estimates_are_compared() -> None:
    three = [estimate("a", 100.0, 0.1), estimate("b", 100.1, 0.1), estimate("c", 101.0, 0.1)]
    found = find_contradiction(three)
    assert found is not None
    assert dict(found.values)["second"] == "c"
    assert find_contradiction(three[:1]) is None


def test_estimates_that_contradict_each_other_give_no_number_but_are_kept() -> None:
    """The registers agree with each other; the reference's own pulses say 1 % more."""
    wired = replace(CARD, reference_pulse_constant_imp_per_Wh=10.0 / 1.01)
    result = measured(card=wired, reference_edges=reference_train())
    assert why(result) == [Reason.ESTIMATORS_DISAGREE]
    assert result.window is not None
    assert len(result.estimates) == 5
    assert {"reference_pulses"} <= set(result.findings[0].values.values())


def test_a_lost_pulse_in_the_window_is_no_number() -> None:
    """Both of its edges are gone, and the kernel's counter does not know: the energy does."""
    pulse_s = np.delete(pulses_of(), 20)
    result = measured(edges_at(pulse_s))
    assert why(result) == [Reason.PULSE_MISSING]
    assert result.window is not None
    assert result.window.intervals == len(pulse_s) - 1


def test_a_pulse_off_the_frames_of_all_others_is_foreign_unless_the_energy_explains_it() -> None:
    """Frames of 0.2 s, 1.487 s apart. One pulse 75 ms off its frame is too little for the energy to notice."""
    due_s = pulses_of()
    framed_s = np.ceil(due_s / 0.2) * 0.2
    assert measured(edges_at(framed_s)).percentage_error_pct is not None
    moved_s = framed_s.copy()
    moved_s[20] -= 0.075
    result = measured(edges_at(moved_s))
    assert why(result) == [Reason.PULSE_OFF_FRAME]
    assert dict(result.findings[0].values) == {"frame": "0.200"}
    assert result.window is not None
    # 1.5 s apart: every second pulse is on whole frames of a second as well, and all come as their energy fills.
    steady = Plant(power_of=lambda j: np.full(len(j), 2000.0))
    even_s = np.arange(0.7, 60.0, 1.5)
    even_s[20] -= 0.02
    calm = measured(edges_at(even_s), steady.readings())
    assert Reason.PULSE_OFF_FRAME not in [f.reason for f in calm.findings]


def test_where_no_estimator_gives_a_number_each_says_why_but_for_pulses_that_are_not_known() -> None:
    """Registers too slow to use, and pulses of the reference whose constant nobody gave."""
    slow = Plant(poll_s=0.4, power_of=PLANT.power_of)
    result = measured(readings=slow.readings(), reference_edges=reference_train())
    assert why(result) == [Reason.NO_VALID_ESTIMATOR, *[Reason.POLLED_TOO_SLOWLY] * 4]
    assert result.window is not None
    assert len(result.estimates) == 5


def test_a_pulsating_load_explains_what_it_moves_and_no_more() -> None:
    """13.2 kW in one phase on 10,000 imp/kWh: a pulse each 27 ms, moved by up to 1.6 ms, an interval by up to 12 %."""
    plant = Plant(power_of=lambda j: np.full(len(j), 13_186.8))
    load = LoadPoint("Imax 1.0", 220.0, 13_186.8 / 220.0, 1.0)
    fast = meter(meter_constant_imp_per_kWh=10_000.0)
    level_s = 0.7 + np.arange(2170) * 0.0273
    at_s = level_s.copy()
    for _ in range(60):
        at_s -= (at_s - np.sin(200 * np.pi * at_s) / (200 * np.pi) / 2.0 - level_s) / 2.0
    given = {"meters": {"A": fast}, "load_point": load, "card": plant.card(), "readings": plant.readings()}
    calm = measured(edges_at(at_s, width_ms=5), **given)
    assert calm.percentage_error_pct == pytest.approx(0.0, abs=0.05)
    at_s[1000] -= 0.4 * 0.0273
    assert why(measured(edges_at(at_s, width_ms=5), **given)) == [Reason.PULSE_EARLY]


def test_a_foreign_pulse_is_one_also_where_the_pulses_begin_late_in_the_run() -> None:
    framed_s = np.ceil(pulses_of(first_s=30.0) / 0.2) * 0.2
    framed_s[10] -= 0.075
    assert why(measured(edges_at(framed_s))) == [Reason.PULSE_OFF_FRAME]
