"""What casework refuses, said beside the field that it was about, so that nothing of a form is lost."""

from __future__ import annotations

from collections.abc import Callable

from flask import g

from web.casework.refused import Refused
from web.forms import Form
from web.refusals import sentence


def beside(form: Form, field: str, act: Callable[[], object]) -> None:
    """Do it; where it is refused, the field is wrong, with the reason."""
    try:
        act()
    except Refused as refusal:
        form.wrong(field, "refused", why=sentence(refusal.key, refusal.values, g.language))
