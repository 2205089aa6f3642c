"""The document of a certificate put together: from the run, the request, and what the laboratory has configured.

A draft keeps it without number, day of issue and signatures. When somebody signs it is put together anew, and must come
out the same: so a draft whose facts have changed since is refused, whatever it was that changed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from bench.certificate.facts import Facts
from bench.certificate.marks import marks_of
from bench.certificate.measured import possible_kinds
from bench.certificate.model import (
    Bilingual,
    Certificate,
    CertificateKind,
    LaboratoryFacts,
    Measured,
    MeterFacts,
    Signatory,
)
from bench.certificate.register import Signature
from bench.certificate.request import Request
from bench.configuration.config import Config
from bench.configuration.laboratory import LaboratorySection
from bench.dates import day_of
from bench.errors import OperatorError
from bench.records.differences import compare
from bench.records.frozen import to_json
from bench.registry.persons import Person
from calibration.quantities import Outcome

_BY_VERDICT = {
    Outcome.PASS: CertificateKind.VERIFICATION,
    Outcome.FAIL: CertificateKind.REJECTION,
    Outcome.UNJUDGED: CertificateKind.CALIBRATION,
}


def unsigned_document(
    config: Config, facts: Facts, request: Request, replaces: str, *, keys_are_official: bool
) -> Certificate:
    """replaces: number of the certificate that this one corrects, or "".

    Errors: OperatorError where the request does not fit what was measured.
    """
    measured = facts.measured
    kind = _kind(request.kind, measured)
    _require_days(request, measured)
    laboratory = _laboratory(config.laboratory)
    return Certificate(
        kind=kind,
        number="",
        replaces=replaces,
        marks=marks_of(measured, keys_are_official=keys_are_official),
        laboratory=laboratory,
        customer=request.customer_facts(),
        meter=_meter(facts, request),
        place=request.place.bilingual() if request.place.zh or request.place.en else laboratory.address,
        received_on=request.received_on,
        issued_on="",
        valid_until=_valid_until(config, kind, facts),
        deviations=request.deviations,
        measured=measured,
        anchor=facts.anchor,
        signatories=(),
    )


def signed_document(
    document: Certificate,
    number: str,
    now: str,
    signatures: Sequence[Signature],
    persons: Mapping[str, Person],
) -> Certificate:
    """The document as it is issued. now: wall time."""
    signatories = []
    for signature in signatures:
        name = persons[signature.person].name
        both = Bilingual(name.in_language("zh"), name.in_language("en"))
        signatories.append(
            Signatory(signature.role.value, signature.person, both, day_of(signature.wall_time))
        )
    return dataclasses.replace(document, number=number, issued_on=day_of(now), signatories=tuple(signatories))


def require_unchanged(drafted: Certificate, anew: Certificate, draft_id: str) -> None:
    """Errors: OperatorError that names the first fact that is another one now."""
    differences = compare("", to_json(drafted), to_json(anew))
    if differences:
        first = differences[0]
        where = first.where.removeprefix(": ")
        raise OperatorError(
            f"{draft_id} does not say any more what is so: {where} was {first.recorded[:60]!r} and is "
            f"{first.recomputed[:60]!r}; make a new draft"
        )


def _laboratory(section: LaboratorySection) -> LaboratoryFacts:
    """Errors: OperatorError where the logo cannot be read."""
    try:
        logo = Path(section.logo_file).read_bytes() if section.logo_file else b""
    except OSError as error:
        raise OperatorError(f"[laboratory] logo_file: {section.logo_file}: {error.strerror}") from error
    return LaboratoryFacts(
        name=_either(section.name_zh, section.name_en),
        address=_either(section.address_zh, section.address_en),
        contact=section.contact,
        authorisation=section.authorisation,
        accreditation=section.accreditation,
        logo=logo,
        fingerprints_published_at=section.fingerprints_published_at,
    )


def _either(zh: str, en: str) -> Bilingual:
    return Bilingual(zh or en, en or zh)


def _meter(facts: Facts, request: Request) -> MeterFacts:
    """The nameplate as the plan has it, with what only the request says."""
    asked, known = request.meter, facts.nameplate
    described = asked.description
    return dataclasses.replace(
        known,
        description=described.bilingual() if described.zh or described.en else known.description,
        manufacturer=asked.manufacturer,
        model=asked.model or known.model,
        condition=asked.condition,
    )


def _kind(wanted: CertificateKind | None, measured: Measured) -> CertificateKind:
    """Errors: OperatorError where there can be no certificate of this kind."""
    kind = wanted or _BY_VERDICT[measured.verdict]
    if why := possible_kinds(measured)[kind]:
        raise OperatorError(f"there is no {kind} of position {measured.position} of {measured.run_id}: {why}")
    return kind


def _valid_until(config: Config, kind: CertificateKind, facts: Facts) -> str:
    """The last day of a verification; "" where the laboratory has laid down no period, and of other kinds.

    The years begin with the day of the test: what was tested on 26 November holds until 25 November.
    """
    years = config.laboratory.years_for(facts.meter.accuracy_class)
    if kind is not CertificateKind.VERIFICATION or not years:
        return ""
    first = date.fromisoformat(facts.measured.performed_until)
    leap_day = (first.month, first.day) == (2, 29)
    anniversary = first.replace(year=first.year + years, day=28 if leap_day else first.day)
    return (anniversary - timedelta(days=0 if leap_day else 1)).isoformat()


def _require_days(request: Request, measured: Measured) -> None:
    # The days of a simulated run are those of its own clock.
    if not measured.is_simulated and request.received_on > measured.performed_on:
        raise OperatorError(
            f"received_on is {request.received_on}, after the test of {measured.performed_on}; mend the request"
        )
