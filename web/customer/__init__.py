"""The customer's pages: read-only, in Chinese and English, for a tablet beside the bench."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, current_app, g, render_template, request

from web.customer.cards import COMPACT_FROM
from web.customer.screens import AUTO, Screens, layout_of, positions_of
from web.feed import Feed, Moment
from web.stream import Places, full, live
from web.texts import text

STALE_AFTER_S = 5.0
"""Figures older than this are struck through."""

SHORT_POINTS = 6
"""With more steps than this, the ways that check each other are folded away."""

WORDS = (
    "difference", "give_or_take", "allowed", "flash", "reference", "load", "load_point", "power_factor",
    "power_time", "line", "rounded", "conditional", "unjudged", "invalid", "provisional",
)  # fmt: skip
"""What the page explains, in the order in which the page says it."""


def create_customer_blueprint(
    feed: Feed, places: Places, masked: Callable[[Moment], Moment] | None = None
) -> Blueprint:
    """Pages and live stream for whoever stands before the bench.

    masked: what of a moment everybody may see, where customers have pages of their own; None: all of it.
    """
    shown = _once_a_moment(masked) if masked is not None else (lambda moment: moment)
    customer = Blueprint("customer", __name__, template_folder="templates")

    def screens() -> Screens:
        kept: Screens = current_app.extensions["customer_screens"]
        return kept

    @customer.record
    def _keep_screens(setup: object) -> None:
        setup.app.extensions["customer_screens"] = Screens(setup.app.jinja_env)  # type: ignore[attr-defined]

    @customer.get("/")
    def start() -> Response:
        return _page(feed, shown(feed.latest()), screens(), AUTO)

    @customer.get("/position/<name>")
    def position(name: str) -> Response:
        return _page(feed, shown(feed.latest()), screens(), name)

    @customer.get("/stream")
    def stream() -> Response:
        view, language = request.args.get("view", AUTO), g.language
        kept = screens()
        if not places.take():
            return event_stream(Response(full()))
        response = Response(live(feed, lambda moment: kept.screen(shown(moment), view, language)))
        # On closing, not in the generator: one that was never begun is closed without running.
        response.call_on_close(places.give_back)
        return event_stream(response)

    return customer


def event_stream(response: Response) -> Response:
    """With what an answer needs that never ends."""
    response.content_type = "text/event-stream; charset=utf-8"
    # A proxy in between must not collect events.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _once_a_moment(change: Callable[[Moment], Moment]) -> Callable[[Moment], Moment]:
    """The same, worked out once for all viewers of a moment."""
    last: tuple[int, Moment] | None = None

    def changed(moment: Moment) -> Moment:
        nonlocal last
        kept = last
        if kept is None or kept[0] != moment.version:
            kept = last = (moment.version, change(moment))
        return kept[1]

    return changed


def _page(feed: Feed, moment: Moment, screens: Screens, view: str) -> Response:
    """The page as it is at this moment; complete without any script."""
    layout = layout_of(moment.state, view)
    if layout == "gone":
        return _no_position_page()
    template = "customer/list.html" if layout.startswith("list:") else "customer/position.html"
    html = render_template(
        template,
        screen=screens.screen(moment, view, g.language),
        view_name=view,
        positions=positions_of(moment.state) if moment.state else [],
        is_short=len(moment.state.get("points", {}) if moment.state else {}) <= SHORT_POINTS,
        compact_from=COMPACT_FROM,
        freshness=freshness_of(feed, moment),
        words=WORDS,
    )
    return Response(html)


def freshness_of(feed: Feed, moment: Moment) -> str:
    """Of a page as it is sent: `none` where its figures are too old to be believed."""
    age_s = moment.age_s(feed.now_s())
    return "none" if age_s is None or age_s > STALE_AFTER_S else "still"


def _no_position_page() -> Response:
    """It looks again by itself: the next run may have the position."""
    said = text("page.no_such_position", g.language)
    html = render_template("message.html", message=said, is_refusal=True, looks_again=True)
    return Response(html, 404)
