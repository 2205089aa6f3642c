"""The handbook on pages: what customers read, and what the staff does so that it stays true.

reading.py     public: the list, search, one answer, "did this settle your doubt", a question in the own words
printed.py     public: one answer as a long picture, the whole handbook as a PDF
collecting.py  staff: the table of questions, one that somebody has asked at the counter, on site or in a case
working.py     staff: one question: taken, joined, set aside, answered, published, withdrawn
cycle.py       staff: the periods of plan, do, check, act
grid.py        staff: areas, their departments and spellings, with the questions and cases of each

Without routes: shown.py (an answer as it is shown), question_table.py (the table, narrowed and sorted), staff_page.py
(what the staff's pages share).
"""

from __future__ import annotations

from flask import Blueprint

from web.dates import day_text
from web.handbook import collecting, cycle, grid, printed, reading, working
from web.handbook.staff_page import labels
from web.office.helpers import helpers
from web.site import Site


def create_handbook_blueprint(site: Site) -> Blueprint:
    """`/handbook`: open to anybody."""
    handbook = Blueprint("handbook", __name__, template_folder="templates")
    handbook.context_processor(lambda: {"day_text": day_text})
    reading.add_routes(handbook, site)
    printed.add_routes(handbook, site)
    return handbook


def create_questions_blueprint(site: Site) -> Blueprint:
    """`/office/questions` and `/office/areas`: for the staff."""
    questions = Blueprint("questions", __name__)
    questions.context_processor(helpers)
    questions.context_processor(lambda: {"question_labels": labels()})
    for room in (collecting, working, cycle, grid):
        room.add_routes(questions, site)
    return questions
