"""From a request to an issued certificate: draft, signatures of two persons, number, seals, register.

What is drafted is signed as it stands: each signature is kept over the hash of the draft's text, and whoever signs has
shown his password to the measuring side just before. With the last signature that is needed the certificate is issued,
in the transaction of that signature: it looks once more whether all still is so, takes the next number, has the
document made and sealed, stages the files and writes the register. So two who sign at once come one after the other, a
number exists only with its certificate, and a kill leaves all of it or nothing (`files.py` has what comes after the
commit).

A bench on which nobody is registered may draft, so that one can be looked at; it can issue nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.certificate import files, register
from bench.certificate.document import require_unchanged, signed_document, unsigned_document
from bench.certificate.facts import Facts, facts_of
from bench.certificate.files import Rendered
from bench.certificate.locks import why_locked
from bench.certificate.marks import as_draft
from bench.certificate.model import Certificate, CertificateKind, Mark
from bench.certificate.register import Draft, DraftText, Entry, Issued, Signature, Signed, SignsAs
from bench.certificate.request import Request
from bench.certificate.two_persons import needed_roles, require_may_sign, role_of
from bench.configuration.config import Config
from bench.configuration.laboratory import certificate_number
from bench.dates import day_of
from bench.errors import OperatorError
from bench.records.raw_reading import ReaderFor
from bench.registry import competence, witnessed
from bench.registry.authorisations import all_authorisations
from bench.registry.persons import Act, all_persons, authenticate, has_administrator, known, require
from bench.registry.store import Registry, reading, writing
from bench.registry.texts import require_text
from calibration.quantities import Finding
from calibration.reasons import sentence

_CORRECTED = {CertificateKind.VERIFICATION, CertificateKind.REJECTION}


@dataclass(frozen=True)
class Office:
    """What issuing works with. config: with the figures of the reference standard's card.

    seal: makes the finished document of a certificate and seals it, at this wall time; sketch: of a draft, which nobody
    seals. keys_are_official: whether those that seal are the laboratory's own.
    """

    config: Config
    reader_for: ReaderFor
    seal: Callable[[Certificate, str], Rendered]
    sketch: Callable[[Certificate], Rendered]
    keys_are_official: Callable[[], bool]

    @property
    def state_dir(self) -> Path:
        return self.config.state_dir


@dataclass(frozen=True, slots=True)
class Drafted:
    """because: printed as marks. locks: what is in the way of signing it now. missing: who must sign."""

    draft: Draft
    rendered: Rendered
    marks: tuple[Mark, ...]
    because: tuple[Finding, ...]
    locks: tuple[Finding, ...]
    missing: tuple[SignsAs, ...]


@dataclass(frozen=True, slots=True)
class Signing:
    """What a signature came to. person: id. entry: the certificate, where it was the last one that was needed."""

    draft: Draft
    person: str
    role: SignsAs
    missing: tuple[SignsAs, ...]
    entry: Entry | None


# --- drafts


def draft(
    office: Office,
    run_id: str,
    position: str,
    request: Request,
    by: str,
    now: str,
    replaces: str = "",
    why: str = "",
) -> Drafted:
    """Draft a certificate. by: id of who does, "" on a bench where nobody is registered.

    Errors: OperatorError where there can be no certificate of this.
    """
    facts = facts_of(office.state_dir, run_id, position, office.reader_for)
    document = unsigned_document(
        office.config, facts, request, replaces, keys_are_official=office.keys_are_official()
    )
    text = DraftText.of(request, document)
    rendered = office.sketch(as_draft(document))
    with writing(office.state_dir, now) as database:
        if has_administrator(database) and not by:
            raise OperatorError("say who drafts: --by PERSON")
        _require_order(database, document)
        kept = register.add_draft(database, text, by, replaces, why, now)
        locks = tuple(why_locked(database, office.config, facts, day_of(now)))
    because = facts.measured.not_official_because
    return Drafted(kept, rendered, document.marks, because, locks, _needed(office.config))


def redraft(office: Office, number: str, request: Request, why: str, by: str, now: str) -> Drafted:
    """Draft the correction of a certificate: of the same run and meter; it will have a new number that names this one.

    Errors: OperatorError.
    """
    why = require_text(why, "the reason")
    with reading(office.state_dir) as database:
        old = register.entry_named(database, number).issued
    return draft(office, old.run_id, old.position, request, by, now, old.number, why)


def _require_order(database: Registry, document: Certificate) -> None:
    """A correction names a certificate that stands; anything else is of a meter that has none of this kind yet."""
    measured = document.measured
    standing = [
        e.issued for e in register.entries(database)
        if e.stands and (e.issued.run_id, e.issued.position) == (measured.run_id, measured.position)
    ]  # fmt: skip
    if document.replaces:
        if not any(issued.number == document.replaces for issued in standing):
            raise OperatorError(
                f"{document.replaces} does not stand any more; see bench certificate show {document.replaces}"
            )
        standing = [issued for issued in standing if issued.number != document.replaces]
    same = [issued.number for issued in standing if _are_one_kind(issued.kind, document.kind)]
    if same:
        raise OperatorError(
            f"position {measured.position} of {measured.run_id} has the certificate {same[0]}; to correct it: "
            f"bench certificate reissue {same[0]}"
        )


def _are_one_kind(one: CertificateKind, other: CertificateKind) -> bool:
    """A meter that passed or failed may have a calibration certificate beside it, and no second verdict."""
    return one is other or {one, other} == _CORRECTED


# --- signing


def sign(office: Office, draft_id: str, named: str, password: str, role: SignsAs | None, now: str) -> Signing:
    """A person signs a draft; the last signature that is needed issues the certificate. role: None for the open one.

    Errors: OperatorError where the password is wrong, the person may not, the facts are others than when it was
    drafted, something locks the issuing, or a file cannot be written.
    """
    who = authenticate(office.state_dir, named, password, now)
    with reading(office.state_dir) as database:
        kept = _open_draft(database, draft_id)
    facts = facts_of(office.state_dir, kept.run_id, kept.position, office.reader_for)
    with writing(office.state_dir, now) as database:
        signing = _signed(office, database, _open_draft(database, draft_id), facts, who.id, role, now)
    if signing.entry is not None:
        files.publish(office.state_dir, [signing.entry.issued])
    return signing


def _signed(
    office: Office, database: Registry, kept: Draft, facts: Facts, who: str, role: SignsAs | None, now: str
) -> Signing:
    text = register.text_of(database, kept)
    if not office.config.laboratory.is_named:
        raise OperatorError(
            "a certificate names its laboratory; write [laboratory] name_zh or name_en, and draft anew"
        )
    _require_time(database, kept, facts, now)
    anew = unsigned_document(
        office.config, facts, text.request, kept.replaces, keys_are_official=office.keys_are_official()
    )
    require_unchanged(text.document, anew, kept.id)
    _require_order(database, text.document)
    for lock in why_locked(database, office.config, facts, day_of(now)):
        raise OperatorError(f"nothing is issued now: {sentence(lock.reason, lock.values, 'en')}")
    role = _add_signature(office.config, database, kept, facts, who, role, now)
    signed = register.signatures(database, kept.number)
    missing = tuple(r for r in _needed(office.config) if r not in {s.role for s in signed})
    if missing:
        return Signing(kept, who, role, missing, None)
    row = _issue(office, database, kept, text.document, signed, now)
    register.add_issued(database, row, who)
    return Signing(kept, who, role, (), register.entry_named(database, row.number))


def _add_signature(
    config: Config, database: Registry, kept: Draft, facts: Facts, who: str, role: SignsAs | None, now: str
) -> SignsAs:
    persons = all_persons(database)
    signed = register.signatures(database, kept.number)
    _require_same_text(kept, signed)
    approvers = tuple(known(database, each).id for each in config.laboratory.approvers)
    role = role or role_of(persons[who], facts.measured, signed, approvers)
    if role not in _needed(config):
        raise OperatorError(
            "the laboratory has named no approvers ([laboratory] approvers); two signatures are enough"
        )
    require_may_sign(
        persons[who],
        role,
        facts.measured,
        (facts.meter, facts.items),
        signed,
        all_authorisations(database),
        approvers,
        witnessed.named(database, facts.case) if facts.case else None,
    )
    if role is SignsAs.CHECKER:
        competence.require_may_check(database, who, (facts.meter, facts.items), day_of(now))
    register.add_signature(database, Signature(kept.number, role, who, kept.sha256, now))
    return role


def _require_same_text(kept: Draft, signed: tuple[Signature, ...]) -> None:
    """Everybody has signed the text as it is. Errors: OperatorError."""
    if any(signature.sha256 != kept.sha256 for signature in signed):
        raise OperatorError(
            f"{kept.id} was signed with another text; see bench admin trail --check, make a new draft"
        )


def _issue(
    office: Office,
    database: Registry,
    kept: Draft,
    document: Certificate,
    signed: tuple[Signature, ...],
    now: str,
) -> Issued:
    """The row of the register, with the files staged."""
    year = int(day_of(now)[:4])
    sequence = register.next_sequence(database, year)
    pattern = office.config.laboratory.number_pattern
    number = certificate_number(pattern, office.config.bench.id, year, sequence)
    if register.has(database, number):
        raise OperatorError(
            f"{number} was given before: [laboratory] number_pattern, {pattern!r}, repeats an earlier one"
        )
    final = signed_document(document, number, now, signed, all_persons(database))
    rendered = office.seal(final, now)
    files.stage(office.state_dir, number, rendered)
    measured, anchor = final.measured, final.anchor
    return Issued(
        number=number,
        year=year,
        sequence=sequence,
        draft=kept.number,
        kind=final.kind,
        run_id=measured.run_id,
        position=measured.position,
        serial=measured.meter_serial,
        verdict=measured.verdict,
        marks=final.marks,
        received_on=final.received_on,
        performed_on=measured.performed_on,
        performed_until=measured.performed_until,
        issued_on=final.issued_on,
        valid_until=final.valid_until,
        draft_sha256=kept.sha256,
        xml_sha256=_sha256(rendered.xml),
        pdf_sha256=_sha256(rendered.pdf),
        label_sha256=_sha256(rendered.label) if rendered.label else "",
        tree_size=anchor.tree_size,
        root_sha256=anchor.root_sha256,
        key_fingerprint=anchor.key_fingerprint,
        replaces=kept.replaces,
        why=kept.why,
        signatories=tuple(Signed(s.role, s.person, day_of(s.wall_time)) for s in signed),
        wall_time=now,
    )


def _require_time(database: Registry, kept: Draft, facts: Facts, now: str) -> None:
    """Errors: OperatorError where the clock of this machine has gone back behind what was done already."""
    measured, today = facts.measured, day_of(now)
    # The days of a simulated run are those of its own clock.
    if not measured.is_simulated and today < measured.performed_until:
        raise OperatorError(
            f"the clock of this machine says {today}, and the run was on {measured.performed_until}; set the clock"
        )
    last = max(filter(None, (kept.wall_time, register.last_issued_at(database))), key=datetime.fromisoformat)
    if datetime.fromisoformat(now) < datetime.fromisoformat(last):
        raise OperatorError(
            f"the clock of this machine says {now}, and {last} has been already; set the clock"
        )


def require_open(state_dir: Path, draft_id: str) -> None:
    """Errors: OperatorError where there is no such draft, or it was issued; to be asked before a password is."""
    with reading(state_dir) as database:
        _open_draft(database, draft_id)


def _open_draft(database: Registry, draft_id: str) -> Draft:
    kept = register.draft_named(database, draft_id)
    issued = register.issued_from(database, kept.number)
    if issued is not None:
        raise OperatorError(f"{kept.id} was issued as {issued.number} on {issued.issued_on} already")
    return kept


def _needed(config: Config) -> tuple[SignsAs, ...]:
    return needed_roles(config.laboratory.approvers)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# --- afterwards


def withdraw(state_dir: Path, number: str, why: str, by: str, now: str) -> Entry:
    """A certificate that must not be used any more, and that nothing replaces. by: id of a checker or administrator.

    Errors: OperatorError where there is none, or it does not stand.
    """
    why = require_text(why, "the reason")
    with writing(state_dir, now) as database:
        require(database, by, Act.CERTIFICATES)
        entry = register.entry_named(database, number)
        if not entry.stands:
            said = f"is replaced by {entry.replaced_by}" if entry.replaced_by else "was withdrawn before"
            raise OperatorError(f"{number} {said}; nothing is to be withdrawn")
        register.add_withdrawal(database, entry.issued.number, why, by, now)
        return register.entry_named(database, number)


def forget(state_dir: Path, named: str, by: str, now: str) -> tuple[str, ...]:
    """Delete what names a customer: of a certificate (by its number) with its files, or of a draft (D7).

    The register keeps number, hashes, run, root and signatures. Returns what else still names a customer of the same
    meter: numbers of certificates, ids of drafts. Errors: OperatorError.
    """
    with writing(state_dir, now) as database:
        require(database, by, Act.CUSTOMERS)
        entry = next((e for e in register.entries(database) if e.issued.number == named), None)
        number = "" if entry is None else entry.issued.number
        kept = register.draft_named(database, named if entry is None else f"D{entry.issued.draft}")
        issued = register.issued_from(database, kept.number)
        if entry is None and issued is not None:
            raise OperatorError(f"{kept.id} was issued; give its number, {issued.number}")
        register.delete_text(database, kept.number, number or kept.id, by, now)
        if number:
            files.delete(state_dir, number)
            files.delete_handed_out(state_dir)
        files.delete_unowned(
            state_dir, (each.issued for each in register.entries(database) if not each.is_forgotten)
        )
        return register.with_customer(database, kept.serial)


def read(state_dir: Path, number: str) -> tuple[Entry, Rendered]:
    """A certificate with its files. Errors: OperatorError where they are not as they were issued."""
    with reading(state_dir) as database:
        entry = register.entry_named(database, number)
    files.publish(state_dir, [entry.issued])
    return entry, files.read_issued(state_dir, entry)


def open_drafts(state_dir: Path) -> list[tuple[Draft, tuple[Signature, ...]]]:
    """What waits for signatures, with those that it has."""
    with reading(state_dir) as database:
        done = {entry.issued.draft for entry in register.entries(database)}
        return [
            (each, register.signatures(database, each.number))
            for each in register.drafts(database)
            if each.number not in done
        ]
