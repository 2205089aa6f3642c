"""A back-up that failed, or that nobody makes any more, is seen; older ones go, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bench.clock import SystemClock
from bench.commands.cli import cli
from bench.errors import OperatorError
from bench.keeping.backup import RunUnderWayError, keep_newest
from bench.keeping.last_backup import LastBackup, last_backup, note_failed, note_made
from bench.service import Service
from bench.service_health import process_health
from tests.bench_process.support import BENCH, plan_of, virtual_bench

FIRST, THEN = "2026-11-27T06:00:00+00:00", "2026-11-28T06:00:00+00:00"


def test_a_failure_is_kept_until_one_succeeds(tmp_path: Path) -> None:
    assert last_backup(tmp_path) == LastBackup()
    note_failed(tmp_path, FIRST)
    assert last_backup(tmp_path) == LastBackup(failed=FIRST)
    note_made(tmp_path, FIRST)
    assert last_backup(tmp_path) == LastBackup(made=FIRST)
    note_failed(tmp_path, THEN)
    assert last_backup(tmp_path) == LastBackup(made=FIRST, failed=THEN)


@pytest.mark.parametrize("text", [
    "", "[]", "{}", '{"made": 3, "failed": null}', "\xff",
    '{"made": "yesterday", "failed": null}', '{"made": null, "failed": "2026-11-27T06:00:00"}',
])  # fmt: skip
def test_a_note_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "last-backup.json").write_text(text, encoding="latin-1")
    assert last_backup(tmp_path) == LastBackup()


def test_of_this_bench_the_newest_stay_and_what_is_not_its_own_stays(tmp_path: Path) -> None:
    days = [f"bench-1-202611{day:02}T060000Z.backup.tar.gz" for day in range(20, 25)]
    others = ["bench-10-20200101T060000Z.backup.tar.gz", "bench-1-notes.backup.tar.gz", "photo.jpg"]
    for name in days + others:
        (tmp_path / name).touch()
    for _ in range(2):
        keep_newest("bench-1", tmp_path / days[-1], 2)
        assert {path.name for path in tmp_path.iterdir()} == {*days[3:], *others}


def test_a_back_up_of_a_bench_without_a_clock_is_not_the_one_that_goes(tmp_path: Path) -> None:
    first, then, made = (
        tmp_path / f"bench-1-{day}T060000Z.backup.tar.gz" for day in ("20261120", "20261121", "19700101")
    )
    for path in (first, then, made):
        path.touch()
    keep_newest("bench-1", made, 2)
    assert set(tmp_path.iterdir()) == {then, made}


def test_what_a_clock_that_was_ahead_has_named_goes_first_and_never_the_one_just_made(tmp_path: Path) -> None:
    ahead, before, made = (
        tmp_path / f"b-{day}T060000Z.backup.tar.gz" for day in (20300101, 20261126, 20261127)
    )
    for path in (ahead, before, made):
        path.touch()
    keep_newest("b", made, 2)
    assert set(tmp_path.iterdir()) == {before, made}
    keep_newest("b", made, 1)
    assert set(tmp_path.iterdir()) == {made}


def test_a_folder_that_has_gone_away_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="an older back-up cannot be deleted"):
        keep_newest("b", tmp_path / "stick/b-20261127T060000Z.backup.tar.gz", 2)


def test_a_unit_that_may_not_look_at_the_kernels_clock_makes_a_back_up_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ProtectClock= of bench-backup.service refuses adjtimex."""

    def refused(clock: SystemClock) -> tuple[bool, float]:
        raise PermissionError("adjtimex")

    config = tmp_path / "bench.toml"
    config.write_text(BENCH.format(state_dir=tmp_path / "state", simulation=""))
    with virtual_bench(tmp_path / "state") as process:
        process.run(plan_of())
    monkeypatch.setattr(SystemClock, "_discipline", refused)
    there = tmp_path / "there"
    there.mkdir()
    ran = CliRunner().invoke(cli, ["backup", str(there), "--config", str(config), "--without-keys"])
    assert ran.exit_code == 0, ran.output
    assert len(list(there.iterdir())) == 1


def test_the_command_notes_what_came_of_it_and_the_bench_tells(tmp_path: Path) -> None:
    config, state, there = tmp_path / "bench.toml", tmp_path / "state", tmp_path / "there"
    config.write_text(BENCH.format(state_dir=state, simulation=""))
    there.mkdir()

    def backup(*options: str, with_keys: bool = False) -> Result:
        keys = [] if with_keys else ["--without-keys"]
        return CliRunner().invoke(cli, ["backup", str(there), "--config", str(config), *keys, *options])

    with virtual_bench(state) as process:
        process.run(plan_of())
        assert process_health(process, is_run_under_way=False)["backup"] == {}
        assert backup("--other-disk").exception is not None
        assert not list(there.iterdir())
        assert set(process_health(process, is_run_under_way=False)["backup"]) == {"failed"}
        assert backup("--keep", "1").exit_code == 0
        assert set(process_health(process, is_run_under_way=False)["backup"]) == {"made"}
        with Service(process) as service:
            service._commands._running = object()  # type: ignore[assignment]
            assert isinstance(backup().exception, RunUnderWayError)
        assert set(process_health(process, is_run_under_way=True)["backup"]) == {"made"}, (
            "put off is not failed"
        )
        assert backup("--password-stdin", with_keys=True).exception is not None
        assert set(process_health(process, is_run_under_way=False)["backup"]) == {"made", "failed"}, (
            "no password"
        )
    assert len(list(there.iterdir())) == 1
