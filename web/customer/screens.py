"""Screens: what a stream keeps up to date, as named fragments of HTML. One rendering serves all viewers.

A screen is a JSON object without nulls:
    layout     which page this is; a browser that shows another one loads again
    scene      class names of the page (scene.py)
    stage
    pulses     count of flashes of the running part, for the lamp
    spoken     what a screen reader says when it changes
    fragments  {name: HTML}; a fragment holds nothing to click or to focus, because it is replaced as it changes
"""

from __future__ import annotations

import threading
from typing import Any

from jinja2 import Environment

from web.customer.cards import card_of
from web.customer.scene import State
from web.customer.view import View, build_view
from web.feed import Moment
from web.texts import text

Screen = dict[str, Any]

AUTO = "auto"
"""The view of `/`: the only position, or the list of positions, or a bench that is not there."""

FRAGMENTS = (
    "banner", "tower", "meter", "step", "now", "lamp", "watch", "figure", "plot",
    "reference", "next", "points", "ways", "faults", "worth", "about",
)  # fmt: skip


class Screens:
    """Renders screens and keeps the latest of each view and language, for as long as nothing has changed."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._kept: dict[tuple[str, str], tuple[int, Screen]] = {}
        self._lock = threading.Lock()

    def screen(self, moment: Moment, view: str, language: str) -> Screen:
        """The screen of a view: a position's name, or AUTO."""
        with self._lock:
            version, kept = self._kept.get((view, language), (-1, {}))
            if version == moment.version:
                return kept
            screen = self._render(moment.state, view, language)
            if moment.state is None or view in (AUTO, *positions_of(moment.state)):
                # Names that no position has are not kept: anybody may ask for any number of them.
                self._kept[view, language] = (moment.version, screen)
            return screen

    def _render(self, state: State | None, view: str, language: str) -> Screen:
        layout = layout_of(state, view)
        if layout.startswith("list:"):
            assert state is not None
            return self._list(state, layout, language)
        position = layout.removeprefix("position:") if layout.startswith("position:") else None
        return self._position(state, position, layout, language)

    def _position(self, state: State | None, position: str | None, layout: str, language: str) -> Screen:
        view = build_view(state, position, language)
        context = {
            "view": view,
            "state": state,
            "position": position,
            "tower": tower_of(state),
            "meters": 0 if state is None else len(positions_of(state)),
            "meter": state["positions"][position] if state is not None and position is not None else None,
            "language": language,
        }
        return _screen(
            view, layout, {name: self._html(f"customer/_{name}.html", **context) for name in FRAGMENTS}
        )

    def _list(self, state: State, layout: str, language: str) -> Screen:
        names = positions_of(state)
        fragments = {
            "banner": self._html("customer/_banner.html", state=state, language=language),
            "tower": self._html(
                "customer/_tower.html", tower=tower_of(state), meters=len(names), language=language
            ),
        }
        for position in names:
            card = card_of(state, position, language)
            fragments[f"card-{position}"] = self._html("customer/_card.html", card=card, language=language)
        chosen = text("page.choose_position", language)
        return {
            "layout": layout,
            "scene": "list",
            "stage": "list",
            "pulses": 0,
            "spoken": chosen,
            "fragments": fragments,
        }

    def _html(self, template: str, **context: Any) -> str:
        return self._environment.get_template(template).render(**context).strip()


def tower_of(state: State | None) -> str | None:
    """The word of the bench's tower lamp, as the bench says it; None where it says none that is known here."""
    lamp = None if state is None else state.get("lamp")
    return lamp if f"tower.{lamp}" in text else None


def positions_of(state: State) -> list[str]:
    return sorted(state.get("positions", {}), key=lambda name: (len(name), name))


def layout_of(state: State | None, view: str) -> str:
    """`none`, `position:NAME`, `list:NAME,NAME,...` or `gone` (no such position in this run)."""
    names = [] if state is None else positions_of(state)
    if not names:
        # Before the first run nothing says which positions there are; a page that is open then must come to life.
        return "none"
    if view != AUTO:
        return f"position:{view}" if view in names else "gone"
    return f"position:{names[0]}" if len(names) == 1 else f"list:{','.join(names)}"


def _screen(view: View, layout: str, fragments: dict[str, str]) -> Screen:
    return {
        "layout": layout,
        "scene": view.scene.value,
        "stage": view.stage.value,
        "pulses": view.pulses,
        "spoken": view.announcement,
        "fragments": fragments,
    }
