"""The watch of the loops: late is silent, a turn is a sign of life, and who announces an absence has it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.safety.liveness import Liveness
from calibration.quantities import NS_PER_S


def test_each_has_its_own_time_from_its_last_turn() -> None:
    liveness = Liveness({"edges": 1.0, "reference": 3.0}, 0)
    assert not liveness.silent(NS_PER_S)
    assert liveness.silent(NS_PER_S + 1) == ("edges",)
    liveness.turned("edges", 2 * NS_PER_S)
    assert liveness.silent(3 * NS_PER_S) == ()
    assert liveness.silent(3 * NS_PER_S + 1) == ("edges", "reference")


def test_an_announced_absence_is_allowed_once() -> None:
    liveness = Liveness({"runner": 1.0}, 0)
    liveness.turned("runner", 0, away_s=60.0)
    assert not liveness.silent(61 * NS_PER_S)
    liveness.turned("runner", 10 * NS_PER_S)
    assert liveness.silent(12 * NS_PER_S)


def test_who_is_not_watched_changes_nothing() -> None:
    liveness = Liveness({"edges": 1.0}, 0)
    liveness.turned("control", 5 * NS_PER_S)
    assert liveness.silent(2 * NS_PER_S) == ("edges",)


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 10**10)), max_size=20),
    st.integers(0, 2 * 10**10),
)
def test_it_turns_where_everybody_has_turned_within_its_time(
    turns: list[tuple[str, int]], now_ns: int
) -> None:
    within_ns = {"a": NS_PER_S, "b": 2 * NS_PER_S}
    liveness = Liveness({"a": 1.0, "b": 2.0}, 0)
    last = {"a": 0, "b": 0}
    for name, at_ns in sorted(turns, key=lambda turn: turn[1]):
        liveness.turned(name, at_ns)
        last[name] = at_ns
    assert (not liveness.silent(now_ns)) == all(now_ns - last[n] <= within_ns[n] for n in last)
