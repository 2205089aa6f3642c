"""The self-check: what a customer can find on the own telephone before anybody measures, with no account.

`/self-check` says what there is and what to be careful about; `no_load.py` and `known_load.py` are the two checks, each
with one thing on each screen (`course.py`). What is found is kept under a code (`web/casework/self_checks.py`) and is
one step from an application. It is never a verdict about the meter.
"""

from __future__ import annotations

from flask import Blueprint, abort, g, render_template, request

from web.access import staff_or_nobody
from web.casework import self_checks
from web.dates import day_text
from web.self_check import known_load, no_load
from web.self_check.course import CODE, LONGEST
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
            is_staff=staff_or_nobody() is not None,
        )

    @check.get("/self-check/found/<code>")
    def found(code: str) -> str:
        """What was found, and the one step to an application."""
        checks = self_checks.kept(site.casework, code)
        if not checks:
            abort(404)
        return render_template(
            "self_check/found.html", code=code, checks=checks, until=day_text(checks[-1].until, g.language)
        )

    no_load.add_routes(check, site)
    known_load.add_routes(check, site)
    return check
