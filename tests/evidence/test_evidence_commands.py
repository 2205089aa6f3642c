"""`bench export` and `bench verify` as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.commands.cli import cli
from bench.errors import OperatorError
from bench.evidence.words import _WORDS
from bench.keys.log_key import open_log_key
from tests.bench_process.forging import forge, open_without_triggers
from tests.bench_process.support import plan_of, virtual_bench
from tests.evidence.bundles import SHORT_PLAN, Forger, exported, other_key, unpacked, verified


def ran(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, list(words), catch_exceptions=isinstance)
    if isinstance(result.exception, OperatorError):
        return result.exception.exit_status, str(result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_a_run_is_exported_and_verified(recorded: Path, bundle: bytes, tmp_path: Path) -> None:
    path = tmp_path / "here.zip"
    status, said = ran("export", "1", "-o", str(path), "--state-dir", str(recorded), "--lang", "en")
    assert (status, path.read_bytes()) == (0, bundle)
    fingerprint = open_log_key(recorded, may_make=False).fingerprint
    assert fingerprint in said
    status, said = ran("verify", str(path), "--fingerprint", fingerprint, "--lang", "en")
    assert status == 0
    assert "verdict: position 1, M-1: PASS" in said
    assert said.endswith(f"{path}: everything agrees\n")
    assert "全部一致" in ran("verify", str(path), "--lang", "zh")[1]
    assert [each.name for each in tmp_path.iterdir()] == ["here.zip"]


def test_the_file_is_named_after_the_run(
    recorded: Path, bundle: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ran("export", "run-000001", "--state-dir", str(recorded))[0] == 0
    assert (tmp_path / "run-000001.bundle.zip").read_bytes() == bundle


def test_a_file_that_is_there_is_written_over_only_by_force(
    recorded: Path, bundle: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "mine.zip"
    path.write_bytes(b"mine")
    words = ("export", "1", "-o", str(path), "--state-dir", str(recorded))
    status, said = ran(*words)
    assert (status, path.read_bytes()) == (2, b"mine")
    assert "is there already; give -o another name, or --force" in said
    assert ran(*words, "--force")[0] == 0
    assert path.read_bytes() == bundle


def test_a_folder_that_cannot_be_written_is_said(recorded: Path, tmp_path: Path) -> None:
    status, said = ran("export", "1", "-o", str(tmp_path / "no" / "x.zip"), "--state-dir", str(recorded))
    assert status == 2
    assert "cannot be written" in said


def test_json_says_each_check_in_both_languages(bundle: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(
        Forger(bundle)
        .change("window", lambda record: record["results"]["1"].update(estimator="other"))
        .bundle(other_key())
    )
    result = CliRunner().invoke(cli, ["verify", str(path), "--json"])
    (found,) = json.loads(result.stdout)
    assert result.exit_code == 4
    assert (found["holds"], found["kind"], found["run"]) == (False, "bundle", "run-000001")
    (figures,) = (check for check in found["checks"] if check["check"] == "figures")
    assert figures["outcome"] == "differs"
    assert figures["differences"][0]["recorded"] == "other"
    assert {"zh", "en"} == figures["says"].keys()


def test_what_does_not_hold_is_4_and_what_is_no_such_file_2(bundle: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(bundle[:-1])
    assert ran("verify", str(path))[0] == 4
    path.write_bytes(bundle)
    assert ran("verify", str(path), "--fingerprint", other_key().fingerprint)[0] == 4
    path.write_bytes(b"something else")
    for words in ([str(path)], [str(tmp_path / "none.zip")], [str(tmp_path)], []):
        assert ran("verify", *words)[0] == 2


def test_a_run_under_way_has_no_bundle(tmp_path: Path) -> None:
    """Nor one whose program was killed, until the bench has said so; then its bundle says that it was interrupted."""
    with virtual_bench(tmp_path) as process:
        process.run(plan_of(SHORT_PLAN))
    database = open_without_triggers(tmp_path)
    database.execute("DELETE FROM record WHERE kind = 'run_ended'")
    database.execute("DROP TRIGGER IF EXISTS checkpoint_is_never_removed")
    database.execute("DELETE FROM checkpoint")
    database.close()
    status, said = ran("export", "1", "-o", str(tmp_path / "a.zip"), "--state-dir", str(tmp_path))
    assert status == 2
    assert "run-000001 has no end in this journal: it is under way" in said
    with virtual_bench(tmp_path):
        pass
    report = verified(exported(tmp_path))
    assert report.holds
    assert "was interrupted" in report.checks[-1].says.in_language("en")


def test_nothing_is_exported_that_does_not_hold(recorded: Path, tmp_path: Path) -> None:
    with virtual_bench(tmp_path) as process:
        process.run(plan_of(SHORT_PLAN))
    words = ("export", "1", "-o", str(tmp_path / "a.zip"), "--state-dir", str(tmp_path))
    edges = tmp_path / "runs" / "run-000001" / "edges-1.bin"
    before = edges.read_bytes()
    edges.write_bytes(before[:-1] + b"x")
    status, said = ran(*words)
    assert (status, "edges-1.bin is not the file that was recorded" in said) == (2, True)
    edges.unlink()
    assert "the raw file is missing" in ran(*words)[1]
    edges.write_bytes(before)
    forge(tmp_path, "window", lambda record: record.update(stability_pct="1.0"), with_hashes=True)
    assert "the journal is not the one that its checkpoint was signed for" in ran(*words)[1]
    assert not (tmp_path / "a.zip").exists()


def test_a_run_is_exported_while_the_bench_has_the_journal_open(recorded: Path, bundle: bytes) -> None:
    with virtual_bench(recorded):
        assert exported(recorded) == bundle


def test_a_run_that_took_verdicts_over_has_the_earlier_run_with_it(tmp_path: Path) -> None:
    plan = plan_of(SHORT_PLAN.replace('["Imax 1.0"]', '["Imax 1.0", "Ib 1.0"]'))
    with virtual_bench(tmp_path) as process:
        process.run(plan)
        process.run(plan, "run-000001")
    files = unpacked(made := exported(tmp_path, "run-000002"))
    assert json.loads(files["manifest.json"])["runs"] == ["run-000001", "run-000002"]
    assert "runs/run-000001/edges-1.bin" in files
    assert verified(made).holds
    first = unpacked(exported(tmp_path, "run-000001"))
    assert json.loads(first["manifest.json"])["runs"] == ["run-000001"]

    def slower(record: dict[str, object]) -> None:
        if record["run"] == "run-000001":
            record["results"]["1"]["percentage_error_pct"] = "0.100000"  # type: ignore[index]

    report = verified(Forger(made).change("window", slower).bundle(other_key()))
    assert any(
        d.where.startswith("run-000001: record 3") for check in report.checks for d in check.differences
    )


def test_every_text_is_in_both_languages() -> None:
    assert all(zh and en and (zh != en or "{" in zh) for zh, en in _WORDS.values())
