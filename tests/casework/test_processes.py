"""The file under two processes, under several threads, and under a kill: all of an act or nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from bench.errors import OperatorError
from tests.casework.stories import Clock, applied, opened, planned
from web.casework import cases, store
from web.casework.history import history, is_intact, keep_text
from web.casework.model import CaseState
from web.casework.refused import Refused
from web.casework.store import Casework
from web.knowledge.shipped import furnish

_SPAWN = multiprocessing.get_context("spawn")


def _apply_many(folder: Path, name: str, count: int) -> None:
    with closing(opened(folder)) as cw:
        for number in range(count):
            applied(cw, f"{name}-{number}")


def test_processes_that_write_at_once_leave_no_number_out(tmp_path: Path) -> None:
    writers = [_SPAWN.Process(target=_apply_many, args=(tmp_path, name, 8)) for name in ("A", "B")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    with closing(opened(tmp_path)) as cw:
        ids = sorted(case.id for case in cases.all_cases(cw))
        assert ids == [f"C2026-{number:04d}" for number in range(1, 17)]
        assert all(is_intact(cw, case_id) for case_id in ids)


def _receive(folder: Path, case_id: str, told: multiprocessing.Queue[str]) -> None:
    with closing(opened(folder)) as cw:
        try:
            told.put(cases.receive(cw, case_id, "P2").state)
        except Refused as refused:
            told.put(refused.key)


def test_of_two_processes_that_give_a_verifier_a_meter_one_is_refused(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as cw:
        ids = [planned(cw, serial).id for serial in ("A", "B")]
    told: multiprocessing.Queue[str] = _SPAWN.Queue()
    writers = [_SPAWN.Process(target=_receive, args=(tmp_path, case_id, told)) for case_id in ids]
    for writer in writers:
        writer.start()
    said = sorted(told.get() for _ in writers)
    for writer in writers:
        writer.join()
    assert said == ["ready", "verifier_busy"]


def test_threads_of_one_web_take_turns(cw: Casework) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: applied(cw, f"S-{number}"), range(24)))
    ids = sorted(case.id for case in cases.all_cases(cw))
    assert ids == [f"C2026-{number:04d}" for number in range(1, 25)]


def test_an_act_has_the_file_to_itself_from_its_first_look_on(tmp_path: Path) -> None:
    with (
        closing(opened(tmp_path)) as cw,
        closing(sqlite3.connect(tmp_path / "casework.sqlite", timeout=0, isolation_level=None)) as other,
        cw.writing(),
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


def _die_in_an_act(folder: Path, case_id: str) -> None:
    with closing(opened(folder)) as cw, cw.writing() as database:
        # More than the page cache holds, so that the file itself has been written to when the process dies.
        database.execute("PRAGMA cache_size = 1")
        for _ in range(200):
            keep_text(cw, case_id, "x" * 2000)
        cases.decline(cw, case_id, "x", "y", "P1")
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_kill_in_an_act_leaves_nothing_of_it(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as cw:
        case = applied(cw)
    victim = _SPAWN.Process(target=_die_in_an_act, args=(tmp_path, case.id))
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    assert (tmp_path / "casework.sqlite-journal").stat().st_size > 0
    with closing(opened(tmp_path)) as cw:
        assert cases.case(cw, case.id) == case
        assert len(history(cw, case.id)) == 1
        assert is_intact(cw, case.id)
        with cw.reading() as database:
            assert database.execute("SELECT COUNT(*) FROM kept_text").fetchone()[0] == 1
        assert cases.decline(cw, case.id, "x", "y", "P1").state is CaseState.DECLINED


def test_a_folder_that_is_none_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OperatorError, match=r"cannot be opened: .*; check the folder"):
        Casework(tmp_path / "file" / "casework.sqlite", Clock())


@pytest.mark.parametrize(
    "content", [b"not a database, and longer than a header" * 50, b"SQLite format 3\0junk" * 99]
)
def test_a_file_that_is_no_casework_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "casework.sqlite").write_bytes(content)
    with pytest.raises(OperatorError, match=r"cannot be opened: .*; restore it from a back-up"):
        opened(tmp_path)


LOST = r"casework\.sqlite is (gone|empty), and something had been kept in it; .*restore a back-up.*请检查存储"


@pytest.mark.parametrize("left", [None, b""])
def test_cases_that_their_disk_has_emptied_or_lost_are_not_begun_anew(
    tmp_path: Path, left: bytes | None
) -> None:
    path = tmp_path / "casework.sqlite"
    with closing(opened(tmp_path)) as cw:
        case = applied(cw)
    whole = path.read_bytes()
    path.unlink()
    if left is not None:
        path.write_bytes(left)
    with pytest.raises(OperatorError, match=LOST):
        opened(tmp_path)
    assert path.exists() == (left is not None), "nothing is made in its place"
    path.write_bytes(whole)
    with closing(opened(tmp_path)) as cw:
        assert cases.case(cw, case.id) == case


def test_a_file_in_which_only_the_program_has_written_may_go(tmp_path: Path) -> None:
    path = tmp_path / "casework.sqlite"
    with closing(opened(tmp_path)) as cw:
        furnish(cw)
    for left in (None, b""):
        path.unlink()
        if left is not None:
            path.write_bytes(left)
        opened(tmp_path).close()
    with closing(opened(tmp_path)) as cw:
        assert applied(cw).id == "C2026-0001"


def test_a_file_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as cw, cw.writing() as database:
        database.execute("INSERT INTO migration VALUES (999, '', '')")
    with pytest.raises(OperatorError, match="newer than this program"):
        opened(tmp_path)


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    opened(tmp_path).close()
    path = tmp_path / "casework.sqlite"
    path.chmod(0o644)
    opened(tmp_path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_who_waits_for_a_process_that_hangs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_PATIENCE_S", 0.05)
    with closing(opened(tmp_path)) as cw:
        case = applied(cw)
        with closing(sqlite3.connect(tmp_path / "casework.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(OperatorError, match="cannot be written: database is locked"):
                applied(cw, "B")
            with pytest.raises(OperatorError, match="cannot be read: database is locked"):
                cases.case(cw, case.id)
        assert applied(cw, "B").id == "C2026-0002"
