"""A file of cases of an earlier release: its pages open, whatever schema it had."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.casework.stories import memory
from tests.migrations.earlier import CASEWORK, make_each
from tests.web.at_a_desk import AtADesk
from tests.web.conftest import Clock
from tests.web.staff_bench import StaffBench
from web import create_app
from web.page_files import PageFiles
from web.serve import close

OLDEST, BEFORE_DEPARTMENTS, NEWEST = CASEWORK.released[0], CASEWORK.released[-2], CASEWORK.released[-1]


@pytest.mark.parametrize("number", [OLDEST, BEFORE_DEPARTMENTS, NEWEST])
def test_the_pages_of_an_earlier_release_s_cases_open(
    number: int, staff_bench: StaffBench, clock: Clock, tmp_path: Path
) -> None:
    path = tmp_path / "casework.sqlite"
    with TemporaryDirectory(dir=memory()) as made:
        shutil.copy(make_each(CASEWORK, Path(made))[number], path)
    app = create_app(str(staff_bench.path), files=PageFiles(casework=path), now=clock.now)
    try:
        desk = AtADesk(app, staff_bench, "P4")
        assert "C2026-0001" in desk.text("/office")
        page = desk.text("/office/case/C2026-0001")
        assert "电表 A-1 走得太快了" in page
        assert "人民路 12 号" in page
        assert "电表 A-2 走得太快了" in desk.text("/office/case/C2026-0002")
        for path_of_list in ("/office/requests", "/office/questions", "/office/areas", "/office/follow-ups"):
            desk.text(path_of_list)
    finally:
        close(app)
