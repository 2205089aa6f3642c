"""The issued certificate as customers get it: sealed, with a code that leads to its XML; and drafts, which are not."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pikepdf
import pytest

from bench.app_reference import RecordedRaw
from bench.certificate.marks import as_draft
from bench.certificate.office import office
from bench.certificate.qr import QrPayload, parse_payload
from bench.certificate.seals import check_certificate
from bench.keys.log_key import open_log_key
from bench.keys.standing import all_standings
from tests.bench_process.support import bench_config
from tests.certificate.made_up import EVERY, certificate
from tests.certificate.sealing import WHEN


@pytest.mark.parametrize("kind", ["verification", "rejection", "calibration"])
def test_an_issued_certificate_is_sealed_and_its_code_leads_to_the_xml(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[str] = []

    def kept(payload: QrPayload) -> str:
        printed.append(text(payload))
        return printed[-1]

    text = QrPayload.to_text
    monkeypatch.setattr(QrPayload, "to_text", kept)
    log = open_log_key(tmp_path)
    made = office(bench_config(tmp_path), RecordedRaw).seal(EVERY[kind], WHEN)
    payload = parse_payload(printed[0])
    assert payload.is_signed_by(log.public)
    trusted = [each.fingerprint for each in all_standings(tmp_path)]
    findings = check_certificate(made.pdf, trusted, payload.xml_sha256.hex())
    assert findings.holds, [each.sentence("en") for each in findings.found]
    assert findings.xml == made.xml
    assert bool(made.label) == (kind == "verification")
    with pikepdf.open(io.BytesIO(made.pdf)) as document, document.open_metadata() as metadata:
        assert metadata.pdfa_status == "3B"
        assert list(document.attachments) == ["DN-2026-000017.xml"]


def test_a_draft_is_sealed_by_nobody(tmp_path: Path) -> None:
    draft = as_draft(dataclasses.replace(certificate(), number="", issued_on="", signatories=()))
    made = office(bench_config(tmp_path), RecordedRaw).sketch(draft)
    assert [each.key for each in check_certificate(made.pdf).found] == ["pdf_unsigned"]
    assert [each.key for each in check_certificate(made.xml).found] == ["xml_unsigned"]
    assert made.label == b""
