"""Coming in by an invitation, and leaving. Looking at the page of an invitation uses nothing up: telephones load an
address before anybody has tapped it."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from web.access import end_visit, keep_visit, limit_public
from web.casework import invitations
from web.site import Site


def add_routes(pages: Blueprint, site: Site) -> None:
    @pages.get("/join/<token>")
    def join(token: str) -> str:
        return render_template("visit/join.html", token=token)

    @pages.post("/join/<token>")
    def come_in(token: str) -> Response:
        limit_public()
        cookie, g.visit = invitations.accept(site.casework, token)
        response = redirect(url_for("visit.overview"), 303)
        keep_visit(response, cookie)
        return response

    @pages.get("/left")
    def left() -> str:
        return render_template("visit/left.html")

    @pages.post("/visit/leave")
    def leave() -> Response:
        """This browser is no longer in; another one of the same case is."""
        response = redirect(url_for("visit.left"), 303)
        end_visit(response)
        return response
