"""https on loopback, with a certificate of a test's own authority: what goes through, as whom, and what does not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.appliance import front as fronts
from bench.appliance.front import Front, context_of
from tests.appliance.authority import HOST, Authority, pair
from tests.web import canned
from tests.web.staff_bench import StaffBench
from web import DEFAULT_VIEWERS
from web.serve import most_of_an_address

ROOT = Path(__file__).parents[2]
LIMIT_S = 20


class Pages:
    """Stands for the pages' process: hands each connection to `answer`, in a thread of its own."""

    def __init__(self, answer: Callable[[socket.socket, str], None]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self._answer = answer
        self._threads: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._take)
        self._thread.start()

    def _take(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, (address, _) = self.listener.accept()
                thread = threading.Thread(target=self._one, args=(connection, address))
                thread.start()
                self._threads.append(thread)

    def _one(self, connection: socket.socket, address: str) -> None:
        with connection, contextlib.suppress(OSError):
            self._answer(connection, address)

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(LIMIT_S)
        self.listener.close()
        for thread in self._threads:
            thread.join(LIMIT_S)
            assert not thread.is_alive()


@dataclass
class Served:
    front: Front
    port: int
    client: ssl.SSLContext
    loop: asyncio.AbstractEventLoop

    def all_gone(self) -> None:
        """Waits until no connection is left."""

        async def gone() -> None:
            await asyncio.gather(*self.front._serving)

        asyncio.run_coroutine_threadsafe(gone(), self.loop).result(LIMIT_S)

    def turn(self) -> None:
        """Lets the front take what has come to its sockets."""

        async def some() -> None:
            for _ in range(100):
                await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(some(), self.loop).result(LIMIT_S)

    def connect(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=LIMIT_S)
        try:
            return self.client.wrap_socket(plain, server_hostname=HOST)
        except OSError:
            plain.close()
            raise


@pytest.fixture
def authority() -> Authority:
    return Authority.root()


@pytest.fixture
def serve(tmp_path: Path, authority: Authority) -> Iterator[Callable[..., Served]]:
    """Makes a front before pages that answer as given; all of it ends with the test."""
    with contextlib.ExitStack() as opened:

        def make(answer: Callable[[socket.socket, str], None]) -> Served:
            pages = Pages(answer)
            opened.callback(pages.close)
            front = Front(context_of(*pair(tmp_path, authority)), pages.listener.getsockname())
            listener = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
            started = Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]]()

            async def until_cancelled() -> None:
                task = asyncio.current_task()
                assert task is not None
                started.set_result((asyncio.get_running_loop(), task))
                with contextlib.suppress(asyncio.CancelledError):
                    await front.serve(listener)

            def run() -> None:
                asyncio.run(until_cancelled())

            thread = threading.Thread(target=run)
            thread.start()

            def end() -> None:
                loop, task = started.result(LIMIT_S)
                loop.call_soon_threadsafe(task.cancel)
                thread.join(LIMIT_S)
                assert not thread.is_alive()

            opened.callback(end)
            return Served(front, listener.getsockname()[1], authority.client(), started.result(LIMIT_S)[0])

        yield make


def echo(connection: socket.socket, address: str) -> None:
    while data := connection.recv(65536):
        connection.sendall(data)


def say_who(connection: socket.socket, address: str) -> None:
    connection.sendall(address.encode())


def everything(connection: socket.socket) -> bytes:
    parts = []
    while data := connection.recv(65536):
        parts.append(data)
    return b"".join(parts)


def test_what_is_sent_comes_back_unchanged_over_a_current_tls(serve: Callable[..., Served]) -> None:
    served, sent = serve(echo), os.urandom(1_500_000)
    got = b""
    with served.connect() as connection:
        assert connection.version() == "TLSv1.3"
        # In turn, and as much as the buffers on the way hold: no TLS connection may be used by two threads at once.
        for at in range(0, len(sent), 50_000):
            connection.sendall(sent[at : at + 50_000])
            while len(got) < at + 50_000:
                got += connection.recv(65536)
    assert got == sent


def test_an_answer_that_ends_the_connection_comes_whole(serve: Callable[..., Served]) -> None:
    sent = os.urandom(2_000_000)
    served = serve(lambda connection, address: connection.sendall(sent))
    with served.connect() as connection:
        assert everything(connection) == sent


def test_who_reads_slowly_is_waited_for_and_not_kept_in_memory() -> None:
    class Transport(asyncio.Transport):
        def __init__(self) -> None:
            self.is_reading = True

        def pause_reading(self) -> None:
            self.is_reading = False

        def resume_reading(self) -> None:
            self.is_reading = True

    async def meet() -> None:
        outside, inside = fronts._Side(), fronts._Side()
        outside.other, inside.other = inside, outside
        transports = (Transport(), Transport())
        outside.connection_made(transports[0])
        assert not transports[0].is_reading, "nothing is taken in before the pages are there"
        inside.connection_made(transports[1])
        outside.go_on()
        assert all(one.is_reading for one in transports)
        outside.pause_writing()
        assert [one.is_reading for one in transports] == [True, False]
        outside.resume_writing()
        assert all(one.is_reading for one in transports)

    asyncio.run(meet())


def test_a_browser_that_leaves_is_noticed_by_the_pages(serve: Callable[..., Served]) -> None:
    left = threading.Event()

    def wait(connection: socket.socket, address: str) -> None:
        connection.sendall(b"here")
        if not connection.recv(1):
            left.set()

    served = serve(wait)
    with served.connect() as connection:
        assert connection.recv(4) == b"here"
    assert left.wait(LIMIT_S)


def test_who_comes_from_one_address_is_one_and_never_this_machine(serve: Callable[..., Served]) -> None:
    served = serve(say_who)
    seen = []
    for _ in range(2):
        with served.connect() as connection:
            seen.append(everything(connection).decode())
    assert set(seen) == {served.front.seen_as("127.0.0.1")}
    given = {served.front.seen_as(f"192.168.{a}.{b}") for a in range(8) for b in range(250)}
    assert len(given) > 1_990, "addresses of outside stay apart"
    assert all(one.startswith("127.") and 128 <= int(one.split(".")[1]) <= 191 for one in given)


def test_tls_1_1_is_refused(serve: Callable[..., Served]) -> None:
    served = serve(echo)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", served.port), timeout=LIMIT_S) as plain,
        pytest.raises(ssl.SSLError),
    ):
        old.wrap_socket(plain, server_hostname=HOST)


def test_every_cipher_has_forward_secrecy_and_is_authenticated(tmp_path: Path, authority: Authority) -> None:
    ciphers = context_of(*pair(tmp_path, authority)).get_ciphers()
    assert {cipher["protocol"] for cipher in ciphers} == {"TLSv1.3", "TLSv1.2"}
    for cipher in ciphers:
        assert cipher["name"].startswith(("TLS_", "ECDHE-")), cipher["name"]
        assert cipher["aead"], cipher["name"]


def test_a_browser_that_knows_1_2_alone_is_served(serve: Callable[..., Served]) -> None:
    served = serve(say_who)
    served.client.maximum_version = ssl.TLSVersion.TLSv1_2
    with served.connect() as connection:
        assert connection.version() == "TLSv1.2"
        assert everything(connection)


def test_who_speaks_no_tls_gets_nothing_and_holds_up_nobody(serve: Callable[..., Served]) -> None:
    served = serve(say_who)
    with (
        socket.create_connection(("127.0.0.1", served.port), timeout=LIMIT_S) as silent,
        socket.create_connection(("127.0.0.1", served.port), timeout=LIMIT_S) as plain,
    ):
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"HTTP" not in everything(plain)
        with served.connect() as connection:
            assert everything(connection)
        assert silent.fileno() >= 0


def test_of_an_address_no_more_is_taken_than_the_pages_take() -> None:
    assert most_of_an_address(DEFAULT_VIEWERS) == fronts.MOST_OF_AN_ADDRESS


def test_an_address_cannot_take_all_places(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fronts, "MOST_OF_AN_ADDRESS", 2)
    served = serve(echo)
    with served.connect() as first, served.connect() as second:
        with pytest.raises(OSError):  # noqa: PT011 - reset, or an end within the handshake
            served.connect()
        for one in (first, second):
            one.sendall(b"x")
            assert one.recv(1) == b"x"


def test_a_place_is_free_again_when_somebody_has_left(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fronts, "MOST_OF_AN_ADDRESS", 1)
    served = serve(say_who)
    for _ in range(5):
        with served.connect() as connection:
            assert everything(connection)
        served.all_gone()


def test_who_leaves_while_the_pages_take_nothing_has_no_place_for_good(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    is_full, may_end, pause = threading.Event(), threading.Event(), fronts._Side.pause_writing

    def note_full(side: fronts._Side) -> None:
        pause(side)
        is_full.set()

    monkeypatch.setattr(fronts._Side, "pause_writing", note_full)
    served = serve(lambda connection, address: may_end.wait(LIMIT_S))
    with served.connect() as connection:
        while not is_full.is_set():
            connection.sendall(bytes(4096))
        connection.shutdown(socket.SHUT_WR)
        served.turn()
        may_end.set()
        served.all_gone()


def test_where_no_pages_answer_the_browser_is_let_go(serve: Callable[..., Served]) -> None:
    served = serve(echo)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        served.front._pages = nobody.getsockname()
        with served.connect() as connection:
            assert everything(connection) == b""


def test_the_pages_come_over_https_with_all_that_belongs_to_it(
    serve: Callable[..., Served], socket_path: Path, tmp_path: Path
) -> None:
    served = serve(echo)
    options = ["--socket", str(socket_path), "--port", "0", "--casework", str(tmp_path / "casework.sqlite")]
    with (
        StaffBench(socket_path, canned.measuring()),
        subprocess.Popen(
            [sys.executable, "-m", "web", *options, "--https"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as web,
    ):  # fmt: skip
        try:
            assert web.stdout is not None
            port = int(web.stdout.readline().strip().rstrip("/").rpartition(":")[2])
            served.front._pages = ("127.0.0.1", port)
            for path, wanted in (("/staff/sign-in", b"csrf"), ("/stream?lang=en", b": connected\n")):
                with served.connect() as connection:
                    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
                    got = b""
                    while wanted not in got:
                        got += (part := connection.recv(65536))
                        assert part
                assert b"Strict-Transport-Security: max-age=31536000" in got
                assert path != "/staff/sign-in" or b"Secure;" in got
        finally:
            web.terminate()
            assert web.wait(LIMIT_S) == 0


def test_systemd_gives_the_socket_and_the_certificate(tmp_path: Path, authority: Authority) -> None:
    """The process as the unit starts it, with the variables of systemd."""
    chain, key = pair(tmp_path, authority)
    chain.rename(tmp_path / fronts.CHAIN)
    key.rename(tmp_path / fronts.KEY)
    client = authority.client()
    pages = Pages(say_who)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(pages.listener.getsockname()[1])
        # What systemd does between fork and exec: the socket becomes descriptor 3, and the process is told its own id.
        starter = (
            "import os, sys; os.dup2(int(sys.argv[1]), 3); os.set_inheritable(3, True); "
            "os.environ['LISTEN_PID'] = str(os.getpid()); "
            "os.execv(sys.executable, [sys.executable, '-m', 'bench.appliance.front', sys.argv[2]])"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", starter, str(listener.fileno()), port],
            cwd=ROOT, pass_fds=[listener.fileno()], stderr=subprocess.PIPE, text=True,
            env={**os.environ, "LISTEN_FDS": "1", "CREDENTIALS_DIRECTORY": str(tmp_path)},
        )  # fmt: skip
        try:
            plain = socket.create_connection(listener.getsockname(), timeout=LIMIT_S)
            with client.wrap_socket(plain, server_hostname=HOST) as connection:
                assert everything(connection).startswith(b"127.1")
        finally:
            process.terminate()
            _, said = process.communicate(timeout=LIMIT_S)
            pages.close()
    assert (process.returncode, said) == (0, "")


def test_without_its_certificate_the_process_says_one_line(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench.appliance.front", "1"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "CREDENTIALS_DIRECTORY": str(tmp_path)},
    )  # fmt: skip
    assert ran.returncode == 2
    assert ran.stderr.startswith(
        'level=error from=bench.appliance.front said="certificate or key of https cannot be used ('
    )
    assert ran.stderr.count("\n") == 1
