"""A web that starts on a disk that can only be read: pages are shown, and a form says why nothing was kept."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.casework import stories
from tests.web.at_a_desk import AtADesk
from tests.web.staff_bench import StaffBench
from tests.web.test_apply import FILLED_IN
from web import create_app
from web.casework import cases
from web.casework.store import Casework
from web.page_files import PageFiles
from web.serve import close

NOW = "2026-11-26T10:00:00+00:00"


@pytest.fixture
def app(staff_bench: StaffBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    path = tmp_path / "casework.sqlite"
    close(create_app(str(staff_bench.path), files=PageFiles(casework=path), now=lambda: NOW))
    with closing(Casework(path, lambda: NOW)) as casework:
        stories.explained(casework)
    connect = sqlite3.connect

    def read_only(database: Path, **options: Any) -> sqlite3.Connection:
        return connect(f"file:{database}?mode=ro", uri=True, **options)

    def refused(*of: object, **named: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    for write in ("touch", "chmod", "unlink"):
        monkeypatch.setattr(Path, write, refused)
    monkeypatch.setattr(sqlite3, "connect", read_only)
    app = create_app(str(staff_bench.path), files=PageFiles(casework=path), now=lambda: NOW)
    yield app
    close(app)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", "没有存下来：本系统的存储现在不能用"),
        ("en", "Nothing was kept: this service cannot use its disk"),
    ],
)
def test_pages_are_shown_and_forms_say_why(
    app: Flask, staff_bench: StaffBench, language: str, said: str
) -> None:
    street, office = AtADesk(app, staff_bench, None, language), AtADesk(app, staff_bench, "P4", language)
    for path in ("/", "/apply", "/handbook", "/self-check"):
        street.text(path)
    assert "C2026-0001" in office.text("/office")
    for path in ("/office/case/C2026-0001", "/office/requests", "/office/health"):
        office.text(path)
    answer = street.send("/apply", **FILLED_IN)
    assert answer.status_code == 503
    assert said in answer.text
    assert FILLED_IN["expects"] in answer.text, "what was typed"
    assert len(cases.all_cases(app.extensions["casework"])) == 1
