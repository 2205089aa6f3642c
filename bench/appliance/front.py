"""https in front of the pages: TLS ends here, and what comes goes on to the pages' process, unread and unchanged.

    python -m bench.appliance.front PORT      the pages listen there, on 127.0.0.1

A process of its own, under a user of its own that no file belongs to: who breaks into the pages has no key, and here
nothing is parsed but TLS itself, by OpenSSL. systemd gives it the socket that browsers come to (the port below 1024
takes no right then) and copies of certificate and key that nobody else reads.

The pages tell people apart by their address (`web/limits.py`), and no header is believed. So each address of outside
goes on under one of this machine, 127.128.0.0 to 127.191.255.255, by a hash with a secret of this process: the same
as long as it lives, and nobody's own.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import secrets
import signal
import socket
import ssl
import sys
from collections import Counter
from pathlib import Path

from bench import logs
from bench.errors import BenchError, OperatorError

CHAIN, KEY = "chain.pem", "key.pem"
MOST_CONNECTIONS = 230
"""At one time: what the pages take, with some beside (`web/serve.py`: 120 viewers, 16 threads for pages, 100 idle)."""
MOST_OF_AN_ADDRESS = 60
"""As many as the pages take of one (`web/serve.py`): they would close what goes beyond it, after its handshake."""
HANDSHAKE_S = 10.0
_SHUTDOWN_S = 30.0
"""For what is still on its way to a slow telephone."""
_PAUSE_S = 1.0
"""When the system has no descriptor left for one more."""
_FIRST_OF_SYSTEMD = 3
_CIPHERS_OF_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20"
_log = logging.getLogger("bench.appliance.front")


def context_of(chain: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 and 1.3. Errors: OSError, ssl.SSLError where the two cannot be read or do not belong together."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS_OF_1_2)
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    # Not a key that wants a password: OpenSSL would ask for it at a terminal.
    context.load_cert_chain(chain, key, password=b"")
    return context


class Front:
    """Everything between a socket that listens and the pages."""

    def __init__(self, context: ssl.SSLContext, pages: tuple[str, int]) -> None:
        self._context = context
        self._pages = pages
        self._secret = secrets.token_bytes(16)
        self._open: Counter[str] = Counter()
        self._serving: set[asyncio.Task[None]] = set()

    async def serve(self, listener: socket.socket) -> None:
        """Until it is cancelled. listener: listens already."""
        listener.setblocking(False)
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, (address, *_) = await loop.sock_accept(listener)
            except OSError as error:
                _log.warning("no connection can be taken: %s", error.strerror)
                await asyncio.sleep(_PAUSE_S)
                continue
            if self._open.total() >= MOST_CONNECTIONS or self._open[address] >= MOST_OF_AN_ADDRESS:
                accepted.close()
                continue
            self._open[address] += 1
            task = loop.create_task(self._serve_one(accepted, address))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

    async def _serve_one(self, accepted: socket.socket, address: str) -> None:
        loop = asyncio.get_running_loop()
        outside, inside = _Side(), _Side()
        outside.other, inside.other = inside, outside
        try:
            await loop.connect_accepted_socket(
                lambda: outside,
                accepted,
                ssl=self._context,
                ssl_handshake_timeout=HANDSHAKE_S,
                ssl_shutdown_timeout=_SHUTDOWN_S,
            )
            await loop.create_connection(lambda: inside, *self._pages, local_addr=(self.seen_as(address), 0))
            outside.go_on()
            await outside.ended
        except OSError:
            # No TLS, a browser that left, pages that start just now: each comes again by itself.
            pass
        finally:
            outside.end()
            inside.end()
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    def seen_as(self, address: str) -> str:
        """The address of this machine under which the pages see that of outside."""
        first, second, third = hashlib.blake2b(address.encode(), key=self._secret, digest_size=3).digest()
        return f"127.{128 | first & 63}.{second}.{third}"


class _Side(asyncio.Protocol):
    """One end of a connection: what comes goes to the other, and no faster than that takes it."""

    other: _Side

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self.other._transport is None:
            # Until the other is there, too.
            transport.pause_reading()

    def go_on(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        if self.other._transport is not None:
            self.other._transport.write(data)

    def pause_writing(self) -> None:
        if self.other._transport is not None:
            self.other._transport.pause_reading()

    def resume_writing(self) -> None:
        self.other.go_on()

    def connection_lost(self, error: Exception | None) -> None:
        self.other.end()
        if not self.ended.done():
            self.ended.set_result(None)

    def end(self) -> None:
        """What is still to be sent is sent."""
        if self._transport is not None:
            # asyncio never closes TLS whose browser has left while nothing was read from it.
            self._transport.resume_reading()
            self._transport.close()


async def serve(front: Front, listener: socket.socket) -> None:
    """Until SIGTERM."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await front.serve(listener)
    except asyncio.CancelledError:
        return


def _listener_of_systemd() -> socket.socket:
    """Errors: OperatorError where systemd gave none to this process."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        raise OperatorError("no socket to listen on; this is started by bench-https.socket")
    return socket.socket(fileno=_FIRST_OF_SYSTEMD)


def main() -> None:
    """For bench-https.service."""
    logs.start(level=logging.WARNING)
    try:
        folder = Path(os.environ.get("CREDENTIALS_DIRECTORY", "."))
        try:
            context = context_of(folder / CHAIN, folder / KEY)
        except OSError as error:
            raise OperatorError(
                f"certificate or key of https cannot be used ({error}); bench https install puts others in place"
            ) from error
        with _listener_of_systemd() as listener:
            asyncio.run(serve(Front(context, ("127.0.0.1", int(sys.argv[1]))), listener))
    except BenchError as error:
        _log.error("%s", error)
        sys.exit(error.exit_status)


if __name__ == "__main__":
    main()
