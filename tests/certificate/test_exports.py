"""Tables for a laboratory's own system, and the folder where certificates are dropped for it."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
import os
from pathlib import Path

import pytest

from bench.certificate import exports, files, issuing, register, watch_folder
from bench.certificate.exports import CertificateRow, ResultRow, Wanted
from bench.registry.store import reading
from tests.certificate.office import LATER, NOW, Desk
from tests.certificate.requested import REQUEST, request

CALIBRATION = 'kind = "calibration"\n' + REQUEST


@pytest.fixture
def two(passed: Desk) -> Desk:
    """A verification certificate and, a day later, a calibration certificate of the same meter."""
    passed.issue()
    passed.issue(passed.draft(request(CALIBRATION)), now=LATER)
    return passed


def chosen(made: Desk, **wanted: str) -> list[str]:
    return [entry.issued.number for entry in exports.wanted_entries(made.state_dir, Wanted(**wanted))]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, ["2026-00001", "2026-00002"]),
        ({"first_day": "2026-06-02"}, ["2026-00002"]),
        ({"last_day": "2026-06-01"}, ["2026-00001"]),
        ({"first_day": "2026-06-01", "last_day": "2026-06-02"}, ["2026-00001", "2026-00002"]),
        ({"first_day": "2026-06-03"}, []),
        ({"serial": "M-1", "kind": "calibration"}, ["2026-00002"]),
        ({"serial": "M-2"}, []),
        ({"run_id": "run-000001", "kind": "verification"}, ["2026-00001"]),
        ({"run_id": "run-000002"}, []),
    ],
)
def test_certificates_are_chosen_by_day_meter_run_and_kind(
    two: Desk, wanted: dict[str, str], numbers: list[str]
) -> None:
    assert chosen(two, **wanted) == numbers


def test_results_are_those_of_the_certificate_to_the_digit(two: Desk) -> None:
    found = exports.wanted_entries(two.state_dir, Wanted(serial="M-1"))
    rows = exports.all_result_rows(two.state_dir, found)
    document = json.loads(issuing.read(two.state_dir, "2026-00001")[1].xml.removeprefix(b"xml "))
    (error,) = document["measured"]["errors"]
    (row,) = [each for each in rows if each.number == "2026-00001"]
    for name in ("item", "load_point", "error_pct", "expanded_uncertainty_pct", "coverage_factor", "mpe_pct"):
        assert getattr(row, name) == error[name]
    assert (row.run, row.serial, row.outcome) == ("run-000001", "M-1", "PASS")
    assert len(rows) == 2


def test_a_certificate_row_says_what_became_of_it(two: Desk) -> None:
    issuing.withdraw(two.state_dir, "2026-00002", "torn", two.lab.checker, LATER)
    corrected = issuing.redraft(two.office, "2026-00001", request(), "misread", two.lab.verifier, LATER)
    two.issue(corrected, now=LATER)
    with reading(two.state_dir) as database:
        old, withdrawn, new = map(exports.certificate_row, register.entries(database))
    assert (old.status, old.replaced_by) == ("replaced", "2026-00003")
    assert (withdrawn.status, withdrawn.why, withdrawn.withdrawn_on) == ("withdrawn", "torn", "2026-06-02")
    assert (new.status, new.replaces, new.why) == ("issued", "2026-00001", "misread")
    assert (new.verifier, new.checker, new.approver) == (two.lab.verifier, two.lab.checker, "")
    assert "simulated" in new.marks.split()


def test_no_row_names_a_customer_or_a_person(two: Desk) -> None:
    found = exports.wanted_entries(two.state_dir, Wanted())
    rows = exports.all_result_rows(two.state_dir, found)
    text = json.dumps(exports.as_json(map(exports.certificate_row, found), rows), ensure_ascii=False)
    for name in ("王芳", "Wang Fang", "Lake Road", "李伟"):
        assert name not in text


def row(**texts: str) -> CertificateRow:
    empty = dict.fromkeys((f.name for f in dataclasses.fields(CertificateRow)), "")
    return CertificateRow(**(empty | texts))


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "typed",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "-",
        "＝1+1",
        "－1",
        "＋1",
        "＠SUM(A1)",
    ],
)
def test_no_cell_is_a_formula(typed: str) -> None:
    (read,) = read_csv(exports.as_csv(CertificateRow, [row(serial=typed, why=typed)], for_excel=False))
    assert read["serial"] == read["why"] == f"'{typed}"


@pytest.mark.parametrize("figure", ["-0.21", "+0.4", "+0.21 -0.18 0.20", "-5"])
def test_a_figure_with_a_sign_stays_a_figure(figure: str) -> None:
    (read,) = read_csv(exports.as_csv(CertificateRow, [row(why=figure)], for_excel=False))
    assert read["why"] == figure


def test_commas_quotes_lines_and_chinese_come_back_whole() -> None:
    typed = '封印, "破损"\n第二行'
    text = exports.as_csv(CertificateRow, [row(why=typed)], for_excel=False)
    (read,) = read_csv(text)
    assert read["why"] == typed
    assert text.splitlines()[0].startswith("number,kind,status,run,")


def test_excel_knows_utf8_by_the_mark() -> None:
    plain = exports.as_csv(ResultRow, [], for_excel=False)
    assert exports.as_csv(ResultRow, [], for_excel=True).encode() == b"\xef\xbb\xbf" + plain.encode()


def test_the_schema_has_all_columns_and_the_page_too(two: Desk) -> None:
    docs = Path(__file__).parents[2] / "docs"
    assert (docs / "exports.schema.json").read_text("utf-8") == exports.written_schema()
    page = (docs / "exports.md").read_text("utf-8")
    for kind in (CertificateRow, ResultRow):
        for name, doc in exports.columns(kind):
            assert f"| `{name}` | {doc} |" in page
    found = exports.wanted_entries(two.state_dir, Wanted())
    whole = exports.as_json(
        map(exports.certificate_row, found), exports.all_result_rows(two.state_dir, found)
    )
    schema = exports.json_schema()
    assert whole["schema"] == schema["properties"]["schema"]["const"]
    kinds = {"string": str, "boolean": bool}
    for name in ("certificates", "results"):
        described = schema["properties"][name]["items"]
        assert whole[name]
        for each in whole[name]:
            assert set(each) == set(described["properties"]) == set(described["required"])
            for column, value in each.items():
                assert type(value) is kinds[described["properties"][column]["type"]]


# --- the watch folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "watched"
    made.mkdir()
    return made


def test_each_certificate_is_dropped_once_as_three_files(two: Desk, folder: Path) -> None:
    assert watch_folder.waiting(two.state_dir) == ("2026-00001", "2026-00002")
    delivery = watch_folder.deliver(two.state_dir, folder, LATER)
    assert (delivery.dropped, delivery.waiting, delivery.why) == (("2026-00001", "2026-00002"), (), "")
    assert sorted(path.name for path in folder.iterdir()) == [
        f"2026-0000{n}.{form}" for n in (1, 2) for form in ("json", "pdf", "xml")
    ]
    told = json.loads((folder / "2026-00001.json").read_text("utf-8"))
    xml = (folder / "2026-00001.xml").read_bytes()
    assert told["certificates"][0]["xml_sha256"] == hashlib.sha256(xml).hexdigest()
    assert [row["number"] for row in told["results"]] == ["2026-00001"]
    for path in folder.iterdir():  # the other system takes them away
        path.unlink()
    assert watch_folder.deliver(two.state_dir, folder, LATER).dropped == ()
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_away_loses_nothing(two: Desk, folder: Path) -> None:
    away = folder / "disk"
    delivery = watch_folder.deliver(two.state_dir, away, LATER)
    assert (delivery.dropped, delivery.waiting) == ((), ("2026-00001", "2026-00002"))
    assert str(away) in delivery.why
    assert not away.exists()
    away.mkdir()
    assert watch_folder.deliver(two.state_dir, away, LATER).dropped == ("2026-00001", "2026-00002")


def test_the_json_comes_last_and_no_file_is_ever_half(
    two: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []
    rename = Path.replace

    def watched(path: Path, target: Path) -> Path:
        names.append(target.name)
        assert path.read_bytes()
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", watched)
    watch_folder.deliver(two.state_dir, folder, LATER)
    assert names[:3] == ["2026-00001.xml", "2026-00001.pdf", "2026-00001.json"]


def test_a_disk_that_is_full_stops_and_the_rest_waits(
    two: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def full(descriptor: int) -> None:
        if "00002" in os.readlink(f"/proc/self/fd/{descriptor}"):
            raise OSError(28, os.strerror(28))
        fsync(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        delivery = watch_folder.deliver(two.state_dir, folder, LATER)
    assert (delivery.dropped, delivery.waiting) == (("2026-00001",), ("2026-00002",))
    assert "No space left" in delivery.why
    assert not [path for path in folder.iterdir() if "00002" in path.name]
    assert watch_folder.deliver(two.state_dir, folder, LATER).dropped == ("2026-00002",)


def test_a_certificate_whose_file_is_damaged_does_not_hold_up_the_others(two: Desk, folder: Path) -> None:
    (files.folder_of(two.state_dir) / "2026-00001.xml").write_bytes(b"other")
    delivery = watch_folder.deliver(two.state_dir, folder, LATER)
    assert (delivery.dropped, delivery.waiting) == (("2026-00002",), ("2026-00001",))
    assert "is not the one that was issued" in delivery.why


def test_what_is_forgotten_does_not_wait(two: Desk, folder: Path) -> None:
    issuing.forget(two.state_dir, "2026-00001", two.lab.administrator, NOW)
    assert watch_folder.deliver(two.state_dir, folder, LATER).dropped == ("2026-00002",)
