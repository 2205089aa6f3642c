"""The guard of the load source: refused unless armed, a trip that latches, and two threads that meet in it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import InstrumentError
from bench.safety.guarded_source import GuardedSource, LoadRefusedError
from calibration.load_points import LoadPoint
from calibration.quantities import Finding
from calibration.reasons import Reason
from tests.safety.support import LOAD

STOP = Finding(Reason.EMERGENCY_STOP_PRESSED)
COVER = Finding(Reason.COVER_OPENED)


class Source:
    """Knows whether its load is on, and everything that it was told."""

    def __init__(self) -> None:
        self.is_on = False
        self.told: list[str] = []
        self.failures = 0

    def apply(self, load_point: LoadPoint) -> None:
        self.told.append("apply")
        self.is_on = True

    def remove(self) -> None:
        if self.failures:
            self.failures -= 1
            raise InstrumentError("load source: no answer")
        self.told.append("remove")
        self.is_on = False

    def close(self) -> None:
        self.told.append("close")


def nothing() -> None:
    """Nobody is to be told."""


def guarded(source: Source) -> GuardedSource:
    return GuardedSource(source, nothing)


def test_nothing_is_commanded_that_nobody_has_armed() -> None:
    source = Source()
    guard = guarded(source)
    with pytest.raises(LoadRefusedError, match="nobody at the bench pressed start"):
        guard.apply(LOAD)
    assert source.told == []
    assert not guard.is_energised
    guard.arm()
    guard.apply(LOAD)
    guard.remove()
    guard.disarm()
    with pytest.raises(LoadRefusedError):
        guard.apply(LOAD)
    assert source.told == ["apply", "remove"]


def test_a_trip_takes_the_load_off_and_holds_until_somebody_arms_anew() -> None:
    source = Source()
    guard = guarded(source)
    guard.arm()
    guard.apply(LOAD)
    assert guard.is_fed
    guard.trip(STOP)
    guard.trip(COVER)
    assert (source.is_on, guard.is_energised, guard.is_fed) == (False, False, False)
    assert guard.tripped == STOP, "the first one is what ended the run"
    guard.arm()
    with pytest.raises(LoadRefusedError, match="emergency stop"):
        guard.apply(LOAD)
    guard.disarm()
    guard.arm()
    guard.apply(LOAD)
    assert source.told.count("apply") == 2


def test_a_source_that_does_not_obey_is_fed_no_more_and_may_still_be_on() -> None:
    source = Source()
    guard = guarded(source)
    guard.arm()
    guard.apply(LOAD)
    source.failures = 1
    with pytest.raises(InstrumentError, match="no answer"):
        guard.trip(STOP)
    assert (guard.is_energised, guard.is_fed) == (True, False)
    guard.disarm()
    assert (guard.is_energised, guard.is_fed) == (True, False), "also when the run has ended"
    guard.trip(STOP)
    assert (guard.is_energised, source.is_on) == (False, False)


def test_a_cover_between_two_loads_takes_the_permission_only() -> None:
    source = Source()
    guard = guarded(source)
    guard.arm()
    guard.interrupt(COVER)
    assert guard.tripped is None
    with pytest.raises(LoadRefusedError, match="the cover"):
        guard.apply(LOAD)
    guard.arm()
    guard.apply(LOAD)
    guard.interrupt(COVER)
    assert guard.tripped == COVER
    assert not source.is_on


def test_it_is_energised_before_the_command_and_announced_before_it() -> None:
    source = Source()
    seen: list[tuple[bool, bool]] = []
    guard = GuardedSource(source, lambda: seen.append((guard.is_energised, source.is_on)))
    guard.arm()
    guard.apply(LOAD)
    assert seen == [(True, False)]


@pytest.mark.parametrize("gives_up", [False, True])
def test_a_source_that_is_applying_hears_the_trip_at_once_and_ends_up_off(gives_up: bool) -> None:
    is_applying, was_told = threading.Event(), threading.Event()

    class Slow(Source):
        def apply(self, load_point: LoadPoint) -> None:
            is_applying.set()
            was_told.wait()
            if gives_up:
                raise InstrumentError("the load was taken away while it was being set")
            super().apply(load_point)

        def remove(self) -> None:
            super().remove()
            was_told.set()

    source = Slow()
    guard = guarded(source)
    guard.arm()
    with ThreadPoolExecutor(1) as runner:
        applied = runner.submit(guard.apply, LOAD)
        is_applying.wait()
        guard.trip(STOP)  # would wait for ever, were the removal behind the apply
        with pytest.raises(LoadRefusedError, match="emergency stop"):
            applied.result()
    assert source.told[-1] == "remove"
    assert (source.is_on, guard.is_energised) == (False, False)


class AskedLock:
    """The guard's lock, which tells when somebody asks for it."""

    def __init__(self, lock: Any, asked: threading.Event) -> None:
        self._lock, self._asked = lock, asked

    def acquire(self, timeout: float = -1) -> bool:
        self._asked.set()
        return bool(self._lock.acquire(timeout=timeout))

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *unused: object) -> None:
        self.release()


def test_a_load_may_be_on_until_the_apply_that_a_trip_met_is_over() -> None:
    """A source that hears nothing while it applies: live voltage stays lit until it has been told off after that."""
    is_applying, go_on, waits = threading.Event(), threading.Event(), threading.Event()

    class Deaf(Source):
        def apply(self, load_point: LoadPoint) -> None:
            is_applying.set()
            assert go_on.wait(10.0)
            super().apply(load_point)

    source = Deaf()
    guard = guarded(source)
    guard.arm()
    with ThreadPoolExecutor(2) as threads:
        applied = threads.submit(guard.apply, LOAD)
        assert is_applying.wait(10.0)
        guard._lock = AskedLock(guard._lock, waits)  # type: ignore[assignment]
        tripped = threads.submit(guard.trip, STOP)
        try:
            assert waits.wait(10.0)
            assert guard.is_energised
        finally:
            go_on.set()
        tripped.result()
        assert (source.is_on, guard.is_energised) == (False, False)
        with pytest.raises(LoadRefusedError):
            applied.result()


def test_a_removal_that_comes_a_moment_before_the_apply_keeps_the_load_from_coming_on() -> None:
    """The apply has looked for the mark and not yet reached its source, which counts removals from then on."""
    is_on_its_way, go_on = threading.Event(), threading.Event()

    class Counting(Source):
        removals = 0

        def apply(self, load_point: LoadPoint) -> None:
            is_on_its_way.set()
            assert go_on.wait(10.0)
            before = self.removals
            for _ in range(200):  # as long as writing the values takes
                if self.removals != before:
                    raise InstrumentError("the load was taken away while it was being set")
                is_told.wait(0.01)
                is_told.clear()
            super().apply(load_point)

        def remove(self) -> None:
            super().remove()
            self.removals += 1
            (is_told if go_on.is_set() else was_there).set()

    was_there, is_told = threading.Event(), threading.Event()
    source = Counting()
    guard = guarded(source)
    guard.arm()
    with ThreadPoolExecutor(2) as threads:
        applied = threads.submit(guard.apply, LOAD)
        assert is_on_its_way.wait(10.0)
        tripped = threads.submit(guard.trip, STOP)
        assert was_there.wait(10.0)
        go_on.set()
        tripped.result()
        with pytest.raises(LoadRefusedError, match="emergency stop"):
            applied.result()
    assert "apply" not in source.told


@pytest.mark.parametrize("how", ["trip", "interrupt"])
def test_whoever_comes_first_the_load_is_off_after_a_trip(how: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        for _ in range(300):
            source = Source()
            guard = guarded(source)
            guard.arm()
            barrier = threading.Barrier(2)

            def apply(guard: GuardedSource = guard, barrier: threading.Barrier = barrier) -> None:
                barrier.wait()
                guard.apply(LOAD)

            def trip(guard: GuardedSource = guard, barrier: threading.Barrier = barrier) -> None:
                barrier.wait()
                getattr(guard, how)(STOP)

            futures = threads.submit(apply), threads.submit(trip)
            errors = [future.exception() for future in futures]
            assert all(error is None or isinstance(error, LoadRefusedError) for error in errors)
            assert (source.is_on, guard.is_energised) == (False, False)
            with pytest.raises(LoadRefusedError):
                guard.apply(LOAD)


@given(
    st.lists(st.sampled_from(["arm", "disarm", "trip", "interrupt", "apply", "remove", "fail"]), max_size=30)
)
def test_a_load_is_on_only_where_it_is_said_to_be_and_fed_only_where_it_may_be(orders: list[str]) -> None:
    source = Source()
    guard = guarded(source)
    may = False
    for order in orders:
        try:
            match order:
                case "trip" | "interrupt":
                    may = False
                    getattr(guard, order)(STOP)
                case "apply":
                    before = source.is_on
                    guard.apply(LOAD)
                    assert may or before
                case "fail":
                    source.failures = 1
                case _:
                    if order in ("arm", "disarm"):
                        may = order == "arm" and guard.tripped is None
                    getattr(guard, order)()
        except InstrumentError:
            pass
        assert guard.is_energised or not source.is_on
        assert guard.is_energised or not guard.is_fed
        assert not (guard.is_fed and guard.tripped is not None)


def test_nothing_is_fed_before_the_load_was_announced() -> None:
    fed: list[bool] = []
    guard = GuardedSource(Source(), lambda: fed.append(guard.is_fed))
    guard.arm()
    guard.apply(LOAD)
    assert (fed, guard.is_fed) == ([False], True)
    guard.remove()
    assert not guard.is_fed


def test_a_load_that_is_kept_while_the_next_one_is_refused_is_still_on() -> None:
    """Commissioning steps from load to load; the second is tripped as it is announced, and the first is kept."""
    source = Source()
    guard = guarded(source)
    guard.arm()
    guard.apply(LOAD)

    def announced() -> None:
        source.failures = 1
        with pytest.raises(InstrumentError, match="no answer"):
            guard.trip(STOP)

    guard._announce = announced
    with pytest.raises(LoadRefusedError, match="emergency stop"):
        guard.apply(LOAD)
    assert source.is_on
    assert guard.is_energised
    guard.trip(STOP)
    assert (source.is_on, guard.is_energised) == (False, False)


def test_a_trip_that_is_late_says_nothing_of_the_load_of_the_next_run() -> None:
    source = Source()
    guard = guarded(source)
    guard.arm()
    guard.apply(LOAD)
    remove = source.remove

    def slowly() -> None:
        """Before the panel's loop comes back from here, the run has ended and the next one has begun."""
        source.remove = remove  # type: ignore[method-assign]
        remove()
        guard.remove()
        guard.disarm()
        guard.arm()
        guard.apply(LOAD)

    source.remove = slowly  # type: ignore[method-assign]
    guard.trip(STOP)
    assert source.is_on
    assert guard.is_energised
    assert guard.is_fed
