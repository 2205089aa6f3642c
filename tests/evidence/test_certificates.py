"""Certificates in a bundle and beside it: seals, and every figure against the records of the run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from bench.app_reference import RecordedRaw
from bench.certificate import issuing, register
from bench.certificate.dcc import certificate_xml
from bench.certificate.model import Certificate
from bench.certificate.office import office
from bench.certificate.xades import sign_xml
from bench.errors import OperatorError
from bench.evidence.bundle import Signers, bundle_of, standing_certificates
from bench.evidence.verifying import verify_files
from bench.keys.log_key import all_log_publics, open_log_key
from bench.keys.seal_keys import open_seal_keys
from bench.records.journal_reading import JournalReader
from bench.registry import person_passwords
from bench.registry.store import reading
from tests.certificate.office import LAB, NOW, Desk, desk, staff_and_run
from tests.certificate.requested import request
from tests.evidence.bundles import failed, said, unpacked, verified


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A laboratory that has issued a certificate for its only run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(person_passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        state_dir = tmp_path_factory.mktemp("laboratory")
        staff_and_run(state_dir, 0.4, has_verifier=True)
        issuer = Desk(office(desk(state_dir, 0.4).office.config, RecordedRaw), LAB)
        issuer.issue()
        yield issuer


def packed(state_dir: Path) -> bytes:
    by = Signers(open_log_key(state_dir, may_make=False), all_log_publics(state_dir))
    certificates = standing_certificates(state_dir, "run-000001")
    with closing(JournalReader(state_dir)) as journal:
        return bundle_of(journal, "run-000001", by, certificates, b"page")


@pytest.fixture(scope="module")
def with_certificate(laboratory: Desk) -> bytes:
    return packed(laboratory.state_dir)


def test_a_bundle_has_the_certificates_of_its_run_and_every_figure_agrees(with_certificate: bytes) -> None:
    files = unpacked(with_certificate)
    assert [name for name in files if name.startswith("certificates/")] == [
        "certificates/2026-00001.pdf",
        "certificates/2026-00001.xml",
    ]
    report = verified(with_certificate)
    assert said(report) == ""
    assert [c.check for c in report.checks if c.check in ("seals", "certificate")] == [
        "seals", "certificate", "seals", "certificate",
    ]  # fmt: skip


def test_a_certificate_belongs_to_the_bundle_of_its_run(with_certificate: bytes, bundle: bytes) -> None:
    files = unpacked(with_certificate)
    pdf, xml = files["certificates/2026-00001.pdf"], files["certificates/2026-00001.xml"]
    for document in (pdf, xml):
        reports = verify_files({"a.zip": with_certificate, "b": document}, (), RecordedRaw)
        assert {name: said(report) for name, report in reports.items()} == {"a.zip": "", "b": ""}
        assert any(check.check == "certificate" for check in reports["b"].checks)
        other = verify_files({"b": document, "a.zip": bundle}, (), RecordedRaw)
        assert failed(other["b"]) == {"certificate"}
        assert "root_sha256" in said(other["b"])
        assert other["a.zip"].holds


def test_a_certificate_alone_says_that_its_figures_were_not_computed(with_certificate: bytes) -> None:
    pdf = unpacked(with_certificate)["certificates/2026-00001.pdf"]
    report = verify_files({"a.pdf": pdf}, (), RecordedRaw)["a.pdf"]
    assert report.holds
    assert "the bundle of run-000001" in report.checks[-1].says.in_language("en")
    changed = bytearray(pdf)
    changed[len(pdf) // 2] ^= 1
    assert not verify_files({"a.pdf": bytes(changed)}, (), RecordedRaw)["a.pdf"].holds


def issued_document(state_dir: Path) -> Certificate:
    with reading(state_dir) as database:
        (draft,) = register.drafts(database)
        document = register.text_of(database, draft).document
    entry, _ = issuing.read(state_dir, "2026-00001")
    return dataclasses.replace(document, number="2026-00001", issued_on=entry.issued.issued_on)


@pytest.mark.parametrize("figure", ["error_pct", "expanded_uncertainty_pct", "load_point"])
def test_a_figure_that_the_laboratory_itself_has_changed_and_sealed_is_found(
    laboratory: Desk, with_certificate: bytes, figure: str
) -> None:
    document = issued_document(laboratory.state_dir)
    row = document.measured.errors[0]
    value = "Ib 1.0" if figure == "load_point" else getattr(row, figure).replace("0.", "0.1", 1)
    assert value != getattr(row, figure)
    rows = (dataclasses.replace(row, **{figure: value}), *document.measured.errors[1:])
    changed = dataclasses.replace(document, measured=dataclasses.replace(document.measured, errors=rows))
    keys = open_seal_keys(laboratory.state_dir, "Example Laboratory", NOW)
    xml = sign_xml(certificate_xml(changed), keys.xml, NOW)
    reports = verify_files({"a.zip": with_certificate, "c.xml": xml}, (), RecordedRaw)
    assert failed(reports["c.xml"]) == {"certificate"}
    assert f"c.xml: errors[0]: {figure}: " in said(reports["c.xml"])


def test_what_is_neither_is_refused() -> None:
    for data in (b"", b"hello", b"\x00" * 100):
        with pytest.raises(OperatorError, match="neither a bundle nor a certificate"):
            verify_files({"a": data}, (), RecordedRaw)


@pytest.mark.parametrize("name", ["2026-00001.pdf", "2026-00001.xml"])
def test_a_certificate_that_another_in_the_bundle_replaces_fails(
    laboratory: Desk, with_certificate: bytes, corrected: bytes, name: str
) -> None:
    old = unpacked(with_certificate)[f"certificates/{name}"]
    reports = verify_files({"a.zip": corrected, name: old}, (), RecordedRaw)
    assert reports["a.zip"].holds
    assert failed(reports[name]) == {"certificate"}
    (check,) = [each for each in reports[name].checks if each.check == "certificate"]
    assert "replaced by 2026-00002" in check.more[0].in_language("en")
    assert "由 2026-00002 代替" in check.more[0].in_language("zh")
    new = unpacked(corrected)["certificates/2026-00002.pdf"]
    assert verify_files({"a.zip": corrected, "new": new}, (), RecordedRaw)["new"].holds


@pytest.fixture(scope="module")
def corrected(laboratory: Desk, with_certificate: bytes) -> bytes:
    """The bundle after its certificate was corrected."""
    laboratory.issue(
        issuing.redraft(laboratory.office, "2026-00001", request(), "misread", LAB.verifier, NOW)
    )
    return packed(laboratory.state_dir)


def test_a_withdrawn_certificate_stays_out(laboratory: Desk, corrected: bytes) -> None:
    """Last in this module, since it changes the register."""
    issuing.withdraw(laboratory.state_dir, "2026-00002", "wrong customer", LAB.checker, NOW)
    assert standing_certificates(laboratory.state_dir, "run-000001") == {}
    assert packed(laboratory.state_dir) != corrected
