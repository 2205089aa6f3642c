"""The log: one line an event, in one format, and nothing of a customer in it, not even where a page fails."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator

import pytest
from flask import Flask

from bench import logs
from bench.logs import LineFormatter
from tests.web.at_a_desk import AtADesk
from tests.web.staff_bench import StaffBench

NAME, PHONE, ADDRESS, SERIAL = "Wang Xiaoming", "13800000000", "12 Example Road", "A-1234567"
LINE = re.compile(r'level=\w+ from=[\w.]+ said=("([^"\\]|\\.)*"|[\w.-]+)( error=\w+ where="[^"]*")?')


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a process with the log of ours would write."""
    stream, root = io.StringIO(), logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.start(stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[str]:
    return stream.getvalue().splitlines()


def test_every_event_is_one_line_of_one_format(written: io.StringIO) -> None:
    log = logging.getLogger("bench.some.where")
    log.info("run %s: %s", "run-000001", "PASS")
    log.warning('a "quoted" word,\nand \x1b[31m\x00 what no terminal should get')
    try:
        int(f"typed by {NAME}")
    except ValueError:
        log.exception("a page failed: %s", "office.case")
    assert len(lines(written)) == 3
    assert all(LINE.fullmatch(line) for line in lines(written)), lines(written)
    assert lines(written)[0] == 'level=info from=bench.some.where said="run run-000001: PASS"'
    assert "\x1b" not in written.getvalue()
    assert re.search(r'error=ValueError where=".*web/test_logs.py:\d+"$', lines(written)[2])
    assert NAME not in written.getvalue()


@pytest.mark.parametrize(
    "said", ['a "quoted" word \\ and another', "said", "port: 8080", "no said=1 in it", ""]
)
def test_what_a_line_says_is_read_from_it(written: io.StringIO, said: str) -> None:
    logging.getLogger("bench.some.where").info("%s", said)
    assert logs.said_in(lines(written)[0]) == said
    assert logs.said_in("Traceback of something else") == "Traceback of something else"


def test_journald_gets_the_priority_of_each_line() -> None:
    formatter = LineFormatter(with_priority=True)
    for level, priority in ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6)):
        record = logging.LogRecord("web", level, "", 0, "said", (), None)
        assert formatter.format(record).startswith(f"<{priority}>level=")


def test_a_page_that_fails_tells_where_and_nothing_of_who_asked(
    service: Flask, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.config["PROPAGATE_EXCEPTIONS"] = False

    def fails(*of: object, **named: object) -> None:
        raise ValueError(f"{NAME}, {PHONE}")

    monkeypatch.setitem(service.view_functions, "visit.join", fails)
    token = "s3cret-invitation-token-of-many-characters"
    answer = service.test_client().get(f"/join/{token}?name={NAME}", headers={"User-Agent": ADDRESS})
    assert answer.status_code == 500
    [line] = lines(written)
    assert LINE.fullmatch(line), line
    assert "a page failed: visit.join" in line
    assert "error=ValueError" in line
    for secret in (token, NAME, PHONE, ADDRESS):
        assert secret not in line


def test_what_a_customer_types_is_in_no_line_however_it_ends(
    service: Flask, staff_bench: StaffBench, written: io.StringIO
) -> None:
    customer, clerk = AtADesk(service, staff_bench), AtADesk(service, staff_bench, "P4")
    typed = {"serial": SERIAL, "name": NAME, "address": ADDRESS, "phone": PHONE, "doubt": f"{NAME} doubts"}
    for leave_out in ("", "serial", "phone"):
        customer.send("/apply", **{name: value for name, value in typed.items() if name != leave_out})
    clerk.get(f"/office?q={NAME}")
    clerk.get(f"/office/case/{NAME}")
    customer.get(f"/join/{PHONE}")
    staff_bench.drop_all()
    logging.getLogger("bench.logs").info("the log is heard")
    assert "the log is heard" in written.getvalue()
    for secret in (NAME, PHONE, ADDRESS, SERIAL):
        assert secret not in written.getvalue()
