"""A self-check goes to a case that is open already: by its code, from the customer's own pages or from the office's.

Who may is the page's to know: the customer's pages have their case from the visit or from the result link and never
from what was typed, so nobody attaches anything to a case of somebody else.
"""

from __future__ import annotations

from web.beside import beside
from web.casework import self_check_codes as codes
from web.casework import self_checks
from web.casework.store import Casework
from web.forms import Form

FIELD = "check_code"


def attached(cw: Casework, form: Form, case_id: str, by: str) -> Form:
    """Attach what the form names; what stands against it is said beside the field."""
    typed = form.text(FIELD, most=codes.LONGEST)
    if not form.errors:
        beside(form, FIELD, lambda: self_checks.attach(cw, codes.read(typed), case_id, by))
    return form
