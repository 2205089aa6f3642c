"""Which photos a screen of a check asks for, and the fields of their form."""

from __future__ import annotations

from typing import Any

from flask import g

from web.casework.self_check_photos import MOST_OF_A_CODE, Shows
from web.forms import Form
from web.texts import text

FOUND = "found"
"""The screen of what was found; the others are named as their checks."""
ASKED_FOR = {
    "no_load": (Shows.METER_START,),
    "known_load": (Shows.METER_START, Shows.LOAD_PLATE),
    FOUND: tuple(Shows),
}


def field_of(shows: Shows) -> str:
    return f"photo_{shows}"


def photo_values(screen: str, form: Form | None = None) -> dict[str, Any]:
    """What the macro `photo_form` needs beside `photos`. form: with what was wrong with the last one."""
    return {
        "asked_for": [(field_of(one), text(f"check_photo.{one}", g.language)) for one in ASKED_FOR[screen]],
        "photo_errors": form or Form(),
        "most_photos": MOST_OF_A_CODE,
    }
