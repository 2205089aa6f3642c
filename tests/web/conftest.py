from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.web import canned
from tests.web.fake_bench import FakeBench
from web import create_app
from web.feed import Feed, Moment

PATIENCE_S = 10.0


def wait_for(feed: Feed, true: Callable[[Moment], bool]) -> Moment:
    """The first moment for which something is true; fails when it never comes."""
    moment = feed.latest()
    while not true(moment):
        newer = feed.wait_after(moment.version, PATIENCE_S)
        assert newer.version > moment.version, f"nothing new came; the last moment was {moment}"
        moment = newer
    return moment


@pytest.fixture
def socket_path(tmp_path: Path) -> Path:
    return tmp_path / "bench.sock"


@pytest.fixture
def bench(socket_path: Path) -> Iterator[FakeBench]:
    with FakeBench(socket_path, canned.measuring()) as bench:
        yield bench


@pytest.fixture
def site(bench: FakeBench) -> Iterator[Callable[..., Flask]]:
    """Makes applications that are connected to the fake bench; ends their feeds."""
    with ExitStack() as cleanup:

        def make(state: dict[str, Any] | None = None, viewers: int = 50) -> Flask:
            if state is not None:
                bench.state = state
            app = create_app(str(bench.path), viewers)
            cleanup.callback(app.extensions["feed"].close)
            wait_for(app.extensions["feed"], lambda moment: moment.is_connected)
            return app

        yield make
