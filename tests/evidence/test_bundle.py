"""A bundle holds as it was made, stays the same, and whatever a forger changes in it is found and named."""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.app import open_bench, replay_run
from bench.configuration.config import parse_config
from bench.keys.log_key import open_log_key, write_log_key
from bench.plans.plan import parse_plan
from tests.bench_process.support import BENCH, METER
from tests.evidence.bundles import (
    SHORT_PLAN,
    Fields,
    Forger,
    exported,
    failed,
    other_key,
    said,
    unpacked,
    verified,
)


def test_a_bundle_holds_and_says_what_agrees(bundle: bytes, recorded: Path) -> None:
    report = verified(bundle)
    assert said(report) == ""
    assert report.holds
    assert [check.check for check in report.checks] == [
        "archive", "files", "key", "signature", "checkpoint", "records", "course", "raw", "figures",
        "verdict", "verdict",
    ]  # fmt: skip
    assert report.run_id == "run-000001"
    assert report.fingerprints == (open_log_key(recorded, may_make=False).fingerprint,)


def verdicts_of(bundle: bytes, language: str) -> list[str]:
    return [check.says.in_language(language) for check in verified(bundle).checks if check.check == "verdict"]


def test_each_meter_has_its_own_verdict_and_that_of_the_run_is_named_as_of_all(
    bundle: bytes, tmp_path: Path
) -> None:
    assert verdicts_of(bundle, "en") == [
        "verdict: position 1, M-1: PASS", "verdict: run-000001: PASS (SIMULATED)",
    ]  # fmt: skip
    second = '\n[[position]]\nname = "2"\ndriver = "sim"\nsimulated_error_pct = 1.7\n'
    config = parse_config(BENCH.format(state_dir=tmp_path, simulation="") + second, "bench.toml")
    meter = METER.replace('"1"', '"2"', 1).replace("M-1", "M-2")
    with open_bench(config, lambda line: None) as process:
        process.run(parse_plan(SHORT_PLAN + meter, ["1", "2"], "plan.toml"))
    of_two = exported(tmp_path)
    assert verdicts_of(of_two, "en") == [
        "verdict: position 1, M-1: PASS",
        "verdict: position 2, M-2: FAIL",
        "all meters of run-000001 together: FAIL (SIMULATED)",
    ]
    assert verdicts_of(of_two, "zh")[-1] == "run-000001 全部电能表合计：不合格（模拟）"
    assert "2 measurements computed again" in " ".join(
        check.says.in_language("en") for check in verified(of_two).checks
    )


def test_the_same_run_makes_the_same_bytes(bundle: bytes, recorded: Path) -> None:
    assert exported(recorded) == bundle


def test_every_zip_program_reads_it_and_the_files_stand_in_their_order(bundle: bytes, recorded: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        for info in archive.infolist():
            assert (info.compress_type, info.date_time) == (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0))
            assert (info.flag_bits, info.create_system, info.create_version) == (0x800, 3, 20)
            assert (info.external_attr, info.extra, info.comment) == (0o100644 << 16, b"", b"")
    files = unpacked(bundle)
    count = len(files["records.jsonl"].splitlines())
    proofs = [f"proofs/{number:09d}.txt" for number in range(count)]
    raw = ["runs/run-000001/edges-1.bin", "runs/run-000001/reference.jsonl"]
    head = ["manifest.json", "manifest.sig", "checkpoint.txt", "public-key.txt", "records.jsonl"]
    assert names == [*head, *proofs, *raw, "verify.html", "README.txt"]
    for name in raw:
        assert files[name] == (recorded / name).read_bytes()


def test_its_figures_are_recomputed_as_a_replay_of_the_journal_does(bundle: bytes, recorded: Path) -> None:
    found = replay_run(recorded, "run-000001")
    (figures,) = (check for check in verified(bundle).checks if check.check == "figures")
    assert found.differences == ()
    assert figures.says.values["count"] == str(found.results)


def test_the_published_fingerprint_is_compared_however_it_is_written(bundle: bytes, recorded: Path) -> None:
    published = open_log_key(recorded, may_make=False).fingerprint
    for written in (published, published.lower(), published.replace(" ", ""), published.replace(" ", ":")):
        assert verified(bundle, written).holds
    other = published[:-1] + ("0" if published[-1] != "0" else "1")
    for wrong in (other, "", published[:-1]):
        assert failed(verified(bundle, wrong)) == {"key"}


# --- a forger


def _another_error(record: Fields) -> None:
    record["results"]["1"]["percentage_error_pct"] = "0.100000"


def test_a_forger_who_changes_nothing_makes_the_same_bundle(bundle: bytes) -> None:
    assert Forger(bundle).bundle() == bundle


def test_a_changed_figure_with_all_hashes_anew_is_found_without_the_key(bundle: bytes) -> None:
    report = verified(Forger(bundle).change("window", _another_error).bundle())
    assert failed(report) == {"signature", "checkpoint", "records", "figures"}
    assert "record 3, position 1: percentage_error_pct: 0.100000" in said(report)


def test_a_changed_figure_is_found_by_the_arithmetic_whoever_signs_it(bundle: bytes) -> None:
    report = verified(Forger(bundle).change("window", _another_error).bundle(other_key()))
    assert failed(report) == {"figures"}
    assert "record 3, position 1: percentage_error_pct: 0.100000" in said(report)


def test_what_no_arithmetic_shows_is_signed_by_another_key(bundle: bytes, recorded: Path) -> None:
    """A forger who changes the day of a run must sign it, and his key is another one."""

    def later(record: Fields) -> None:
        record["clock"]["wall_time"] = "2031-01-01T00:00:00Z"

    published = open_log_key(recorded, may_make=False).fingerprint
    without_key = verified(Forger(bundle).change("run_started", later).bundle())
    assert failed(without_key) == {"signature", "checkpoint", "records"}
    forged = Forger(bundle).change("run_started", later).bundle(other_key())
    assert verified(forged).holds
    assert verified(forged).fingerprints == (other_key().fingerprint,)
    assert failed(verified(forged, published)) == {"key"}
    assert other_key().fingerprint in said(verified(forged, published))


def test_a_run_without_its_last_record_is_not_whole(bundle: bytes) -> None:
    for key in (None, other_key()):
        forger = Forger(bundle)
        end = forger.records.pop()
        forger.records[-1]["raw_files"] = end["raw_files"]
        report = verified(forger.bundle(key))
        assert "course" in failed(report)
        assert "is not its end; what followed is gone" in said(report)


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_record_that_was_taken_out_is_missed(bundle: bytes, number: int) -> None:
    """Whether the forger leaves its number out or numbers the others anew."""
    forger = Forger(bundle)
    del forger.records[number]
    report = verified(forger.bundle(other_key()))
    assert f"record {number} is missing" in said(report)
    for index, record in enumerate(forger.records):
        record["number"] = index
    assert "figures" in failed(verified(forger.bundle(other_key())))


def test_raw_data_that_was_changed_with_its_hash_gives_other_figures(bundle: bytes) -> None:
    forger = Forger(bundle)
    name = "runs/run-000001/edges-1.bin"
    edges = bytearray(forger.files[name])
    for at in range(48 * 40, len(edges), 48):
        edges[at : at + 8] = (int.from_bytes(edges[at : at + 8], "little") + 1_000_000).to_bytes(8, "little")
    forger.files[name] = bytes(edges)
    report = verified(forger.bundle(other_key()))
    assert {"raw", "figures"} == failed(report)
    assert "edges-1.bin" in said(report)
    for record in forger.records:
        if known := record.get("raw_files", {}).get("edges-1.bin"):
            known["sha256"] = hashlib.sha256(edges[: known["bytes"]]).hexdigest()
    assert failed(verified(forger.bundle(other_key()))) == {"figures"}


def test_another_version_of_the_arithmetic_is_said_and_the_rest_is_checked(
    bundle: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.records.versions.EVALUATIONS", {1001: None})
    report = verified(bundle)
    assert not report.holds
    assert failed(report) == {"figures"}
    assert "run-000001 was computed with another version of the arithmetic" in said(report)


def test_a_run_from_before_the_key_was_changed_has_both_keys(recorded: Path, tmp_path: Path) -> None:
    """The new key signs the bundle; the checkpoint stays signed by the one that was then."""
    state_dir = tmp_path / "state"
    shutil.copytree(recorded, state_dir)
    before = open_log_key(state_dir, may_make=False)
    now = write_log_key(state_dir, 2, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    made = exported(state_dir)
    assert len(unpacked(made)["public-key.txt"].splitlines()) == 2
    assert verified(made, now.fingerprint).holds
    assert verified(made).fingerprints == (now.fingerprint, before.fingerprint)
    assert failed(verified(made, before.fingerprint)) == {"key"}
