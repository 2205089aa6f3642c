"""The office's and the checker's pages: cases from application to follow-up, by those who are signed in.

Each page asks the bench who is asking and who may; what only the office decides (declining, the appointment) casework
keeps. A room for each subject, all in one blueprint:

cases.py         the table, a case with its history, declining, withdrawing, handing over, links
planning.py      the nameplate, the plan that the bench makes, persons and appointment
certificates.py  drafts, signatures, numbers, files
checking.py      what waits for the checker, signing, sending back
follow_ups.py    calls that are due
refusals.py      what was refused
deletion.py      deleting a customer's data
"""

from __future__ import annotations

from flask import Blueprint

from web.office import cases, certificates, checking, deletion, follow_ups, planning, refusals
from web.office.helpers import helpers
from web.site import Site


def create_office_blueprint(site: Site) -> Blueprint:
    """`/office` and `/check`."""
    office = Blueprint("office", __name__, template_folder="templates")
    office.context_processor(helpers)
    office.context_processor(lambda: {"rule_title": site.link.rule_title})
    for room in (cases, planning, certificates, checking, follow_ups, refusals, deletion):
        room.add_routes(office, site)
    return office
