"""Who has signed a case, on the tablet: customer, verifier and checker, each once, each a sentence that says what
for.

Who cannot draw, or does not want to, types the name instead. What is kept of it: the strokes as numbers, or the name,
which sentence stood above the field (SHA-256 of it in both languages), and the SHA-256 of the case's history as it was
then. It is no approval of a certificate: that one is the measuring process's, by password.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from web.casework import history as log
from web.casework.case_rows import case
from web.casework.cases import answered
from web.casework.history import attempt, keep_text, text_of
from web.casework.limits import require_room
from web.casework.model import CUSTOMER, WITH_A_RESULT, Case
from web.casework.refused import Refused
from web.casework.said import one_line
from web.casework.store import Casework, Database, Row
from web.casework.strokes import Strokes, as_text, checked, from_text
from web.texts import text

LONGEST_NAME = 80


class Signer(StrEnum):
    """As whom; the sentence that is signed is the text `signed.NAME`."""

    CUSTOMER = "customer"
    VERIFIER = "verifier"
    CHECKER = "checker"


@dataclass(frozen=True, slots=True)
class Signature:
    """by: `CUSTOMER` or a person. text_sha256: of the sentence, Chinese, a line feed, English.

    case_digest: of the case's history before it. strokes: see `strokes.svg_path`. typed: the name instead, or "".
    """

    signer: Signer
    by: str
    at: str
    text_sha256: str
    case_digest: str
    strokes: Strokes
    typed: str = ""


def sign(cw: Casework, case_id: str, signer: Signer, strokes: Strokes, by: str, typed: str = "") -> Signature:
    """typed: the name, where nothing was drawn; beside a drawing it is not kept.

    Errors: Refused not_tested_yet, not_yours_to_sign, signed_already, and what `strokes.checked` and `said.words`
    refuse.
    """
    with attempt(cw, by, "sign", case_id) as database:
        this = case(cw, case_id)
        if this.state not in WITH_A_RESULT:
            raise Refused("not_tested_yet", case=case_id)
        if by != _whose(this, signer):
            raise Refused("not_yours_to_sign", case=case_id)
        if signer in signatures(cw, case_id):
            raise Refused("signed_already", case=case_id)
        require_room(cw, case_id, by)
        name = one_line(typed, LONGEST_NAME) if typed.strip() and not strokes else ""
        kept = as_text(() if name else checked(strokes))
        written = keep_text(cw, case_id, name) if name else ""
        made = Signature(
            signer, by, cw.now(), text_sha256(signer), log.digest(cw, case_id), from_text(kept), name
        )
        database.execute(
            "INSERT INTO signature VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (case_id, signer, by, made.at, made.text_sha256, made.case_digest, kept, written),
        )
        log.add(
            cw,
            case_id,
            by,
            "sign",
            {
                "as": signer,
                "text_sha256": made.text_sha256,
                "case_digest": made.case_digest,
                "strokes_sha256": hashlib.sha256(kept.encode()).hexdigest(),
                **({"typed": written} if written else {}),
            },
        )
        if signer is Signer.CUSTOMER:
            answered(cw, case_id)
    return made


def signatures(cw: Casework, case_id: str) -> dict[Signer, Signature]:
    """By whom there is one; in the order of `Signer`."""
    with cw.reading() as database:
        rows = database.execute("SELECT * FROM signature WHERE case_id = ?", (case_id,)).fetchall()
        made = {Signer(row["role"]): _signature(database, row) for row in rows}
    return {signer: made[signer] for signer in Signer if signer in made}


def text_sha256(signer: Signer) -> str:
    """Of the sentence that is signed, as it stands today."""
    shown = f"{text(f'signed.{signer}', 'zh')}\n{text(f'signed.{signer}', 'en')}"
    return hashlib.sha256(shown.encode()).hexdigest()


def _whose(this: Case, signer: Signer) -> str | None:
    match signer:
        case Signer.CUSTOMER:
            return CUSTOMER
        case Signer.VERIFIER:
            return this.verifier
        case Signer.CHECKER:
            return this.checker


def _signature(database: Database, row: Row) -> Signature:
    return Signature(
        Signer(row["role"]),
        row["signed_by"],
        row["signed_at"],
        row["text_sha256"],
        row["case_digest"],
        from_text(row["strokes"]),
        (text_of(database, row["typed"]) or "") if row["typed"] else "",
    )
