"""The console: one page a case, its live stream, and the sentence of what was just refused on top of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, g, render_template, url_for
from jinja2 import Environment

from web.access import Staff, staff
from web.casework import checklists, photos, questions
from web.customer import event_stream, freshness_of
from web.customer.wording import duration
from web.dates import moment_text
from web.feed import Moment
from web.site import Site
from web.staff.acts import PHOTOS, is_room_typed
from web.staff.asking import PlanPoints, case_of, names_of, told_of
from web.staff.console_screen import screen_of
from web.staff.console_view import Console, console_of, with_moment
from web.staff.next_act import Act, Reader, Second
from web.stream import full, live, while_in

ASKED_EVERY_S = 1.0
"""How often an open console asks casework and the bench, beside the live state that comes by itself."""

_PAGES = {
    Act.BEGIN: "staff.begin", Act.ANSWER: "staff.bench_answer", Act.EXPLAIN: "staff.explain",
    Act.DRAFT: "staff.draft", Act.SIGN: "staff.sign", Act.END: "staff.end", Act.SET_FREE: "staff.end",
}  # fmt: skip
"""Acts that have a page of their own, to fill in or to look at first."""
_POSTS = {Act.RECEIVE: "staff.receive", Act.START: "staff.start", Act.REPEAT: "staff.start"}
"""Acts that are done by the large button."""
_SECONDS = {
    Second.INVITE: "staff.invite", Second.STOP: "staff.stop", Second.SKIP: "staff.skip",
    Second.EXPLAIN: "staff.explain", Second.POSTPONE: "staff.postpone", Second.RELEASE: "staff.release",
    Second.END_VISIT: "staff.end_visit", Second.HAND_OVER: "staff.hand_over", Second.END: "staff.end",
}  # fmt: skip


class ConsolePages:
    """Renders the console of a case for whoever is signed in."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.plans = PlanPoints()

    def page(self, case_id: str, notice: str = "", status: int = 200) -> Response:
        """notice: what was refused just now."""
        site, who, language = self._site, g.staff, g.language
        case = case_of(site, case_id)
        moment = site.feed.latest()
        names = names_of(site, who, language)
        told = told_of(site, case, who, moment, names, self.plans)
        console = console_of(told, language)
        ticks = checklists.ticks(site.casework, case_id)
        html = render_template(
            "staff/console.html",
            case=case,
            told=told,
            console=console,
            names=names,
            notice=notice,
            ticks=ticks,
            photos={check: _newest(site, case_id, kind) for check, kind in PHOTOS.items()},
            questions=questions.questions(site.casework, case_id),
            handovers=(told.measuring or {}).get("handovers", ()),
            can_tick=console.situation.reader is Reader.VERIFIER and case.state == "ready",
            can_answer=console.situation.reader is Reader.VERIFIER,
            screen=screen_of(console, current_app.jinja_env, language),
            freshness=freshness_of(site.feed, moment),
            moment=lambda at: moment_text(at, language),
            duration=lambda seconds: duration(str(seconds), language),
            **_urls(console, case_id, told.open_checks, is_room_typed(moment.state)),
        )
        return Response(html, status)


def _newest(site: Site, case_id: str, kind: photos.PhotoKind) -> photos.Photo | None:
    kept = [photo for photo in photos.photos(site.casework, case_id) if photo.kind is kind]
    return kept[-1] if kept else None


def _urls(console: Console, case_id: str, open_checks: tuple[str, ...], asks_room: bool) -> dict[str, Any]:
    """Where the buttons lead. asks_room: a start asks first how warm it is."""
    act = console.act.act
    if act is Act.CHECKLIST:
        act_url = f"#check-{open_checks[0]}"
    elif act is Act.CHECK:
        act_url = f"/check/{case_id}"
    else:
        endpoint = _POSTS.get(act) or _PAGES.get(act)
        act_url = url_for(endpoint, case_id=case_id) if endpoint else ""
    seconds = {second: url_for(_SECONDS[second], case_id=case_id) for second in console.seconds}
    posts = act in _POSTS and not (asks_room and act in (Act.START, Act.REPEAT))
    return {"act_url": act_url, "act_posts": posts, "second_urls": seconds}


def add_routes(pages: Blueprint, site: Site, consoles: ConsolePages) -> None:
    @pages.get("/case/<case_id>")
    @staff()
    def console(case_id: str) -> Response:
        return consoles.page(case_id)

    @pages.get("/case/<case_id>/stream")
    @staff()
    def stream(case_id: str) -> Response:
        case_of(site, case_id)
        environment, language, who = current_app.jinja_env, g.language, g.staff
        if not site.places.take():
            return event_stream(Response(full()))
        render = watching(site, case_id, who, consoles.plans, environment, language)
        events = while_in(
            live(site.feed, render), lambda: site.link.session_lasts(who.session), site.feed.now_s
        )
        response = Response(events)
        response.call_on_close(site.places.give_back)
        return event_stream(response)


def watching(
    site: Site, case_id: str, who: Staff, plans: PlanPoints, environment: Environment, language: str
) -> Callable[[Moment], dict[str, Any]]:
    """What one open console shows at a moment; casework and the bench are asked again when some time has passed."""
    names = names_of(site, who, language)
    kept: dict[str, Any] = {}

    def screen(moment: Moment) -> dict[str, Any]:
        now_s = site.feed.now_s()
        if not kept or now_s - kept["asked_s"] >= ASKED_EVERY_S:
            told = told_of(site, case_of(site, case_id), who, moment, names, plans)
            kept.update(asked_s=now_s, told=told)
        else:
            told = with_moment(
                kept["told"], moment.state, is_connected=moment.is_connected, age_s=moment.age_s(now_s)
            )
        return screen_of(console_of(told, language), environment, language)

    return screen
