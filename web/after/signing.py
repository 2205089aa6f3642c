"""The three signatures of a case as a page shows them: drawn, typed, or not there yet."""

from __future__ import annotations

from dataclasses import dataclass

from web.casework.signatures import Signer, signatures
from web.casework.store import Casework
from web.casework.strokes import svg_path
from web.dates import day_text


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """path: what was drawn, as SVG path data, or ""; typed: the name instead. signed: the day, or ""."""

    role: str
    path: str
    typed: str
    signed: str


def signature_rows(casework: Casework, case_id: str, language: str) -> list[SignatureRow]:
    """One row for each who is to sign."""
    made = signatures(casework, case_id)
    return [
        SignatureRow(signer.value, "", "", "")
        if signer not in made
        else SignatureRow(
            signer.value,
            svg_path(made[signer].strokes),
            made[signer].typed,
            day_text(made[signer].at, language),
        )
        for signer in Signer
    ]
