"""How the appliance fares, for whoever runs it: a page for the staff, and the same figures for a collector.

rows.py         the lines of the page, from what the bench says of itself; pure
metrics.py      the same figures as OpenMetrics; the one module that knows prometheus-client
collectors.py   who may collect them
certificate.py  how long that of https lasts

What is said of the measuring process it says itself, over its socket; nothing of it is opened here. No figure says
whose meter is tested, or by whom.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from importlib import metadata
from pathlib import Path

from flask import Blueprint, Flask, Response, render_template

from bench.control.client import Message
from bench.errors import OperatorError
from web.access import staff
from web.bench_link import BenchAwayError, BenchLink
from web.feed import Feed
from web.office.helpers import helpers
from web.operation.certificate import certificate_until
from web.operation.collectors import Collectors
from web.operation.rows import Seen, rows_of
from web.site import Site
from web.stream import Places
from web.texts import text

REFUSED = 403


def add_metrics(
    app: Flask,
    feed: Feed,
    places: Places,
    token: Path | None,
    now: Callable[[], str],
    certificate: Path | None,
) -> None:
    """`/metrics`. token: a file with what a collector from elsewhere must know; None: this machine alone asks.

    certificate: of https, where there is one.

    Errors: OperatorError where the file says nothing, or too little.
    """
    collectors, link = Collectors.of(token), BenchLink(feed.socket_path)

    @app.get("/metrics")
    def metrics() -> Response:
        """For a collector: OpenMetrics."""
        if not collectors.may():
            said = "\n".join(text("operation.not_for_you", language) for language in ("zh", "en"))
            return Response(said + "\n", REFUSED, mimetype="text/plain")
        # Late: whoever has no collector starts without it.
        from web.operation.metrics import CONTENT_TYPE, exposition

        return Response(
            exposition(_seen(feed, places, link, None, now(), certificate)), content_type=CONTENT_TYPE
        )


def create_operation_blueprint(site: Site, certificate: Path | None) -> Blueprint:
    """`/office/health`. certificate: of https, where there is one."""
    operation = Blueprint("operation", __name__, template_folder="templates")
    operation.context_processor(helpers)

    @operation.get("/office/health")
    @staff()
    def health() -> str:
        seen = _seen(site.feed, site.places, site.link, site.casework.path, site.now(), certificate)
        return render_template("operation/health.html", parts=rows_of(seen))

    return operation


def _seen(
    feed: Feed, places: Places, link: BenchLink, kept: Path | None, now: str, certificate: Path | None
) -> Seen:
    """Everything that is known just now. kept: what this process keeps by itself."""
    moment = feed.latest()
    return Seen(
        bench=_bench(link),
        state=moment.state,
        is_connected=moment.is_connected,
        age_s=moment.silent_s(feed.now_s()),
        viewers=places.taken,
        most_viewers=places.most,
        version=metadata.version("meter-test-bench"),
        free_bytes=None if kept is None else shutil.disk_usage(kept.parent).free,
        now=datetime.fromisoformat(now),
        certificate_until=certificate_until(certificate),
        is_https=certificate is not None,
    )


def _bench(link: BenchLink) -> Message | None:
    """None while it is away, or where it is of a release that does not tell."""
    try:
        return link.ask(lambda bench: bench.health())
    except (BenchAwayError, OperatorError):
        return None
