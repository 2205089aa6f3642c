"""What a page says when something is refused: what happened and what to do; and that it is written down.

A refusal is casework's `Refused`, one of the bench (`ControlRefusedError`), or a request that cannot be understood. Its
sentence is the text of its key; its status says which kind it is.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, current_app, g, has_app_context, render_template, request, url_for
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)
from werkzeug.routing import RoutingException

from bench.control.client import ControlRefusedError
from bench.errors import OperatorError
from calibration.texts import braces
from web.access import the_site, visit_that_asks, way_back
from web.bench_link import BenchAwayError
from web.casework.history import refuse
from web.casework.model import CUSTOMER
from web.casework.refused import Refused
from web.casework.store import CaseworkAwayError
from web.texts import text

log = logging.getLogger(__name__)

CONFLICT, TOO_LARGE = 409, 413
_NOT_TYPED = frozenset({"csrf", "password", "strokes", "next", "step"})
_PERSONS = frozenset({"person", "verifier", "checker", "owner"})
"""Values of refusals that are ids of persons."""
_FORM_TOO_OLD = "form_too_old"
_LEAST_TYPED = 4
"""Characters: less is a tick or a figure out of a list."""
SOMEBODY = "somebody"
"""In the log of refusals, where it is neither a customer nor one of the staff. An address of a network is not kept."""
_KEYS_OF_STATUS = {
    403: (
        "foreign_page", "form_too_old", "role_missing", "role_needed", "no_role", "not_for_customers", "no_visit",
        "session_expired", "sign_in_wrong", "not_allowed", "not_allowed_here", "not_your_case", "not_its_verifier",
        "not_your_run", "not_its_checker", "authorisation_missing", "authorisation_not_yet", "authorisation_expired",
        "authorisation_revoked",
    ),
    404: (
        "not_found", "case_unknown", "no_such_case", "foreign_case", "no_such_photo", "no_such_question",
        "no_such_follow_up", "no_such_request", "no_such_measure", "no_such_month", "no_such_target", "no_such_kudos",
        "no_such_maker",
    ),
    410: (
        "visit_over", "token_unknown", "token_used", "token_expired", "link_unknown", "link_revoked", "link_expired",
        "self_check_gone",
    ),
    TOO_LARGE: ("too_large", "photo_too_large"),
    429: ("too_many_tries", "too_much_in_an_hour"),
    503: ("busy", "print_busy", "applications_full", "requests_full"),
}  # fmt: skip
STATUS = {key: status for status, keys in _KEYS_OF_STATUS.items() for key in keys}
"""Of a key; any other is a conflict with how things stand: `CONFLICT`."""


def install(app: Flask) -> None:
    """Every refusal becomes a page."""
    app.jinja_env.globals["address_in"] = address_in
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(ControlRefusedError, _refused_by_bench)
    app.register_error_handler(OperatorError, _refused_without_key)
    app.register_error_handler(BenchAwayError, _bench_away)
    app.register_error_handler(CaseworkAwayError, casework_away)
    app.register_error_handler(RequestEntityTooLarge, lambda _: _refused(Refused("too_large")))
    app.register_error_handler(MethodNotAllowed, _not_found)
    app.register_error_handler(NotFound, _not_found)
    app.log_exception = _log_defect  # type: ignore[method-assign]
    app.register_error_handler(InternalServerError, lambda _: page(text("page.went_wrong", g.language), 500))


def _log_defect(exc_info: Any) -> None:
    """Flask would write the address, in which there may be a link that lets somebody in."""
    log.error("a page failed: %s", request.endpoint, exc_info=exc_info)


def sentence(key: str, values: Mapping[str, Any], language: str) -> str:
    """The sentence of a refusal in one language; of a key that is not known here, that it is one.

    A value that was not sent with it (a bench of another version) is a dash: a refusal is never an error of the page.
    """
    shown = {
        name: person_said(str(value), language) if name in _PERSONS else _shown(value, language)
        for name, value in values.items()
    }
    if (name := f"refused.{key}") in text:
        return text(name, language, **{**dict.fromkeys(braces(text.table[name][0]), "—"), **shown})
    return text("access_refused.other", language, reason=key)


def problem_said(problem: OperatorError, language: str) -> str:
    """What the bench refuses, as one sentence beside the form it was asked with; and it is written down."""
    if isinstance(problem, ControlRefusedError):
        write_down(problem.reason)
        return sentence(problem.reason, problem.values, language)
    write_down("by_the_bench")
    return text("access_refused.by_the_bench", language, said=str(problem))


def status_of(problem: OperatorError) -> int:
    """Of a page that says what the bench refuses."""
    return STATUS.get(problem.reason, CONFLICT) if isinstance(problem, ControlRefusedError) else CONFLICT


def person_said(who: str, language: str) -> str:
    """By name with the id, where a page was told the name before; else by the id alone."""
    site = current_app.extensions.get("site") if has_app_context() else None
    name = None if site is None else site.link.known_name(who, language)
    if name is None:
        return who
    return f"{name}（{who}）" if language == "zh" else f"{name} ({who})"


def _shown(value: object, language: str) -> str:
    """Names of roles, checks and tests in words; several as a list."""
    if isinstance(value, list):
        return text("list.and", language).join(_shown(one, language) for one in value)
    for section in ("role", "case_check", "plan_item"):
        if f"{section}.{value}" in text:
            return text(f"{section}.{value}", language)
    return str(value)


def _refused(refusal: Refused) -> Response:
    if not refusal.is_recorded:
        write_down(refusal.key)
    said, status = sentence(refusal.key, refusal.values, g.language), STATUS.get(refusal.key, CONFLICT)
    return page(said, status, _form_again() if refusal.key == _FORM_TOO_OLD else "")


def _form_again() -> str:
    """The page on which the form of this request stands; "" where that is not known."""
    if _can_be_opened():
        return request.full_path.rstrip("?")
    came_from = urlsplit(request.referrer or "")
    return way_back(came_from.path, "") if came_from.netloc == request.host else ""


def _refused_by_bench(refusal: ControlRefusedError) -> Response:
    write_down(refusal.reason)
    return page(sentence(refusal.reason, refusal.values, g.language), STATUS.get(refusal.reason, CONFLICT))


def _refused_without_key(problem: OperatorError) -> Response:
    return page(text("access_refused.by_the_bench", g.language, said=str(problem)), CONFLICT)


def casework_away(problem: CaseworkAwayError) -> Response:
    log.error("%s %s: %s", request.method, request.endpoint, problem)
    return page(text("access_refused.not_kept", g.language), 503)


def _bench_away(problem: BenchAwayError) -> Response:
    is_open = problem.was_asked and request.method == "POST"
    return page(text(f"access_refused.{'bench_lost' if is_open else 'bench_away'}", g.language), 503)


def _not_found(problem: HTTPException) -> Response:
    return page(text("page.not_found", g.language), problem.code or 404)


def page(message: str, status: int, again: str = "") -> Response:
    """A refusal on a page of its own, with what was typed: nobody has to think of it again.

    again: where the form can be opened anew.
    """
    html = render_template(
        "message.html", message=message, is_refusal=True, typed=_typed(status), again=again
    )
    return Response(html, status)


def _typed(status: int) -> str:
    """What stood in the fields of a form that was refused; "" where there is none, or it was too large to be read.

    No password is said again, and nothing that a foreign page has sent is shown as if somebody had typed it.
    """
    if (
        request.method != "POST"
        or status == TOO_LARGE
        or request.headers.get("Sec-Fetch-Site") == "cross-site"
    ):
        return ""
    values = [value.strip() for name, value in request.form.items(multi=True) if name not in _NOT_TYPED]
    return "\n".join(value for value in values if len(value) >= _LEAST_TYPED)


def write_down(key: str) -> None:
    """In casework's log of refusals: who asked for what, when, and why not. Never what was typed."""
    if "site" not in current_app.extensions:
        return
    act = f"{request.method} {request.endpoint or 'nowhere'}"
    asked_for = (request.view_args or {}).get("case_id")
    case = asked_for if isinstance(asked_for, str) else None
    if g.get("staff"):
        who = str(g.staff.id)
    elif (visit := visit_that_asks()) is not None:
        who, case = CUSTOMER, visit.case_id
    else:
        who = SOMEBODY
    refuse(the_site().casework, who, act, key, case)


def address_in(language: str) -> str:
    """The present page in another language. After a form was sent: the page at that address, or the one it was on."""
    if request.endpoint is None or not _can_be_opened():
        return url_for("customer.start", lang=language)
    # What was asked for is put behind it here: `url_for` takes some names as its own (`endpoint`, `_method`).
    arguments = {**request.args.to_dict(), "lang": language}
    return f"{url_for(request.endpoint, **(request.view_args or {}))}?{urlencode(arguments)}"


def _can_be_opened() -> bool:
    """Whether the address of this request can be opened as a page, too, and not only sent to."""
    if request.method in ("GET", "HEAD"):
        return True
    try:
        current_app.url_map.bind("localhost").match(request.path, method="GET")
    except (HTTPException, RoutingException):
        return False
    return True
