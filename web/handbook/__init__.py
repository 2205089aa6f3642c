"""The handbook on pages: what customers read.

reading.py     public: the list, search, one answer, "did this settle your doubt", a question in the own words
printed.py     public: one answer as a long picture, the whole handbook as a PDF

Without routes: shown.py (an answer as it is shown).
"""

from __future__ import annotations

from flask import Blueprint

from web.dates import day_text
from web.handbook import printed, reading
from web.site import Site


def create_handbook_blueprint(site: Site) -> Blueprint:
    """`/handbook`: open to anybody."""
    handbook = Blueprint("handbook", __name__, template_folder="templates")
    handbook.context_processor(lambda: {"day_text": day_text})
    reading.add_routes(handbook, site)
    printed.add_routes(handbook, site)
    return handbook
