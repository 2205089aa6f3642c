"""From the run of a virtual bench with registered persons to sealed documents of every kind, and to the bundle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.certificate import exports, issuing
from bench.certificate.exports import Wanted
from bench.certificate.model import Mark
from bench.certificate.office import office
from bench.certificate.pades import attached_files
from bench.certificate.seals import check_certificate
from bench.certificate.xml_reading import figures_of
from tests.certificate.office import LATER, NOW, Desk
from tests.certificate.requested import REQUEST, request

CALIBRATION = 'kind = "calibration"\n' + REQUEST


@pytest.fixture
def sealing(desk_of: Callable[..., Desk]) -> Callable[[float], Desk]:
    """The office with the real press."""

    def of(error_pct: float) -> Desk:
        made = desk_of(error_pct)
        return Desk(office(made.office.config, made.office.reader_for), made.lab)

    return of


def files(made: Desk, number: str) -> tuple[bytes, bytes]:
    folder = made.state_dir / "certificates"
    return (folder / f"{number}.xml").read_bytes(), (folder / f"{number}.pdf").read_bytes()


@pytest.mark.parametrize(
    ("error_pct", "asked", "kind"),
    [(0.4, REQUEST, "verification"), (3.0, REQUEST, "rejection"), (3.0, CALIBRATION, "calibration")],
)
def test_every_kind_is_issued_and_holds(
    sealing: Callable[[float], Desk], error_pct: float, asked: str, kind: str
) -> None:
    made = sealing(error_pct)
    signing = made.issue(made.draft(request(asked)))
    assert signing.entry is not None
    row = signing.entry.issued
    xml, pdf = files(made, row.number)
    for document in (xml, pdf):
        assert check_certificate(document, xml_sha256=row.xml_sha256).holds
    assert attached_files(pdf) == {f"{row.number}.xml": xml}
    said = figures_of(xml)
    assert (said.number, said.serial, said.run_id, said.position) == (row.number, "M-1", "run-000001", "1")
    assert {"simulated", "unofficial_key"} <= set(said.marks)
    assert "draft" not in said.marks
    assert row.kind == kind
    assert Mark.SIMULATED in row.marks
    assert (made.state_dir / f"certificates/{row.number}-label.pdf").exists() is (kind == "verification")


def test_a_flipped_byte_of_what_was_issued_is_found_by_the_register_and_by_the_seals(
    sealing: Callable[[float], Desk],
) -> None:
    made = sealing(0.4)
    made.issue()
    for document in files(made, "2026-00001"):
        changed = bytearray(document)
        changed[len(changed) // 2] ^= 1
        assert not check_certificate(bytes(changed)).holds


def test_a_correction_is_sealed_and_names_the_one_before(sealing: Callable[[float], Desk]) -> None:
    made = sealing(0.4)
    made.issue()
    mended = request(REQUEST.replace("DDS-1", "DDS-2"))
    made.issue(
        issuing.redraft(made.office, "2026-00001", mended, "misread", made.lab.verifier, NOW), now=LATER
    )
    xml, pdf = files(made, "2026-00002")
    assert check_certificate(pdf).holds
    assert b"2026-00001" in xml
    assert b"DDS-2" in xml
    old, new = exports.wanted_entries(made.state_dir, Wanted())
    assert (old.replaced_by, new.stands) == ("2026-00002", True)


def test_the_tables_and_the_xml_say_the_same_figures(sealing: Callable[[float], Desk]) -> None:
    made = sealing(0.4)
    made.issue()
    (row,) = exports.all_result_rows(made.state_dir, exports.wanted_entries(made.state_dir, Wanted()))
    xml = files(made, "2026-00001")[0].decode("utf-8")
    for figure in (row.error_pct, row.expanded_uncertainty_pct):
        assert figure.removeprefix("+") in xml


def test_a_draft_is_sealed_by_nobody(sealing: Callable[[float], Desk]) -> None:
    made = sealing(0.4)
    drafted = made.draft()
    assert "draft" in figures_of(drafted.rendered.xml).marks
    assert not check_certificate(drafted.rendered.pdf).holds
    assert not Path(made.state_dir / "certificates").exists()
    assert [mark.value for mark in drafted.marks] == [
        "simulated", "informative", "unofficial_key",
    ]  # fmt: skip
