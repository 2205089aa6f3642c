"""The live screen of one case: its meter's while its run is on the bench, and of nobody's meter otherwise.

The screens of `web/customer/screens.py` are used as they are, so that a customer reads the same sentences everywhere.
Here is decided who may see them, and the course of the steps is added.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from jinja2 import Environment

from web.customer.scene import State
from web.customer.screens import Screen, Screens, positions_of
from web.feed import QUIET_PHASES, Moment
from web.visit.course import course_of

_MOST_KEPT = 64

NOT_HERE = ("no_bench", "free", "cut_off", "occupied")
"""Layouts while the case's run is not on the bench: nothing is heard of it, it is free, it has another meter."""


class VisitScreens:
    """Renders the screen of a case; keeps the latest of each case and language, for as long as nothing has changed."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._screens = Screens(environment)
        self._kept: OrderedDict[tuple[str, str], tuple[int, Screen]] = OrderedDict()
        self._lock = threading.Lock()

    def screen(self, moment: Moment, case_id: str, language: str) -> Screen:
        with self._lock:
            version, kept = self._kept.get((case_id, language), (-1, {}))
            if version == moment.version:
                return kept
            screen = self._render(moment, case_id, language)
            self._kept[case_id, language] = (moment.version, screen)
            self._kept.move_to_end((case_id, language))
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
            return screen

    def _render(self, moment: Moment, case_id: str, language: str) -> Screen:
        position = position_of(moment.state, case_id)
        if position is None:
            return self._not_here(moment.state, case_id, language)
        assert moment.state is not None
        screen = self._screens.screen(moment, position, language)
        course = course_of(moment.state, position, language)
        html = self._html("visit/_course.html", course=course, language=language)
        return {**screen, "fragments": {**screen["fragments"], "course": html}}

    def _not_here(self, state: State | None, case_id: str, language: str) -> Screen:
        layout = not_here(state, case_id)
        banner = self._html("customer/_banner.html", state=state, language=language)
        now = self._html("visit/_not_here.html", layout=layout, language=language)
        return {
            "layout": f"visit:{layout}",
            "scene": "no_bench" if layout == "no_bench" else "idle",
            "stage": "nothing",
            "pulses": 0,
            "spoken": "",
            "fragments": {"banner": banner, "tower": "", "now": now},
        }

    def _html(self, template: str, **context: object) -> str:
        return self._environment.get_template(template).render(**context).strip()


def position_of(state: State | None, case_id: str) -> str | None:
    """The position of a case's meter, where the run on the bench is that case's; it then has this meter alone."""
    run = None if state is None else state.get("run")
    if state is None or run is None or run.get("case") != case_id:
        return None
    names = positions_of(state)
    return names[0] if len(names) == 1 else None


def not_here(state: State | None, case_id: str) -> str:
    """Which of `NOT_HERE` it is."""
    if state is None:
        return "no_bench"
    if (state.get("interrupted") or {}).get("case") == case_id:
        return "cut_off"
    is_over = state.get("phase") in QUIET_PHASES
    return "free" if state.get("run") is None or is_over else "occupied"
