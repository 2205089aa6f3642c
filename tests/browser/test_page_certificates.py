"""What the verifier page says of the certificates in a bundle: the figures of their XML against the records."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.app import open_bench
from bench.certificate.dcc import certificate_xml
from bench.certificate.measured import anchor, measured, nameplate
from bench.certificate.model import CertificateKind
from bench.configuration.config import parse_config
from bench.evidence.bundle import Signers, bundle_of
from bench.evidence.page_builder import verifier_page
from bench.keys.log_key import all_log_publics, open_log_key
from bench.records.journal_reading import JournalReader
from calibration.quantities import Outcome
from tests.bench_process.support import BENCH, PLAN, plan_of, virtual_bench
from tests.certificate.samples import certificate

pytestmark = pytest.mark.browser

NUMBER, OLD = "DN-2026-00017", "DN-2026-00002"
Rewrite = Callable[[str], str]


@dataclass(frozen=True)
class Certified:
    """A run and its certificate, to be packed as they are or rewritten by the holder of all keys."""

    state_dir: Path
    xml: str

    def archive(self, rewrite: Rewrite = lambda xml: xml, name: str = NUMBER) -> bytes:
        journal = JournalReader(self.state_dir)
        by = Signers(open_log_key(self.state_dir), all_log_publics(self.state_dir))
        files = {f"{name}.pdf": b"%PDF-1.7", f"{name}.xml": rewrite(self.xml).encode()}
        made = bundle_of(journal, "run-000001", by, files, b"-")
        journal.close()
        return made


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    """Two load points and a warm-up, with a meter that passes."""
    state_dir = tmp_path_factory.mktemp("state")
    plan = (
        'tests = ["warm_up", "basic_error"]\nwarm_up_s = 5.0\ndecision_rule = "regulation"\nrepeats = 2\n'
        + PLAN
    )
    with virtual_bench(state_dir) as process:
        process.run(plan_of(plan.replace('["Imax 1.0"]', '["Imax 1.0", "Ib 0.5L"]')))
    journal = JournalReader(state_dir)
    found = measured(journal, "run-000001", "1")
    assert found.verdict is Outcome.PASS
    document = certificate(
        measured=found,
        meter=nameplate(journal, "run-000001", "1", "", ""),
        anchor=anchor(journal, "run-000001", all_log_publics(state_dir)),
        number=NUMBER,
    )
    journal.close()
    return Certified(state_dir, certificate_xml(document).decode())


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """What the page logs is not looked at: Chromium styles its report of XML that is none, and complains of that."""
    path = tmp_path_factory.mktemp("page") / "verify.html"
    path.write_bytes(verifier_page())
    context = browser.new_context(offline=True, locale="en-GB")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(path.as_uri())
    yield page
    context.close()
    assert problems == []


FOUND = """async (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    const bundle = await archive_integrity.checkBundle(bytes, async () => {});
    return ui_certificates.readCertificates(bundle).map(({ number, found }) => ({ number, found }));
}"""


def found(page: Page, archive: bytes) -> dict[str, Any]:
    (one,) = page.evaluate(FOUND, base64.b64encode(archive).decode())
    return dict(one)


def test_a_certificate_of_the_run_agrees(page: Page, certified: Certified) -> None:
    assert found(page, certified.archive()) == {"number": NUMBER, "found": {"count": 3, "differences": []}}


def shifted(xml: str) -> str:
    """The first figure of a text is off by one in its last digit."""
    end = len(xml.split("<")[0].split(" ")[0])
    digit = int(xml[end - 1])
    return xml[: end - 1] + str(digit + 1 if digit < 9 else 8) + xml[end:]


@pytest.mark.parametrize(
    ("mark", "place"),
    [
        (
            "<si:labelXMLList>Imax_1.0 Ib_0.5L</si:labelXMLList>\n         <si:valueXMLList>",
            "basic_error, Imax 1.0",
        ),
        ('<dcc:quantity refType="bench_roundedError">', "basic_error, Imax 1.0"),
        ('<dcc:quantity refType="basic_acceptanceLimitUpper">', "basic_error, Imax 1.0"),
    ],
)
def test_a_figure_by_one_in_its_last_digit_is_named(
    page: Page, certified: Certified, mark: str, place: str
) -> None:
    def rewrite(xml: str) -> str:
        start = xml.index(mark) + len(mark)
        first = start if mark.endswith("<si:valueXMLList>") else xml.index("<si:valueXMLList>", start) + 17
        return xml[:first] + shifted(xml[first:])

    differences = found(page, certified.archive(rewrite))["found"]["differences"]
    assert [each["place"] for each in differences] == [place]


def test_an_uncertainty_may_be_stated_larger_and_not_smaller(page: Page, certified: Certified) -> None:
    tag = "<si:valueExpandedMUXMLList>"
    first = certified.xml[certified.xml.index(tag) + len(tag) :].split(" ")[0]

    def stated(uncertainty: str) -> list[str]:
        archive = certified.archive(lambda xml: xml.replace(f"{tag}{first}", f"{tag}{uncertainty}", 1))
        return [each["printed"] for each in found(page, archive)["found"]["differences"]]

    smaller = f"{float(first) * 0.9:.3f}"
    assert stated("0.500") == []
    assert stated(smaller) == [f"U {smaller}"]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("<dcc:conformityXMLList>pass pass", "<dcc:conformityXMLList>pass fail", "basic_error, Ib 0.5L"),
        ("Imax_1.0 Ib_0.5L</si:labelXMLList>", "Imax_1.0 Ib_1.0</si:labelXMLList>", "basic_error, Ib 1.0"),
        ("<dcc:value>run-000001", "<dcc:value>run-000009", "bench_run"),
        ("<dcc:value>test<", "<dcc:value>other<", "bench_bench"),
        (f"<dcc:uniqueIdentifier>{NUMBER}", "<dcc:uniqueIdentifier>DN-2026-00099", "uniqueIdentifier"),
    ],
)
def test_what_else_a_certificate_states_wrongly_is_named(
    page: Page, certified: Certified, old: str, new: str, place: str
) -> None:
    assert certified.xml.count(old) >= 1
    said = found(page, certified.archive(lambda xml: xml.replace(old, new, 1)))["found"]["differences"]
    assert place in [each["place"] for each in said]


def test_the_root_and_the_key_of_the_journal_are_held(page: Page, certified: Certified) -> None:
    def rewrite(xml: str) -> str:
        for ref in ("bench_root", "bench_key"):
            at = xml.index("<dcc:value>", xml.index(f'refType="{ref}"')) + 11
            xml = xml[:at] + ("0" if xml[at] != "0" else "1") + xml[at + 1 :]
        return xml

    said = found(page, certified.archive(rewrite))["found"]["differences"]
    assert [each["place"] for each in said] == ["bench_root", "bench_key"]


@pytest.mark.parametrize(
    "xml", ["", "<a/>", "<dcc:x", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "\ufeff\x00"]
)
def test_what_is_no_certificate_is_not_compared(page: Page, certified: Certified, xml: str) -> None:
    assert found(page, certified.archive(lambda _: xml))["found"] is None


def test_a_failed_item_that_a_certificate_leaves_out_is_missed(
    page: Page, tmp_path: Path, certified: Certified
) -> None:
    bench = BENCH.format(state_dir=tmp_path, simulation="").replace("error_pct = 0.4", "error_pct = 1.6")
    with open_bench(parse_config(bench, "bench.toml"), lambda line: None) as process:
        process.run(plan_of())
    journal = JournalReader(tmp_path)
    failed = measured(journal, "run-000001", "1")
    meter = nameplate(journal, "run-000001", "1", "", "")
    journal.close()
    assert failed.verdict is Outcome.FAIL
    silent = dataclasses.replace(failed, errors=())
    document = certificate(kind=CertificateKind.CALIBRATION, measured=silent, meter=meter)
    said = found(page, Certified(tmp_path, certificate_xml(document).decode()).archive())["found"][
        "differences"
    ]
    assert {"place": "basic_error, Imax 1.0", "printed": "\N{EM DASH}", "recorded": "FAIL"} in said


def test_the_certificate_of_another_meter_is_told(page: Page, certified: Certified) -> None:
    said = found(page, certified.archive(lambda xml: xml.replace("<dcc:value>M-1<", "<dcc:value>M-2<")))[
        "found"
    ]
    assert {"place": "basic_serialNumber", "printed": "M-2", "recorded": "\N{EM DASH}"} in said["differences"]


def test_a_customer_reads_which_figure_differs(page: Page, certified: Certified) -> None:
    def give(archive: bytes) -> None:
        page.set_input_files("#file", {"name": "b.zip", "mimeType": "application/zip", "buffer": archive})
        expect(page.locator("#progress")).to_be_hidden()

    give(certified.archive())
    expect(page.locator(".certificates")).to_contain_text("Its 3 results")
    expect(page.locator("#outcome")).to_have_attribute("data-outcome", "agrees")
    give(certified.archive(lambda xml: xml.replace(">pass pass", ">pass fail", 1)))
    expect(page.locator(".certificates")).to_contain_text(
        "basic error, Ib 0.5L: the certificate has FAIL, the records PASS"
    )
    expect(page.locator("#outcome")).to_have_attribute("data-outcome", "differs")


def test_a_certificate_that_another_replaces_is_told(page: Page, certified: Certified) -> None:
    """The bundle has the new one alone; the old one, as XML or as PDF, is given beside it."""

    def corrected(xml: str) -> str:
        kept = "</dcc:uniqueIdentifier>"
        said = f"<dcc:replacedUniqueIdentifier>{OLD}</dcc:replacedUniqueIdentifier>"
        return xml.replace(
            kept, f"{kept}<dcc:reportAmendedSubstituted>{said}</dcc:reportAmendedSubstituted>", 1
        )

    def give(name: str, data: bytes) -> None:
        page.set_input_files("#file", {"name": name, "mimeType": "application/zip", "buffer": data})
        expect(page.locator("#progress")).to_be_hidden()

    give("b.zip", certified.archive(corrected))
    expect(page.locator("#outcome")).to_have_attribute("data-outcome", "agrees")
    old = certified.xml.replace(f"<dcc:uniqueIdentifier>{NUMBER}", f"<dcc:uniqueIdentifier>{OLD}").encode()
    for name, data in {
        "old.xml": old,
        "old.pdf": b"%PDF-1.7 <</Names[(" + OLD.encode() + b".xml)3 0 R]>>",
    }.items():
        give(name, data)
        said = page.locator(".companion").last
        expect(said).to_contain_text(
            f"{name}: certificate {OLD} does not stand any more; it is replaced by {NUMBER}"
        )
    give("other.pdf", b"%PDF-1.7 <</Names[(DN-2026-00003.xml)3 0 R]>>")
    expect(page.locator(".companion").last).to_contain_text("other.pdf is not in this bundle")
    give("b.zip", certified.archive(lambda xml: corrected(xml).replace(OLD, NUMBER)))
    expect(page.locator("#outcome")).to_have_attribute("data-outcome", "differs")
    expect(page.locator(".certificates")).to_contain_text(f"Certificate {NUMBER} does not stand any more")
