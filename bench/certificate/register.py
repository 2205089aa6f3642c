"""The register of certificates: drafts, signatures, what was issued, replaced, withdrawn. Read and written here.

All of it is only ever appended to, and says persons by their ids. What a draft says, customer and all, is a text of its
own, which can be deleted; the hash that was signed stays, and tells nothing of it, since the text begins with a salt.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bench.canonical import JsonObject, canonical_bytes
from bench.certificate.model import Certificate, CertificateKind, Mark
from bench.certificate.request import Request
from bench.errors import OperatorError
from bench.records.differences import DAMAGED
from bench.records.frozen import from_json, to_json
from bench.registry import trail
from bench.registry.store import Registry
from calibration.quantities import Outcome

_SALT_BYTES = 16


class SignsAs(StrEnum):
    """In which role somebody signs; in the order of the signatures on the document."""

    VERIFIER = "verifier"
    """检定: who has tested the meter."""
    CHECKER = "checker"
    """核验: who has checked what the other found."""
    APPROVER = "approver"
    """批准: who lets it out, where the laboratory has named such persons."""


@dataclass(frozen=True, slots=True)
class DraftText:
    """What a draft says. document: without number, day of issue, signatures; with all marks but that of a draft."""

    salt: str
    request: Request
    document: Certificate

    @classmethod
    def of(cls, request: Request, document: Certificate) -> DraftText:
        return cls(secrets.token_hex(_SALT_BYTES), request, document)

    def body(self) -> bytes:
        """The bytes whose hash is signed."""
        return canonical_bytes(to_json(self))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body()).hexdigest()


@dataclass(frozen=True, slots=True)
class Signature:
    """sha256: of the text of the draft, as it was signed."""

    draft: int
    role: SignsAs
    person: str
    sha256: str
    wall_time: str


@dataclass(frozen=True, slots=True)
class Draft:
    """replaces: number of the certificate that it corrects, and why; "" for none. by: "" where nobody is registered."""

    number: int
    kind: CertificateKind
    run_id: str
    position: str
    serial: str
    replaces: str
    why: str
    sha256: str
    by: str
    wall_time: str

    @property
    def id(self) -> str:
        return f"D{self.number}"


@dataclass(frozen=True, slots=True)
class Signed:
    """Of a certificate: who has signed, by id, and on which day."""

    role: SignsAs
    person: str
    day: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A row of the register as it was written when the certificate was issued. Days YYYY-MM-DD, hashes in hex."""

    number: str
    year: int
    sequence: int
    draft: int
    kind: CertificateKind
    run_id: str
    position: str
    serial: str
    verdict: Outcome
    marks: tuple[Mark, ...]
    received_on: str
    performed_on: str
    performed_until: str
    issued_on: str
    valid_until: str
    draft_sha256: str
    xml_sha256: str
    pdf_sha256: str
    label_sha256: str
    """Of the pass label; "" where there is none."""
    tree_size: int
    root_sha256: str
    key_fingerprint: str
    replaces: str
    why: str
    signatories: tuple[Signed, ...]
    wall_time: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A certificate of the register, and what became of it. withdrawn_on: wall time, "" where it stands."""

    issued: Issued
    replaced_by: str
    withdrawn_on: str
    withdrawn_why: str
    is_forgotten: bool
    """Whether what names the customer was deleted, the files with it."""

    @property
    def stands(self) -> bool:
        return not (self.replaced_by or self.withdrawn_on)


# --- drafts


def add_draft(database: Registry, text: DraftText, by: str, replaces: str, why: str, now: str) -> Draft:
    """Keep a draft with its text. now: wall time."""
    document = text.document
    measured = document.measured
    number = 1 + int(database.execute("SELECT COALESCE(MAX(number), 0) FROM certificate_draft").fetchone()[0])
    draft = Draft(
        number, document.kind, measured.run_id, measured.position, measured.meter_serial, replaces, why,
        text.sha256, by, now,
    )  # fmt: skip
    row = to_json(draft)
    database.execute(
        f"INSERT INTO certificate_draft ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
        tuple(row.values()),
    )
    database.execute("INSERT INTO certificate_text VALUES (?, ?)", (number, text.body()))
    trail.add(database, now, by, "certificate_drafted", draft.id, None, row)
    return draft


def drafts(database: Registry) -> Iterator[Draft]:
    """All there are, oldest first; those that became certificates, too."""
    for row in database.execute("SELECT * FROM certificate_draft ORDER BY number"):
        yield from_json(Draft, dict(row))


def draft_named(database: Registry, named: str) -> Draft:
    """By its id, D7, or 7. Errors: OperatorError where there is none."""
    digits = named.strip().upper().removeprefix("D")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    row = database.execute("SELECT * FROM certificate_draft WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise OperatorError(f"there is no draft {named[:20]!r}; see bench certificate list --drafts")
    return from_json(Draft, dict(row))


def text_of(database: Registry, draft: Draft) -> DraftText:
    """What a draft says. Errors: OperatorError where it was deleted, or is not what was drafted."""
    row = database.execute("SELECT body FROM certificate_text WHERE draft = ?", (draft.number,)).fetchone()
    if row is None:
        raise OperatorError(f"the text of {draft.id} was deleted with its customer's data; make a new draft")
    try:
        is_whole = hashlib.sha256(row["body"]).hexdigest() == draft.sha256
        text = from_json(DraftText, json.loads(row["body"])) if is_whole else None
    except DAMAGED:
        text = None
    if text is None:
        raise OperatorError(
            f"{draft.id} is not what was drafted: it was changed in the registry; make a new draft, and see "
            "bench admin trail --check"
        )
    return text


def add_signature(database: Registry, signature: Signature) -> None:
    """Errors: OperatorError where somebody has signed in this role."""
    before = [s for s in signatures(database, signature.draft) if s.role is signature.role]
    if before:
        raise OperatorError(f"D{signature.draft} is signed as {signature.role} by {before[0].person} already")
    row = to_json(signature)
    database.execute(
        f"INSERT INTO certificate_signature ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
        tuple(row.values()),
    )
    told = {"role": signature.role.value, "sha256": signature.sha256}
    trail.add(
        database,
        signature.wall_time,
        signature.person,
        "certificate_signed",
        f"D{signature.draft}",
        None,
        told,
    )


def signatures(database: Registry, draft: int) -> tuple[Signature, ...]:
    """Of a draft, in the order of the roles."""
    rows = database.execute("SELECT * FROM certificate_signature WHERE draft = ?", (draft,))
    found = [from_json(Signature, dict(row)) for row in rows]
    return tuple(sorted(found, key=lambda signature: list(SignsAs).index(signature.role)))


# --- certificates


def add_issued(database: Registry, issued: Issued, who: str) -> None:
    """Write a row. The sequence of its series must be the next one."""
    row = to_json(issued)
    database.execute(
        "INSERT INTO certificate (number, year, sequence, draft, run_id, position, serial, replaces, body, wall_time) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            issued.number, issued.year, issued.sequence, issued.draft, issued.run_id, issued.position,
            issued.serial, issued.replaces, canonical_bytes(row), issued.wall_time,
        ),
    )  # fmt: skip
    trail.add(database, issued.wall_time, who, "certificate_issued", issued.number, None, row)


def next_sequence(database: Registry, year: int) -> int:
    """Of the next certificate of a year."""
    row = database.execute("SELECT COALESCE(MAX(sequence), 0) + 1 FROM certificate WHERE year = ?", (year,))
    return int(row.fetchone()[0])


def has(database: Registry, number: str) -> bool:
    return database.execute("SELECT 1 FROM certificate WHERE number = ?", (number,)).fetchone() is not None


def last_issued_at(database: Registry) -> str:
    """Wall time of the newest row; "" where there is none."""
    row = database.execute("SELECT wall_time FROM certificate ORDER BY rowid DESC LIMIT 1").fetchone()
    return "" if row is None else str(row["wall_time"])


def entries(database: Registry) -> Iterator[Entry]:
    """The whole register in the order of issue."""
    query = (
        "SELECT c.body, COALESCE(r.number, '') AS replaced_by, COALESCE(w.wall_time, '') AS withdrawn_on, "
        "COALESCE(w.why, '') AS withdrawn_why, t.draft IS NULL AS is_forgotten FROM certificate c "
        "LEFT JOIN certificate r ON r.replaces = c.number "
        "LEFT JOIN certificate_withdrawn w ON w.number = c.number "
        "LEFT JOIN certificate_text t ON t.draft = c.draft ORDER BY c.rowid"
    )
    for row in database.execute(query).fetchall():
        yield Entry(
            from_json(Issued, json.loads(row["body"])),
            row["replaced_by"],
            row["withdrawn_on"],
            row["withdrawn_why"],
            bool(row["is_forgotten"]),
        )


def entry_named(database: Registry, number: str) -> Entry:
    """Errors: OperatorError where there is none."""
    found = next((e for e in entries(database) if e.issued.number == number), None)
    if found is None:
        raise OperatorError(f"there is no certificate {number[:60]!r}; see bench certificate list")
    return found


def issued_from(database: Registry, draft: int) -> Issued | None:
    """The certificate that a draft has become."""
    row = database.execute("SELECT body FROM certificate WHERE draft = ?", (draft,)).fetchone()
    return None if row is None else from_json(Issued, json.loads(row["body"]))


def add_withdrawal(database: Registry, number: str, why: str, by: str, now: str) -> None:
    database.execute("INSERT INTO certificate_withdrawn VALUES (?, ?, ?, ?)", (number, why, by, now))
    trail.add(database, now, by, "certificate_withdrawn", number, None, {"why": why})


def delete_text(database: Registry, draft: int, about: str, by: str, now: str) -> None:
    """What names a customer is gone from the file; the rest stays. about: of what, as people call it."""
    database.execute("DELETE FROM certificate_text WHERE draft = ?", (draft,))
    trail.add(database, now, by, "certificate_forgotten", about, None, None)


def with_customer(database: Registry, serial: str) -> tuple[str, ...]:
    """What still names a customer of this meter: numbers of certificates, ids of drafts."""
    rows = database.execute(
        "SELECT d.number AS draft, c.number AS issued FROM certificate_text t "
        "JOIN certificate_draft d ON d.number = t.draft LEFT JOIN certificate c ON c.draft = d.number "
        "WHERE d.serial = ? ORDER BY d.number",
        (serial,),
    )
    return tuple(row["issued"] or f"D{row['draft']}" for row in rows)


def undelivered(database: Registry) -> tuple[Entry, ...]:
    """What has not been dropped into the watch folder; without those whose files are deleted."""
    done = {row["number"] for row in database.execute("SELECT number FROM certificate_delivered")}
    return tuple(e for e in entries(database) if e.issued.number not in done and not e.is_forgotten)


def add_delivery(database: Registry, number: str, now: str) -> None:
    database.execute("INSERT OR IGNORE INTO certificate_delivered VALUES (?, ?)", (number, now))


def as_json(entry: Entry) -> JsonObject:
    """A row with what became of it."""
    return {
        **to_json(entry.issued),
        "replaced_by": entry.replaced_by,
        "withdrawn_on": entry.withdrawn_on,
        "withdrawn_why": entry.withdrawn_why,
        "is_forgotten": entry.is_forgotten,
    }
