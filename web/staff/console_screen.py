"""What of the console changes by itself: fragments of HTML for the live stream, as on the customer's page.

A console has one reader or two, so nothing is kept between them. The running point is shown by the fragments of the
customer's page: verifier and customer see the same figures.
"""

from __future__ import annotations

from typing import Any

from jinja2 import Environment

from web.customer.scene import Stage
from web.customer.view import build_view
from web.staff.console_view import Console
from web.staff.simulated_meter import simulated_meter

_OF_CUSTOMER = ("lamp", "watch", "figure", "plot")


def screen_of(console: Console, environment: Environment, language: str) -> dict[str, Any]:
    """The screen of web/static/live.js. layout: what changes when the page has to renew its forms and buttons."""
    view = build_view(console.state, console.position, language)
    is_running = console.situation.is_under_way and view.stage is Stage.RUNNING

    def html(template: str, **more: Any) -> str:
        return environment.get_template(template).render(language=language, view=view, **more).strip()

    fragments = {
        "health": html("staff/_health.html", health=console.health),
        "plan": html("staff/_plan.html", rows=console.rows, has_plan=console.has_plan),
        "running": html("staff/_running.html", is_running=is_running),
        "act": html("staff/_act.html", act=console.act),
    }
    meter = None if console.position is None else simulated_meter(console.state, console.position, language)
    fragments["meter"] = "" if meter is None else html("staff/_meter.html", meter=meter)
    for name in _OF_CUSTOMER:
        fragments[name] = html(f"customer/_{name}.html") if is_running else ""
    return {
        "layout": console.layout,
        "scene": view.scene.value,
        "stage": view.stage.value if is_running else Stage.NOTHING.value,
        "pulses": view.pulses if is_running else 0,
        "spoken": console.spoken,
        "fragments": fragments,
    }
