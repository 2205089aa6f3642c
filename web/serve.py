"""The web process: the pages on waitress, with a thread for each live viewer and some for pages."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import waitress
from flask import Flask
from waitress.server import BaseWSGIServer, MultiSocketServer

from bench import logs
from bench.errors import OperatorError
from web import DEFAULT_VIEWERS, create_app
from web.connections import guard
from web.feed import Feed
from web.page_files import NO_FILES, PageFiles

PAGE_THREADS = 16
"""Threads that stay free for pages when every viewer's stream holds one."""
CONNECTIONS_BESIDE = 100
"""Connections above the number of threads: browsers keep some open without using them."""
LARGEST_BODY_BYTES = 32 << 20
"""More than any page takes; each room has a limit of its own, below it. What is larger is not even taken in."""

_LARGEST_IN_MEMORY = 1 << 16
"""Of a body; as many as there may be connections would otherwise be more than a bench has for its pages."""


def run(
    socket_path: str,
    host: str,
    port: int,
    viewers: int = DEFAULT_VIEWERS,
    files: PageFiles = NO_FILES,
    ready: Callable[[str], None] | None = None,
    *,
    is_https: bool = False,
) -> None:
    """Serve the pages until SIGTERM or an interrupt from the keyboard; for the main thread of a process.

    `ready` is called with the address of the pages once they can be opened; port 0 takes a free one. Raises
    OperatorError where the address cannot be listened on, or casework cannot be opened. is_https: as of `listen`.
    """
    # A bench that is away is tried again every other second: that is no event.
    logs.start(level=logging.WARNING)
    app = create_app(socket_path, viewers, files)
    feed: Feed = app.extensions["feed"]

    def end(number: int, frame: FrameType | None) -> NoReturn:
        # First the feed: the streams end by themselves, and so do the threads that the server waits for.
        feed.stop()
        raise SystemExit(0)

    try:
        server = listen(app, host, port, viewers, is_https=is_https)
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        if ready is not None:
            ready(f"http://{host}:{_port(server)}/")
        server.run()
        server.close()
    finally:
        close(app)


def close(app: Flask) -> None:
    """End what an application runs beside its requests, in the order in which they need each other."""
    for part in ("feed", "case_watch", "casework"):
        if part in app.extensions:
            app.extensions[part].close()


def listen(
    app: Flask, host: str, port: int, viewers: int, *, is_https: bool = False
) -> BaseWSGIServer | MultiSocketServer:
    """A server that listens and does not run yet. Raises OperatorError where it cannot listen.

    is_https: browsers come over https, to a proxy in front; cookies and links are made so. It is said here and not
    taken from a header, which anybody can send.
    """
    threads = viewers + PAGE_THREADS
    try:
        server = waitress.create_server(
            app,
            host=host,
            port=port,
            threads=threads,
            connection_limit=threads + CONNECTIONS_BESIDE,
            # A viewer who leaves is noticed while its stream still runs.
            channel_request_lookahead=1,
            max_request_body_size=LARGEST_BODY_BYTES,
            inbuf_overflow=_LARGEST_IN_MEMORY,
            # Nothing is believed of them; they show that a proxy has sent a request on (web/operation/collectors.py).
            clear_untrusted_proxy_headers=False,
            url_scheme="https" if is_https else "http",
            asyncore_use_poll=True,
            ident="",
        )
        for each in _servers(server):
            guard(each, most_of_an_address(viewers))
        return server
    except ValueError as problem:  # what waitress makes of a name that cannot be resolved
        raise OperatorError(
            f"cannot serve pages on {host!r}: no such address; choose another --host"
        ) from problem
    except OSError as problem:
        raise OperatorError(
            f"cannot serve pages on {host}:{port} ({problem.strerror}): choose another port with --port"
        ) from problem


def most_of_an_address(viewers: int) -> int:
    """Connections; https in front takes as many of one (`bench/appliance/front.py`)."""
    return max(viewers // 2, PAGE_THREADS)


def _servers(server: BaseWSGIServer | MultiSocketServer) -> list[BaseWSGIServer]:
    """One for each address that is listened on."""
    if isinstance(server, MultiSocketServer):
        return [each for each in server.map.values() if isinstance(each, BaseWSGIServer)]
    return [server]


def _port(server: BaseWSGIServer | MultiSocketServer) -> int:
    """The port that is listened on; a name like `localhost` can give several sockets, with one port each."""
    if isinstance(server, MultiSocketServer):
        return int(server.effective_listen[0][1])
    return int(server.effective_port)
