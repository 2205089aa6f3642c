"""The jitter of refreshes by the samples around each, against refreshes whose scatter is known."""

from __future__ import annotations

from dataclasses import replace
from math import erf

import numpy as np
import pytest

from calibration.quantities import FloatArray
from calibration.refresh_jitter import RefreshJitter, refresh_jitter
from calibration.timebase import Brackets, RefreshClock

CLOCK = RefreshClock(
    phase_s=0.2, period_s=1.0, period_relative_uncertainty=1e-6, residual_s=0.03, bracket_s=0.03, count=99
)


def seen(late_s: FloatArray, poll_s: float = 0.1, seed: int = 1, read_late_s: float = 0.0) -> Brackets:
    """Refresh j at 0.2 + j + late_j between two samples poll_s apart, placed anywhere around it; a sample is read up to
    3 read_late_s later or earlier than it is taken to be."""
    rng = np.random.default_rng(seed)
    at_s = 0.2 + np.arange(len(late_s)) + late_s
    before_s = at_s - poll_s * rng.uniform(0.0, 1.0, len(late_s)) + rng.normal(0.0, read_late_s, len(late_s))
    after_s = before_s + poll_s
    return Brackets(before_s - 0.01, before_s, after_s, after_s + 0.01)


def found(brackets: Brackets, latency_sd_s: float = 0.0) -> RefreshJitter:
    jitter = refresh_jitter(brackets, CLOCK, latency_sd_s)
    assert jitter is not None
    return jitter


@pytest.mark.parametrize("jitter_s", [0.012, 0.03])
def test_the_jitter_lies_within_what_is_said_of_it(jitter_s: float) -> None:
    rng = np.random.default_rng(11)
    off = []
    for seed in range(6):
        told = found(seen(rng.normal(0.0, jitter_s, 400), seed=seed))
        assert told.is_seen
        assert told.jitter_s == pytest.approx(jitter_s, rel=0.3)
        assert told.jitter_s < told.at_most_s < told.jitter_s + 3.5 * told.standard_uncertainty_s
        off.append((told.jitter_s - jitter_s) / told.standard_uncertainty_s)
    assert np.max(np.abs(off)) < 3.0
    assert abs(np.mean(off)) < 1.3


def test_refreshes_without_jitter_have_none_that_is_seen() -> None:
    told = found(seen(np.zeros(400)))
    assert not told.is_seen
    assert told.at_most_s < 0.002


def test_what_is_surely_not_exceeded_is_that_in_all_but_a_few_runs() -> None:
    rng = np.random.default_rng(5)
    within = [found(seen(rng.normal(0.0, 0.01, 100), seed=seed)).at_most_s >= 0.01 for seed in range(30)]
    assert np.mean(within) >= 0.9


def test_what_the_way_of_a_poll_scatters_is_not_the_refreshs() -> None:
    rng = np.random.default_rng(12)
    brackets = seen(rng.normal(0.0, 0.006, 600), read_late_s=0.008)
    assert found(brackets).jitter_s == pytest.approx(0.010, rel=0.15)
    assert found(brackets, latency_sd_s=0.016).jitter_s == pytest.approx(0.006, rel=0.3)


def test_a_common_shift_of_the_phase_is_no_jitter() -> None:
    rng = np.random.default_rng(13)
    late_s = rng.normal(0.0, 0.005, 400)
    shifted = 0.002  # 1.3 of its standard uncertainties, 30 ms/sqrt(400)
    assert found(seen(late_s + shifted)).jitter_s == pytest.approx(found(seen(late_s)).jitter_s, rel=0.1)


def test_seven_refreshes_are_too_few() -> None:
    rng = np.random.default_rng(14)
    late_s = rng.normal(0.0, 0.01, 8)
    assert refresh_jitter(seen(late_s), CLOCK, 0.0) is not None
    assert refresh_jitter(seen(late_s[:7]), CLOCK, 0.0) is None


def test_one_refresh_that_a_stalled_poll_told_late_does_not_decide_alone() -> None:
    rng = np.random.default_rng(15)
    late_s = rng.normal(0.0, 0.005, 400)
    with_one = late_s.copy()
    with_one[200] = 0.2
    assert found(seen(with_one)).jitter_s < 2.0 * found(seen(late_s)).jitter_s


def test_two_registers_changes_of_one_refresh_count_once() -> None:
    rng = np.random.default_rng(16)
    once = seen(rng.normal(0.0, 0.01, 200))
    assert found(once.merged(once)) == found(once)


def test_twice_its_uncertainty_is_seen() -> None:
    assert RefreshJitter(0.0201, 0.01, 0.04).is_seen
    assert not RefreshJitter(0.02, 0.01, 0.04).is_seen


def posterior(
    brackets: Brackets, halfway_u_s: float, most_s: float, shift_u_s: float
) -> tuple[float, float, float]:
    """Mean, standard deviation and 97.5 % of the jitter by Bayes: flat in s up to most_s and in the shift over +-3 u;
    summed on a grid of its own, one refresh after the other."""
    normal = np.vectorize(lambda x: 0.5 * (1.0 + erf(x / 2.0**0.5)))
    s, d = np.meshgrid(np.linspace(1e-5, most_s, 200), shift_u_s * np.linspace(-3.0, 3.0, 13), indexing="ij")
    total = np.sqrt(s**2 + halfway_u_s**2)
    log = np.zeros_like(s)
    for before_s, after_s in zip(brackets.before_s, brackets.after_s, strict=True):
        instant_s = 0.2 + round((before_s + after_s) / 2.0 - 0.2)
        inside = normal((after_s - instant_s - d) / total) - normal((before_s - instant_s - d) / total)
        log += np.log(np.maximum(inside, 1e-9))
    weight = np.exp(log - log.max()).sum(axis=1)
    weight /= weight.sum()
    mean_s = float(weight @ s[:, 0])
    spread_s = float(np.sqrt(weight @ s[:, 0] ** 2 - mean_s**2))
    return mean_s, spread_s, float(s[np.searchsorted(np.cumsum(weight), 0.975), 0])


@pytest.mark.parametrize(
    ("jitter_s", "refreshes", "latency_sd_s", "most_s"),
    [(0.015, 40, 0.0, 0.05), (0.004, 60, 0.012, 0.025), (0.0, 30, 0.0, 0.05), (0.04, 12, 0.02, 0.12)],
)
def test_what_is_said_of_the_jitter_is_what_bayes_says(
    jitter_s: float, refreshes: int, latency_sd_s: float, most_s: float
) -> None:
    rng = np.random.default_rng(21)
    brackets = seen(rng.normal(0.0, jitter_s, refreshes), read_late_s=0.5 * latency_sd_s)
    clock = replace(CLOCK, residual_s=0.04)
    told = refresh_jitter(brackets, clock, latency_sd_s)
    assert told is not None
    mean_s, spread_s, at_most_s = posterior(brackets, 0.5 * latency_sd_s, most_s, 0.04 / refreshes**0.5)
    assert told.jitter_s == pytest.approx(mean_s, abs=0.05 * spread_s)
    assert told.standard_uncertainty_s == pytest.approx(spread_s, rel=0.03)
    assert told.at_most_s == pytest.approx(at_most_s, abs=0.2 * spread_s)


def test_the_jitter_is_told_in_the_unit_of_the_clock() -> None:
    """All times three times as long."""
    rng = np.random.default_rng(22)
    once = seen(rng.normal(0.0, 0.02, 50))
    thrice = Brackets(*(3.0 * part for part in (once.earliest_s, once.before_s, once.after_s, once.latest_s)))
    clock = replace(CLOCK, phase_s=0.6, period_s=3.0, residual_s=0.09)
    told, tripled = refresh_jitter(once, CLOCK, 0.01), refresh_jitter(thrice, clock, 0.03)
    assert told is not None
    assert tripled is not None
    assert tripled.jitter_s == pytest.approx(3.0 * told.jitter_s, rel=0.01)
    assert tripled.standard_uncertainty_s == pytest.approx(3.0 * told.standard_uncertainty_s, rel=0.02)
    assert tripled.at_most_s == pytest.approx(3.0 * told.at_most_s, rel=0.02)


def test_refreshes_that_come_at_any_time_jitter_by_as_much_as_a_uniform_one() -> None:
    """Anywhere in their interval: T/sqrt(12), 0.29 T, and more than 0.3 T is never said."""
    rng = np.random.default_rng(23)
    told = found(seen(rng.uniform(-0.5, 0.5, 300), poll_s=0.02))
    assert told.jitter_s == pytest.approx(0.29, abs=0.012)
    assert told.at_most_s <= 0.3 * 1.2
