"""The live page of a case, and its stream: as the public one, of this case's run alone."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g, render_template

from web.access import visit, visit_cookie
from web.casework import cases
from web.casework.invitations import visit_of
from web.customer import SHORT_POINTS, WORDS, event_stream, freshness_of
from web.site import Site
from web.stream import full, live, while_in
from web.visit.photos import newest_photo
from web.visit.screens import VisitScreens

_KEPT = "visit_screens"


def add_routes(pages: Blueprint, site: Site) -> None:
    @pages.record
    def _keep_screens(setup: object) -> None:
        setup.app.extensions[_KEPT] = VisitScreens(setup.app.jinja_env)  # type: ignore[attr-defined]

    def screens() -> VisitScreens:
        kept: VisitScreens = current_app.extensions[_KEPT]
        return kept

    @pages.get("/visit/live")
    @visit
    def live_page() -> str:
        moment = site.feed.latest()
        case = cases.case(site.casework, g.visit.case_id)
        screen = screens().screen(moment, case.id, g.language)
        is_here = not screen["layout"].startswith("visit:")
        points = moment.state.get("points", {}) if moment.state else {}
        return render_template(
            "visit/live.html" if is_here else "visit/not_here.html",
            case=case,
            photo=newest_photo(site, case.id),
            screen=screen,
            positions=[],
            is_short=len(points) <= SHORT_POINTS,
            freshness=freshness_of(site.feed, moment),
            words=WORDS,
        )

    @pages.get("/visit/stream")
    @visit
    def stream() -> Response:
        case_id, language, kept = g.visit.case_id, g.language, screens()
        if not site.places.take():
            return event_stream(Response(full()))
        events = live(site.feed, lambda moment: kept.screen(moment, case_id, language))
        cookie = visit_cookie()
        response = Response(
            while_in(events, lambda: visit_of(site.casework, cookie) is not None, site.feed.now_s)
        )
        # On closing, not in the generator: one that was never begun is closed without running.
        response.call_on_close(site.places.give_back)
        return event_stream(response)
