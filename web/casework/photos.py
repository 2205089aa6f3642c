"""Photos of a case: the nameplate, the register as it stood, and others.

They lie in casework.sqlite, not in files beside it: what a photo ticks, what the history says of it and the photo
itself become true together or not at all; forgetting a customer is one transaction that overwrites what it deletes;
and one file is backed up. They are small (some 300 kB each, twelve a case at most), which SQLite reads as fast as a
file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from bench.checklist import Check
from web.casework import checklists
from web.casework import history as log
from web.casework.case_rows import case
from web.casework.history import attempt
from web.casework.model import CUSTOMER, CaseState
from web.casework.picture import Picture, picture_of
from web.casework.refused import Refused
from web.casework.store import Casework, Row

MOST = 12
"""In one case."""


class PhotoKind(StrEnum):
    NAMEPLATE = "nameplate"
    REGISTER = "register"
    OTHER = "other"


_ALL_BUT_THE_PICTURE = "SELECT id, case_id, kind, taken_by, kept_at, width, height, sha256 FROM photo"
_BEFORE_THE_TEST = (CaseState.PLANNED, CaseState.READY)
TICKS = {PhotoKind.NAMEPLATE: Check.NAMEPLATE_PHOTO, PhotoKind.REGISTER: Check.REGISTER_PHOTO}
"""Which check a photo of a kind ticks."""


@dataclass(frozen=True, slots=True)
class Photo:
    """Without the picture itself, which `jpeg` gives."""

    id: int
    case_id: str
    kind: PhotoKind
    by: str
    at: str
    width: int
    height: int
    sha256: str


def keep(cw: Casework, case_id: str, kind: PhotoKind, handed_in: bytes, by: str) -> Photo:
    """Keep what was handed in, as a picture of ours (`picture.py`). While the checklist is open, it ticks its check.

    Errors: Refused not_for_customers, photos_many, photo_too_large, photo_too_many_pixels, photo_unreadable.
    """
    picture = _picture(cw, case_id, handed_in, by)
    with attempt(cw, by, "photo", case_id) as database:
        _require_room(cw, case_id, by)
        digest = hashlib.sha256(picture.jpeg).hexdigest()
        at = log.add(cw, case_id, by, "photo", {"kind": kind, "sha256": digest})
        (photo_id,) = database.execute(
            "INSERT INTO photo (case_id, kind, taken_by, kept_at, width, height, sha256, jpeg)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (case_id, kind, by, at, picture.width, picture.height, digest, picture.jpeg),
        ).fetchone()
        _tick(cw, case_id, kind, by, True)
        return photo(cw, photo_id)


def take_away(cw: Casework, photo_id: int, by: str) -> None:
    """Before the test, a photo that shows nothing, or too much. The last one of its kind opens its check again.

    Errors: Refused no_such_photo, not_for_customers, photo_stays.
    """
    this = photo(cw, photo_id)
    with attempt(cw, by, "photo_away", this.case_id) as database:
        if by == CUSTOMER:
            raise Refused("not_for_customers", case=this.case_id)
        if case(cw, this.case_id).state not in _BEFORE_THE_TEST:
            raise Refused("photo_stays", case=this.case_id)
        database.execute("DELETE FROM photo WHERE id = ?", (photo_id,))
        log.add(cw, this.case_id, by, "photo_away", {"sha256": this.sha256})
        if all(other.kind is not this.kind for other in photos(cw, this.case_id)):
            _tick(cw, this.case_id, this.kind, by, False)


def photo(cw: Casework, photo_id: int) -> Photo:
    """Errors: Refused no_such_photo."""
    with cw.reading() as database:
        row = database.execute(f"{_ALL_BUT_THE_PICTURE} WHERE id = ?", (photo_id,)).fetchone()
    if row is None:
        raise Refused("no_such_photo")
    return _photo(row)


def photos(cw: Casework, case_id: str) -> list[Photo]:
    """In the order in which they were kept."""
    with cw.reading() as database:
        rows = database.execute(
            f"{_ALL_BUT_THE_PICTURE} WHERE case_id = ? ORDER BY id", (case_id,)
        ).fetchall()
    return [_photo(row) for row in rows]


def jpeg(cw: Casework, photo_id: int) -> bytes:
    """The picture, of type `picture.MEDIA_TYPE`. Errors: Refused no_such_photo."""
    with cw.reading() as database:
        row = database.execute("SELECT jpeg FROM photo WHERE id = ?", (photo_id,)).fetchone()
    if row is None:
        raise Refused("no_such_photo")
    return bytes(row["jpeg"])


def _picture(cw: Casework, case_id: str, handed_in: bytes, by: str) -> Picture:
    """Decoded outside of the transaction, which others wait for."""
    try:
        _require_room(cw, case_id, by)
        return picture_of(handed_in)
    except Refused as refused:
        log.refuse(cw, by, "photo", refused.key, case_id)
        refused.is_recorded = True
        raise


def _require_room(cw: Casework, case_id: str, by: str) -> None:
    if by == CUSTOMER:
        raise Refused("not_for_customers", case=case_id)
    if not case(cw, case_id).is_open:
        raise Refused("case_over", case=case_id)
    if len(photos(cw, case_id)) >= MOST:
        raise Refused("photos_many", most=str(MOST))


def _tick(cw: Casework, case_id: str, kind: PhotoKind, by: str, on: bool) -> None:
    if kind in TICKS and case(cw, case_id).state is CaseState.READY:
        checklists.tick_by_photo(cw, case_id, TICKS[kind], by, on)


def _photo(row: Row) -> Photo:
    return Photo(
        id=row["id"],
        case_id=row["case_id"],
        kind=PhotoKind(row["kind"]),
        by=row["taken_by"],
        at=row["kept_at"],
        width=row["width"],
        height=row["height"],
        sha256=row["sha256"],
    )
