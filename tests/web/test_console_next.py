"""Which one action is large on the console: the table, row by row, and that no situation is left without one."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from tests.web import canned, canned_verification
from web.staff.next_act import WAITS, Act, Bench, Reader, Second, Situation, bench_of, next_act, second_acts

MINE = Situation("ready", Reader.VERIFIER, Bench.FREE, "assigned", open_checks=3)
READY = replace(MINE, open_checks=0)
BEGUN = replace(READY, measuring="begun")
TESTING = replace(BEGUN, case_state="testing")
TESTED = replace(TESTING, case_state="tested", bench=Bench.ENDED, verdict="PASS")
EXPLAINED = replace(TESTED, case_state="explained")


@pytest.mark.parametrize(("situation", "act"), [
    (replace(MINE, case_state="applied"), Act.AWAIT_PLAN),
    (replace(MINE, case_state="planned"), Act.RECEIVE),
    (replace(MINE, case_state="planned", bench=Bench.AWAY), Act.RECEIVE),
    (MINE, Act.CHECKLIST),
    (replace(MINE, bench=Bench.AWAY), Act.CHECKLIST),
    (READY, Act.BEGIN),
    (replace(READY, measuring=None), Act.BEGIN),
    (replace(READY, bench=Bench.OTHERS), Act.BEGIN),
    (replace(READY, bench=Bench.AWAY), Act.BENCH_AWAY),
    (BEGUN, Act.START),
    (replace(BEGUN, bench=Bench.OTHERS), Act.BENCH_BUSY),
    (replace(BEGUN, bench=Bench.PRESS_START), Act.PRESS_START),
    (replace(TESTING, bench=Bench.PRESS_START), Act.PRESS_START),
    (replace(TESTING, bench=Bench.NOT_SAFE), Act.CLEAR_THE_WAY),
    (replace(TESTING, bench=Bench.SET_LOAD), Act.SET_LOAD),
    (replace(TESTING, bench=Bench.ASKS), Act.ANSWER),
    (replace(TESTING, bench=Bench.RUNS), Act.WATCH),
    (replace(TESTING, bench=Bench.AWAY), Act.BENCH_AWAY),
    (replace(TESTING, bench=Bench.ENDED), Act.RECORDING),
    (replace(TESTED, verdict="INVALID"), Act.REPEAT),
    (TESTED, Act.EXPLAIN),
    (replace(TESTED, verdict="FAIL"), Act.EXPLAIN),
    (EXPLAINED, Act.DRAFT),
    (replace(EXPLAINED, verdict="UNJUDGED"), Act.END),
    (replace(EXPLAINED, missing=("verifier", "checker")), Act.SIGN),
    (replace(EXPLAINED, missing=("checker",)), Act.AWAIT_CHECKER),
    (replace(EXPLAINED, missing=("checker",), reader=Reader.CHECKER), Act.CHECK),
    (replace(EXPLAINED, missing=("verifier", "checker"), reader=Reader.CHECKER), Act.LOOK),
    (replace(EXPLAINED, certificate="2026-00001"), Act.END),
    (replace(BEGUN, reader=Reader.OTHER), Act.LOOK),
    (replace(BEGUN, reader=Reader.CHECKER), Act.LOOK),
    (replace(EXPLAINED, case_state="closed"), Act.SET_FREE),
    (replace(EXPLAINED, case_state="closed", measuring="ended"), Act.OVER),
    (replace(EXPLAINED, case_state="closed", reader=Reader.OTHER), Act.OVER),
    (replace(BEGUN, case_state="withdrawn"), Act.SET_FREE),
])  # fmt: skip
def test_each_situation_has_its_next_act(situation: Situation, act: Act) -> None:
    assert next_act(situation) is act


STATES = ("applied", "planned", "ready", "testing", "tested", "explained", "closed", "declined", "withdrawn")


def every_situation() -> list[Situation]:
    return [
        Situation(state, reader, bench, measuring, open_checks, verdict, missing)
        for state, reader, bench, measuring, open_checks, verdict, missing in product(
            STATES, Reader, Bench, (None, "assigned", "begun", "ended"), (0, 2), (None, "PASS", "INVALID"),
            (None, ("checker",), ("verifier", "checker")),
        )
    ]  # fmt: skip


def test_no_situation_is_without_an_act_and_no_start_with_an_open_check() -> None:
    for situation in every_situation():
        act = next_act(situation)
        if act is Act.START:
            assert situation.open_checks == 0
            assert situation.measuring == "begun"
            assert situation.bench not in (Bench.AWAY, Bench.OTHERS)
        if situation.reader is not Reader.VERIFIER:
            assert act in WAITS | {Act.CHECK}
            assert second_acts(situation) == ()


def test_a_run_can_be_stopped_only_while_it_is_under_way_and_a_case_handed_over_only_while_none_is() -> None:
    for situation in every_situation():
        seconds = second_acts(situation)
        assert (Second.STOP in seconds) <= situation.is_under_way
        assert (Second.HAND_OVER in seconds) <= (not situation.is_under_way)
        has_begun = situation.case_state == "ready" and situation.measuring == "begun"
        assert (Second.RELEASE in seconds) <= (has_begun and not situation.is_under_way)
        assert not {Second.POSTPONE, Second.RELEASE} <= set(seconds)
    assert Second.RELEASE in second_acts(replace(READY, measuring="begun"))
    assert Second.STOP in second_acts(replace(TESTING, bench=Bench.RUNS))
    assert Second.HAND_OVER in second_acts(READY)


@pytest.mark.parametrize(("state", "bench"), [
    (canned.idle, Bench.FREE), (canned.starting, Bench.RUNS), (canned.waiting_for_start, Bench.PRESS_START),
    (canned.cover_is_open, Bench.NOT_SAFE), (canned.waiting_for_load, Bench.SET_LOAD), (canned.measuring, Bench.RUNS),
    (canned_verification.asking, Bench.ASKS), (canned.finished_pass, Bench.ENDED), (canned.interrupted, Bench.ENDED),
])  # fmt: skip
def test_what_the_bench_does_for_a_case(state, bench: Bench) -> None:
    shown = state()
    if shown["run"] is not None:
        shown["run"]["case"] = "C2026-0001"
    assert bench_of(shown, True, "C2026-0001") is bench
    assert bench_of(shown, False, "C2026-0001") is Bench.AWAY
    assert bench_of(None, True, "C2026-0001") is Bench.AWAY
    others = Bench.FREE if bench in (Bench.FREE, Bench.ENDED) else Bench.OTHERS
    assert bench_of(shown, True, "C2026-0002") is others
