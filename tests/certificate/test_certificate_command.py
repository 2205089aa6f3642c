"""`bench certificate` from a request to the finished files, with real seals, as a technician types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from bench.app import open_bench
from bench.certificate.office import office
from bench.certificate.seals import check_certificate
from bench.commands.certificate_cli import certificate
from bench.errors import OperatorError
from tests.bench_process.support import BENCH, bench_config, plan_of
from tests.certificate.office import Desk
from tests.certificate.requested import REQUEST
from tests.registry.laboratory import PASSWORD


@pytest.fixture
def config(tmp_path: Path, passed: object) -> Path:
    """bench.toml of the laboratory of `passed`, and a request beside it."""
    text = BENCH.format(state_dir=tmp_path, simulation="")
    for line in (
        'model = "demo-reference"',
        'serial = "SIM-1"',
        "accuracy_class_pct = 0.05",
        "calibration_U_pct = 0.02",
    ):
        text = text.replace(f"{line}\n", "")
    text = text.replace("[reference]\n", '[reference]\ncard_id = "RS-1"\n')
    path = tmp_path / "bench.toml"
    path.write_text(text + '[laboratory]\nname_zh = "示例计量所"\nyears_of_validity = 5\n', "utf-8")
    (tmp_path / "request.toml").write_text(REQUEST, "utf-8")
    return path


def ran(config: Path, *words: str, typed: str = f"{PASSWORD}\n") -> Result:
    stdin = ["--password-stdin"] if "--by" in words else []
    command = [*words, *stdin, "--config", str(config)]
    return CliRunner().invoke(certificate, command, input=typed, catch_exceptions=False)


def drafted(config: Path, *more: str) -> Result:
    request = str(config.parent / "request.toml")
    out = str(config.parent / "out")
    return ran(config, "draft", "1", "--position", "1", "--request", request, "--by", "P3", "-o", out, *more)


def issued(config: Path) -> Result:
    drafted(config)
    ran(config, "sign", "D1", "--by", "P3")
    return ran(config, "sign", "D1", "--by", "P2", "--lang", "en")


def test_from_a_request_to_the_files(config: Path) -> None:
    said = drafted(config, "--lang", "en").output
    assert "draft D1: verification certificate, run-000001 position 1, meter M-1" in said
    assert "printed across it will be: simulated, informative, unofficial key" in said
    assert "signatures needed: verifier, checker; bench certificate sign D1 --by PERSON" in said
    assert (config.parent / "out/D1.pdf").read_bytes().startswith(b"%PDF-")
    said = ran(config, "sign", "D1", "--by", "P3", "--lang", "zh").output
    assert "D1: P3 已作为检定签名" in said
    assert "需要签名: 核验" in said
    said = ran(config, "sign", "D1", "--by", "Wang Fang", "--lang", "en").output
    assert "signed by P2 as checker" in said
    assert "verification certificate 2026-00001 is issued" in said or "-00001 is issued" in said


def number_of(config: Path) -> str:
    (row,) = json.loads(ran(config, "list", "--json").stdout)
    return str(row["number"])


def test_what_is_written_holds_its_seals(config: Path) -> None:
    issued(config)
    number = number_of(config)
    out = config.parent / "written"
    ran(config, "write", number, "-o", str(out))
    assert sorted(path.name for path in out.iterdir()) == [
        f"{number}-label.pdf",
        f"{number}.pdf",
        f"{number}.xml",
    ]
    for form in ("xml", "pdf"):
        content = (out / f"{number}.{form}").read_bytes()
        assert check_certificate(content).holds


def test_list_and_show_in_both_languages(config: Path) -> None:
    issued(config)
    number = number_of(config)
    for lang, words in (
        ("en", "run-000001 position 1  meter M-1  PASS  issued"),
        ("zh", "表号 M-1  合格  有效"),
    ):
        assert words in ran(config, "list", "--lang", lang).output
        shown = ran(config, "show", number, "--lang", lang).output
        assert words in shown
        assert "P2" in shown
    assert json.loads(ran(config, "show", number, "--json").stdout)["serial"] == "M-1"
    assert ran(config, "list", "--serial", "M-2").stdout == ""


def test_open_drafts_are_listed_with_who_has_signed(config: Path) -> None:
    drafted(config)
    assert "signed: nobody" in ran(config, "list", "--drafts", "--lang", "en").output
    ran(config, "sign", "D1", "--by", "P3")
    assert "signed: P3 (verifier)" in ran(config, "list", "--drafts", "--lang", "en").output
    (row,) = json.loads(ran(config, "list", "--drafts", "--json").stdout)
    assert (row["id"], row["signatures"][0]["person"]) == ("D1", "P3")
    ran(config, "sign", "D1", "--by", "P2")
    assert ran(config, "list", "--drafts").stdout == ""


def test_a_correction_is_drafted_signed_and_named_by_both(config: Path) -> None:
    issued(config)
    old = number_of(config)
    request = config.parent / "request.toml"
    said = ran(
        config,
        "reissue",
        old,
        "--request",
        str(request),
        "--why",
        "misread",
        "--by",
        "P3",
        "-o",
        str(config.parent),
    )
    assert said.exit_code == 0
    ran(config, "sign", "D2", "--by", "P3")
    ran(config, "sign", "D2", "--by", "P2")
    rows = json.loads(ran(config, "list", "--json").stdout)
    assert [(row["replaces"], row["replaced_by"]) for row in rows] == [("", rows[1]["number"]), (old, "")]
    assert f"replaced by {rows[1]['number']}" in ran(config, "show", old, "--lang", "en").output
    assert f"corrects {old}: misread" in ran(config, "show", rows[1]["number"], "--lang", "en").output


def test_a_list_of_nothing_says_so(config: Path) -> None:
    assert ran(config, "list", "--lang", "en").output == "no certificate in the register is like that\n"
    assert ran(config, "list", "--drafts", "--lang", "zh").output == "没有等待签名的草稿\n"
    assert json.loads(ran(config, "list", "--json").stdout) == []


def test_withdrawn_and_forgotten(config: Path) -> None:
    issued(config)
    number = number_of(config)
    assert (
        "withdrawn" in ran(config, "withdraw", number, "--why", "torn", "--by", "P2", "--lang", "en").output
    )
    assert "torn" in ran(config, "list", "--lang", "en").output
    assert "customer data" not in ran(config, "list", "--lang", "en").output
    drafted(config)
    said = ran(config, "forget", number, "--by", "P1", "--lang", "en").output
    assert "the same meter still has customer data in: D2;" in said
    assert f"{number}  " in ran(config, "list", "--lang", "en").output
    assert "torn; customer data deleted" in ran(config, "list", "--lang", "en").output
    assert "still has" not in ran(config, "forget", "D2", "--by", "P1", "--lang", "en").output
    assert "what names the customer is deleted" in ran(config, "show", number, "--lang", "en").output
    with pytest.raises(OperatorError, match="were deleted"):
        ran(config, "write", number, "-o", str(config.parent))


def test_what_can_be_refused_is_refused_before_the_password(config: Path) -> None:
    for words in (("sign", "D7", "--by", "P3"),):
        with pytest.raises(OperatorError, match="there is no draft"):
            ran(config, *words, typed="")
    drafted(config)
    with pytest.raises(OperatorError, match="stdin has no line with the password"):
        ran(config, "sign", "D1", "--by", "P3", typed="")


def test_no_command_takes_a_password_as_an_argument() -> None:
    context = click.Context(certificate)
    for name in certificate.list_commands(context):
        command = certificate.get_command(context, name)
        assert command is not None
        for option in command.params:
            assert "password" not in str(option.name)
            assert option.name != "from_stdin" or getattr(option, "is_flag", False)


def test_exports_are_written_with_their_choices(config: Path) -> None:
    issued(config)
    out = config.parent / "tables"
    ran(config, "export", "-o", str(out), "--excel")
    assert (out / "certificates.csv").read_bytes().startswith(b"\xef\xbb\xbfnumber,")
    assert len((out / "results.csv").read_text("utf-8").splitlines()) == 2
    ran(config, "export", "-o", str(out), "--format", "json", "--serial", "other")
    assert json.loads((out / "certificates.json").read_text("utf-8"))["certificates"] == []
    with pytest.raises(OperatorError, match=r"--from: '1\.1\.2026' is no date"):
        ran(config, "export", "-o", str(out), "--from", "1.1.2026")


def test_a_disk_that_is_full_leaves_the_tables_of_before(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued(config)
    words = ("export", "-o", str(config.parent / "tables"))
    ran(config, *words)
    before = {path.name: path.read_bytes() for path in (config.parent / "tables").iterdir()}

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OperatorError, match=r"certificates\.csv cannot be written \(No space left"):
        ran(config, *words)
    assert {path.name: path.read_bytes() for path in (config.parent / "tables").iterdir()} == before


def test_an_issued_certificate_is_dropped_and_what_waits_is_told(config: Path) -> None:
    with pytest.raises(OperatorError, match="has no watch_folder"):
        ran(config, "watch-folder")
    folder = config.parent / "watched"
    text = config.read_text("utf-8").replace("[laboratory]", f'[laboratory]\nwatch_folder = "{folder}"')
    config.write_text(text, "utf-8")
    said = issued(config).output
    assert "1 certificate is not in the watch folder yet" in said
    assert f"waits: {number_of(config)}" in ran(config, "watch-folder", "--lang", "en").output
    folder.mkdir()
    assert "dropped" in ran(config, "watch-folder", "--deliver", "--lang", "en").output
    assert len(list(folder.iterdir())) == 3
    assert json.loads(ran(config, "watch-folder", "--json").stdout)["waiting"] == []


def test_a_demo_bench_gives_a_draft_without_anybody(tmp_path: Path) -> None:
    state_dir = tmp_path / "state"
    with open_bench(bench_config(state_dir), lambda line: None) as process:
        process.run(plan_of())
    request = tmp_path / "request.toml"
    request.write_text(REQUEST, "utf-8")
    words = [
        "draft",
        "1",
        "--position",
        "1",
        "--request",
        str(request),
        "-o",
        str(tmp_path),
        "--kind",
        "calibration",
    ]
    done = CliRunner().invoke(
        certificate, [*words, "--state-dir", str(state_dir), "--lang", "en"], catch_exceptions=False
    )
    assert "nobody is registered at this bench" in done.output
    assert "draft D1: calibration certificate" in done.output
    assert (tmp_path / "D1.pdf").read_bytes().startswith(b"%PDF-")
    assert "signatures needed" not in done.output


def test_a_rejection_is_sealed_too(desk_of: Callable[..., Desk], tmp_path: Path) -> None:
    failed = desk_of(3.0)
    real = office(failed.office.config, failed.office.reader_for)
    entry = Desk(real, failed.lab).issue().entry
    assert entry is not None
    assert entry.issued.kind == "rejection"
    assert check_certificate((tmp_path / "certificates" / f"{entry.issued.number}.pdf").read_bytes()).holds
