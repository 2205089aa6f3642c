"""Photos that a customer adds to a self-check: the meter before and after, the plate of the appliance.

They are pictures of ours (`picture.py`): decoded and written anew, so nothing goes with them but what is to be seen.
They come under the code of the check (`self_check_codes.py`), go with it to a case (`self_checks.attach`) or after
thirty days, and are no photos of the case's own checklist (`photos.py`): they prove nothing and tick nothing.

Anybody may send them, so there are few of a code, and all those that nobody of the laboratory has looked at yet have a
place that is bounded. When it is full, new ones are refused, and those that are there stay as long as was said.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from web.casework import self_check_codes as codes
from web.casework.history import attempt
from web.casework.model import CUSTOMER
from web.casework.moments import is_over
from web.casework.picture import Picture
from web.casework.refused import Refused
from web.casework.store import Casework, Database, Row

MOST_OF_A_CODE = 6
MOST_OF_A_CASE = 12
MOST_BYTES = 300 * 1024 * 1024
"""Of all photos that belong to no case, or to one that nobody has planned."""

_ALL_BUT_THE_PICTURE = "SELECT id, kind, kept_at, until, width, height, sha256 FROM self_check_photo"


class Shows(StrEnum):
    """What a photo is of."""

    METER_START = "meter_start"
    METER_END = "meter_end"
    LOAD_PLATE = "load_plate"


@dataclass(frozen=True, slots=True)
class CheckPhoto:
    """Without the picture itself, which `jpeg_of_code` and `jpeg_of_case` give. at, until: as for its check."""

    id: int
    shows: Shows
    at: str
    until: str
    width: int
    height: int
    sha256: str


def keep(cw: Casework, pictures: dict[Shows, Picture], code: str) -> str:
    """Keep photos under a code, all or none; returns the code: a new one, where nothing is kept under the given one.

    Errors: Refused check_photos_many, check_photos_no_room.
    """
    with attempt(cw, CUSTOMER, "self_check_photo") as database:
        now = cw.now()
        codes.forget_old(database, now)
        if not codes.is_kept(database, code):
            code = codes.new()
        if len(_of_code(database, code)) + len(pictures) > MOST_OF_A_CODE:
            raise Refused("check_photos_many", most=str(MOST_OF_A_CODE))
        if _bytes_waiting(database) + sum(len(one.jpeg) for one in pictures.values()) > MOST_BYTES:
            raise Refused("check_photos_no_room")
        until = codes.prolong(database, code, now)
        for shows, picture in pictures.items():
            database.execute(
                "INSERT INTO self_check_photo (code_sha256, kind, kept_at, until, width, height, sha256, jpeg)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(codes.hashed(code), shows, now, until, picture.width, picture.height),
                    *(hashlib.sha256(picture.jpeg).hexdigest(), picture.jpeg),
                ),
            )
    return code


def take_away(cw: Casework, code: str, photo_id: int) -> None:
    """A photo that belongs to no case yet. Errors: Refused no_such_photo."""
    with attempt(cw, CUSTOMER, "self_check_photo_away") as database:
        if photo_id not in {photo.id for photo in _of_code(database, code)}:
            raise Refused("no_such_photo")
        database.execute("DELETE FROM self_check_photo WHERE id = ?", (photo_id,))


def kept(cw: Casework, code: str) -> list[CheckPhoto]:
    """What is kept under a code and belongs to no case yet, in the order in which it came."""
    now = cw.now()
    with cw.reading() as database:
        return [photo for photo in _of_code(database, code) if not is_over(photo.until, now)]


def of(cw: Casework, case_id: str) -> list[CheckPhoto]:
    """Those that belong to a case."""
    with cw.reading() as database:
        return _of_case(database, case_id)


def jpeg_of_code(cw: Casework, code: str, photo_id: int) -> bytes:
    """The picture, of type `picture.MEDIA_TYPE`. Errors: Refused no_such_photo, where it is not under this code."""
    return _jpeg(cw, kept(cw, code), photo_id)


def jpeg_of_case(cw: Casework, case_id: str, photo_id: int) -> bytes:
    """The same of a case. Errors: Refused no_such_photo, where it is not this case's."""
    return _jpeg(cw, of(cw, case_id), photo_id)


def attach(database: Database, code: str, case_id: str) -> list[CheckPhoto]:
    """In the transaction of `self_checks.attach`: all of a code belong to the case from now on; returns them.

    Errors: Refused check_photos_many_of_case.
    """
    photos = _of_code(database, code)
    if len(photos) + len(_of_case(database, case_id)) > MOST_OF_A_CASE:
        raise Refused("check_photos_many_of_case", most=str(MOST_OF_A_CASE))
    database.execute(
        "UPDATE self_check_photo SET case_id = ? WHERE code_sha256 = ? AND case_id IS NULL",
        (case_id, codes.hashed(code)),
    )
    return photos


def _of_code(database: Database, code: str) -> list[CheckPhoto]:
    rows = database.execute(
        f"{_ALL_BUT_THE_PICTURE} WHERE code_sha256 = ? AND case_id IS NULL ORDER BY id", (codes.hashed(code),)
    )
    return [_photo(row) for row in rows.fetchall()]


def _of_case(database: Database, case_id: str) -> list[CheckPhoto]:
    rows = database.execute(f"{_ALL_BUT_THE_PICTURE} WHERE case_id = ? ORDER BY id", (case_id,))
    return [_photo(row) for row in rows.fetchall()]


def _bytes_waiting(database: Database) -> int:
    (count,) = database.execute(
        "SELECT COALESCE(SUM(LENGTH(jpeg)), 0) FROM self_check_photo LEFT JOIN cases ON cases.id = case_id"
        " WHERE case_id IS NULL OR cases.state = 'applied'"
    ).fetchone()
    return int(count)


def _jpeg(cw: Casework, among: list[CheckPhoto], photo_id: int) -> bytes:
    if photo_id not in {photo.id for photo in among}:
        raise Refused("no_such_photo")
    with cw.reading() as database:
        row = database.execute("SELECT jpeg FROM self_check_photo WHERE id = ?", (photo_id,)).fetchone()
    if row is None:
        raise Refused("no_such_photo")
    return bytes(row["jpeg"])


def _photo(row: Row) -> CheckPhoto:
    return CheckPhoto(
        id=row["id"],
        shows=Shows(row["kind"]),
        at=row["kept_at"],
        until=row["until"],
        width=row["width"],
        height=row["height"],
        sha256=row["sha256"],
    )
