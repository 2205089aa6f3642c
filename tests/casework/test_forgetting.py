"""A customer is forgotten: no byte of a name, a word or a photo is left in the file, and the history still holds."""

from __future__ import annotations

import io
import random
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from tests.casework.stories import CHECKER, OFFICE, VERIFIER, Clock, plan_of, planned, tick_all
from web.casework import cases, follow_ups, history
from web.casework.agreements import Thing, consented
from web.casework.appeals import appeal
from web.casework.consent import consent
from web.casework.consumption import consumed, consumption
from web.casework.follow_ups import FollowUpKind
from web.casework.forgetting import DELETED, STAYS, forget
from web.casework.invitations import accept, case_of_link, invite, links, result_link, visit_of
from web.casework.model import CUSTOMER, Application, CaseState, Customer, Moment, Outcome
from web.casework.opinions import expectation, experience, opinions, satisfaction, satisfied
from web.casework.photos import PhotoKind, jpeg, keep, photos
from web.casework.questions import answer, ask, questions
from web.casework.refused import Refused
from web.casework.signatures import Signer, sign, signatures
from web.casework.store import Casework
from web.casework.strokes import as_text
from web.casework.trials import trial, trials
from web.service import hand_offs

DRAWN = (tuple((137 + 10 * n, 500 + n % 3) for n in range(20)),)
SAID = [
    "NAME-王小明", "ADDRESS-人民路", "PHONE-13800001111", "DOUBT-走得太快", "AREA-7", "QUESTION-为什么", "ANSWER-因为",
    "EXPECTS-准", "LEARNED-懂了", "UNCLEAR-费率", "FOLLOWED-正常", "REASON-办结", "98765.432", "77.7777", "13.37",
    "PLAN-NAME", "POSTPONED-病了", "HANDED-王家的账单", "RELEASED-先走了",
]  # fmt: skip


def noise(seed: int) -> bytes:
    into = io.BytesIO()
    pixels = random.Random(seed).randbytes(120 * 120 * 3)
    Image.frombytes("RGB", (120, 120), pixels).save(into, "PNG")
    return into.getvalue()


def whole_story(
    cw: Casework, clock: Clock, serial: str = "A-1", verifier: str = VERIFIER
) -> tuple[str, str, str]:
    """A case with everything that a customer can say; its cookie and its link."""
    customer = Customer(SAID[0], SAID[1], SAID[2])
    case_id = cases.apply(cw, Application(customer, SAID[3], serial, {}, SAID[4])).id
    planned_ = plan_of(serial, verifier, f"{verifier}c")
    cases.plan(cw, case_id, type(planned_)(**{**fields_of(planned_), "plan_toml": f'title = "{SAID[15]}"'}))
    hand_offs.hand_over(cw, case_id, "billing", None, SAID[17], OFFICE)
    cases.receive(cw, case_id, verifier)
    cases.postpone(cw, case_id, SAID[16], verifier)
    cases.receive(cw, case_id, verifier)
    cases.release(cw, case_id, SAID[18], verifier)
    cases.receive(cw, case_id, verifier)
    cookie, _ = accept(cw, invite(cw, case_id, OFFICE))
    consent(cw, case_id, set(Thing), CUSTOMER)
    expectation(cw, case_id, SAID[7], 9, 1)
    asked = ask(cw, case_id, SAID[5], CUSTOMER)
    answer(cw, asked.id, SAID[6], verifier)
    consumption(cw, case_id, Decimal(SAID[12]), Decimal(SAID[13]), "CNY")
    trial(cw, case_id, Decimal(SAID[14]), {"found": SAID[14]})
    keep(cw, case_id, PhotoKind.NAMEPLATE, noise(hash(serial)), verifier)
    tick_all(cw, case_id, verifier)
    cases.begin_test(cw, case_id, f"run-{serial}", verifier)
    cases.end_test(cw, case_id, Outcome.PASS, verifier)
    experience(cw, case_id, SAID[8], 2, 8)
    satisfaction(cw, case_id, 4, SAID[9])
    sign(cw, case_id, Signer.CUSTOMER, DRAWN, CUSTOMER)
    sign(cw, case_id, Signer.VERIFIER, DRAWN[:1], verifier)
    link = result_link(cw, case_id, OFFICE)
    cases.explain(cw, case_id, verifier)
    cases.close(cw, case_id, SAID[11], OFFICE)
    clock.move(days=31)
    first, _ = follow_ups.of(cw, case_id)
    follow_ups.settle(cw, first.id, FollowUpKind.CALL, SAID[10], Decimal(SAID[12]), OFFICE)
    return case_id, cookie, link


def fields_of(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__slots__}  # type: ignore[attr-defined]


def left(folder: Path, said: str) -> bool:
    return any(said.encode() in path.read_bytes() for path in folder.iterdir())


def test_nothing_of_the_customer_is_left_in_the_file(cw: Casework, clock: Clock, folder: Path) -> None:
    case_id, _, _ = whole_story(cw, clock)
    picture = jpeg(cw, photos(cw, case_id)[0].id)
    somewhere = [picture[at : at + 40] for at in range(0, len(picture) - 40, 997)]
    assert all(left(folder, said) for said in SAID)
    whole = b"".join(path.read_bytes() for path in folder.iterdir())
    assert any(part in whole for part in somewhere)
    digest = history.digest(cw, case_id)

    forget(cw, case_id, OFFICE)

    assert [said for said in SAID if left(folder, said)] == []
    whole = b"".join(path.read_bytes() for path in folder.iterdir())
    assert not any(part in whole for part in somewhere)
    assert history.is_intact(cw, case_id)
    entries = history.history(cw, case_id)
    assert entries[-2].digest == digest
    assert (entries[-1].who, entries[-1].act, entries[-1].values) == (OFFICE, "forget", {})


def test_what_was_done_stays(cw: Casework, clock: Clock) -> None:
    case_id, _, _ = whole_story(cw, clock)
    before, acts = cases.case(cw, case_id), [(e.at, e.who, e.act) for e in history.history(cw, case_id)]
    forgotten = forget(cw, case_id, OFFICE)
    assert (forgotten.run_ids, forgotten.other_cases) == (("run-A-1",), ())
    after = cases.case(cw, case_id)
    assert (after.customer, after.doubt, after.reason, after.area, after.plan_toml) == (
        None,
        None,
        None,
        "",
        None,
    )
    for name in (
        "id",
        "state",
        "state_since",
        "applied_on",
        "serial",
        "verifier",
        "checker",
        "run_ids",
        "outcome",
    ):
        assert getattr(after, name) == getattr(before, name)
    assert [(e.at, e.who, e.act) for e in history.history(cw, case_id)][:-1] == acts
    first, *others = follow_ups.of(cw, case_id)
    assert (first.settled_by, first.moment, first.said, first.used_kWh) == (OFFICE, Moment.DAY_30, None, None)
    assert others == []
    assert list(signatures(cw, case_id)) == [Signer.VERIFIER]


def test_every_way_in_is_shut_and_every_shelf_is_empty(cw: Casework, clock: Clock) -> None:
    case_id, cookie, link = whole_story(cw, clock)
    forget(cw, case_id, OFFICE)
    assert visit_of(cw, cookie) is None
    with pytest.raises(Refused, match="link_unknown"):
        case_of_link(cw, link)
    assert links(cw, case_id) == questions(cw, case_id) == photos(cw, case_id) == trials(cw, case_id) == []
    assert opinions(cw, case_id) == {}
    assert consented(cw, case_id) is consumed(cw, case_id) is satisfied(cw, case_id) is None
    with pytest.raises(Refused, match="customer_forgotten"):
        appeal(cw, case_id, "doubt", OFFICE)


def test_others_keep_what_is_theirs(cw: Casework, clock: Clock) -> None:
    case_id, _, _ = whole_story(cw, clock)
    other_id, _, link = whole_story(cw, clock, "B-2", "P7")
    forget(cw, case_id, OFFICE)
    assert case_of_link(cw, link) == other_id
    assert questions(cw, other_id)[0].answer == SAID[6]
    assert cases.case(cw, other_id).customer == Customer(*SAID[:3])
    assert history.is_intact(cw, other_id)


def test_a_customer_is_forgotten_once_the_case_is_over_and_by_the_staff(cw: Casework, clock: Clock) -> None:
    open_id = planned(cw, "B-2", "P7", CHECKER).id
    with pytest.raises(Refused, match="case_still_open"):
        forget(cw, open_id, OFFICE)
    case_id, _, _ = whole_story(cw, clock)
    with pytest.raises(Refused, match="not_for_customers"):
        forget(cw, case_id, CUSTOMER)
    assert cases.case(cw, case_id).customer is not None
    forget(cw, case_id, OFFICE)
    with pytest.raises(Refused, match="forgotten_already"):
        forget(cw, case_id, OFFICE)
    assert cases.case(cw, case_id).state is CaseState.CLOSED


def test_the_other_cases_of_a_chain_are_named(cw: Casework, clock: Clock) -> None:
    case_id, _, _ = whole_story(cw, clock)
    again = appeal(cw, case_id, "doubt", CUSTOMER)
    assert forget(cw, case_id, OFFICE).other_cases == (again.id,)
    assert cases.case(cw, again.id).customer == Customer(*SAID[:3])


@pytest.mark.parametrize("seed", range(8))
def test_no_copy_is_left_by_pages_that_were_split_and_joined(
    cw: Casework, clock: Clock, folder: Path, seed: int
) -> None:
    """Texts of all lengths of several cases, mixed, so that rows move between pages before they are deleted."""
    chance = random.Random(seed)
    ids = [planned(cw, f"M-{n}", f"P{2 * n + 10}", f"P{2 * n + 11}").id for n in range(6)]
    with cw.writing():
        for n in range(400):
            which = chance.randrange(6)
            history.keep_text(cw, ids[which], f"MARK{which}-" * chance.randint(1, 150))
            if n % 40 == 39:
                clock.move(hours=2)
    for case_id in ids:
        cases.withdraw(cw, case_id, CUSTOMER)
    assert all(left(folder, f"MARK{n}") for n in range(6))
    chance.shuffle(ids)
    for case_id in ids[:5]:
        forget(cw, case_id, OFFICE)
    gone = [f"MARK{n}" for n, case_id in enumerate(sorted(ids)) if case_id in ids[:5]]
    assert [mark for mark in gone if left(folder, mark)] == []


def test_a_drawing_is_gone_too(cw: Casework, clock: Clock, folder: Path) -> None:
    case_id, _, _ = whole_story(cw, clock)
    with cw.writing() as database:
        database.execute("DELETE FROM signature WHERE role = 'verifier'")
    assert left(folder, as_text(DRAWN))
    forget(cw, case_id, OFFICE)
    assert not left(folder, as_text(DRAWN))


def test_every_table_of_cases_is_either_emptied_or_known_to_stay(cw: Casework) -> None:
    """Whoever adds a table says here what becomes of it."""
    with cw.reading() as database:
        tables = [
            row["name"] for row in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        of_cases = {
            table
            for table in tables
            if any(row["name"] == "case_id" for row in database.execute(f"PRAGMA table_info({table})"))
        }
    assert of_cases - set(DELETED) == set(STAYS) - {"cases"}
    assert set(DELETED) <= of_cases
