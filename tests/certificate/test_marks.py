"""The marks follow from what was measured and from the keys; no way leads around one."""

from __future__ import annotations

import dataclasses

import pytest

from bench.certificate.marks import as_draft, marks_of, why_marked
from bench.certificate.model import Mark
from calibration.quantities import Finding
from calibration.reasons import Reason
from tests.certificate.samples import MEASURED, certificate

PROVISIONAL = Finding(Reason.RULES_PROVISIONAL, {"name": "jjg596-2012"})
LEFT_OUT = Finding(Reason.VERIFIER_UNKNOWN)


def test_a_run_that_nothing_speaks_against_has_no_mark() -> None:
    assert marks_of(MEASURED, keys_are_official=True) == ()


@pytest.mark.parametrize(
    ("changed", "keys_are_official", "marks"),
    [
        ({"is_simulated": True}, True, (Mark.SIMULATED,)),
        ({"not_official_because": (LEFT_OUT,)}, True, (Mark.INFORMATIVE,)),
        ({}, False, (Mark.UNOFFICIAL_KEY,)),
        (
            {
                "not_official_because": (PROVISIONAL,),
                "rules": dataclasses.replace(MEASURED.rules, provisional=True),
            },
            True,
            (Mark.INFORMATIVE, Mark.PROVISIONAL_RULES),
        ),
    ],
)
def test_each_fact_makes_its_mark(
    changed: dict[str, object], keys_are_official: bool, marks: tuple[Mark, ...]
) -> None:
    measured = dataclasses.replace(MEASURED, **changed)  # type: ignore[arg-type]
    assert marks_of(measured, keys_are_official=keys_are_official) == marks


def test_a_draft_says_so_first() -> None:
    assert as_draft(certificate(marks=(Mark.SIMULATED,))).marks == (Mark.DRAFT, Mark.SIMULATED)


def test_the_reasons_behind_a_mark_are_told_once() -> None:
    measured = dataclasses.replace(
        MEASURED,
        not_official_because=(PROVISIONAL, LEFT_OUT),
        rules=dataclasses.replace(MEASURED.rules, provisional=True),
    )
    made = certificate(measured=measured, marks=marks_of(measured, keys_are_official=True))
    assert why_marked(made) == (LEFT_OUT,)
    assert why_marked(certificate(measured=measured)) == ()
