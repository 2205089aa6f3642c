"""Who cannot draw types the name, and that is a signature like any other."""

from __future__ import annotations

import pytest

from tests.casework.stories import CHECKER, VERIFIER, after_test
from web.casework import cases, forgetting
from web.casework.history import is_intact
from web.casework.model import CUSTOMER
from web.casework.refused import Refused
from web.casework.signatures import LONGEST_NAME, Signer, sign, signatures
from web.casework.store import Casework

DRAWN = tuple(((10 * n, 20 * n),) for n in range(1, 20))


def test_a_typed_name_is_kept_without_strokes_and_answers_the_case(cw: Casework) -> None:
    case = after_test(cw)
    made = sign(cw, case.id, Signer.CUSTOMER, (), CUSTOMER, "  王 小明 ")
    assert (made.typed, made.strokes) == ("王 小明", ())
    assert signatures(cw, case.id)[Signer.CUSTOMER] == made
    assert cases.case(cw, case.id).answered_on is not None
    assert is_intact(cw, case.id)


def test_beside_a_drawing_no_name_is_kept(cw: Casework) -> None:
    case = after_test(cw)
    assert sign(cw, case.id, Signer.VERIFIER, DRAWN, VERIFIER, "Li Wei").typed == ""
    assert signatures(cw, case.id)[Signer.VERIFIER].strokes == DRAWN


@pytest.mark.parametrize(
    ("typed", "key"),
    [("", "signature_too_small"), ("   ", "signature_too_small"), ("x" * 81, "text_too_long")],
)
def test_neither_a_drawing_nor_a_name_is_no_signature(cw: Casework, typed: str, key: str) -> None:
    case = after_test(cw)
    assert LONGEST_NAME == 80
    with pytest.raises(Refused) as refusal:
        sign(cw, case.id, Signer.CUSTOMER, (), CUSTOMER, typed)
    assert refusal.value.key == key
    assert signatures(cw, case.id) == {}


def test_a_forgotten_customer_has_no_name_under_the_case(cw: Casework) -> None:
    case = after_test(cw)
    sign(cw, case.id, Signer.CUSTOMER, (), CUSTOMER, "王小明")
    sign(cw, case.id, Signer.CHECKER, (), CHECKER, "Wang Fang")
    cases.close(cw, case.id, "moved away", VERIFIER)
    forgetting.forget(cw, case.id, "P1")
    left = signatures(cw, case.id)
    assert Signer.CUSTOMER not in left
    assert left[Signer.CHECKER].by == CHECKER
    assert is_intact(cw, case.id)
