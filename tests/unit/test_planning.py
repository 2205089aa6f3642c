"""Planned windows: what they predict comes true, and what cannot be done is refused with what it would take."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.sim.meter import MeterModel
from bench.sim.polling import PollModel
from bench.sim.reference import ReferenceModel
from bench.sim.source import SourceModel
from bench.sim.study import RunSetup, simulate_run
from calibration.evaluation import evaluate
from calibration.load_points import LoadPoint
from calibration.nameplate import Connection, MeterUnderTest, Wiring
from calibration.planning import WindowConditions, planned_window, predict, resonance
from calibration.reasons import Reason, sentence
from calibration.reference_standard import ReferenceCard
from calibration.texts import LANGUAGES

CARD = ReferenceCard("m", "s", 0.1, energy_step_Wh=0.01, refresh_s=0.2, power_step_W=0.1)
COARSE = replace(CARD, energy_step_Wh=1.0, refresh_s=1.0)


def at_power(power_W: float, card: ReferenceCard = CARD, constant: float = 1200.0) -> WindowConditions:
    load_point = LoadPoint("load", 230.0, power_W / 230.0, 1.0)
    return WindowConditions(load_point, constant, card, poll_s=0.045)


powers_W = st.floats(50.0, 13_000.0)
durations_s = st.floats(20.0, 2000.0)


@pytest.mark.parametrize(
    ("power_W", "card", "duration_s", "rms_pct"),
    [
        (2300.0, COARSE, 180.0, 0.05),
        (2300.0, COARSE, 180.0, 0.5),
        (2300.0, CARD, 30.0, 0.5),
        (57.5, COARSE, 900.0, 0.5),
        (3590.0, COARSE, 180.0, 0.05),
    ],
)
def test_the_predicted_uncertainty_is_the_one_that_comes_out(
    power_W: float, card: ReferenceCard, duration_s: float, rms_pct: float
) -> None:
    conditions = replace(at_power(power_W, card), source_rms_pct=rms_pct)
    setup = RunSetup(
        power_W=power_W,
        source=SourceModel(steadiness_pct=rms_pct),
        meters=(MeterModel(),),
        reference=ReferenceModel(
            energy_step_Wh=card.energy_step_Wh, refresh_s=card.refresh_s, start_Wh=10_000.0
        ),
        polling=PollModel(interval_s=0.045),
    )
    run = simulate_run(setup, duration_s, seed=3)
    result = evaluate(
        {"1": run.meters[0]},
        run.readings,
        reference_edges=None,
        meters={
            "1": MeterUnderTest("1", "1", 1200.0, Connection.DIRECT, Wiring.SINGLE_PHASE, 230.0, 5.0, 60.0)
        },
        card=card,
        load_point=conditions.load_point,
        stability_pct=3.0,
        run_ns=(run.first_ns, run.last_ns),
        clock_slew_ppm=0.0,
    )["1"]
    assert result.window is not None
    assert result.expanded_uncertainty_pct is not None
    planned = predict(conditions, result.window.duration_s)
    assert planned.intervals == pytest.approx(result.window.intervals, abs=1)
    # The polygon of a run may turn out several times narrower than expected; it must not be much wider.
    assert 0.15 < result.expanded_uncertainty_pct / planned.expanded_uncertainty_pct < 1.8


@given(powers_W, durations_s)
def test_more_time_never_makes_a_prediction_worse_by_much(power_W: float, duration_s: float) -> None:
    # Resonance ends in a step where the run grows past it, always downwards.
    shorter, longer = (
        predict(at_power(power_W, COARSE), t).expanded_uncertainty_pct for t in (duration_s, 2 * duration_s)
    )
    assert longer <= shorter * (1.0 + 1e-9)


@given(powers_W, st.floats(0.3, 2.0))
def test_a_planned_window_keeps_what_it_promises(power_W: float, wanted_pct: float) -> None:
    window = planned_window(at_power(power_W), wanted_pct, 30.0, 10, 10_000.0)
    assert window.refusal is None
    assert window.expanded_uncertainty_pct <= wanted_pct
    assert window.duration_s >= 30.0 * (1.0 - 1e-12)  # so many whole intervals, added up in binary
    assert window.intervals >= 10


def test_minimum_pulses_can_be_what_takes_long() -> None:
    # docs/metrology.md, "Planning": 57.5 W at 1,000 imp/kWh needs 626 s for 10 pulses.
    window = planned_window(at_power(57.5, constant=1000.0), 1.0, 30.0, 10, 10_000.0)
    assert window.duration_s == pytest.approx(626.0, abs=0.1)
    assert window.intervals == 10


def test_a_small_load_on_a_coarse_reference_is_refused_with_the_time_it_would_take() -> None:
    # One change of a 1 Wh register takes 62.6 s at 57.5 W, and a scale needs nine of them.
    window = planned_window(at_power(57.5, COARSE), 0.2, 30.0, 3, 300.0)
    assert window.refusal is not None
    assert window.refusal.reason is Reason.UNCERTAINTY_TOO_LARGE
    assert float(window.refusal.values["seconds"]) == pytest.approx(window.duration_s, abs=0.5)
    assert 563.0 <= window.duration_s <= 640.0
    assert planned_window(at_power(57.5, COARSE), 0.2, 30.0, 3, 700.0).refusal is None


def test_a_reference_too_weak_for_the_wish_is_refused_without_a_time() -> None:
    weak = replace(CARD, calibration_U_pct=0.3)
    window = planned_window(at_power(2300.0, weak), 0.2, 30.0, 10, 600.0)
    assert window.refusal is not None
    assert "seconds" not in window.refusal.values
    told = sentence(Reason.UNCERTAINTY_TOO_LARGE, window.refusal.values, "en")
    assert told.endswith("no time is enough")
    assert "—" not in told


@pytest.mark.parametrize("power_W", [1200.0, 1800.0, 2400.0, 3590.0, 3600.0])
def test_resonant_loads_are_foreseen_with_a_load_nearby_that_is_not(power_W: float) -> None:
    conditions = replace(at_power(power_W, replace(COARSE, power_gain_limit_pct=5.0)), source_rms_pct=0.05)
    warning = resonance(conditions, 180.0)
    assert warning is not None
    assert warning.reason is Reason.LOAD_RESONATES
    better_W = float(warning.values["better_power_W"])
    assert 0.009 <= abs(better_W / power_W - 1.0) <= 0.031
    better = replace(conditions, load_point=at_power(better_W).load_point)
    assert resonance(better, 180.0) is None
    assert (
        predict(better, 180.0).expanded_uncertainty_pct < predict(conditions, 180.0).expanded_uncertainty_pct
    )
    assert all(
        warning.values["better_power_W"] in sentence(warning.reason, warning.values, x) for x in LANGUAGES
    )


@pytest.mark.parametrize("power_W", [2000.0, 2300.0, 2550.0])
def test_ordinary_loads_are_not_warned_of(power_W: float) -> None:
    assert resonance(at_power(power_W, COARSE), 180.0) is None


def test_a_fine_register_does_not_resonate() -> None:
    assert resonance(at_power(3600.0), 180.0) is None


def test_a_longer_run_passes_through_a_near_resonance() -> None:
    conditions = replace(at_power(3590.0, replace(COARSE, power_gain_limit_pct=5.0)), source_rms_pct=0.05)
    assert resonance(conditions, 180.0) is not None
    assert resonance(conditions, 1200.0) is None


def test_reference_pulses_need_no_register() -> None:
    with_pulses = replace(COARSE, reference_pulse_constant_imp_per_Wh=10.0)
    window = planned_window(at_power(57.5, with_pulses), 0.2, 30.0, 1, 300.0)
    assert (window.refusal, window.estimator) == (None, "reference_pulses")


def test_a_reference_polled_too_slowly_has_no_scale() -> None:
    slow = replace(at_power(2300.0), poll_s=0.06)
    assert predict(at_power(2300.0), 60.0).estimator == "fused"
    assert predict(slow, 60.0).estimator == "power_integral"


def test_a_lattice_and_a_low_power_factor_cost_what_they_should() -> None:
    plain = at_power(2300.0)
    lattice = replace(plain, emission_lattice_s=1.0)
    # docs/metrology.md, "The meter's pulses": 1 s in 10 s is 3.6 % by u = Delta/(sqrt(6) tau) = 4.1 %.
    assert predict(lattice, 10.0).expanded_uncertainty_pct / 2.0 == pytest.approx(4.08, abs=0.05)
    # 1.125 ms rms at each end, in 10 s: 0.016 %; twice that at PF 0.5, none for balanced three phases.
    inductive = replace(plain, load_point=LoadPoint("l", 230.0, 20.0, 0.5, "L"))
    three = replace(plain, load_point=LoadPoint("l", 230.0, 10.0 / 3.0, 1.0, wiring=Wiring.FOUR_WIRE))
    by_load = [
        predict(replace(c, source_rms_pct=0.0), 10.0).expanded_uncertainty_pct
        for c in (three, plain, inductive)
    ]
    pulsation = [(u**2 - by_load[0] ** 2) ** 0.5 / 2.0 for u in by_load[1:]]
    assert pulsation == pytest.approx([0.0159, 0.0318], rel=0.02)
