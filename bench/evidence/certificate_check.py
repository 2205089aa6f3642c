"""A certificate checked: its seals, and where the bundle of its run is there, every figure on it.

The seals say that nobody has changed the document since it was sealed (`bench/certificate/seals.py`). That its figures
are those which the records give is seen here: the results are stated once more from the records of the bundle, which
the verification of that bundle recomputes from the raw data, and compared text by text.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bench.canonical import JsonObject
from bench.certificate.dcc_results import result_list
from bench.certificate.marks import marks_of
from bench.certificate.measured import measured
from bench.certificate.model import CertificateKind, Mark
from bench.certificate.seal_errors import SealRefusedError
from bench.certificate.seals import SealFinding, check_certificate
from bench.certificate.xml_reading import Figures, figures_of, results_of
from bench.errors import OperatorError
from bench.evidence.bundle_reading import Bundle
from bench.evidence.checks import Report
from bench.evidence.remarks import Remark, remark
from bench.records.differences import DAMAGED, Difference, compare, damage
from calibration.quantities import Outcome

CERTIFICATE = "certificate"
_STATED = {Outcome.PASS: "pass", Outcome.FAIL: "fail"}
"""Conformity of the whole meter, in the words of the XML."""


@dataclass(frozen=True, slots=True)
class _Said:
    """A finding of the seals among the remarks."""

    finding: SealFinding

    def in_language(self, language: str) -> str:
        return self.finding.sentence(language)


def check_seals(document: bytes, published: Collection[str], report: Report) -> Figures | None:
    """Of a certificate by itself. published: fingerprints of the laboratory's keys. None where a seal is broken."""
    checked = check_certificate(document, published)
    for each in checked.found:
        if each.is_right is None:
            report.note("seals", _Said(each))
        else:
            report.add("seals", [] if each.is_right else [_Said(each)], _Said(each), remark("seal_broken"))
    return checked.figures if checked.holds else None


def check_in_bundle(bundle: Bundle, report: Report) -> None:
    """The certificates that lie in a bundle: seals, figures, and that the PDF has the XML beside it.

    Whose keys have sealed them is not asked here, since the signature of the bundle covers the files.
    """
    documents = bundle.certificates()
    for name, document in documents.items():
        checked = check_certificate(document)
        broken = [_Said(each) for each in checked.found if each.is_right is False]
        report.add("seals", broken, remark("seals_hold", name=name), remark("seals_differ", name=name))
        if checked.figures is None:
            continue
        number, _, form = name.rpartition(".")
        wrong = []
        if number != checked.figures.number:
            wrong.append(remark("certificate_name", name=name, number=checked.figures.number))
        if form == "pdf" and checked.xml != documents.get(f"{number}.xml"):
            wrong.append(remark("certificate_other_xml", name=name))
        check_figures(name, checked.figures, bundle, report.fingerprints, report, wrong)


def check_figures(
    name: str,
    figures: Figures,
    bundle: Bundle,
    keys: Sequence[str],
    report: Report,
    already_wrong: Sequence[Remark] = (),
) -> None:
    """The figures of a certificate against those of the run that it is about.

    name: of the document. keys: fingerprints of the keys in the bundle.
    """
    wrong = list(already_wrong)
    differences: list[Difference] = []
    if (by := _replaced(bundle).get(figures.number)) is not None:
        wrong.append(remark("certificate_replaced", name=name, number=figures.number, by=by))
    try:
        if figures.run_id != bundle.manifest.run:
            wrong.append(remark("certificate_of_another", name=name, run=figures.run_id))
        else:
            differences = compare(name, _stated(figures), _recorded(figures, bundle, keys))
    except OperatorError as error:
        wrong.append(remark("detail", why=error))
    except DAMAGED as error:
        wrong.append(remark("detail", why=damage(error)))
    count = len(figures.errors) + len(figures.items)
    holds = remark("certificate_figures_hold", name=name, number=figures.number, count=count)
    report.add("certificate", wrong, holds, remark("certificate_figures_differ", name=name), differences)


def _replaced(bundle: Bundle) -> dict[str, str]:
    """Numbers of the certificates that others in the bundle name as replaced, each with the number of the other."""
    found = {}
    for name, document in bundle.certificates().items():
        if not name.endswith(".xml"):
            continue
        try:
            figures = figures_of(document)
        except SealRefusedError:  # its own check says so
            continue
        if figures.replaces:
            found[figures.replaces] = figures.number
    return found


def _stated(figures: Figures) -> JsonObject:
    """What the certificate states, as far as a bundle can tell it."""
    return {
        "bench": figures.bench_id,
        "serial": figures.serial,
        "tree_size": figures.tree_size,
        "root_sha256": figures.root_sha256,
        "key_fingerprint": figures.key_fingerprint,
        "marks": sorted(set(figures.marks) & _FROM_RECORDS),
        "conformity": figures.conformity,
        "errors": [dataclasses.asdict(row) for row in figures.errors],
        "items": [_item(dataclasses.asdict(row)) for row in figures.items],
    }


_FROM_RECORDS = {mark.value for mark in (Mark.SIMULATED, Mark.INFORMATIVE, Mark.PROVISIONAL_RULES)}
"""Marks that follow from the records alone."""


def _recorded(figures: Figures, bundle: Bundle, keys: Sequence[str]) -> JsonObject:
    """The same from the records. keys: fingerprints of those in the bundle."""
    kind = CertificateKind(figures.kind)
    found = measured(bundle, figures.run_id, figures.position)
    errors, items = results_of(result_list(kind, found))
    is_judged = kind is not CertificateKind.CALIBRATION
    return {
        "bench": found.bench_id,
        "serial": found.meter_serial,
        "tree_size": bundle.manifest.tree_size,
        "root_sha256": bundle.manifest.root_sha256,
        "key_fingerprint": figures.key_fingerprint if figures.key_fingerprint in keys else " / ".join(keys),
        "marks": sorted({mark.value for mark in marks_of(found, keys_are_official=True)} & _FROM_RECORDS),
        "conformity": _STATED.get(found.verdict, "") if is_judged else "",
        "errors": [dataclasses.asdict(row) for row in errors],
        "items": [_item(dataclasses.asdict(row)) for row in items],
    }


def _item(row: JsonObject) -> JsonObject:
    return {**row, "figures": dict(row["figures"])}
