"""The pages. A process of its own that has no device: what it shows, it was told over the bench's socket."""

from __future__ import annotations

from flask import Flask, Response, g, render_template, request

from calibration.texts import LANGUAGES
from web.customer import create_customer_blueprint
from web.feed import Feed
from web.stream import Places
from web.texts import text

DEFAULT_VIEWERS = 50
LANGUAGE_COOKIE = "lang"
_A_YEAR_S = 365 * 24 * 3600

CONTENT_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'"
)


def create_app(socket_path: str, viewers: int = DEFAULT_VIEWERS) -> Flask:
    """The web application on the bench's socket; `viewers` live streams at most at one time.

    Its feed starts at once and lives until `app.extensions["feed"].close()`.
    """
    app = Flask(__name__)
    feed = Feed(socket_path)
    app.extensions["feed"] = feed
    app.jinja_env.globals["text"] = text
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(create_customer_blueprint(feed, Places(viewers)))

    @app.before_request
    def choose_language() -> None:
        g.language = _language()

    @app.context_processor
    def language_of_page() -> dict[str, str]:
        return {"language": g.language}

    @app.after_request
    def keep_safe(response: Response) -> Response:
        return _with_headers(response)

    @app.errorhandler(404)
    def not_found(_: Exception) -> tuple[str, int]:
        return render_template("message.html", message=text("page.not_found", g.language)), 404

    @app.get("/health")
    def health() -> dict[str, object]:
        """For a supervisor: is the bench connected, and how old is its last word (s; null for never)."""
        moment = feed.latest()
        return {"connected": moment.is_connected, "age_s": moment.age_s(feed.now_s())}

    feed.start()
    return app


def _language() -> str:
    """Asked for in the address, else chosen before, else the browser's preference, else Chinese."""
    for wish in (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wish in LANGUAGES:
            return wish
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def _with_headers(response: Response) -> Response:
    """Nothing from elsewhere, nothing inline, no frame around it, nothing kept of what was measured."""
    headers = response.headers
    headers["Content-Security-Policy"] = CONTENT_POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    # Files of ours are asked for again with their ETag: after an update nobody sees old code.
    headers["Cache-Control"] = "no-cache" if request.endpoint == "static" else "no-store"
    if request.args.get("lang") in LANGUAGES and request.endpoint != "customer.stream":
        response.set_cookie(
            LANGUAGE_COOKIE,
            request.args["lang"],
            max_age=_A_YEAR_S,
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
    return response
