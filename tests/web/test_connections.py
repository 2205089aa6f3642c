"""What is open to the pages: no address keeps the others out or fills the disk, and no step of the wall clock leaves
anything open.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from flask import Flask
from waitress import channel as of_a_channel
from waitress import server as of_a_server

from web import connections, serve

VIEWERS = 40
MB = 1 << 20
A_YEAR_S = 365 * 24 * 3600.0


@dataclass
class Clock:
    """What everybody reads here as the time."""

    wall_s: float = 1.8e9
    gone_s: float = 5000.0

    def time(self) -> float:
        return self.wall_s

    def monotonic(self) -> float:
        return self.gone_s

    def go(self, seconds: float, step_s: float = 0.0) -> None:
        """On by so much, and the wall clock is set by `step_s`."""
        self.gone_s += seconds
        self.wall_s += seconds + step_s


class Pages:
    """A server that takes connections when it is told to."""

    def __init__(self, server: of_a_server.TcpWSGIServer, opened: ExitStack) -> None:
        self.server = server
        self._opened = opened

    def connect(self, address: str) -> socket.socket:
        port = self.server.effective_port
        client = socket.create_connection(("127.0.0.1", port), 10.0, source_address=(address, 0))
        self.server.handle_accept()
        return self._opened.enter_context(client)

    def taken(self) -> int:
        return len(self.server.active_channels)

    def sent_in(self, size: int) -> list[bool]:
        """So much of a longer body comes over each new connection; whether it stays open."""
        head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {size + 1}\r\n\r\n".encode()
        channels = self.server.active_channels.values()
        new = [channel for channel in channels if channel.request is None and not channel.will_close]
        for channel in new:
            for part in (head, b"x" * size):
                channel.received(part)
        return [not channel.will_close for channel in new]

    def comes(self, data: bytes) -> None:
        """More of what each client sends."""
        for channel in self.server.active_channels.values():
            channel.last_activity = of_a_channel.time.time()
            channel.received(data)

    def look(self) -> list[bool]:
        """Whether each connection is closed for being idle, or too slow."""
        assert self.server.readable()
        return [channel.will_close for channel in self.server.active_channels.values()]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for reader in (of_a_channel, of_a_server, connections):
        monkeypatch.setattr(reader, "time", clock)
    return clock


@pytest.fixture
def pages(clock: Clock) -> Iterator[Pages]:
    server = serve.listen(Flask("pages"), "127.0.0.1", 0, VIEWERS)
    with ExitStack() as opened:
        yield Pages(server, opened)
    for channel in list(server.active_channels.values()):
        channel.handle_close()
    server.close()


def test_an_address_that_opens_more_and_more_keeps_nobody_out(pages: Pages) -> None:
    hostile = [pages.connect("127.128.0.7") for _ in range(VIEWERS)]
    assert pages.taken() == VIEWERS // 2
    assert hostile[-1].recv(1) == b""
    pages.connect("127.128.0.8")
    assert pages.taken() == VIEWERS // 2 + 1


def test_one_that_has_left_makes_room_for_another_of_its_address(pages: Pages) -> None:
    for _ in range(VIEWERS):
        pages.connect("127.128.0.7")
    next(iter(pages.server.active_channels.values())).handle_close()
    pages.connect("127.128.0.7")
    assert pages.taken() == VIEWERS // 2


def test_this_machine_may_stand_for_many(pages: Pages) -> None:
    for _ in range(VIEWERS):
        pages.connect("127.0.0.1")
    assert pages.taken() == VIEWERS


def test_what_is_on_its_way_fills_no_disk(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_ON_ITS_WAY", 10 * MB)
    for _ in range(9):
        pages.connect("127.128.0.7")
    assert pages.sent_in(MB) == [True] * 5 + [False] * 4, "half of it of one address"
    for _ in range(9):
        pages.connect("127.0.0.1")
    assert pages.sent_in(MB) == [True] * 5 + [False] * 4


def test_a_form_is_taken_however_much_is_on_its_way(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_ON_ITS_WAY", 2 * MB)
    for _ in range(2):
        pages.connect("127.0.0.1")
    assert pages.sent_in(MB) == [True, True]
    pages.connect("127.128.0.7")
    assert pages.sent_in(50_000) == [True]


@pytest.mark.parametrize("step_s", [0.0, -A_YEAR_S, -3600.0, 3600.0, A_YEAR_S])
def test_what_is_idle_is_closed_after_its_time_whatever_the_wall_clock_does(
    pages: Pages, clock: Clock, step_s: float
) -> None:
    pages.connect("127.0.0.1")
    assert pages.look() == [False]
    clock.go(60.0, step_s)
    assert pages.look() == [False], "not before it"
    clock.go(61.0)
    assert pages.look() == [True]


BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n"


def trickle(pages: Pages, clock: Clock, data: bytes, seconds: float) -> list[bool]:
    """It comes once a minute; whether each connection is closed in the end."""
    for _ in range(round(seconds / 60.0)):
        clock.go(60.0)
        if not all(closed := pages.look()):
            pages.comes(data)
    return closed


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"GET / HT", b"x"),
        (b"GET / HTTP/1.1\r\n", b"x: y\r\n"),
        (BODY, b"x"),
        (b"\r\n\r\n", b"\r\n\r\n"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["line", "head", "body", "nothing", "chunks"],
)
def test_what_comes_a_byte_now_and_then_is_closed_in_the_end(
    pages: Pages, clock: Clock, first: bytes, then: bytes
) -> None:
    pages.connect("127.0.0.1")
    pages.comes(first)
    assert trickle(pages, clock, then, connections.LONGEST_COMING_S - 60.0) == [False], "a slow telephone"
    assert trickle(pages, clock, then, 120.0) == [True]
    assert [channel.request for channel in pages.server.active_channels.values()] == [None]


def test_a_photo_comes_over_a_slow_telephone_and_the_next_request_has_its_own_time(
    pages: Pages, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages.server, "add_task", lambda channel: channel.requests.pop().close())
    pages.connect("127.0.0.1")
    for _ in range(3):
        pages.comes(BODY)
        assert trickle(pages, clock, b"x" * 600_000, 13 * 60.0) == [False]
        pages.comes(b"x" * 200_000)
        assert [channel.request for channel in pages.server.active_channels.values()] == [None], "it is whole"


def test_a_stream_out_goes_on_whatever_else_comes(
    pages: Pages, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages.server, "add_task", lambda channel: None)  # it is not done with
    pages.connect("127.0.0.1")
    pages.comes(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\nG")
    (channel,) = pages.server.active_channels.values()
    assert [request.path for request in channel.requests] == ["/events"]
    assert trickle(pages, clock, b"E", 5 * connections.LONGEST_COMING_S) == [False]
    channel.requests.clear()  # the stream has ended
    assert trickle(pages, clock, b"E", connections.LONGEST_COMING_S) == [False]
    assert trickle(pages, clock, b"E", 60.0) == [True]
