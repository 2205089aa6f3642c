"""Sessions end, their tokens are nowhere, and nobody tries passwords faster than the throttle lets him."""

from __future__ import annotations

import pickle

import pytest

from bench.control.asking import SignedIn
from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.control.sessions import IDLE_S, LONGEST_S, MOST_OF_A_PERSON, Sessions, Throttle

STAFF = SignedIn("P2", ("verifier",), "李伟", "Li Wei", 0)


def is_signed_in(sessions: Sessions, token: str, now_s: float) -> bool:
    try:
        return sessions.use(token, now_s)[0].person == "P2"
    except RefusedByRuleError as error:
        return error.reason is not Refusal.SESSION_EXPIRED


def test_a_session_that_is_not_used_ends_after_half_an_hour() -> None:
    sessions = Sessions()
    token, staff = sessions.begin(STAFF, "mark", 0.0)
    assert staff.ends_in_s == IDLE_S
    assert is_signed_in(sessions, token, IDLE_S - 1.0)
    assert is_signed_in(sessions, token, 2 * IDLE_S - 2.0), "it was used meanwhile"
    assert not is_signed_in(sessions, token, 3 * IDLE_S)
    assert not is_signed_in(sessions, token, 0.0), "what has ended stays ended"


def test_a_session_that_is_used_all_the_time_ends_after_half_a_day() -> None:
    sessions = Sessions()
    token, _ = sessions.begin(STAFF, "mark", 0.0)
    for minute in range(0, round(LONGEST_S / 60), 10):
        assert is_signed_in(sessions, token, minute * 60.0)
    staff, mark = sessions.use(token, LONGEST_S - 1.0)
    assert (staff.ends_in_s, mark) == (1, "mark")
    assert not is_signed_in(sessions, token, LONGEST_S)


def test_who_signs_out_is_out_and_nobody_else() -> None:
    sessions = Sessions()
    (first, _), (second, _) = sessions.begin(STAFF, "", 0.0), sessions.begin(STAFF, "", 0.0)
    assert first != second
    sessions.end(first)
    sessions.end(first)
    sessions.end("no token")
    assert not is_signed_in(sessions, first, 1.0)
    assert is_signed_in(sessions, second, 1.0)


@pytest.mark.parametrize("token", ["", "x" * 43, "\ud800", "a" * 1_000_000])
def test_what_is_no_token_signs_nobody_in(token: str) -> None:
    sessions = Sessions()
    sessions.begin(STAFF, "", 0.0)
    assert not is_signed_in(sessions, token, 1.0)


def test_no_token_is_kept() -> None:
    sessions = Sessions()
    token, _ = sessions.begin(STAFF, "", 0.0)
    assert len(token) >= 43
    assert token.encode() not in pickle.dumps(sessions._kept)


def test_of_too_many_sessions_of_a_person_the_one_that_was_not_used_goes() -> None:
    sessions = Sessions()
    other, _ = sessions.begin(SignedIn("P3", (), "", "", 0), "", 0.0)
    tokens = [sessions.begin(STAFF, "", float(number))[0] for number in range(MOST_OF_A_PERSON)]
    assert is_signed_in(sessions, tokens[0], 100.0)
    sessions.begin(STAFF, "", 101.0)
    kept = [is_signed_in(sessions, token, 102.0) for token in tokens]
    assert kept == [True, False] + [True] * (MOST_OF_A_PERSON - 2)
    assert sessions.use(other, 103.0)[0].person == "P3"


def test_thirty_tries_a_minute_are_all() -> None:
    throttle = Throttle()
    for number in range(30):
        throttle.take(number)
    with pytest.raises(RefusedByRuleError, match="try again in 30 s") as error:
        throttle.take(30.0)
    assert error.value.reason is Refusal.TOO_MANY_TRIES
    throttle.take(60.0)
    with pytest.raises(RefusedByRuleError, match="try again in 1 s"):
        throttle.take(60.5)
    throttle.take(61.0)
