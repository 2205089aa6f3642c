"""What systemd is told, and when it is told nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.clock import SystemClock
from bench.sd_notify import ServiceManager, WatchdogLoop, Watched
from tests.bench_process.support import BENCH

REPOSITORY = Path(__file__).parents[2]
LIMIT_S = 60.0
TIMEOUT_NS = 2_000_000_000


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket that stands for systemd's."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(LIMIT_S)
        yield listener


def manager_of(systemd: socket.socket, watchdog_ns: int | None = None) -> ServiceManager:
    return ServiceManager(systemd.getsockname(), watchdog_ns)


def waiting(systemd: socket.socket) -> list[str]:
    """What has been told so far."""
    told = []
    systemd.setblocking(False)
    try:
        while True:
            told.append(systemd.recv(4096).decode())
    except BlockingIOError:
        return told


def test_a_ping_is_sent_only_while_every_loop_turns(systemd: socket.socket) -> None:
    silent: tuple[str, ...] = ()
    loop = WatchdogLoop(manager_of(systemd), TIMEOUT_NS, lambda: silent)
    loop.turn(0)
    assert waiting(systemd) == ["WATCHDOG=1"]
    silent = ("edges",)
    loop.turn(1)
    assert waiting(systemd) == []
    silent = ()
    loop.turn(2)
    assert waiting(systemd) == ["WATCHDOG=1"]


def test_several_pings_fit_into_the_time_that_systemd_waits(systemd: socket.socket) -> None:
    for timeout_ns in (TIMEOUT_NS, 10_000_000_000):
        loop = WatchdogLoop(manager_of(systemd), timeout_ns, lambda: ())
        assert 0 < 2 * loop.interval_ns() < timeout_ns


def test_ready_is_told_at_the_beginning_and_stopping_at_the_end(systemd: socket.socket) -> None:
    with Watched(manager_of(systemd), SystemClock(), lambda: (), "listening"):
        assert waiting(systemd) == ["READY=1\nSTATUS=listening"]
    assert waiting(systemd) == ["STOPPING=1"]


@pytest.mark.parametrize(
    ("environment", "watchdog_ns"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "10000000"}, 10_000_000_000),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "42"}, 10_000_000_000),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "41"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_as_the_environment_says(
    environment: dict[str, str], watchdog_ns: int | None
) -> None:
    assert ServiceManager.of(environment, 42).watchdog_ns == watchdog_ns


def test_an_abstract_address_is_reached_and_a_deaf_one_is_no_error(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("")  # the kernel chooses an abstract name
        listener.setblocking(False)
        name = listener.getsockname().decode()
        ServiceManager("@" + name[1:]).ping()
        assert waiting(listener) == ["WATCHDOG=1"]
    ServiceManager(str(tmp_path / "nobody")).ping()
    ServiceManager(None).ping()


def test_a_process_without_descriptors_goes_on_and_is_heard_again(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = manager_of(systemd)
    with monkeypatch.context() as patched:
        patched.setattr("bench.sd_notify.socket.socket", no_descriptor)
        manager.ping()
    manager.ping()
    assert waiting(systemd) == ["WATCHDOG=1"]


def no_descriptor(*of: object) -> socket.socket:
    raise OSError(24, "Too many open files")


def test_a_serving_bench_is_ready_pings_and_says_that_it_ends(systemd: socket.socket, tmp_path: Path) -> None:
    config = tmp_path / "bench.toml"
    config.write_text(BENCH.format(state_dir=tmp_path / "state", simulation=""))
    told = {"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "400000"}
    command = [
        sys.executable,
        "-c",
        "from bench.commands.cli import main; main()",
        "serve",
        "--config",
        str(config),
    ]
    with subprocess.Popen(command, cwd=REPOSITORY, env=os.environ | told, stderr=subprocess.DEVNULL) as bench:
        try:
            ready = systemd.recv(4096).decode()
            assert ready == f"READY=1\nSTATUS=listening on {tmp_path / 'state' / 'bench.sock'}"
            assert (tmp_path / "state" / "bench.sock").is_socket(), "ready only when it listens"
            assert systemd.recv(4096) == b"WATCHDOG=1"
            bench.send_signal(signal.SIGTERM)
            last = b""
            while last != b"STOPPING=1":
                last = systemd.recv(4096)
                assert last in (b"WATCHDOG=1", b"STOPPING=1")
            assert bench.wait(LIMIT_S) == 0
        finally:
            bench.kill()
