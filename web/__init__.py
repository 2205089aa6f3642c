"""The pages. A process of its own that has no device: what it shows of the bench, it was told over the bench's socket.

With a file for casework it has the pages of the service around a measurement, too, for customers and for staff: one
room a folder, each a blueprint made with the `Site`. Without one it is the live page alone.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, g, request
from werkzeug.routing import IntegerConverter, Map

from calibration.texts import LANGUAGES
from web import access, refusals, wall_time
from web.after import create_after_blueprint
from web.apply import create_apply_blueprint
from web.bench_link import BenchLink
from web.case_watch import CaseWatch
from web.casework import made_up
from web.casework.store import Casework
from web.competence import create_competence_blueprint
from web.consumption import create_consumption_blueprint
from web.customer import create_customer_blueprint
from web.feed import Feed
from web.handbook import create_handbook_blueprint, create_questions_blueprint
from web.knowledge.shipped import furnish
from web.office import create_office_blueprint
from web.operation import add_metrics, create_operation_blueprint
from web.page_files import NO_FILES, PageFiles
from web.review import create_review_blueprint
from web.self_check import create_self_check_blueprint
from web.site import Site
from web.staff import create_staff_blueprint
from web.stream import Places
from web.texts import text
from web.trial import create_trial_blueprint
from web.visit import create_visit_blueprint
from web.wall import create_wall_blueprint
from web.wall.masking import masked
from web.whole_days import PageTemplate

DEFAULT_VIEWERS = 120
LANGUAGE_COOKIE = "lang"
_A_YEAR_S = 365 * 24 * 3600

_WITH_ETAG = frozenset({"static", "handbook.picture", "handbook.whole"})
"""What everybody may read, and a browser keeps: it asks whether it is still the same."""

CONTENT_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
)


def create_app(
    socket_path: str,
    viewers: int = DEFAULT_VIEWERS,
    files: PageFiles = NO_FILES,
    now: Callable[[], str] = wall_time.now,
) -> Flask:
    """The web application on the bench's socket; `viewers` live streams at most at one time.

    now: wall time. What it runs beside its requests starts at once and lives until `web.serve.close`.
    Errors: OperatorError where the file of the cases cannot be opened.
    """
    app = Flask(__name__)
    app.url_map.converters["int"] = _RowNumber
    feed, places = Feed(socket_path), Places(viewers)
    app.extensions["feed"] = feed
    app.jinja_env.globals["text"] = text
    app.jinja_env.globals["bench_state"] = lambda: feed.latest().state
    app.jinja_env.template_class = PageTemplate
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(
        create_customer_blueprint(feed, places, masked if files.casework is not None else None)
    )

    @app.before_request
    def choose_language() -> None:
        g.language = _language()

    @app.context_processor
    def language_of_page() -> dict[str, str]:
        return {"language": g.language}

    @app.after_request
    def keep_safe(response: Response) -> Response:
        view = app.view_functions.get(request.endpoint or "")
        return _with_headers(response, camera=getattr(view, "uses_camera", False))

    @app.get("/health")
    def health() -> dict[str, object]:
        """For a supervisor: is the bench connected, and how old is its last word (s; null for never)."""
        moment = feed.latest()
        return {"connected": moment.is_connected, "age_s": moment.silent_s(feed.now_s())}

    add_metrics(app, feed, places, files.metrics_token, now, files.https_certificate)
    refusals.install(app)
    if files.casework is not None:
        casework = Casework(files.casework, now, files.promises)
        furnish(casework)
        app.extensions["casework"] = casework
        link = BenchLink(socket_path)
        _open_rooms(app, Site(feed, places, link, casework, now, files.join_network), files.https_certificate)
        app.extensions["case_watch"] = CaseWatch(feed, casework, link)
        app.extensions["case_watch"].start()
    feed.start()
    return app


def _open_rooms(app: Flask, site: Site, certificate: Path | None) -> None:
    """The rooms around the measurement, one line each."""
    access.install(app, site)
    app.jinja_env.globals |= {
        "has_service": True,
        "is_demonstration": lambda: made_up.has_any(site.casework),
        "made_up": lambda case: made_up.said_of(site.casework, case.id, case.run_ids),
    }
    app.register_blueprint(create_apply_blueprint(site))
    app.register_blueprint(create_self_check_blueprint(site))
    app.register_blueprint(create_consumption_blueprint(site))
    app.register_blueprint(create_office_blueprint(site))
    app.register_blueprint(create_review_blueprint(site))
    app.register_blueprint(create_competence_blueprint(site))
    app.register_blueprint(create_staff_blueprint(site))
    app.register_blueprint(create_visit_blueprint(site))
    app.register_blueprint(create_after_blueprint(site))
    app.register_blueprint(create_trial_blueprint(site))
    app.register_blueprint(create_wall_blueprint(site))
    app.register_blueprint(create_handbook_blueprint(site))
    app.register_blueprint(create_questions_blueprint(site))
    app.register_blueprint(create_operation_blueprint(site, certificate))


class _RowNumber(IntegerConverter):
    """`<int:...>` of an address: what no row can have as its number is no address (SQLite counts to 2^63 - 1)."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**63 - 1)


def _language() -> str:
    """Asked for in the address, else chosen before, else the browser's preference, else Chinese."""
    for wish in (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wish in LANGUAGES:
            return wish
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def _with_headers(response: Response, *, camera: bool) -> Response:
    """Nothing from elsewhere, nothing inline, no frame around it, nothing kept of what was measured.

    camera: whether the page may ask for the browser's.
    """
    headers = response.headers
    headers["Content-Security-Policy"] = CONTENT_POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    # Never to another host. To our own, since with no referrer at all a browser sends `Origin: null` with a form, which
    # could come from anywhere (web/access.py).
    headers["Referrer-Policy"] = "same-origin"
    allowed = "self" if camera else ""
    headers["Permissions-Policy"] = f"camera=({allowed}), microphone=(), geolocation=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.is_secure:
        headers["Strict-Transport-Security"] = f"max-age={_A_YEAR_S}; includeSubDomains"
    # Files of ours are asked for again with their ETag: after an update nobody sees old code.
    headers["Cache-Control"] = "no-cache" if request.endpoint in _WITH_ETAG else "no-store"
    if request.args.get("lang") in LANGUAGES and not (request.endpoint or "").endswith(".stream"):
        response.set_cookie(
            LANGUAGE_COOKIE,
            request.args["lang"],
            max_age=_A_YEAR_S,
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
    return response
