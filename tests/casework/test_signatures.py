"""Three persons sign a case on the tablet, each once and for themselves, and what is signed is known."""

from __future__ import annotations

import hashlib

import pytest

from tests.casework.stories import CHECKER, OFFICE, VERIFIER, after_test, explained, under_test
from web.casework import cases, history
from web.casework.model import CUSTOMER
from web.casework.refused import Refused
from web.casework.signatures import Signer, sign, signatures, text_sha256
from web.casework.store import Casework
from web.casework.strokes import Strokes
from web.texts import text

DRAWN: Strokes = (tuple((100 + 10 * n, 500 + (n % 3) * 40) for n in range(20)), ((700, 700), (710, 690)))


def test_three_persons_sign_and_each_signs_what_was_there_before(cw: Casework) -> None:
    case_id = after_test(cw).id
    before = history.digest(cw, case_id)
    first = sign(cw, case_id, Signer.CUSTOMER, DRAWN, CUSTOMER)
    second = sign(cw, case_id, Signer.VERIFIER, DRAWN, VERIFIER)
    third = sign(cw, case_id, Signer.CHECKER, DRAWN, CHECKER)
    assert signatures(cw, case_id) == {Signer.CUSTOMER: first, Signer.VERIFIER: second, Signer.CHECKER: third}
    assert first.case_digest == before
    digests = [entry.digest for entry in history.history(cw, case_id)]
    assert [first.case_digest, second.case_digest, third.case_digest] == digests[-4:-1]
    shown = text("signed.customer", "zh") + "\n" + text("signed.customer", "en")
    assert first.text_sha256 == hashlib.sha256(shown.encode()).hexdigest()
    assert len({text_sha256(signer) for signer in Signer}) == 3
    assert first.strokes == DRAWN
    assert history.is_intact(cw, case_id)


@pytest.mark.parametrize(
    ("signer", "by"),
    [
        (Signer.CUSTOMER, VERIFIER),
        (Signer.VERIFIER, CUSTOMER),
        (Signer.VERIFIER, CHECKER),
        (Signer.CHECKER, VERIFIER),
        (Signer.CHECKER, CUSTOMER),
        (Signer.CHECKER, OFFICE),
    ],
)
def test_nobody_signs_for_somebody_else(cw: Casework, signer: Signer, by: str) -> None:
    case_id = after_test(cw).id
    with pytest.raises(Refused, match="not_yours_to_sign"):
        sign(cw, case_id, signer, DRAWN, by)
    assert signatures(cw, case_id) == {}
    assert (history.refusals(cw)[0].who, history.refusals(cw)[0].key) == (by, "not_yours_to_sign")


def test_a_signature_stays(cw: Casework) -> None:
    case_id = after_test(cw).id
    first = sign(cw, case_id, Signer.CUSTOMER, DRAWN, CUSTOMER)
    with pytest.raises(Refused, match="signed_already"):
        sign(cw, case_id, Signer.CUSTOMER, DRAWN[:1], CUSTOMER)
    assert signatures(cw, case_id) == {Signer.CUSTOMER: first}


def test_there_is_nothing_to_sign_before_a_result(cw: Casework) -> None:
    with pytest.raises(Refused, match="not_tested_yet"):
        sign(cw, under_test(cw).id, Signer.VERIFIER, DRAWN, VERIFIER)


def test_what_is_no_drawing_is_no_signature(cw: Casework) -> None:
    case_id = after_test(cw).id
    with pytest.raises(Refused, match="signature_too_small"):
        sign(cw, case_id, Signer.CUSTOMER, (((1, 1),),), CUSTOMER)
    with pytest.raises(Refused, match="signature_unreadable"):
        sign(cw, case_id, Signer.CUSTOMER, (((1, 1001),) * 20,), CUSTOMER)
    assert signatures(cw, case_id) == {}


def test_the_customers_signature_is_an_answer_to_the_case(cw: Casework) -> None:
    case_id = explained(cw).id
    sign(cw, case_id, Signer.VERIFIER, DRAWN, VERIFIER)
    assert cases.case(cw, case_id).answered_on is None
    sign(cw, case_id, Signer.CUSTOMER, DRAWN, CUSTOMER)
    assert cases.case(cw, case_id).answered_on is not None


def test_who_does_not_draw_types_the_name(cw: Casework) -> None:
    case_id = after_test(cw).id
    made = sign(cw, case_id, Signer.CUSTOMER, (), CUSTOMER, typed=" 王\u202e小明\n")
    assert (made.typed, made.strokes) == ("王小明", ())
    assert signatures(cw, case_id) == {Signer.CUSTOMER: made}
    assert history.history(cw, case_id)[-1].values["typed"] == "王小明"
    drawn = sign(cw, case_id, Signer.VERIFIER, DRAWN, VERIFIER, typed="not kept")
    assert (drawn.typed, drawn.strokes) == ("", DRAWN)


@pytest.mark.parametrize(("typed", "key"), [(" ", "signature_too_small"), ("x" * 81, "text_too_long")])
def test_no_name_and_too_long_a_one_are_no_signature(cw: Casework, typed: str, key: str) -> None:
    case_id = after_test(cw).id
    with pytest.raises(Refused, match=key):
        sign(cw, case_id, Signer.CUSTOMER, (), CUSTOMER, typed)
    assert signatures(cw, case_id) == {}
