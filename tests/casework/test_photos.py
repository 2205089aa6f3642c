"""Photos of a case tick what they show, are few, and stay once the test has begun."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bench.checklist import Check
from tests.casework.stories import OFFICE, VERIFIER, explained, planned, received, under_test
from web.casework import cases, checklists, history
from web.casework.model import CUSTOMER
from web.casework.photos import MOST, PhotoKind, jpeg, keep, photo, photos, take_away
from web.casework.refused import Refused
from web.casework.store import Casework


def taken(colour: str = "red") -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (80, 60), colour).save(into, "PNG")
    return into.getvalue()


def is_ticked(cw: Casework, case_id: str, check: Check) -> bool:
    return checklists.ticks(cw, case_id)[check] is not None


def test_a_photo_is_kept_as_a_jpeg_with_who_took_it(cw: Casework) -> None:
    case_id = planned(cw).id
    kept = keep(cw, case_id, PhotoKind.OTHER, taken(), OFFICE)
    assert (kept.by, kept.kind, kept.width, kept.height) == (OFFICE, PhotoKind.OTHER, 80, 60)
    assert photos(cw, case_id) == [kept] == [photo(cw, kept.id)]
    assert Image.open(io.BytesIO(jpeg(cw, kept.id))).format == "JPEG"
    assert history.history(cw, case_id)[-1].values == {"kind": "other", "sha256": kept.sha256}


@pytest.mark.parametrize(
    ("kind", "check"),
    [(PhotoKind.NAMEPLATE, Check.NAMEPLATE_PHOTO), (PhotoKind.REGISTER, Check.REGISTER_PHOTO)],
)
def test_a_photo_ticks_its_check_until_the_last_one_is_taken_away(
    cw: Casework, kind: PhotoKind, check: Check
) -> None:
    case_id = received(cw).id
    first = keep(cw, case_id, kind, taken(), VERIFIER)
    second = keep(cw, case_id, kind, taken("blue"), VERIFIER)
    assert [c for c in Check if is_ticked(cw, case_id, c)] == [check]
    take_away(cw, first.id, VERIFIER)
    assert is_ticked(cw, case_id, check)
    take_away(cw, second.id, VERIFIER)
    assert not is_ticked(cw, case_id, check)
    assert photos(cw, case_id) == []


def test_another_photo_ticks_nothing(cw: Casework) -> None:
    case_id = received(cw).id
    keep(cw, case_id, PhotoKind.OTHER, taken(), VERIFIER)
    assert not any(is_ticked(cw, case_id, check) for check in Check)


def test_photos_stay_once_the_test_has_begun(cw: Casework) -> None:
    case_id = under_test(cw).id
    kept = keep(cw, case_id, PhotoKind.REGISTER, taken(), VERIFIER)
    with pytest.raises(Refused, match="photo_stays"):
        take_away(cw, kept.id, VERIFIER)
    assert photos(cw, case_id) == [kept]


def test_photos_are_the_staffs_to_take(cw: Casework) -> None:
    case_id = received(cw).id
    with pytest.raises(Refused, match="not_for_customers"):
        keep(cw, case_id, PhotoKind.NAMEPLATE, taken(), CUSTOMER)
    kept = keep(cw, case_id, PhotoKind.NAMEPLATE, taken(), VERIFIER)
    with pytest.raises(Refused, match="not_for_customers"):
        take_away(cw, kept.id, CUSTOMER)
    assert [r.key for r in history.refusals(cw)] == ["not_for_customers"] * 2


def test_a_case_has_twelve_photos_at_most_and_none_when_it_is_over(cw: Casework) -> None:
    case_id = explained(cw).id
    for _ in range(MOST):
        keep(cw, case_id, PhotoKind.OTHER, taken(), VERIFIER)
    with pytest.raises(Refused, match="photos_many"):
        keep(cw, case_id, PhotoKind.OTHER, taken(), VERIFIER)
    over = planned(cw, "B-2", "P4", "P5").id
    cases.withdraw(cw, over, CUSTOMER)
    with pytest.raises(Refused, match="case_over"):
        keep(cw, over, PhotoKind.OTHER, taken(), VERIFIER)


def test_what_is_no_photo_is_refused_ticks_nothing_and_is_written_down(cw: Casework) -> None:
    case_id = received(cw).id
    with pytest.raises(Refused, match="photo_unreadable"):
        keep(cw, case_id, PhotoKind.NAMEPLATE, b"GIF89a", VERIFIER)
    assert photos(cw, case_id) == []
    assert not is_ticked(cw, case_id, Check.NAMEPLATE_PHOTO)
    assert [(r.who, r.key, r.case_id) for r in history.refusals(cw)] == [
        (VERIFIER, "photo_unreadable", case_id)
    ]


def test_no_photo_is_where_none_was_kept(cw: Casework) -> None:
    for look in (photo, jpeg):
        with pytest.raises(Refused, match="no_such_photo"):
            look(cw, 7)
