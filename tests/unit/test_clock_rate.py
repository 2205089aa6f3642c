"""The rate of the bench clock from a pulse each second: against simulated truth, and an independent line through it."""

from __future__ import annotations

from statistics import linear_regression

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.clock_rate import SHORTEST_S, ClockRate, clock_rate
from calibration.quantities import NS_PER_S

START_NS = 7_123_456_789_012


def stamps(
    rate_ppm: float, seconds: int, rng: np.random.Generator, *, tail: float = 0.02, drift_ppm: float = 0.0
) -> np.ndarray:
    """Of a clock that is fast by rate_ppm (and drift_ppm more at the end): late by 5 us or more, never early."""
    true_s = np.arange(seconds + 1.0)
    clock_s = true_s * (1.0 + rate_ppm * 1e-6) + 0.5 * drift_ppm * 1e-6 * true_s**2 / max(seconds, 1)
    late_s = 5e-6 + rng.exponential(3e-6, len(true_s))
    late_s += np.where(rng.uniform(size=len(true_s)) < tail, rng.exponential(60e-6, len(true_s)), 0.0)
    return START_NS + np.rint((clock_s + late_s) * NS_PER_S).astype(np.int64)


def rate_of(stamp_ns: np.ndarray) -> ClockRate:
    found = clock_rate(stamp_ns)
    assert found is not None
    return found


@pytest.mark.parametrize("rate_ppm", [0.0, 3.7, -48.0, 480.0])
@pytest.mark.parametrize("seconds", [60, 600, 3600])
def test_the_true_rate_is_found_within_what_the_span_allows(rate_ppm: float, seconds: int) -> None:
    found = rate_of(stamps(rate_ppm, seconds, np.random.default_rng(seconds)))
    assert found.rate_ppm == pytest.approx(rate_ppm, abs=40.0 / seconds**1.5 * 5)
    assert (found.seconds, found.pulses, found.missing, found.foreign) == (seconds, seconds + 1, 0, 0)
    assert found.expanded_uncertainty_ppm < {60: 0.6, 600: 0.03, 3600: 0.002}[seconds]


def test_the_interval_holds_the_truth_in_at_least_95_of_100() -> None:
    rng = np.random.default_rng(20261126)
    held = 0
    for _ in range(400):
        true_ppm = float(rng.uniform(-60, 60))
        found = rate_of(stamps(true_ppm, int(rng.integers(60, 700)), rng, tail=float(rng.uniform(0, 0.1))))
        held += abs(found.rate_ppm - true_ppm) <= found.expanded_uncertainty_ppm
    assert held / 400 > 0.93  # 95.45 % less three standard errors of 400 trials


def test_a_steady_clock_is_a_straight_line() -> None:
    """Against least squares of the standard library, where nothing is late by much."""
    rng = np.random.default_rng(5)
    true_s = np.arange(601.0)
    stamp_ns = START_NS + np.rint((true_s * (1 + 12.5e-6) + rng.normal(0, 3e-6, 601)) * NS_PER_S).astype(
        np.int64
    )
    slope = linear_regression(true_s.tolist(), ((stamp_ns - START_NS) / NS_PER_S).tolist()).slope
    assert rate_of(stamp_ns).rate_ppm == pytest.approx((slope - 1.0) * 1e6, abs=0.01)


@given(st.data())
def test_missing_and_foreign_pulses_change_little(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    whole = stamps(20.0, 300, rng)
    gone = data.draw(st.sets(st.integers(0, 300), max_size=60))
    kept = np.array([stamp for k, stamp in enumerate(whole.tolist()) if k not in gone])
    foreign = rng.integers(whole[0], whole[-1], data.draw(st.integers(0, 30)))
    # Noise may also come before the first pulse.
    early = whole[0] - rng.integers(10**8, 9 * 10**8, data.draw(st.integers(0, 2)))
    found = rate_of(np.sort(np.concatenate((early, kept, foreign))))
    assert found.rate_ppm == pytest.approx(20.0, abs=0.5)
    # A foreign pulse may by chance lie on a second whose own is missing.
    assert found.foreign >= len(foreign) + len(early) - 3
    assert abs(found.missing - len(gone)) <= 3 + len({0, 300} & gone) + 60 * (
        {299, 300} <= gone or {0, 1} <= gone
    )


@pytest.mark.parametrize("outlier_s", [0.0004, 0.3])
def test_a_pulse_that_was_served_late_is_passed_over(outlier_s: float) -> None:
    stamp_ns = stamps(-7.0, 300, np.random.default_rng(3), tail=0.0)
    before = rate_of(stamp_ns)
    stamp_ns[100] += round(outlier_s * NS_PER_S)  # in one pair alone: at the middle two would cancel
    after = rate_of(stamp_ns)
    assert after.rate_ppm == pytest.approx(before.rate_ppm, abs=0.005)
    assert after.foreign == (outlier_s > 0.001)


def test_where_the_quarters_agree_the_scatter_of_the_pairs_is_left() -> None:
    """Every other stamp 10 us late: pairs 151 pulses apart are off by +-0.0662 ppm, 76 of them each way."""
    late_s = np.where(np.arange(303) % 2, 10e-6, 0.0)
    found = rate_of(np.rint((np.arange(303.0) + late_s) * NS_PER_S).astype(np.int64))
    assert found.rate_ppm == pytest.approx(0.0, abs=1e-6)
    assert found.departure_ppm == pytest.approx(0.0, abs=1e-6)
    by_hand_ppm = 2.0 * 1.2533 * (10.0 / 151.0) / 152**0.5
    assert found.expanded_uncertainty_ppm == pytest.approx(by_hand_ppm, rel=1e-3)


def test_a_clock_that_is_slewed_meanwhile_is_told_and_is_no_better_known_than_it_moves() -> None:
    steady = rate_of(stamps(5.0, 600, np.random.default_rng(2)))
    slewed = rate_of(stamps(5.0, 600, np.random.default_rng(2), drift_ppm=100.0))
    assert steady.departure_ppm < 1.0
    assert slewed.departure_ppm == pytest.approx(
        37.5, abs=1.0
    )  # the last quarter is at 92.5, the whole at 55
    assert slewed.expanded_uncertainty_ppm > 20.0


def test_a_gap_is_told_with_its_length() -> None:
    stamp_ns = stamps(0.0, 300, np.random.default_rng(2))
    found = rate_of(np.delete(stamp_ns, slice(100, 130)))
    assert (found.longest_gap_s, found.missing) == (31, 30)


@pytest.mark.parametrize("seconds", [0, 1, SHORTEST_S - 1])
def test_a_short_span_says_nothing(seconds: int) -> None:
    assert clock_rate(stamps(0.0, seconds, np.random.default_rng(1))) is None
    assert clock_rate(np.empty(0, np.int64)) is None


def test_pulses_of_another_rate_are_no_seconds() -> None:
    assert clock_rate(START_NS + np.arange(2000) * 70_000_000) is None
    assert clock_rate(START_NS + np.arange(200) * 1_003_000_000) is None
