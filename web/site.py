"""What every room of the web is made with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from web.bench_link import BenchLink
from web.casework.store import Casework
from web.feed import Feed
from web.stream import Places


@dataclass(frozen=True, slots=True)
class Site:
    """One web process: what it hears, whom it asks, what it keeps.

    feed: the bench's state, as the socket says it. places: for live viewers. link: asks the bench, for one request of a
    page at a time. casework: what was asked, said and promised. now: wall time, ISO 8601 in UTC. network: the file of
    the bench's own wireless network, where it may have one.
    """

    feed: Feed
    places: Places
    link: BenchLink
    casework: Casework
    now: Callable[[], str]
    network: Path | None = None
