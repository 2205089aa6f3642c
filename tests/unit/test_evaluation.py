"""From a simulated run to a result: the truth lies inside, and what is wrong becomes a reason and no number."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from bench.sim.meter import MeterModel
from bench.sim.polling import PollModel
from bench.sim.reference import ReferenceModel
from bench.sim.source import LoadStep, SourceModel
from bench.sim.study import RunSetup, simulate_run
from calibration.evaluation import evaluate, find_contradiction
from calibration.quantities import BudgetRow, ErrorResult, Estimate, Finding, InstrumentFault, Window
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard
from tests.benchmarks.ensemble import load_point_of, meter_of

CARD = ReferenceCard(
    "simulated", "1", 0.05, 0.01, 0.2, 0.1, power_lag_u_s=0.01, calibration_U_pct=0.02, drift_pct=0.01
)
POLLING = PollModel(interval_s=0.034, start_jitter_s=0.012)


def setup(error_pct=0.5, power_W=1100.0, **changed):
    plain = RunSetup(
        power_W=power_W,
        meters=(MeterModel(error_pct=error_pct, meter_constant_imp_per_kWh=1200.0),),
        polling=POLLING,
    )
    return replace(plain, **changed)


def measure(made, run_s=60.0, seed=1, card=CARD, readings=None, slew_ppm=0.0, meter=None, edges=None):
    run = simulate_run(made, run_s, seed)
    return evaluate(
        {"1": edges(run.meters[0]) if edges else run.meters[0]},
        readings(run.readings) if readings else run.readings,
        reference_edges=run.reference_pulses,
        meters={"1": meter or meter_of(made)},
        card=card,
        load_point=load_point_of(made),
        stability_pct=2.0,
        run_ns=(run.first_ns, run.last_ns),
        clock_slew_ppm=slew_ppm,
    )["1"]


def reasons(result):
    assert result.percentage_error_pct is None
    return {f.reason for f in result.findings}


@pytest.mark.parametrize("error_pct", [-1.9, -0.2, 0.0, 0.35, 1.37])
def test_the_injected_error_lies_inside_the_stated_interval_with_its_sign(error_pct):
    result = measure(setup(error_pct))
    assert abs(result.percentage_error_pct - error_pct) <= result.expanded_uncertainty_pct
    assert result.expanded_uncertainty_pct < 0.05


def test_a_slow_meter_has_a_negative_error():
    assert measure(setup(-1.0)).percentage_error_pct < -0.9


def test_the_references_own_error_is_taken_out_and_both_values_are_kept():
    reads_high = ReferenceModel(indication_error_pct=0.5)
    result = measure(setup(0.3, reference=reads_high), card=replace(CARD, indication_error_pct=0.5))
    assert abs(result.percentage_error_pct - 0.3) <= result.expanded_uncertainty_pct
    assert result.reference_energy_read_Wh / result.reference_energy_Wh == pytest.approx(1.005)
    assert measure(setup(0.3, reference=reads_high)).percentage_error_pct == pytest.approx(-0.2, abs=0.05)


def test_pulses_of_the_reference_are_used_where_they_are_wired():
    wired = setup(0.4, reference=ReferenceModel(pulse_constant_imp_per_Wh=100.0))
    result = measure(wired, card=replace(CARD, reference_pulse_constant_imp_per_Wh=100.0))
    assert result.estimator == "reference_pulses"
    assert abs(result.percentage_error_pct - 0.4) <= result.expanded_uncertainty_pct


def test_two_positions_that_differ_do_not_influence_each_other():
    two = setup()
    two = replace(two, meters=(two.meters[0], replace(two.meters[0], error_pct=-1.5)))
    run = simulate_run(two, 60.0, 3)
    for edges, truth in zip(run.meters, (0.5, -1.5), strict=True):
        result = measure(two, seed=3, edges=lambda _, edges=edges: edges)
        assert abs(result.percentage_error_pct - truth) <= result.expanded_uncertainty_pct


def test_a_reference_polled_slower_than_a_quarter_of_its_refresh_is_declined_by_name():
    result = measure(setup(polling=PollModel(interval_s=0.07)))
    assert reasons(result) == {Reason.POLLED_TOO_SLOWLY}


def test_a_load_that_steps_makes_the_window_invalid():
    moving = setup(source=SourceModel(steps=(LoadStep(20.0, 1.1),)))
    assert Reason.LOAD_UNSTEADY in reasons(measure(moving))


def test_a_fault_of_the_reference_in_the_run_is_passed_through():
    late = Finding(Reason.REFERENCE_LATE, {"seconds": "1.2"})

    def with_fault(readings):
        at_ns = int(readings.energy_Wh.request_ns[100])
        return replace(readings, faults=(InstrumentFault(at_ns, late),))

    assert reasons(measure(setup(), readings=with_fault)) == {Reason.REFERENCE_LATE}


def test_a_clock_that_is_slewed_beyond_its_row_is_invalid_and_below_it_a_row():
    assert Reason.CLOCK_SLEWING in reasons(measure(setup(), slew_ppm=500.0))
    slewed = measure(setup(), slew_ppm=20.0)
    assert "clock_slewing" in {row.source for row in slewed.rows}


def test_a_power_register_that_is_off_by_more_than_its_specification_contradicts_the_energy():
    high = setup(reference=ReferenceModel(power_gain_pct=3.0))
    assert reasons(measure(high)) & {Reason.ESTIMATORS_DISAGREE, Reason.REFERENCE_RANGE_CHANGED}


def test_one_pulse_is_no_interval():
    result = measure(setup(power_W=57.5), run_s=60.0)
    assert reasons(result) == {Reason.TOO_FEW_PULSES}


def test_the_same_run_gives_the_same_digits():
    assert measure(setup()) == measure(setup())


def estimate(name, energy_Wh, u_pct, shared_pct=0.0):
    rows = (
        BudgetRow("own", u_pct, "normal", 1.0, 1.0, float("inf")),
        BudgetRow("common", shared_pct, "normal", 1.0, 1.0, float("inf"), shared=True),
    )
    return Estimate(name, 1, Window(0, 10**9, 1), energy_Wh, rows)


def test_disagreement_is_judged_without_what_both_have_in_common():
    one, other = estimate("a", 100.0, 0.01, shared_pct=1.0), estimate("b", 100.1, 0.01, shared_pct=1.0)
    found = find_contradiction([one, other])
    assert found is not None
    assert found.reason is Reason.ESTIMATORS_DISAGREE
    assert find_contradiction([one, estimate("b", 100.03, 0.01)]) is None


def test_clean_runs_are_hardly_ever_refused():
    rng = np.random.default_rng(5)
    refused = 0
    for seed in range(60):
        made = setup(float(rng.uniform(-1, 1)), float(rng.uniform(500, 6000)))
        refused += measure(made, run_s=40.0, seed=seed).percentage_error_pct is None
    assert refused <= 1


def test_a_result_is_not_refused_without_a_reason():
    refused = ErrorResult.refused("Ib 1.0", None, [Finding(Reason.PULSE_MISSING)])
    assert (refused.percentage_error_pct, refused.estimator, refused.rows) == (None, "", ())
    with pytest.raises(ValueError, match="without a reason"):
        ErrorResult.refused("Ib 1.0", None, [])


@pytest.mark.parametrize("error_pct", [90.0, -50.0])
def test_the_uncertainty_is_that_of_the_error_and_grows_with_the_meters_energy(error_pct):
    plain, fast = measure(setup(0.0)), measure(setup(error_pct))
    share = 1.0 + error_pct / 100.0
    calibration = {r.source: r.standard_uncertainty_pct for r in fast.rows}["reference_calibration"]
    assert calibration == pytest.approx(0.01 * share, rel=0.01)
    assert {r.source: r.standard_uncertainty_pct for r in plain.rows}[
        "reference_calibration"
    ] == pytest.approx(0.01, rel=0.01)


def test_three_pulses_are_too_few_to_exclude_frames():
    result = measure(setup(power_W=300.0), run_s=31.0)
    assert reasons(result) == {Reason.TOO_FEW_PULSES}


def test_a_power_register_without_dither_carries_its_rounding_in_the_integral():
    coarse = setup(power_W=300.0, source=SourceModel(steadiness_pct=0.01))
    card = replace(CARD, power_step_W=5.0)
    result = measure(replace(coarse, reference=ReferenceModel(power_step_W=5.0)), run_s=90.0, card=card)
    integral = next(e for e in result.estimates if e.estimator == "power_integral")
    row = next(r for r in integral.rows if r.source == "power_register_rounding")
    assert row.standard_uncertainty_pct == pytest.approx(100 * 2.5 / 300.0 / 3**0.5, rel=0.02)


def test_a_pulse_off_the_meters_frames_is_not_the_meters():
    framed = MeterModel(meter_constant_imp_per_kWh=1600.0, emission_lattice_s=0.1)

    def moved(edges):
        stamps = edges.timestamp_ns.copy()
        stamps[60:62] -= 37_000_000
        return replace(edges, timestamp_ns=stamps)

    made = setup(power_W=2937.0, meters=(framed,))
    assert measure(made).percentage_error_pct is not None
    assert reasons(measure(made, edges=moved)) == {Reason.PULSE_OFF_FRAME}


def test_a_steady_load_whose_interval_is_like_frames_makes_no_pulse_foreign():
    """At 1.1 kW a pulse comes each 2.69 s, three times 0.897 s: some windows look like frames with a stray."""
    made = setup(power_W=1100.0, meters=(MeterModel(meter_constant_imp_per_kWh=1200.0, error_pct=1.37),))
    windows = product(range(40), (24.0, 30.0, 36.0))
    found = [f.reason for seed, run_s in windows for f in measure(made, run_s=run_s, seed=seed).findings]
    assert Reason.PULSE_OFF_FRAME not in found
