"""Combinations of fixed loads, against every subset written out."""

from __future__ import annotations

from itertools import chain
from itertools import combinations as subsets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.fixed_loads import FixedLoad, combinations, nearest, neighbours

LOADS = st.lists(
    st.builds(FixedLoad, st.floats(0.1, 60.0), st.sampled_from([1.0, 0.5]), st.sampled_from(["", "L"])),
    max_size=6,
)


@given(LOADS, st.floats(0.05, 100.0))
def test_the_nearest_is_as_near_as_any_subset(bank: list[FixedLoad], wanted_A: float) -> None:
    same = [i for i, load in enumerate(bank) if load.power_factor == 1.0 and load.phase_side == ""]
    sums = [
        sum(bank[i].current_A for i in chosen)
        for chosen in chain.from_iterable(subsets(same, n) for n in range(len(same) + 1))
    ]
    made = combinations(bank, 1.0, "")
    assert [c.current_A for c in made] == pytest.approx(sorted(sums))
    best = nearest(made, wanted_A)
    assert abs(best.current_A - wanted_A) <= min(abs(s - wanted_A) for s in sums) + 1e-8
    assert best.current_A == pytest.approx(sum(bank[i].current_A for i in best.loads))


def test_loads_of_another_angle_do_not_add_up() -> None:
    bank = [FixedLoad(5.0), FixedLoad(5.0, 0.5, "L"), FixedLoad(5.0, 0.5, "C")]
    assert [c.current_A for c in combinations(bank, 0.5, "L")] == [0.0, 5.0]


def test_of_equal_currents_the_one_with_fewer_switches_is_taken() -> None:
    bank = [FixedLoad(5.0), FixedLoad(5.0), FixedLoad(10.0)]
    assert nearest(combinations(bank, 1.0, ""), 10.0).loads == (2,)


def test_the_neighbours_are_the_next_below_and_above() -> None:
    made = combinations([FixedLoad(2.0), FixedLoad(5.0)], 1.0, "")
    assert [c.current_A for c in neighbours(made, 6.0)] == [5.0, 7.0]
    assert [c.current_A for c in neighbours(made, 1.0)] == [2.0]
    assert neighbours(combinations([], 1.0, ""), 1.0) == ()
