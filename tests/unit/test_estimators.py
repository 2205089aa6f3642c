"""Each estimator against the simulated truth; figures of the documentation, with fixed seeds."""

import numpy as np
import pytest

from calibration.reference_standard import ReferenceCard
from tests.benchmarks.align import ROWS, aligned, chosen, estimates, raw_difference_pct, setup_of
from tests.benchmarks.ensemble import draw_point, measure
from tests.benchmarks.stress import STRESSES, outcomes

RUNS = 25


def errors_of(refresh_s, step_Wh, window_s, run_s, steadiness_pct=0.05):
    rng = np.random.default_rng(42)
    found = {}
    for _ in range(RUNS):
        made = setup_of(float(rng.uniform(2000, 2600)), refresh_s, step_Wh, steadiness_pct, 10_000.0)
        window = aligned(made, run_s, window_s, int(rng.integers(2**62)))
        found.setdefault("raw", []).append(raw_difference_pct(window))
        for estimate in [*estimates(window), chosen(estimates(window))]:
            if estimate is not None and estimate.is_valid:
                error = 100.0 * (estimate.reference_energy_Wh / window.true_Wh - 1.0)
                found.setdefault(estimate.estimator, []).append(error)
    return {name: float(np.sqrt(np.mean(np.square(e)))) for name, e in found.items()}


@pytest.mark.parametrize("row", ROWS)
def test_the_fused_estimate_beats_the_raw_difference_as_claimed(row):
    rms = errors_of(*row)
    least = 100.0 if row[1] == 0.01 else 25.0
    assert rms["raw"] / rms["fused"] >= least


def test_the_power_integral_carries_the_gain_of_its_register_and_the_fused_estimate_does_not():
    rms = errors_of(0.2, 0.01, 60.0, 180.0)
    assert rms["power_integral"] == pytest.approx(0.05, abs=0.005)
    assert rms["fused"] < 0.003


def test_the_line_through_ticks_needs_a_steady_load():
    steady, unsteady = (
        errors_of(0.2, 0.01, 60.0, 180.0),
        errors_of(0.2, 0.01, 60.0, 180.0, steadiness_pct=0.5),
    )
    assert steady["tick_line"] < 0.02 < unsteady["tick_line"] < 0.15


@pytest.mark.parametrize("resonant", [False, True])
def test_the_truth_lies_inside_the_stated_interval_in_95_of_100_points(resonant):
    rng = np.random.default_rng([2026, resonant])
    inside = []
    while len(inside) < 300:
        outcome = measure(draw_point(rng, resonant=resonant), int(rng.integers(2**62)))
        if outcome.has_number:
            inside.append(abs(outcome.deviation_pct) <= outcome.result.expanded_uncertainty_pct)
    assert np.mean(inside) >= 0.95


@pytest.mark.parametrize("name", list(STRESSES))
def test_a_violated_assumption_is_refused_or_the_truth_stays_inside_in_nine_of_ten_numbers(name):
    # An interval at 95 % misses five in a hundred by right; a hundred runs cannot tell more than ten from that.
    counts, _ = outcomes(name, 100, 2026)
    assert counts["wrong"] <= 0.1 * (counts["inside"] + counts["wrong"])


def test_a_float32_register_that_has_counted_up_is_known_to_step_coarsely():
    # 0.06 Wh at 1 MWh, 1 Wh at 10 MWh, 8 Wh at 100 MWh for a register in kWh
    card = ReferenceCard("m", "1", 0.1, 0.0, 1.0, 0.1, energy_is_float32=True, energy_register_unit_Wh=1000.0)
    for reading_Wh, step_Wh in ((1e6, 0.061), (1e7, 0.977), (1e8, 7.8)):
        assert card.energy_step_at_Wh(reading_Wh) == pytest.approx(step_Wh, rel=0.01)
