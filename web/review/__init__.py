"""One service on pages: what is asked, whose it is, what was promised and kept, how a month went, what is aimed at.

asking.py     public: what a customer asks, and the own page of it behind a link
published.py  public: the promises, with what happened in the last twelve months beside them
listing.py    requests and cases of all departments in one table
handling.py   one of them: taken, handed on, answered, ended
month.py      the review of a month, as a page, as one sheet of paper, and its measures
aims.py       targets and results, of everybody, teams and persons
thanks.py     thanks, read before the team sees them

Without routes: showing.py (figures in words), month_view.py (what page and sheet say), issued.py (the day of a
certificate).
"""

from __future__ import annotations

from flask import Blueprint

from web.casework import made_up
from web.office.helpers import helpers
from web.review import aims, asking, handling, listing, month, published, thanks
from web.review.issued import IssuedDays
from web.site import Site


def create_review_blueprint(site: Site) -> Blueprint:
    """`/ask-us`, `/promises`, `/office/requests`, `/office/review`, `/office/targets`, `/office/thanks`."""
    review = Blueprint("review", __name__, template_folder="templates")
    review.context_processor(helpers)
    issued = IssuedDays(
        site.link,
        site.now,
        lambda case: made_up.said_of(site.casework, case.id, case.run_ids) == "case",
    )
    for room in (asking, listing, handling, aims, thanks):
        room.add_routes(review, site)
    published.add_routes(review, site, issued)
    month.add_routes(review, site, issued)
    return review
