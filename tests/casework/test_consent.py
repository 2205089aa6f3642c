"""What a customer agrees to ticks the checklist, or does not; once the test has begun it stays."""

from __future__ import annotations

import hashlib

import pytest

from bench.checklist import Check
from tests.casework.stories import VERIFIER, planned, received, under_test
from web.casework import cases, checklists, history
from web.casework.agreements import Thing, consented
from web.casework.consent import consent
from web.casework.model import CUSTOMER
from web.casework.refused import Refused
from web.casework.store import Casework
from web.texts import text

ALL = frozenset(Thing)


def is_ticked(cw: Casework, case_id: str) -> bool:
    return checklists.ticks(cw, case_id)[Check.CONSENT] is not None


def test_consent_ticks_the_checklist_by_whom_it_came_from(cw: Casework) -> None:
    case_id = received(cw).id
    assert consented(cw, case_id) is None
    given = consent(cw, case_id, ALL, CUSTOMER)
    assert given.is_enough
    assert consented(cw, case_id) == given
    tick = checklists.ticks(cw, case_id)[Check.CONSENT]
    assert tick is not None
    assert tick.by == CUSTOMER


def test_the_follow_up_is_free_and_the_rest_is_not(cw: Casework) -> None:
    case_id = received(cw).id
    assert consent(cw, case_id, {Thing.TEST, Thing.RECORD}, CUSTOMER).is_enough
    assert is_ticked(cw, case_id)
    for lacking in (Thing.TEST, Thing.RECORD):
        assert not consent(cw, case_id, ALL - {lacking}, CUSTOMER).is_enough
        assert not is_ticked(cw, case_id)


def test_what_is_taken_back_opens_the_check_again(cw: Casework) -> None:
    case_id = received(cw).id
    consent(cw, case_id, ALL, CUSTOMER)
    consent(cw, case_id, (), CUSTOMER)
    assert not is_ticked(cw, case_id)
    kept = consented(cw, case_id)
    assert kept is not None
    assert kept.agreed == dict.fromkeys(Thing, False)


def test_before_the_visit_it_is_kept_and_ticks_nothing(cw: Casework) -> None:
    case_id = planned(cw).id
    consent(cw, case_id, ALL, CUSTOMER)
    cases.receive(cw, case_id, VERIFIER)
    assert not is_ticked(cw, case_id)
    kept = consented(cw, case_id)
    assert kept is not None
    assert kept.is_enough


def test_during_the_test_it_stays(cw: Casework) -> None:
    case_id = under_test(cw).id
    with pytest.raises(Refused, match="too_late_for_consent"):
        consent(cw, case_id, (), CUSTOMER)
    assert history.refusals(cw)[0].key == "too_late_for_consent"


def test_the_text_that_was_agreed_to_is_known_by_its_hash(cw: Casework) -> None:
    case_id = planned(cw).id
    consent(cw, case_id, ALL, CUSTOMER)
    with cw.reading() as database:
        kept = dict(database.execute("SELECT thing, text_sha256 FROM agreement").fetchall())
    shown = text("consent.test", "zh") + "\n" + text("consent.test", "en")
    assert kept["test"] == hashlib.sha256(shown.encode()).hexdigest()
    assert len(set(kept.values())) == len(Thing)
