"""What was refused: the log that casework keeps, for the office to read."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request

from calibration.texts import braces
from web.access import staff
from web.casework.history import refusals
from web.office.people import people_of
from web.office.roles import READERS
from web.refusals import sentence
from web.site import Site
from web.texts import text

MOST_SHOWN = 200


def add_routes(office: Blueprint, site: Site) -> None:
    @office.get("/office/refusals")
    @staff(*READERS)
    def refusal_list() -> str:
        case_id = request.args.get("case") or None
        return render_template(
            "office/refusals.html",
            refusals=refusals(site.casework, case_id, MOST_SHOWN),
            case_id=case_id,
            most=MOST_SHOWN,
            why=_why,
            people=people_of(site),
        )


def _why(key: str) -> str:
    """The sentence of a refusal. The log keeps keys and no figures: where a sentence has one, an ellipsis stands."""
    known = text.table.get(f"refused.{key}", ("", ""))
    return sentence(key, dict.fromkeys(braces(known[0]), "…"), g.language)
