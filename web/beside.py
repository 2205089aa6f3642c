"""What casework refuses, said beside the field that it was about, so that nothing of a form is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import g

from web.casework.refused import Refused
from web.forms import Form
from web.refusals import sentence

Done = TypeVar("Done")


def beside(form: Form, field: str, act: Callable[[], Done]) -> Done | None:
    """Do it, and give what it gives; where it is refused, None, and the field is wrong, with the reason."""
    try:
        return act()
    except Refused as refusal:
        form.wrong(field, "refused", why=sentence(refusal.key, refusal.values, g.language))
        return None
