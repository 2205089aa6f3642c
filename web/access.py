"""Who is asking, and whether what they send comes from a page of ours.

Two cookies say who somebody is. The staff's is a session token of the bench, which is asked for every request whose it
is: the web holds no authority. The customer's is bound to one case in casework, and ends with the visit. Both are
HttpOnly and SameSite=Strict; over https they are Secure and have the prefix `__Host-`, so that no other host of the
laboratory's name can set them.

Every request that changes something carries a token that only a page of ours can know: a hash of the strongest cookie
that is there (`csrf_token`). Who has none yet gets one for forms alone, which says nothing of who they are. The headers
`Origin` and `Sec-Fetch-Site`, where a browser sends them, must say that the page was ours.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from web.bench_link import BenchAwayError, name_in
from web.casework.invitations import Visit, visit_of
from web.casework.refused import Refused
from web.limits import AddressLimit
from web.site import Site

STAFF, VISIT, FORM = "staff", "visit", "form"
"""Cookies, the strongest first."""

LONGEST_BODY = 256 * 1024
"""Of a form, in bytes. A route that takes more says so with `takes`."""

STAFF_COOKIE_S = 12 * 3600
"""The bench ends a session earlier; a browser does not keep its token for longer."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

SIGN_IN_TRIES, SIGN_IN_WINDOW_S = 10, 300.0
PUBLIC_TRIES, PUBLIC_WINDOW_S = 30, 600.0
"""For what anybody may send: an application, a token of an invitation."""
PHOTO_TRIES, PHOTO_WINDOW_S = 20, 3600.0
"""For photos that anybody may send: each form with some of a self-check."""

Params = ParamSpec("Params")
View = Callable[Params, Any]


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who is signed in, as the bench has just said. names: by "zh" and "latin"."""

    session: str
    id: str
    names: Mapping[str, str]
    roles: tuple[str, ...]

    def name(self, language: str) -> str:
        return name_in(self.names, language)

    def has(self, *roles: str) -> bool:
        """Whether this person has one of some roles."""
        return any(role in self.roles for role in roles)


@dataclass(frozen=True, slots=True)
class Limits:
    sign_in: AddressLimit
    public: AddressLimit
    photos: AddressLimit


def the_site() -> Site:
    return cast(Site, current_app.extensions["site"])


def install(app: Flask, site: Site) -> None:
    """Every request of the application is looked at; its templates know `csrf_token` and `who`."""
    app.extensions["site"] = site
    now_s = site.feed.now_s
    app.extensions["limits"] = Limits(
        sign_in=AddressLimit(SIGN_IN_TRIES, SIGN_IN_WINDOW_S, now_s),
        public=AddressLimit(PUBLIC_TRIES, PUBLIC_WINDOW_S, now_s),
        photos=AddressLimit(PHOTO_TRIES, PHOTO_WINDOW_S, now_s),
    )
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.before_request(_look_at_request)
    app.after_request(_keep_form_cookie)
    app.context_processor(lambda: {"who": g.get("staff"), "visit": g.get("visit")})


# --- who is asking


def staff(*roles: str) -> Callable[[View[Params]], View[Params]]:
    """For a view of the staff with one of these roles, or with any; never for who has none. `g.staff` is who asks."""

    def for_staff(view: View[Params]) -> View[Params]:
        @wraps(view)
        def asked(*args: Params.args, **kwargs: Params.kwargs) -> Any:
            found = staff_who_asks()
            if found is None:
                return _sign_in_first()
            if not found.roles:
                raise Refused("no_role")
            if roles and not found.has(*roles):
                raise Refused("role_needed", role=roles[0])
            return view(*args, **kwargs)

        return asked

    return for_staff


def visit(view: View[Params]) -> View[Params]:
    """For a view of the customer. `g.visit` is the visit, which names its case."""

    @wraps(view)
    def asked(*args: Params.args, **kwargs: Params.kwargs) -> Any:
        if visit_that_asks() is None:
            raise Refused("visit_over" if _cookie(VISIT) else "no_visit")
        return view(*args, **kwargs)

    return asked


def staff_who_asks() -> Staff | None:
    """Who is signed in, as the bench says now; asked once a request. Errors: BenchAwayError."""
    if "staff" not in g:
        token = _cookie(STAFF)
        said = the_site().link.session(token) if token else None
        g.staff = (
            None
            if said is None
            else Staff(str(token), str(said["person"]), said["name"], tuple(said["roles"]))
        )
    found: Staff | None = g.staff
    return found


def staff_or_nobody() -> Staff | None:
    """The same, on a page that anybody may open and that does not need the bench: nobody where it is away."""
    try:
        return staff_who_asks()
    except BenchAwayError:
        return None


def staff_token() -> str:
    """The session that this browser was signed in with, which may have ended; "" for none."""
    return _cookie(STAFF) or ""


def visit_that_asks() -> Visit | None:
    """The customer's visit; None where there is none, or none any more."""
    if "visit" not in g:
        cookie = _cookie(VISIT)
        g.visit = visit_of(the_site().casework, cookie) if cookie else None
    found: Visit | None = g.visit
    return found


def visit_cookie() -> str:
    """For a stream, which outlives its request and asks again whether the visit lasts."""
    return _cookie(VISIT) or ""


def _sign_in_first() -> BaseResponse:
    if _cookie(VISIT) and not _cookie(STAFF):
        raise Refused("not_for_customers")
    if request.method not in SAFE_METHODS:
        raise Refused("session_expired")
    return redirect(url_for("staff.sign_in", next=request.full_path.rstrip("?")), 303)


def way_back(wanted: str, otherwise: str) -> str:
    """Where to go after signing in: a path of this host, never another host's address."""
    is_ours = wanted.startswith("/") and not wanted.startswith("//") and _host_in(wanted) == ""
    return wanted if is_ours and not any(c in wanted for c in "\\\r\n\t") else otherwise


def _host_in(address: str) -> str | None:
    """With its port; "" where an address has none, None where it is no address."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return None


# --- cookies


def keep_staff(response: BaseResponse, session: str) -> None:
    """The answer makes somebody signed in."""
    _set(response, STAFF, session, STAFF_COOKIE_S)


def end_staff(response: BaseResponse) -> None:
    _drop(response, STAFF)


def keep_visit(response: BaseResponse, cookie: str) -> None:
    """The answer begins a visit; the cookie goes with the browser's window, and casework ends it earlier."""
    _set(response, VISIT, cookie, None)


def end_visit(response: BaseResponse) -> None:
    _drop(response, VISIT)


def _name(cookie: str) -> str:
    return f"__Host-{cookie}" if request.is_secure else cookie


def _cookie(cookie: str) -> str | None:
    return request.cookies.get(_name(cookie)) or None


def _set(response: BaseResponse, cookie: str, value: str, max_age: int | None) -> None:
    response.set_cookie(
        _name(cookie),
        value,
        max_age=max_age,
        path="/",
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )


def _drop(response: BaseResponse, cookie: str) -> None:
    response.delete_cookie(
        _name(cookie), path="/", secure=request.is_secure, httponly=True, samesite="Strict"
    )


# --- what a form must carry


def csrf_token() -> str:
    """The hidden field `csrf` of every form, and the header `X-CSRF` of a script's request."""
    return _token_of(_secret() or _new_form_secret())


def _secret() -> str | None:
    """The strongest cookie there is: an injected weaker one is then of no use to anybody."""
    return next((value for cookie in (STAFF, VISIT, FORM) if (value := _cookie(cookie))), None)


def _new_form_secret() -> str:
    if "form_secret" not in g:
        g.form_secret = secrets.token_urlsafe(24)
    return str(g.form_secret)


def _token_of(secret: str) -> str:
    return hmac.new(secret.encode(), b"csrf of a form", hashlib.sha256).hexdigest()


def _look_at_request() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    request.max_content_length = getattr(view, "longest_body", LONGEST_BODY)
    if request.method in SAFE_METHODS or request.endpoint is None:  # or there is nothing that could be done
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise Refused("foreign_page")
    origin = request.headers.get("Origin")
    if origin is not None and _host_in(origin) != request.host:
        raise Refused("foreign_page")
    secret = _secret()
    sent = request.headers.get("X-CSRF") or request.form.get("csrf", "")
    if secret is None or not hmac.compare_digest(sent.encode(), _token_of(secret).encode()):
        raise Refused("form_too_old")


def _keep_form_cookie(response: Response) -> Response:
    if "form_secret" in g:
        _set(response, FORM, g.form_secret, None)
    return response


def takes(longest_body: int) -> Callable[[View[Params]], View[Params]]:
    """For a view that takes a larger body than a form's, in bytes: a photo."""

    def larger(view: View[Params]) -> View[Params]:
        view.longest_body = longest_body  # type: ignore[attr-defined]
        return view

    return larger


def uses_camera(view: View[Params]) -> View[Params]:
    """For a page that may ask the browser for its camera; all others may not."""
    view.uses_camera = True  # type: ignore[attr-defined]
    return view


# --- how often


def limit_sign_in() -> None:
    """Call it before a password is tried. Errors: Refused where this address has tried too often."""
    _limit(_limits().sign_in)


def sign_in_worked() -> None:
    _limits().sign_in.forget(_peer())


def limit_public() -> None:
    """For what anybody may send. Errors: Refused where this address has sent too much."""
    _limit(_limits().public)


def limit_photos() -> None:
    """The same for photos, each of which costs the decoding of a picture."""
    if wait_s := _limits().photos.wait_s(_peer()):
        raise Refused("check_photos_often", minutes=str(int(wait_s // 60) + 1))


def _limit(limit: AddressLimit) -> None:
    if wait_s := limit.wait_s(_peer()):
        raise Refused("too_many_tries", wait_s=str(int(wait_s) + 1))


def _limits() -> Limits:
    return cast(Limits, current_app.extensions["limits"])


def _peer() -> str:
    return request.remote_addr or ""
