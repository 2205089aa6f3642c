import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.web import canned
from tests.web.fake_bench import FakeBench

ROOT = Path(__file__).parents[2]


def start(*options: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "web", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_process_serves_a_viewer_and_ends_in_order(socket_path: Path) -> None:
    with (
        FakeBench(socket_path, canned.measuring()),
        start("--socket", str(socket_path), "--port", "0") as web,
    ):
        address = web.stdout.readline().strip()
        with urllib.request.urlopen(f"{address}stream?lang=en", timeout=10) as stream:
            assert stream.readline() == b": connected\n"
            web.send_signal(signal.SIGTERM)
            assert web.wait(timeout=10) == 0


def test_a_port_in_use_is_one_line_that_says_what_to_do(socket_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with start("--socket", str(socket_path), "--port", str(port)) as web:
            _, said = web.communicate(timeout=20)
    assert web.returncode == 2
    assert (
        said
        == f"cannot serve pages on 127.0.0.1:{port} (Address already in use): choose another port with --port\n"
    )
