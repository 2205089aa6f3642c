"""Who gets in: by an invitation once and in time, by a cookie while the visit lasts, by a link until it is revoked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.casework.stories import (
    OFFICE,
    VERIFIER,
    Clock,
    after_test,
    applied,
    explained,
    opened,
    planned,
    received,
)
from web.casework import cases, history
from web.casework.invitations import (
    MOST_LINKS,
    accept,
    case_of_link,
    end_visits,
    invite,
    links,
    result_link,
    revoke,
    visit_of,
)
from web.casework.model import CUSTOMER
from web.casework.refused import Refused
from web.casework.store import Casework


def refusal(cw: Casework) -> tuple[str, str, str | None]:
    last = history.refusals(cw)[0]
    return last.who, last.key, last.case_id


def test_a_token_opens_its_case_once(cw: Casework) -> None:
    case_id = planned(cw).id
    token = invite(cw, case_id, OFFICE)
    cookie, visit = accept(cw, token)
    assert visit.case_id == case_id
    assert visit_of(cw, cookie) == visit
    with pytest.raises(Refused) as refused:
        accept(cw, token)
    assert refused.value.key == "token_used"
    assert refusal(cw) == (CUSTOMER, "token_used", case_id)
    assert visit_of(cw, cookie) == visit


def test_a_token_lasts_ten_minutes(cw: Casework, clock: Clock) -> None:
    case_id = planned(cw).id
    early, late = invite(cw, case_id, OFFICE), invite(cw, case_id, OFFICE)
    clock.move(seconds=599)
    accept(cw, early)
    clock.move(seconds=1)
    with pytest.raises(Refused) as refused:
        accept(cw, late)
    assert refused.value.key == "token_expired"
    assert refusal(cw) == (CUSTOMER, "token_expired", case_id)


@pytest.mark.parametrize("token", ["", "x", "\ud800", "A" * 1_000_000, "../../etc/passwd", "' OR 1=1 --"])
def test_a_token_that_nobody_gave_opens_nothing(cw: Casework, token: str) -> None:
    invite(cw, planned(cw).id, OFFICE)
    with pytest.raises(Refused) as refused:
        accept(cw, token)
    assert refused.value.key == "token_unknown"
    assert refusal(cw) == (CUSTOMER, "token_unknown", None)
    with pytest.raises(Refused) as refused:
        case_of_link(cw, token)
    assert refused.value.key == "link_unknown"
    assert visit_of(cw, token) is None


def test_a_token_has_at_least_128_bits_and_is_not_in_the_file(cw: Casework, folder: Path) -> None:
    case_id = after_test(cw).id
    token = invite(cw, case_id, OFFICE)
    cookie, _ = accept(cw, invite(cw, case_id, OFFICE))
    link = result_link(cw, case_id, OFFICE)
    kept = (folder / "casework.sqlite").read_bytes()
    for secret in (token, cookie, link):
        assert len(secret) * 6 >= 128
        assert secret.encode() not in kept
    assert len({token, cookie, link}) == 3


def test_a_visit_ends_after_twelve_hours(cw: Casework, clock: Clock) -> None:
    cookie, visit = accept(cw, invite(cw, planned(cw).id, OFFICE))
    clock.move(hours=12, seconds=-1)
    assert visit_of(cw, cookie) == visit
    clock.move(seconds=1)
    assert visit_of(cw, cookie) is None


@pytest.mark.parametrize(("back", "is_in"), [({"hours": 1}, True), ({"days": 20_000}, False)])
def test_a_start_without_a_clock_opens_nothing_again_and_an_hour_back_shuts_nobody_out(
    cw: Casework, clock: Clock, back: dict[str, float], is_in: bool
) -> None:
    """20,000 days before is in the year 1972."""
    case_id = after_test(cw).id
    token, link = invite(cw, case_id, OFFICE), result_link(cw, case_id, OFFICE)
    cookie, _ = accept(cw, invite(cw, case_id, OFFICE))
    clock.move(**{name: -value for name, value in back.items()})
    assert (visit_of(cw, cookie) is not None) == is_in
    if is_in:
        accept(cw, token)
        assert case_of_link(cw, link) == case_id
    else:
        with pytest.raises(Refused) as refused:
            accept(cw, token)
        assert refused.value.key == "token_expired"
        with pytest.raises(Refused) as refused:
            case_of_link(cw, link)
        assert refused.value.key == "link_expired"
    clock.move(**back)
    assert visit_of(cw, cookie) is not None
    assert case_of_link(cw, link) == case_id


def test_a_visit_ends_when_somebody_ends_it_and_so_does_what_was_not_used(cw: Casework) -> None:
    case_id, other_id = planned(cw).id, planned(cw, "B-2", "P4", "P5").id
    cookie, _ = accept(cw, invite(cw, case_id, OFFICE))
    other_cookie, other = accept(cw, invite(cw, other_id, OFFICE))
    unused = invite(cw, case_id, OFFICE)
    end_visits(cw, case_id, VERIFIER)
    assert visit_of(cw, cookie) is None
    assert visit_of(cw, other_cookie) == other
    with pytest.raises(Refused, match="token_used"):
        accept(cw, unused)


def test_a_visit_lasts_over_the_explanation_and_ends_when_the_case_is_closed(cw: Casework) -> None:
    case_id = after_test(cw).id
    cookie, visit = accept(cw, invite(cw, case_id, OFFICE))
    unused = invite(cw, case_id, OFFICE)
    assert visit_of(cw, cookie) == visit
    cases.explain(cw, case_id, VERIFIER)
    assert visit_of(cw, cookie) == visit, "certificate, signature and opinion come after it"
    cases.close(cw, case_id, "all is said", OFFICE)
    assert visit_of(cw, cookie) is None
    with pytest.raises(Refused, match="no_visit_now"):
        accept(cw, unused)
    with pytest.raises(Refused, match="no_visit_now"):
        invite(cw, case_id, OFFICE)


def test_nobody_is_invited_to_what_is_not_planned_or_not_there(cw: Casework) -> None:
    with pytest.raises(Refused, match="no_visit_now"):
        invite(cw, applied(cw).id, OFFICE)
    with pytest.raises(Refused, match="no_such_case"):
        invite(cw, "C2026-0099", OFFICE)


def test_a_token_is_told_from_an_unknown_one_for_a_day(cw: Casework, clock: Clock) -> None:
    case_id = planned(cw).id
    token = invite(cw, case_id, OFFICE)
    accept(cw, token)
    clock.move(hours=23)
    accept(cw, invite(cw, case_id, OFFICE))
    with pytest.raises(Refused, match="token_used"):
        accept(cw, token)
    clock.move(hours=2)
    invite(cw, case_id, OFFICE)
    with pytest.raises(Refused, match="token_unknown"):
        accept(cw, token)


def test_a_result_link_opens_its_case_until_it_is_revoked(cw: Casework) -> None:
    case_id = explained(cw).id
    mine, aunts = result_link(cw, case_id, OFFICE), result_link(cw, case_id, OFFICE)
    assert case_of_link(cw, mine) == case_of_link(cw, aunts) == case_id
    revoke(cw, case_id, OFFICE, links(cw, case_id)[1].id)
    assert case_of_link(cw, mine) == case_id
    with pytest.raises(Refused, match="link_revoked"):
        case_of_link(cw, aunts)
    assert refusal(cw) == (CUSTOMER, "link_revoked", case_id)
    third = result_link(cw, case_id, OFFICE)
    revoke(cw, case_id, OFFICE)
    for token in (mine, aunts, third):
        with pytest.raises(Refused, match="link_revoked"):
            case_of_link(cw, token)


def test_a_link_is_revoked_by_its_own_case_alone(cw: Casework) -> None:
    case_id, other_id = explained(cw).id, planned(cw, "B-2", "P4", "P5").id
    token = result_link(cw, case_id, OFFICE)
    revoke(cw, other_id, OFFICE, links(cw, case_id)[0].id)
    assert case_of_link(cw, token) == case_id


def test_a_result_link_lasts_until_the_follow_up_is_over(cw: Casework, clock: Clock) -> None:
    case_id = explained(cw).id
    token = result_link(cw, case_id, OFFICE)
    clock.move(days=399)
    assert case_of_link(cw, token) == case_id
    clock.move(days=1)
    with pytest.raises(Refused, match="link_expired"):
        case_of_link(cw, token)


def test_there_are_so_many_links_and_only_with_a_result(cw: Casework) -> None:
    with pytest.raises(Refused, match="not_tested_yet"):
        result_link(cw, received(cw, "B-2", "P4", "P5").id, OFFICE)
    case_id = explained(cw).id
    for _ in range(MOST_LINKS):
        result_link(cw, case_id, OFFICE)
    with pytest.raises(Refused, match="links_many"):
        result_link(cw, case_id, OFFICE)
    revoke(cw, case_id, OFFICE)
    result_link(cw, case_id, OFFICE)


def test_the_history_says_who_was_let_in_and_by_whom(cw: Casework) -> None:
    case_id = planned(cw).id
    accept(cw, invite(cw, case_id, OFFICE))
    end_visits(cw, case_id, VERIFIER)
    said = [(entry.who, entry.act) for entry in history.history(cw, case_id)][-3:]
    assert said == [(OFFICE, "invite"), (CUSTOMER, "join"), (VERIFIER, "end_visits")]


def test_of_many_who_show_the_same_token_at_once_one_gets_in(
    cw: Casework, folder: Path, clock: Clock
) -> None:
    """Threads of one web, and another process's file at the same time."""
    token = invite(cw, planned(cw).id, OFFICE)

    def try_it(which: Casework) -> str:
        try:
            return accept(which, token)[0]
        except Refused as refused:
            return refused.key

    with closing(opened(folder, clock)) as other, ThreadPoolExecutor(8) as threads:
        got = list(threads.map(try_it, [cw, other] * 8))
    assert got.count("token_used") == 15
    assert sum(visit_of(cw, cookie) is not None for cookie in got) == 1


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["invite", "join", "end", "wait", "forge"]), st.integers(0, 2)), max_size=25
    )
)
def test_no_token_and_no_cookie_of_one_case_opens_another(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int]]
) -> None:
    clock = Clock()
    cw = opened(tmp_path_factory.mktemp("cw"), clock)
    ids = [planned(cw, f"M-{n}", f"P{2 * n + 2}", f"P{2 * n + 3}").id for n in range(3)]
    tokens: list[tuple[str, str]] = []
    cookies: list[tuple[str, str]] = []
    used: set[str] = set()
    for act, which in acts:
        match act:
            case "invite":
                tokens.append((ids[which], invite(cw, ids[which], OFFICE)))
            case "join" if tokens:
                case_id, token = tokens[which % len(tokens)]
                try:
                    cookie, visit = accept(cw, token)
                except Refused:
                    pass
                else:
                    assert token not in used
                    assert visit.case_id == case_id
                    cookies.append((case_id, cookie))
                used.add(token)
            case "end":
                end_visits(cw, ids[which], OFFICE)
            case "wait":
                clock.move(seconds=400)
            case "forge" if tokens:
                with pytest.raises(Refused, match="token_unknown"):
                    accept(cw, tokens[which % len(tokens)][1][:-1])
        for case_id, cookie in cookies:
            visit_now = visit_of(cw, cookie)
            assert visit_now is None or visit_now.case_id == case_id
        assert all(visit_of(cw, token) is None for _, token in tokens)
    cw.close()
