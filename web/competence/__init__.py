"""Pages of competence: who was trained and authorised for what, until when; and what makers of meters are shown.

staff_list.py   `/office/staff`: the people, what ends soon; one person's page
makers.py       `/office/makers`: errors by type and load point, questions and replies, joint trainings; a maker's sheet

What ends soon and who may do a plan are said in words by `web/office/reminders.py` and `web/office/may_verify.py`,
which the office's planning and the page of one's own work use, too.

The persons, trainings and authorisations are the bench's: it is asked each time, and says of others only what whoever
asks may see.
"""

from __future__ import annotations

from flask import Blueprint

from web.competence import makers, staff_list
from web.office.helpers import helpers
from web.site import Site


def create_competence_blueprint(site: Site) -> Blueprint:
    """`/office/staff`, `/office/makers`."""
    competence = Blueprint("competence", __name__, template_folder="templates")
    competence.context_processor(helpers)
    staff_list.add_routes(competence, site)
    makers.add_routes(competence, site)
    return competence
