import dataclasses
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from contextlib import ExitStack, closing
from pathlib import Path

import click
import pytest

from bench.commands.web_cli import web as bench_web
from tests.bench_process.support import BENCH
from tests.web import canned
from tests.web.fake_bench import FakeBench
from tests.web.staff_bench import PASSWORD, StaffBench
from web.__main__ import main as pages
from web.page_files import PageFiles

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


def test_what_bench_web_is_given_goes_to_the_pages_that_have_a_place_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bench.toml").write_text(BENCH.format(state_dir=tmp_path, simulation=""), "utf-8")
    files = {field.name: tmp_path / field.name for field in dataclasses.fields(PageFiles)}
    options = [word for name, path in files.items() for word in (f"--{name.replace('_', '-')}", str(path))]
    for path in files.values():
        path.touch()
    given, served = list[str](), list[object]()
    monkeypatch.setattr(os, "execv", lambda _program, command: given.extend(command[3:]))
    bench_web.main(["--config", str(tmp_path / "bench.toml"), "--https", *options], standalone_mode=False)
    monkeypatch.setattr("web.__main__.run", lambda *of, is_https: served.extend([*of, is_https]))
    pages.main(given, standalone_mode=False)
    assert served[4:] == [PageFiles(**files), click.echo, True]


def test_cases_are_kept_in_a_file_that_only_its_user_reads(socket_path: Path, tmp_path: Path) -> None:
    casework = tmp_path / "kept" / "casework.sqlite"
    options = ("--socket", str(socket_path), "--port", "0", "--casework", str(casework))
    with FakeBench(socket_path, canned.measuring()), start(*options) as web:
        address = web.stdout.readline().strip()
        with urllib.request.urlopen(address, timeout=10) as page:
            assert page.status == 200
        web.send_signal(signal.SIGTERM)
        assert web.wait(timeout=10) == 0
    assert casework.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(casework)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_of_cases_that_is_none_is_one_line(socket_path: Path, tmp_path: Path) -> None:
    casework = tmp_path / "casework.sqlite"
    casework.write_text("something else entirely, and long enough to be no database " * 20)
    with start("--socket", str(socket_path), "--port", "0", "--casework", str(casework)) as web:
        _, said = web.communicate(timeout=20)
    assert web.returncode == 2
    assert said.startswith(f'level=error from=web said="{casework} cannot be opened: ')
    assert said.count("\n") == 1


def test_promises_that_lack_a_figure_are_one_line(socket_path: Path, tmp_path: Path) -> None:
    promises = tmp_path / "promises.toml"
    promises.write_text("[promises]\nis_set_by_the_laboratory = true\n[cost]\n")
    options = ("--casework", str(tmp_path / "casework.sqlite"), "--promises", str(promises))
    with start("--socket", str(socket_path), "--port", "0", *options) as web:
        _, said = web.communicate(timeout=20)
    assert web.returncode == 2
    what = f"{promises}: plan_days is missing or no whole number from 1 to 3650; write one"
    assert said == f'level=error from=web said="{what}"\n'


def test_a_body_that_nobody_needs_is_not_taken_in(socket_path: Path) -> None:
    with (
        FakeBench(socket_path, canned.measuring()),
        start("--socket", str(socket_path), "--port", "0") as web,
    ):
        port = int(web.stdout.readline().strip().rstrip("/").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
        web.send_signal(signal.SIGTERM)
        assert web.wait(timeout=10) == 0


def test_what_a_proxy_sends_on_is_not_this_machine_that_collects(socket_path: Path) -> None:
    with (
        StaffBench(socket_path, canned.measuring()),
        start("--socket", str(socket_path), "--port", "0") as web,
    ):
        address = web.stdout.readline().strip() + "metrics"
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.readlines()[-1] == b"# EOF\n"
        for name in ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via"):
            with pytest.raises(urllib.error.HTTPError, match="403") as refused:
                urllib.request.urlopen(urllib.request.Request(address, headers={name: "x"}), timeout=10)
            refused.value.close()
        web.terminate()
        assert web.wait(timeout=10) == 0


def test_a_port_in_use_is_one_line_that_says_what_to_do(socket_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with start("--socket", str(socket_path), "--port", str(port)) as web:
            _, said = web.communicate(timeout=20)
    assert web.returncode == 2
    what = f"cannot serve pages on 127.0.0.1:{port} (Address already in use): choose another port with --port"
    assert said == f'level=error from=web said="{what}"\n'


def test_a_hundred_viewers_have_a_place(socket_path: Path) -> None:
    with (
        FakeBench(socket_path, canned.measuring()) as bench,
        start("--socket", str(socket_path), "--port", "0") as web,
        ExitStack() as opened,
    ):
        address = web.stdout.readline().strip()
        bench.wait_for_subscriber()
        streams = [
            opened.enter_context(urllib.request.urlopen(f"{address}stream?lang=en", timeout=60))
            for _ in range(100)
        ]
        for stream in streams:
            assert "event: snapshot\n" in [stream.readline().decode() for _ in range(5)]
        web.send_signal(signal.SIGTERM)
        assert web.wait(timeout=30) == 0


def test_behind_a_proxy_for_https_cookies_and_links_are_of_https(socket_path: Path, tmp_path: Path) -> None:
    options = ("--socket", str(socket_path), "--port", "0", "--casework", str(tmp_path / "casework.sqlite"))
    for extra, secure in (("--https",), True), ((), False):
        with StaffBench(socket_path, canned.measuring()), start(*options, *extra) as web:
            address = web.stdout.readline().strip()
            asked = urllib.request.Request(
                f"{address}staff/sign-in?lang=en", headers={"Host": "bench.example"}
            )
            with urllib.request.urlopen(asked, timeout=30) as page:
                cookies, text = page.headers.get_all("Set-Cookie"), page.read().decode()
            form = re.search(r'name="csrf" value="([0-9a-f]{64})"', text)
            fields = {"csrf": form[1], "by": "P2", "password": PASSWORD}
            sent = urllib.request.Request(
                f"{address}staff/sign-in",
                urllib.parse.urlencode(fields).encode(),
                {
                    "Host": "bench.example",
                    "Origin": f"{'https' if secure else 'http'}://bench.example",
                    "Cookie": "; ".join(cookie.partition(";")[0] for cookie in cookies),
                },
            )
            opener = urllib.request.build_opener(_StaysWhereItIs)
            with pytest.raises(urllib.error.HTTPError) as answer:
                opener.open(sent, timeout=30)
            assert answer.value.code == 303
            cookies += answer.value.headers.get_all("Set-Cookie")
            answer.value.close()
            web.send_signal(signal.SIGTERM)
            assert web.wait(timeout=30) == 0
        names = {cookie.partition("=")[0] for cookie in cookies}
        assert names == ({"lang", "__Host-form", "__Host-staff"} if secure else {"lang", "form", "staff"})
        assert all(("Secure" in cookie) is secure for cookie in cookies)


class _StaysWhereItIs(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *unused: object) -> None:
        return None
