"""The certificate as XML: PTB's Digital Calibration Certificate 3.3.0 with D-SI 2.2.1, in Chinese and English.

What a machine reads of a certificate is here, and all of it is in the PDF too, to the digit. Beside what the schema
names there are reference types of our own, `bench_...`: the kind, the run, and what ties the certificate to the journal
(its root, its size, the fingerprint of its key); `docs/certificate-xml.md` has the paths. The same certificate gives
the same bytes; marks such as "simulated" are statements, one each.
"""

from __future__ import annotations

from decimal import Decimal

from bench.certificate.dcc_elements import (
    Element,
    Said,
    dcc,
    identification,
    is_decimal,
    plain,
    plain_if,
    quantity,
    real,
    root_of,
    says,
    says_if,
    words_of,
    written,
)
from bench.certificate.dcc_results import result_list
from bench.certificate.dcc_words import said
from bench.certificate.model import (
    Bilingual,
    Certificate,
    CertificateKind,
    Measured,
    Signatory,
    StandardFacts,
)
from bench.certificate.words import finding_said, of_kind, traceability
from bench.words import item_names
from calibration.quantities import Outcome
from calibration.texts import LANGUAGES

_VERSION = "3.3.0"
_COUNTRY = "CN"
_SOFTWARE = "meter-test-bench"
_OWN_TYPES = "urn:meter-test-bench:reftypes"


def certificate_xml(certificate: Certificate) -> bytes:
    """The document, UTF-8, not yet signed. Drafts name the run in the place of a number."""
    return written(root_of(_VERSION, _administrative(certificate), _measurement(certificate)))


def _administrative(certificate: Certificate) -> Element:
    return dcc(
        "administrativeData",
        dcc("dccSoftware", _software(certificate.measured)),
        dcc(
            "refTypeDefinitions",
            dcc(
                "refTypeDefinition",
                says("name", said("reftypes")),
                plain("namespace", "bench"),
                plain("link", _OWN_TYPES),
            ),
        ),
        _core(certificate),
        dcc("items", _item(certificate)),
        _laboratory(certificate),
        dcc("respPersons", *_persons(certificate)),
        _contact("customer", certificate.customer.name, certificate.customer.address),
        dcc("statements", *_statements(certificate)),
    )


def _software(measured: Measured) -> Element:
    release = "v" + measured.software.removeprefix("v")
    return dcc("software", says("name", _SOFTWARE), plain("release", release), plain("type", "application"))


def _core(certificate: Certificate) -> Element:
    measured, anchor = certificate.measured, certificate.anchor
    number = certificate.number or f"draft-{measured.run_id}-{measured.position}"
    replaced = None
    if certificate.replaces:
        replaced = dcc(
            "reportAmendedSubstituted",
            plain("typeOfChange", "substituted"),
            plain("replacedUniqueIdentifier", certificate.replaces),
        )
    own = (
        ("kind", "kind", certificate.kind),
        ("run", "record_number", measured.run_id),
        ("position", "at", measured.position),
        ("bench", "at_bench", measured.bench_id),
        ("root", "journal_root", anchor.root_sha256),
        ("size", "size", str(anchor.tree_size)),
        ("key", "key_fingerprint", anchor.key_fingerprint),
    )
    return dcc(
        "coreData",
        plain("countryCodeISO3166_1", _COUNTRY),
        *(plain("usedLangCodeISO639_1", language) for language in LANGUAGES),
        *(plain("mandatoryLangCodeISO639_1", language) for language in LANGUAGES),
        plain("uniqueIdentifier", number),
        dcc(
            "identifications",
            *(identification(f"bench_{ref}", value, said(name)) for ref, name, value in own),
        ),
        plain_if("receiptDate", certificate.received_on),
        plain("beginPerformanceDate", measured.performed_on),
        plain("endPerformanceDate", measured.performed_until),
        plain("performanceLocation", "laboratory"),
        plain_if("issueDate", certificate.issued_on),
        replaced,
    )


def _item(certificate: Certificate) -> Element:
    meter = certificate.meter
    nameplate: tuple[tuple[str, Said], ...] = (
        ("accuracy_class", meter.accuracy_class),
        ("meter_constant", meter.meter_constant),
        ("voltage", meter.voltage),
        ("current", meter.current),
        ("connection", meter.connection),
    )
    return dcc(
        "item",
        says("name", meter.description),
        says_if("description", meter.condition),
        dcc("manufacturer", says("name", meter.manufacturer)),
        plain("model", meter.model),
        dcc(
            "identifications",
            identification("basic_serialNumber", meter.serial, said("serial"), issuer="manufacturer"),
        ),
        dcc(
            "itemQuantities",
            *(
                dcc("itemQuantity", says("name", said(name)), words_of(value), ref=f"bench_{name}")
                for name, value in nameplate
            ),
        ),
    )


def _laboratory(certificate: Certificate) -> Element:
    facts = certificate.laboratory
    return dcc(
        "calibrationLaboratory",
        plain_if("calibrationLaboratoryCode", facts.accreditation or facts.authorisation),
        _contact(
            "contact",
            facts.name if facts.name.zh else said("unnamed_laboratory"),
            facts.address,
            facts.contact,
        ),
        # Both would be on it wherever it is sealed; whether they are, only a check of the signature tells.
        dcc("cryptElectronicSeal", text="true"),
        dcc("cryptElectronicSignature", text="true"),
        dcc("cryptElectronicTimeStamp", text="false"),
    )


def _contact(tag: str, name: Said, address: Said, how_to_reach: str = "") -> Element:
    further = [says("further", address)]
    if how_to_reach.strip():
        further.append(says("further", how_to_reach))
    return dcc(tag, says("name", name), dcc("location", *further))


def _persons(certificate: Certificate) -> list[Element]:
    """Who has signed; of a draft, who has verified, by his id alone."""
    who = certificate.measured.verifier
    unsigned = Signatory("verifier", who, Bilingual(who, who), certificate.measured.performed_until)
    signatories = certificate.signatories or (unsigned,)
    return [
        dcc(
            "respPerson",
            dcc("person", says("name", each.name)),
            says("description", said(_role(certificate.kind, each.role))),
            plain("role", each.role),
            dcc("mainSigner", text="true" if each is signatories[-1] else "false"),
        )
        for each in signatories
    ]


def _role(kind: CertificateKind, role: str) -> str:
    return "calibrator" if kind is CertificateKind.CALIBRATION and role == "verifier" else role


def _statement(
    ref: str, declared: Said, *, name: Said = "", date: str = "", conformity: str | None = None
) -> Element:
    return dcc(
        "statement",
        says_if("name", name),
        says("declaration", declared),
        plain_if("date", date),
        None if conformity is None else dcc("conformity", text=conformity),
        ref=ref,
    )


def _statements(certificate: Certificate) -> list[Element]:
    measured, anchor = certificate.measured, certificate.anchor
    found = [_statement(f"bench_mark bench_{mark}", said(f"why_{mark}")) for mark in certificate.marks]
    for finding in measured.not_official_because:
        found.append(_statement("bench_notOfficialBecause", said("because", why=finding_said(finding))))
    if certificate.replaces:
        found.append(
            _statement(
                "bench_replaces", said(of_kind("replaces", certificate.kind), number=certificate.replaces)
            )
        )
    found.append(_statement("bench_kindOfCertificate", said(f"title_{certificate.kind}")))
    found.append(_conclusion(certificate))
    found.append(_statement("bench_onlyItem", said(of_kind("only_item", certificate.kind))))
    found.append(_statement("bench_inFull", said(of_kind("in_full", certificate.kind))))
    if measured.errors:
        probability = measured.errors[0].coverage_probability
        found.append(
            _statement("bench_coverage", said("uncertainty_statement", probability=_in_percent(probability)))
        )
    found.append(_statement("bench_traceability", traceability(measured)))
    found.append(_statement("bench_place", certificate.place, name=said("place")))
    texts: tuple[tuple[str, str, str], ...] = (
        ("condition", "condition", certificate.meter.condition),
        ("deviations", "deviations", certificate.deviations),
        ("authorisation", "authorisation", certificate.laboratory.authorisation),
        ("accreditation", "accreditation", certificate.laboratory.accreditation),
    )
    found += [_statement(f"bench_{ref}", text, name=said(key)) for ref, key, text in texts if text.strip()]
    if certificate.valid_until:
        until = certificate.valid_until
        found.append(_statement("bench_validUntil", until, name=said("valid_until"), date=until))
    found.append(
        _statement(
            "bench_journal",
            said(
                "journal",
                size=str(anchor.tree_size),
                root=anchor.root_sha256,
                fingerprint=anchor.key_fingerprint,
            ),
        )
    )
    if where := certificate.laboratory.fingerprints_published_at:
        found.append(_statement("bench_published", where, name=said("fingerprints_published_at")))
    return found


def _conclusion(certificate: Certificate) -> Element:
    """On the whole meter; a calibration certificate makes none."""
    verdict = certificate.measured.verdict
    if certificate.kind is CertificateKind.CALIBRATION:
        verdict = Outcome.UNJUDGED
    names = item_names(certificate.failed_items)
    facts = {
        "standard": certificate.measured.rules.standard,
        "accuracy_class": certificate.meter.accuracy_class,
    }
    name = said("section_conformity")
    if verdict is Outcome.PASS:
        return _statement("basic_conformity", said("conforms", **facts), name=name, conformity="pass")
    if verdict is Outcome.FAIL:
        items = Bilingual(names["items_zh"], names["items_en"])
        declared = said("does_not_conform", items=items, **facts)
        return _statement("basic_conformity", declared, name=name, conformity="fail")
    return _statement("basic_conformity", said("no_statement"), name=name)


def _measurement(certificate: Certificate) -> Element:
    measured = certificate.measured
    equipment = None
    if measured.standards:
        equipment = dcc("measuringEquipments", *map(_standard, measured.standards))
    result = dcc(
        "measurementResult",
        says(
            "name",
            said("record_at", run=measured.run_id, position=measured.position, bench=measured.bench_id),
        ),
        _methods(certificate),
        dcc("usedSoftware", _software(measured)),
        equipment,
        _conditions(measured),
        result_list(certificate.kind, measured),
    )
    return dcc("measurementResults", result)


def _methods(certificate: Certificate) -> Element:
    rules = certificate.measured.rules
    rule_set = dcc(
        "usedMethod",
        says("name", said("rule_set")),
        says("description", rules.title),
        plain_if("norm", " ".join((rules.standard, rules.edition)).strip()),
        plain("reference", f"{rules.name} sha256:{rules.sha256}"),
        ref="bench_rules",
    )
    if certificate.kind is CertificateKind.CALIBRATION:
        return dcc("usedMethods", rule_set)
    applied = dict.fromkeys(
        (rules.decision_rule, *(row.decision_rule for row in certificate.measured.errors))
    )
    return dcc("usedMethods", rule_set, *(_decision_rule(rule) for rule in applied if rule))


def _decision_rule(rule: str) -> Element:
    return dcc(
        "usedMethod",
        says("name", said("decision_rule")),
        says("description", said(f"rule_{rule}")),
        plain("reference", rule),
        ref="basic_conformity bench_decisionRule",
    )


def _in_percent(probability: str) -> str:
    return f"{Decimal(probability) * 100:f}".rstrip("0").rstrip(".")


def _standard(standard: StandardFacts) -> Element:
    facts = (
        ("range", standard.range),
        ("accuracy", standard.accuracy),
        ("standard_certificate", standard.body),
        ("standard_valid_until", standard.valid_until),
    )
    quantities = [
        dcc("measuringEquipmentQuantity", says("name", said(key)), words_of(value), ref=f"bench_{key}")
        for key, value in facts
        if value.strip()
    ]
    return dcc(
        "measuringEquipment",
        says("name", standard.name),
        plain("model", standard.model),
        dcc(
            "identifications",
            identification("basic_serialNumber", standard.serial, said("serial"), issuer="manufacturer"),
            identification(
                "bench_certificate", standard.certificate, said("standard_certificate"), issuer="other"
            ),
        ),
        dcc("measuringEquipmentQuantities", *quantities) if quantities else None,
        ref="basic_measurementStandard",
    )


def _conditions(measured: Measured) -> Element:
    found = measured.conditions
    return dcc(
        "influenceConditions",
        _condition(
            "basic_temperature",
            "temperature",
            found.temperature_C,
            found.temperature_range_C,
            r"\degreecelsius",
        ),
        _condition(
            "basic_humidityRelative", "humidity", found.humidity_pct, found.humidity_range_pct, r"\percent"
        ),
    )


def _condition(ref: str, name: str, mean: str, spread: str, unit: str) -> Element:
    value = real(mean, unit) if is_decimal(mean) else words_of(mean.strip() or said("not_stated"))
    return dcc(
        "influenceCondition",
        says("name", said(name)),
        says("description", said("range_of", range=spread)) if spread.strip() else None,
        dcc("data", quantity(ref, said(name), value)),
        ref=ref,
    )
