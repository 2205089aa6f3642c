"""The customer is received and gets a QR code: whoever scans it watches this case, without an account.

The code is on the answer to the POST that made it, and nowhere else: only its hash is kept. Loading that page again
makes another one, and the one before is not shown any more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, Response, g, render_template, request

from web.access import staff
from web.casework import cases, invitations
from web.casework.model import CaseState
from web.dates import moment_text
from web.qr import qr_svg
from web.site import Site
from web.staff.asking import case_of, require_its_own
from web.staff.own_network import own_network
from web.texts import text


def add_routes(pages: Blueprint, site: Site) -> None:
    @pages.post("/case/<case_id>/receive")
    @staff()
    def receive(case_id: str) -> Response:
        if case_of(site, case_id).state is not CaseState.READY:
            cases.receive(site.casework, case_id, g.staff.id)
        return _code_page(site, case_id)

    @pages.get("/case/<case_id>/invite")
    @staff()
    def invite(case_id: str) -> Response:
        return Response(render_template("staff/invite.html", case=case_of(site, case_id), code=None))

    @pages.post("/case/<case_id>/invite")
    @staff()
    def invite_now(case_id: str) -> Response:
        return _code_page(site, case_id)


def _code_page(site: Site, case_id: str) -> Response:
    require_its_own(case_of(site, case_id), g.staff)
    token = invitations.invite(site.casework, case_id, g.staff.id)
    address = f"{request.url_root}join/{token}"
    until = datetime.fromisoformat(site.now()) + timedelta(seconds=invitations.INVITATION_S)
    network = own_network(site.network)
    html = render_template(
        "staff/invite.html",
        network=network,
        join=network and qr_svg(network.code(), text("invite.join", g.language)),
        case=case_of(site, case_id),
        code=qr_svg(address, text("invite.title", g.language)),
        address=address,
        left_s=invitations.INVITATION_S,
        until=moment_text(until.isoformat(), g.language),
    )
    return Response(html)
