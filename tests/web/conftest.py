from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.web import canned, same_parts
from tests.web.at_a_desk import AtADesk
from tests.web.fake_bench import FakeBench
from tests.web.staff_bench import StaffBench
from web import create_app
from web.casework.store import Casework
from web.feed import Feed, Moment
from web.page_files import PageFiles
from web.serve import close

PATIENCE_S = 10.0


def wait_for(feed: Feed, true: Callable[[Moment], bool]) -> Moment:
    """The first moment for which something is true; fails when it never comes."""
    moment = feed.latest()
    while not true(moment):
        newer = feed.wait_after(moment.version, PATIENCE_S)
        assert newer.version > moment.version, f"nothing new came; the last moment was {moment}"
        moment = newer
    return moment


@pytest.fixture(scope="session", autouse=True)
def quick_applications() -> Iterator[None]:
    with same_parts.shared():
        yield


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


VISIT_AT = "2026-11-26T10:00:00+00:00"
"""The wall time of the pages in tests, until a test moves its clock."""


class Clock:
    """A wall clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = VISIT_AT

    def now(self) -> str:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def staff_bench(socket_path: Path) -> Iterator[StaffBench]:
    bench = StaffBench(socket_path, canned.measuring())
    with bench:
        yield bench


@pytest.fixture
def service(staff_bench: StaffBench, clock: Clock, tmp_path: Path) -> Iterator[Flask]:
    """The whole web with casework, on a bench that answers; `app.extensions["site"]` has all of it."""
    app = create_app(
        str(staff_bench.path),
        files=PageFiles(casework=tmp_path / "casework.sqlite", join_network=tmp_path / "join-network"),
        now=clock.now,
    )
    wait_for(app.extensions["feed"], lambda moment: moment.is_connected)
    yield app
    close(app)


@pytest.fixture
def casework(service: Flask) -> Casework:
    """The cases behind the pages of `service`."""
    kept: Casework = service.extensions["casework"]
    return kept


@pytest.fixture
def clerk(service: Flask, staff_bench: StaffBench) -> AtADesk:
    """Somebody of the office, signed in."""
    return AtADesk(service, staff_bench, "P4")
