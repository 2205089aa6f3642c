"""The marks of a certificate: what is printed across its pages because it is so, by facts and never by a wish.

Whoever makes a certificate asks here; nothing else makes a `Mark`.
"""

from __future__ import annotations

import dataclasses

from bench.certificate.model import Certificate, Mark, Measured
from calibration.quantities import Finding
from calibration.reasons import UNAPPROVED


def marks_of(measured: Measured, *, keys_are_official: bool) -> tuple[Mark, ...]:
    """In the order of `Mark`. keys_are_official: those that seal it are the laboratory's own, supplied or adopted."""
    applies = {
        Mark.SIMULATED: measured.is_simulated,
        Mark.INFORMATIVE: bool(measured.not_official_because),
        Mark.PROVISIONAL_RULES: measured.rules.provisional,
        Mark.UNOFFICIAL_KEY: not keys_are_official,
    }
    return tuple(mark for mark, is_so in applies.items() if is_so)


def as_draft(certificate: Certificate) -> Certificate:
    """The same before it is issued: that is the first thing that it says."""
    return dataclasses.replace(certificate, marks=(Mark.DRAFT, *certificate.marks))


def why_marked(certificate: Certificate) -> tuple[Finding, ...]:
    """What the marks do not say by themselves: everything that keeps the results from being official."""
    if Mark.INFORMATIVE not in certificate.marks:
        return ()
    said_by_mark = UNAPPROVED if Mark.PROVISIONAL_RULES in certificate.marks else frozenset()
    because = certificate.measured.not_official_because
    others = tuple(finding for finding in because if finding.reason not in said_by_mark)
    return others or because
