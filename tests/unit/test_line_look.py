"""What a line is said to be is what was put on it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.line_look import Look, look_at, swapped, usual_constant
from calibration.quantities import FALLING, NS_PER_S, RISING, EdgeTrain

ORIGIN_NS = 5_000 * NS_PER_S


def train(at_s: object) -> EdgeTrain:
    """Edges at instants (s), beginning with a rising one."""
    stamps = ORIGIN_NS + np.rint(np.asarray(at_s, float) * NS_PER_S).astype(np.int64)
    kinds = np.where(np.arange(len(stamps)) % 2 == 0, RISING, FALLING).astype(np.int64)
    return EdgeTrain(stamps, kinds, np.arange(1, len(stamps) + 1, dtype=np.int64))


def pulses(rate_Hz: float, width_s: float, seconds: float, jitter_s: float = 0.0) -> np.ndarray:
    lit = np.arange(0.2 / rate_Hz, seconds, 1.0 / rate_Hz)
    lit = lit + np.random.default_rng(3).normal(0.0, 1.0, len(lit)) * jitter_s
    return np.stack((lit, lit + width_s), axis=1).reshape(-1)


def bouncing(at_s: np.ndarray, seed: int) -> np.ndarray:
    """Each edge followed by a few more within 3 ms, an even number of them."""
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [[t, *(t + np.sort(rng.uniform(1e-4, 3e-3, 2 * rng.integers(1, 4))))] for t in at_s]
    )


def test_a_line_without_an_edge_is_nothing_or_stuck() -> None:
    assert look_at(EdgeTrain.empty()).what is Look.NOTHING
    assert look_at(EdgeTrain.empty(), is_active=False).what is Look.NOTHING
    assert look_at(EdgeTrain.empty(), is_active=True).what is Look.STUCK


def test_80_ms_pulses_at_0_37_hz_are_1_1_kw_at_1200() -> None:
    found = look_at(train(pulses(0.37, 0.08, 30.0)))
    assert found.what is Look.PULSES
    assert found.rate_Hz == pytest.approx(0.37, rel=1e-6)
    assert found.width_s == pytest.approx(0.08)
    assert found.power_W(1200.0) == pytest.approx(1110.0)


@given(st.floats(0.05, 40.0), st.floats(0.05, 0.45), st.integers(4, 60))
def test_regular_pulses_of_any_rate_are_pulses_of_that_rate(rate_Hz: float, duty: float, count: int) -> None:
    found = look_at(train(pulses(rate_Hz, duty / rate_Hz, count / rate_Hz)))
    assert found.what is Look.PULSES
    assert found.rate_Hz == pytest.approx(rate_Hz, rel=1e-6)
    assert found.width_s == pytest.approx(duty / rate_Hz, rel=1e-4)


def test_a_meter_of_1_s_frames_has_regular_pulses() -> None:
    lit = np.ceil(np.arange(1, 30) / 0.7)
    found = look_at(train(np.stack((lit, lit + 0.08), axis=1).reshape(-1)))
    assert found.what is Look.PULSES
    assert found.rate_Hz == pytest.approx(0.7, rel=0.03)


@pytest.mark.parametrize("seed", range(8))
def test_a_bouncing_contact_is_told_with_the_rate_beneath(seed: int) -> None:
    found = look_at(train(bouncing(pulses(0.8, 0.08, 15.0), seed)))
    assert found.what is Look.BOUNCING
    assert found.rate_Hz == pytest.approx(0.8, rel=0.01)
    assert found.bounce_s is not None
    assert 0.0005 < found.bounce_s <= 0.003


@pytest.mark.parametrize("seed", range(8))
def test_an_open_line_is_noise_and_its_mains_is_seen_where_it_is_there(seed: int) -> None:
    rng = np.random.default_rng(seed)
    irregular = np.cumsum(rng.exponential(0.02, 600))
    found = look_at(train(irregular))
    assert (found.what, found.mains_Hz) == (Look.NOISE, None)
    half_periods = np.flatnonzero(rng.uniform(size=1000) < 0.3) * 0.02
    short = np.stack((half_periods, half_periods + rng.uniform(0.001, 0.006, len(half_periods))), axis=1)
    short += rng.normal(0.0, 2e-4, len(half_periods))[:, None]
    found = look_at(train(short.reshape(-1)))
    assert (found.what, found.mains_Hz) == (Look.NOISE, 50.0)


def test_a_line_that_follows_the_mains_is_no_meter_unless_its_meter_has_that_rate() -> None:
    edges = train(pulses(50.02, 0.01, 4.0))
    assert look_at(edges).what is Look.MAINS
    assert look_at(edges).mains_Hz == 50.0
    assert look_at(edges, expected_Hz=50.1).what is Look.PULSES
    assert look_at(edges, expected_Hz=5.0).what is Look.MAINS


def test_two_pulses_are_too_few_to_say_a_rate() -> None:
    assert look_at(train(pulses(0.1, 0.08, 15.0))).what is Look.FEW


def test_a_wrong_constant_is_named_by_the_reference_s_power() -> None:
    found = look_at(train(pulses(1600 * 2200 / 3.6e6, 0.08, 20.0)))
    assert not found.fits(1200.0, 2200.0)
    assert usual_constant(found, 2200.0) == 1600
    assert usual_constant(found, 1300.0) is None
    assert usual_constant(found, 0.0) is None


def test_swapped_lines_are_those_that_fit_each_other_s_constants() -> None:
    power_W = 2200.0
    looks = {
        name: look_at(train(pulses(constant * power_W / 3.6e6, 0.08, 20.0)))
        for name, constant in (("1", 1600.0), ("2", 1200.0), ("3", 800.0))
    }
    assert swapped(looks, {"1": 1200.0, "2": 1600.0, "3": 800.0}, power_W) == (("1", "2"),)
    assert swapped(looks, {"1": 1600.0, "2": 1200.0, "3": 800.0}, power_W) == ()
    # Meters of one constant cannot be told apart.
    same = {"1": looks["1"], "2": looks["1"]}
    assert swapped(same, {"1": 1600.0, "2": 1600.0}, power_W) == ()
    assert swapped(looks, {"1": 1600.0, "2": 1600.0, "3": 800.0}, power_W) == ()


def test_edges_that_the_kernel_dropped_are_counted() -> None:
    edges = train(pulses(1.0, 0.08, 20.0))
    gap = edges.line_seqno + np.where(np.arange(len(edges)) >= 11, 4, 0)
    assert look_at(EdgeTrain(edges.timestamp_ns, edges.kind, gap)).lost == 4
