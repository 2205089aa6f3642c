"""Commissioning finds what the simulated reference truly does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.sim.polling import PollModel
from bench.sim.reference import ReferenceModel
from bench.sim.source import LoadStep, SourceModel
from bench.sim.study import RunSetup, simulate_run
from calibration.commissioning import ReferenceBehaviour, reference_behaviour, register_step
from calibration.quantities import ReferenceReadings
from calibration.reference_standard import ReferenceCard

CARD = ReferenceCard("m", "s", 0.05, energy_step_Wh=0.01, refresh_s=0.2, power_step_W=0.1)
STEPS = (LoadStep(30, 0.25), LoadStep(60, 1.0), LoadStep(90, 0.25))


def behaviour(
    reference: ReferenceModel,
    interval_s: float,
    seed: int,
    steps: tuple[LoadStep, ...] = STEPS,
    *,
    ramp_s: float = 0.02,
    duration_s: float = 120.0,
) -> ReferenceBehaviour:
    setup = RunSetup(
        power_W=2000.0,
        source=SourceModel(steps=steps, ramp_s=ramp_s),
        reference=reference,
        polling=PollModel(interval_s=interval_s, start_jitter_s=interval_s / 4),
    )
    return reference_behaviour(simulate_run(setup, duration_s, seed).readings, CARD)


def steps_out_of_phase(refresh_s: float) -> tuple[LoadStep, ...]:
    """Steps that meet the refreshes at different phases, as those of `bench check` do."""
    return (
        LoadStep(30, 0.25),
        LoadStep(60 + 0.38 * refresh_s, 1.0),
        LoadStep(90 + 0.76 * refresh_s, 0.25),
    )


@pytest.mark.parametrize(
    ("step_Wh", "refresh_s", "power_step_W", "lag_s", "interval_s"),
    [
        (0.01, 0.2, 0.1, 0.0, 0.045),
        (0.01, 0.2, 0.1, 0.3, 0.045),
        (1.0, 1.0, 0.1, 0.4, 0.18),
        (0.01, 1.0, 1.0, 1.0, 0.18),
        (0.1, 0.5, 0.01, 0.0, 0.11),
    ],
)
def test_step_refresh_and_lag_of_the_reference_are_found(
    step_Wh: float, refresh_s: float, power_step_W: float, lag_s: float, interval_s: float
) -> None:
    model = ReferenceModel(
        energy_step_Wh=step_Wh, refresh_s=refresh_s, power_step_W=power_step_W, power_lag_s=lag_s
    )
    for seed in range(3):
        found = behaviour(model, interval_s, seed)
        assert found.energy_step_Wh == pytest.approx(step_Wh, rel=1e-6)
        assert found.power_step_W == pytest.approx(power_step_W, rel=1e-6)
        assert found.refresh_s == pytest.approx(model.true_refresh_s, rel=5e-4)
        assert found.lag is not None
        assert abs(found.lag.lag_s - lag_s) <= 3 * found.lag.standard_uncertainty_s


def test_the_lag_of_a_fine_register_is_known_to_milliseconds_and_of_a_coarse_one_is_not() -> None:
    fine = behaviour(ReferenceModel(energy_step_Wh=0.01, refresh_s=0.2), 0.045, 1).lag
    coarse = behaviour(ReferenceModel(energy_step_Wh=1.0, refresh_s=1.0), 0.18, 1).lag
    assert fine is not None
    assert coarse is not None
    assert fine.standard_uncertainty_s < 0.005
    assert coarse.standard_uncertainty_s > 0.05


def test_without_a_step_of_the_load_the_lag_is_not_claimed() -> None:
    lag = behaviour(ReferenceModel(power_lag_s=0.3), 0.045, 1, ()).lag
    assert lag is None or lag.standard_uncertainty_s > 0.02


def test_latency_and_its_jitter_are_those_of_the_polls() -> None:
    found = behaviour(ReferenceModel(), 0.045, 2)
    # Two uniform delays of 7.5 to 20 ms: mean 27.5 ms, and 95 % of the triangle within +- 9.7 ms.
    assert found.latency_median_s == pytest.approx(0.0275, abs=0.001)
    assert found.latency_jitter_s == pytest.approx(0.0125 * 2 * (1 - np.sqrt(0.05)) / 2, rel=0.1)


@pytest.mark.parametrize(
    ("refresh_s", "jitter_s", "interval_s", "duration_s"),
    [(0.2, 0.005, 0.0311, 2400.0), (0.2, 0.009, 0.0437, 1800.0), (0.5, 0.015, 0.0971, 3600.0)],
)
def test_the_jitter_of_the_refreshes_is_found_within_5_per_cent(
    refresh_s: float, jitter_s: float, interval_s: float, duration_s: float
) -> None:
    model = ReferenceModel(refresh_s=refresh_s, refresh_jitter_s=jitter_s)
    for seed in range(3):
        found = behaviour(model, interval_s, seed, (), duration_s=duration_s)
        assert found.refresh_s == pytest.approx(model.true_refresh_s, rel=0.001)
        assert found.refresh_jitter is not None
        assert found.refresh_jitter.is_seen
        assert found.refresh_jitter.jitter_s == pytest.approx(jitter_s, rel=0.05)


def test_even_refreshes_have_no_jitter_that_would_be_seen() -> None:
    for seed in range(3):
        jitter = behaviour(ReferenceModel(), 0.045, seed).refresh_jitter
        assert jitter is not None
        assert not jitter.is_seen
        assert jitter.at_most_s < 0.003


@pytest.mark.parametrize(
    ("refresh_s", "step_Wh", "average_n", "interval_s", "ramp_s", "lag_s"),
    [
        (0.2, 0.01, 4, 0.045, 0.02, 0.0),
        (0.2, 0.01, 8, 0.045, 0.5, 0.3),
        (1.0, 0.01, 3, 0.18, 0.02, 0.4),
        (0.5, 0.1, 6, 0.1, 0.5, 0.0),
        (0.2, 0.01, 15, 0.045, 0.02, 0.0),
    ],
)
def test_how_long_the_power_register_averages_is_found_and_its_lag_with_it(
    refresh_s: float, step_Wh: float, average_n: int, interval_s: float, ramp_s: float, lag_s: float
) -> None:
    model = ReferenceModel(
        refresh_s=refresh_s, energy_step_Wh=step_Wh, power_average_n=average_n, power_lag_s=lag_s
    )
    for seed in range(3):
        found = behaviour(model, interval_s, seed, steps_out_of_phase(refresh_s), ramp_s=ramp_s)
        assert found.averaging is not None
        assert found.averaging.is_known
        assert found.averaging.averages_s == pytest.approx(average_n * refresh_s, rel=0.05)
        # What sums up to the energy is the middle of the averaged time.
        assert found.lag is not None
        late_s = lag_s + (average_n - 1) * refresh_s / 2
        assert abs(found.lag.lag_s - late_s) <= 3 * found.lag.standard_uncertainty_s


def test_steps_at_different_phases_show_an_average_of_one_refresh_from_both_sides() -> None:
    model = ReferenceModel(refresh_s=1.0, energy_step_Wh=0.01)
    for seed in range(3):
        found = behaviour(model, 0.18, seed, steps_out_of_phase(1.0)).averaging
        assert found is not None
        assert found.standard_uncertainty_s < 0.1
        assert abs(found.averages_s - 1.0) <= 3 * found.standard_uncertainty_s


def test_a_register_too_coarse_to_show_the_averaging_says_so_and_bounds_it() -> None:
    model = ReferenceModel(refresh_s=1.0, energy_step_Wh=1.0)
    for seed in range(3):
        found = behaviour(model, 0.18, seed, steps_out_of_phase(1.0)).averaging
        assert found is not None
        assert not found.is_known
        assert found.at_most_s < 1.3


def test_without_a_step_of_the_load_no_averaging_is_claimed() -> None:
    assert behaviour(ReferenceModel(), 0.045, 1, ()).averaging is None


def test_uneven_refreshes_have_no_refresh_interval() -> None:
    found = behaviour(ReferenceModel(refresh_s=0.2, refresh_jitter_s=0.08), 0.02, 3)
    assert found.refresh_s is None


@given(
    st.integers(1, 9),
    st.sampled_from([1e-3, 0.01, 0.1, 1.0, 10.0]),
    st.floats(0, 1e5),
    st.lists(st.integers(0, 300), min_size=40, max_size=80),
)
def test_a_register_that_moves_by_whole_steps_has_that_step(
    digit: int, decade: float, start: float, moves: list[int]
) -> None:
    moves = [1, *moves]  # the single step is seen at least once
    steps = np.cumsum([round(start), *moves])
    step = register_step(steps * (digit * decade))
    assert step == pytest.approx(digit * decade, rel=1e-6)


def test_tenths_of_a_watt_in_a_float32_are_tenths() -> None:
    power_W = np.rint(np.random.default_rng(1).normal(20_000.0, 10.0, 600)) / 10
    assert register_step(power_W.astype(np.float32).astype(np.float64)) == pytest.approx(0.1, rel=1e-3)


def test_a_register_that_stands_still_has_no_step() -> None:
    assert register_step(np.full(20, 7.0)) is None


def test_too_few_polls_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 10"):
        reference_behaviour(ReferenceReadings.empty(), CARD)


@pytest.mark.parametrize("seed", [2, 6, 7, 9])
def test_a_refresh_that_few_polls_see_is_found_and_no_part_of_it(seed: int) -> None:
    """Replies take as long as the polls are apart, 27 ms; so few changes follow each other that their median distance
    is no refresh, and 0.04 s, which fits between two polls, would fit anything."""
    model = ReferenceModel(refresh_s=0.1, energy_step_Wh=0.1, power_average_n=4)
    found = behaviour(model, 0.0249, seed, ramp_s=1.5)
    assert found.refresh_s == pytest.approx(model.true_refresh_s, rel=1e-3)
    assert found.is_even


@pytest.mark.parametrize(("power_step_W", "jitter_s"), [(1.0, 0.0), (0.1, 0.004)])
def test_the_lag_of_the_finest_register_is_no_better_known_than_it_is(
    power_step_W: float, jitter_s: float
) -> None:
    """A coarse power register or uneven refreshes move it by a millisecond or two."""
    model = ReferenceModel(energy_step_Wh=0.001, power_step_W=power_step_W, refresh_jitter_s=jitter_s)
    for seed in range(6):
        lag = behaviour(model, 0.044, seed, steps_out_of_phase(0.2), ramp_s=0.5).lag
        assert lag is not None
        assert abs(lag.lag_s) <= 3 * lag.standard_uncertainty_s
        assert lag.standard_uncertainty_s < 0.005
