"""The customer's pages of one case, before and during the test: nobody else's meter is ever on them.

joining.py     the token of an invitation is exchanged for the cookie of a visit
overview.py    what will happen, who does it, consent and expectation, photos, the state of the case and its history
live.py        the live page of the case's own run, with the course of its steps (screens.py, course.py)
questions.py   questions and their answers
photos.py      the photos of the customer's own meter
"""

from __future__ import annotations

from flask import Blueprint

from web.customer.wording import clock_text
from web.dates import appointment_text
from web.site import Site
from web.visit import joining, live, overview, photos, questions

PAGES = (
    ("visit.overview", "overview"),
    ("trial.trial_page", "trial"),
    ("visit.live_page", "live"),
    ("visit.questions_page", "questions"),
    ("after.result", "result"),
)
"""Between which a customer goes, as endpoint and name of its text, in the order in which a visit goes."""


def create_visit_blueprint(site: Site) -> Blueprint:
    """Pages of a customer who has come by an invitation."""
    visit = Blueprint("visit", __name__, template_folder="templates")
    joining.add_routes(visit, site)
    overview.add_routes(visit, site)
    live.add_routes(visit, site)
    questions.add_routes(visit, site)
    photos.add_routes(visit, site)
    visit.app_context_processor(
        lambda: {"time_text": clock_text, "visit_pages": PAGES, "appointment_text": appointment_text}
    )
    return visit
