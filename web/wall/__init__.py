"""The wall: the middle of a customer's page on a television in the room, without names and with nothing to click.

It is the same stream of the same screens as a tablet's (web/customer/screens.py), of a state in which everything is
masked that says whose meter it is; what is not shown is not sent either.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g, render_template

from calibration.texts import LANGUAGES
from web.apply.promised import promised
from web.customer import event_stream, freshness_of
from web.customer.screens import AUTO, Screen, Screens, layout_of, positions_of
from web.feed import Moment
from web.site import Site
from web.stream import full, live
from web.texts import text
from web.wall.masking import masked

FRAGMENTS = ("banner", "meter", "step", "now", "lamp", "watch", "figure", "plot", "next", "faults")
"""What of a meter's screen hangs on the wall."""
MOST_PROMISES = 4
"""What is promised first: more could not be read from there."""
_KEPT = "wall_screens"


def create_wall_blueprint(site: Site) -> Blueprint:
    """The page and its live stream; a wall takes the place of a viewer."""
    wall = Blueprint("wall", __name__, template_folder="templates")

    @wall.record
    def _keep_screens(setup: object) -> None:
        setup.app.extensions[_KEPT] = Screens(setup.app.jinja_env)  # type: ignore[attr-defined]

    @wall.get("/wall")
    def page() -> str:
        moment = site.feed.latest()
        layout = layout_of(moment.state, AUTO)
        return render_template(
            "wall/wall.html",
            screen=_screen(moment, g.language),
            is_list=layout.startswith("list:"),
            positions=positions_of(moment.state) if moment.state else [],
            freshness=freshness_of(site.feed, moment),
            promises=promised(site.casework.promises, g.language)[:MOST_PROMISES],
        )

    @wall.get("/wall/stream")
    def stream() -> Response:
        language = g.language
        screens: Screens = current_app.extensions[_KEPT]
        if not site.places.take():
            return event_stream(Response(full()))
        response = Response(live(site.feed, lambda moment: wall_screen(screens, moment, language)))
        response.call_on_close(site.places.give_back)
        return event_stream(response)

    return wall


def wall_screen(screens: Screens, moment: Moment, language: str) -> Screen:
    """A customer's screen of the masked moment, with less of it, and the verdict's word in the other language too."""
    screen = screens.screen(masked(moment), AUTO, language)
    if screen["layout"].startswith("list:"):
        return screen
    shown = {name: screen["fragments"][name] for name in FRAGMENTS}
    return {**screen, "fragments": {**shown, "other": _other_word(screen["scene"], language)}}


def _screen(moment: Moment, language: str) -> Screen:
    return wall_screen(current_app.extensions[_KEPT], moment, language)


def _other_word(scene: str, language: str) -> str:
    """The verdict as the other language writes it; "" while there is none."""
    other = next(each for each in LANGUAGES if each != language)
    key = f"verdict.{scene.upper()}"
    if key not in text:
        return ""
    return f'<span lang="{"zh-Hans" if other == "zh" else "en"}">{text(key, other)}</span>'
