"""The pages of verifiers and checkers: signing in, my work, and the console that a case is run by.

signing_in.py         the bench checks the password and issues the session
work.py               my cases, what waits for me, who is busy
overdue.py            what else is overdue: requests, questions, thanks
next_act.py           how a case stands -> the one next action (pure table)
console_view.py       what the console shows (pure), with plan_table.py and health.py
console.py            the page and its live stream (console_screen.py), from what asking.py is told
inviting.py           the customer is received and gets a QR code
own_network.py        the code with which a telephone joins the bench's own wireless network
meter_pages.py        the serial number, and what the bench asks (serials.py, bench_answers.py, simulated_meter.py)
acts.py               ticks, photos, start, stop, skip, answers to the customer
certificate_pages.py  drafting and signing
ending.py             explaining, ending, handing over
refusing.py           what is refused is said on top of the console
"""

from __future__ import annotations

from flask import Blueprint

from web.site import Site
from web.staff import (
    acts,
    certificate_pages,
    console,
    ending,
    inviting,
    meter_pages,
    refusing,
    signing_in,
    work,
)


def create_staff_blueprint(site: Site) -> Blueprint:
    """`/staff`."""
    pages = Blueprint("staff", __name__, template_folder="templates", url_prefix="/staff")
    consoles = console.ConsolePages(site)
    signing_in.add_routes(pages, site)
    work.add_routes(pages, site, consoles)
    console.add_routes(pages, site, consoles)
    inviting.add_routes(pages, site)
    meter_pages.add_routes(pages, site)
    acts.add_routes(pages, site)
    certificate_pages.add_routes(pages, site, consoles)
    ending.add_routes(pages, site)
    refusing.add_handlers(pages, consoles)
    return pages
