"""How a check goes from screen to screen: everything that was said stands in the address of the page.

So a page can be loaded again, opened after the phone was locked, or sent to somebody, and needs no account, no cookie
and no script. The instants at which the customer has begun and ended are put there by the server; what somebody makes
up in their place says nothing about anybody else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.customer.wording import duration
from web.forms import Form
from web.self_check.photo_fields import photo_values

LONGEST = 64
"""Characters of one thing in the address: nothing longer goes on to the next screen."""
LONGEST_CHECK_S = 15 * 86_400.0
BEGAN, ENDED, CODE, READ = "began", "ended", "self_check", "read"


def carried(form: Form, names: Iterable[str]) -> dict[str, Any]:
    """What goes on to the next screen in hidden fields."""
    return {name: form.value(name) for name in names if 0 < len(form.value(name)) <= LONGEST}


def instant(form: Form, name: str, now: str) -> datetime | None:
    """When something was begun or ended; None where there is none, or none of a check that can be under way."""
    try:
        at = datetime.fromisoformat(form.value(name)[:LONGEST])
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    age_s = (datetime.fromisoformat(now) - at).total_seconds()
    return at if 0.0 <= age_s <= LONGEST_CHECK_S else None


def stamped(name: str, now: str, without: Iterable[str] = ()) -> Response:
    """To the same page, with this instant in its address in the place of the press of a button."""
    stays = {key: value for key, value in request.args.items() if key not in (*without, name)}
    # Not by `url_for`: some names of arguments mean something to it, and anybody writes addresses.
    return redirect(f"{request.path}?{urlencode({**stays, name: now})}", 303)


def remaining(began: datetime, duration_s: float, now: str) -> dict[str, Any]:
    """For the screen on which somebody waits: how long still (s), and until when by the clocks of the place."""
    left_s = duration_s - (datetime.fromisoformat(now) - began).total_seconds()
    return {"left_s": max(0.0, left_s), "until": clock(began, duration_s)}


def screen(check: str, name: str, form: Form, **values: Any) -> str:
    """One screen of a check. The warnings of both are the same."""
    return render_template(
        "self_check/safety.html" if name == "safety" else f"self_check/{check}_{name}.html",
        form=form,
        check=check,
        action=url_for(f"self_check.{check}_page"),
        duration=lambda seconds: duration(str(seconds), g.language),
        **photo_values(check),
        **values,
    )


def clock(began: datetime, seconds: float) -> str:
    """When it will be over, by the clocks of the place: "21:34"."""
    return (began + timedelta(seconds=seconds)).astimezone().strftime("%H:%M")
