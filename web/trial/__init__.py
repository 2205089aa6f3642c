"""Catch the bench out: the customer hides an error in a simulated meter, and the bench has to find it.

The hidden value goes to the measuring process's simulated meter and nowhere else on that side (`trial` in
docs/architecture.md); what comes back is what its measuring program found. A real measurement goes before.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bench.control.client import ControlRefusedError
from bench.errors import OperatorError
from web.access import visit
from web.bench_link import BenchAwayError
from web.casework.trials import LARGEST_PCT, require_another_trial, trial, trials
from web.forms import Form
from web.site import Site
from web.texts import text
from web.trial.words import TrialWords, trial_words

UNFIT, CONFLICT, AWAY = 422, 409, 503
STEP_PCT = Decimal("0.01")
_BUSY = frozenset({"bench_busy", "busy"})


def create_trial_blueprint(site: Site) -> Blueprint:
    """The page, for whoever is in by a visit: the customer, on the own telephone or on the verifier's tablet."""
    pages = Blueprint("trial", __name__, template_folder="templates")

    @pages.get("/visit/trial")
    @visit
    def trial_page() -> Response:
        return _page(site, Form())

    @pages.post("/visit/trial")
    @visit
    def hide() -> BaseResponse:
        form = Form(request.form)
        error_pct = form.number("error_pct", least=-LARGEST_PCT, most=LARGEST_PCT)
        if error_pct is not None and error_pct != error_pct.quantize(STEP_PCT):
            form.wrong("error_pct", "no_number")
        if form.errors or error_pct is None:
            return _page(site, form, status=UNFIT)
        require_another_trial(site.casework, g.visit.case_id)
        try:
            found = site.link.trial(f"{error_pct:f}")
        except BenchAwayError:
            return _page(site, form, text("trial.away", g.language), AWAY)
        except ControlRefusedError as refusal:
            if refusal.reason not in _BUSY:
                raise
            return _page(site, form, text("trial.busy", g.language), CONFLICT)
        except OperatorError as problem:
            return _page(site, form, text("trial.failed", g.language, why=str(problem)), CONFLICT)
        trial(site.casework, g.visit.case_id, error_pct, _kept(found, error_pct))
        return redirect(url_for("trial.trial_page"), 303)

    return pages


def _kept(found: dict[str, Any], error_pct: Decimal) -> dict[str, Any]:
    """What is shown of the bench's answer; the hidden value as the customer gave it, not as anybody gives it back."""
    shown = {name: found.get(name) for name in ("verdict", "points", "funnel", "seconds")}
    return {**shown, "error_pct": f"{error_pct:f}"}


def _page(site: Site, form: Form, refusal: str = "", status: int = 200) -> Response:
    tried: list[TrialWords] = [
        trial_words(dict(one.outcome), g.language) for one in reversed(trials(site.casework, g.visit.case_id))
    ]
    return Response(render_template("trial/trial.html", form=form, trials=tried, refusal=refusal), status)
