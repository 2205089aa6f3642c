"""The self-check: what a customer can find on the own telephone before anybody measures, with no account.

`/self-check` says what there is and what to be careful about; `no_load.py` and `known_load.py` are the two checks, each
with one thing on each screen (`course.py`); photos may come with them (`photos.py`). What is found is kept under a code
(`web/casework/self_checks.py`) and is one step from an application, or goes to one that is there already. It is never a
verdict about the meter.
"""

from __future__ import annotations

from flask import Blueprint, abort, g, render_template, request

from web.access import staff_or_nobody, visit_that_asks
from web.casework import self_check_codes, self_check_photos, self_checks
from web.dates import day_text
from web.self_check import known_load, no_load, photos
from web.self_check.course import CODE, LONGEST
from web.self_check.photo_fields import FOUND, photo_values
from web.site import Site


def create_self_check_blueprint(site: Site) -> Blueprint:
    """`/self-check` and what lies under it."""
    check = Blueprint("self_check", __name__, template_folder="templates")

    @check.get("/self-check")
    def start() -> str:
        code = request.args.get(CODE, "")[:LONGEST]
        return render_template(
            "self_check/start.html",
            code=code,
            checks=self_checks.kept(site.casework, code),
            photos=self_check_photos.kept(site.casework, code),
            is_staff=staff_or_nobody() is not None,
        )

    @check.get("/self-check/found/<code>")
    def found(code: str) -> str:
        """What was found, and the one step to an application, or to the one that this customer has already."""
        checks = self_checks.kept(site.casework, code)
        if not checks:
            abort(404)
        visit = visit_that_asks()
        return render_template(
            "self_check/found.html",
            code=code,
            code_shown=self_check_codes.shown(code),
            checks=checks,
            photos=self_check_photos.kept(site.casework, code),
            visit_case=visit.case_id if visit else None,
            until=day_text(checks[-1].until, g.language),
            **photo_values(FOUND),
        )

    no_load.add_routes(check, site)
    known_load.add_routes(check, site)
    photos.add_routes(check, site)
    return check
