"""Server-sent events: a snapshot on connection, then changes, and a heartbeat each second.

Events (data is one JSON object a line):
    snapshot   {"age_s", "connected", "screen"}; always the whole screen, never a backlog
    change     {"age_s", "connected", "patch"}: a JSON merge patch on the screen; its id is the version
    heartbeat  {"age_s", "connected"}: the stream lives; age_s is how old the bench's last word is
    over       {}: who watches is in no longer (a visit, a session); the page loads again and says so
    full       {}: all places for viewers are taken; the page tries again by itself
A stream ends after `LONGEST_STREAM_S`; the page connects again and gets a new snapshot.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

from bench.control.client import merge_patch
from web.feed import Feed, Moment

LONGEST_STREAM_S = 15 * 60
HEARTBEAT_S = 1.0
RETRY_MS = 1000
ASKED_EVERY_S = 3.0
"""How often an open stream asks whether who watches is still in: not with each change, which has many viewers."""

Render = Callable[[Moment], dict[str, Any]]


class Places:
    """The places for viewers: a fixed number of them, because each holds a thread."""

    def __init__(self, viewers: int) -> None:
        self.most = viewers
        self.taken = 0
        self._lock = threading.Lock()

    def take(self) -> bool:
        """True if there was a free place, which `give_back` must return."""
        with self._lock:
            is_free = self.taken < self.most
            self.taken += is_free
            return is_free

    def give_back(self) -> None:
        with self._lock:
            assert self.taken > 0, "a place that nobody has taken is given back"
            self.taken -= 1


def event(name: str, data: dict[str, Any], number: int | None = None) -> str:
    """One event as it goes over the wire."""
    identity = "" if number is None else f"id: {number}\n"
    return f"{identity}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def full() -> Iterator[str]:
    yield f"retry: {RETRY_MS}\n" + event("full", {})


def live(feed: Feed, render: Render) -> Iterator[str]:
    """The events of one viewer until the stream is old enough or the feed closes."""
    # A comment at once: it makes the server send its headers, so the browser knows that it is connected.
    yield f": connected\nretry: {RETRY_MS}\n\n"
    ends_at_s = feed.now_s() + LONGEST_STREAM_S
    moment = feed.latest()
    shown = render(moment)
    yield event("snapshot", {**_freshness(feed, moment), "screen": shown}, moment.version)
    beat_at_s = feed.now_s() + HEARTBEAT_S
    while not feed.is_closed and feed.now_s() < ends_at_s:
        newer = feed.wait_after(moment.version, max(0.0, beat_at_s - feed.now_s()))
        if newer.version > moment.version:
            moment, before, shown = newer, shown, render(newer)
            patch = merge_patch(before, shown)
            yield event("change", {**_freshness(feed, moment), "patch": patch}, moment.version)
        if feed.now_s() >= beat_at_s:
            # What a page shows beside the bench's state changes without a new moment: questions, ticks.
            before, shown = shown, render(moment)
            if shown != before:
                patch = merge_patch(before, shown)
                yield event("change", {**_freshness(feed, moment), "patch": patch}, moment.version)
            yield event("heartbeat", _freshness(feed, moment))
            beat_at_s = feed.now_s() + HEARTBEAT_S


def while_in(events: Iterator[str], is_in: Callable[[], bool], now_s: Callable[[], float]) -> Iterator[str]:
    """The events for as long as who watches is in, then one that says that it is over: the page then loads again."""
    asked_at_s = now_s()
    for one in events:
        if now_s() - asked_at_s >= ASKED_EVERY_S:
            asked_at_s = now_s()
            if not is_in():
                yield event("over", {})
                return
        yield one


def _freshness(feed: Feed, moment: Moment) -> dict[str, Any]:
    age_s = moment.age_s(feed.now_s())
    return {"age_s": -1 if age_s is None else round(age_s, 2), "connected": moment.is_connected}
