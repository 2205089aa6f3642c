"""The two-person rule: who may sign a draft as what. Asked on the measuring side, in the transaction of the signature.

The verifier is who verified the run, authorised on its day for everything that was tested; the checker is somebody else
with that role, and of a witnessed case the one who is named for it. That he is authorised to check, where the
laboratory authorises persons to, `issuing.py` asks. Where the laboratory has named approvers, one of them signs, too,
and he is not the verifier.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.certificate.model import Measured
from bench.certificate.register import Signature, SignsAs
from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.errors import OperatorError
from bench.items import Item
from bench.registry.authorisations import Authorisation, why_not_authorised
from bench.registry.persons import Person, Role
from bench.registry.witnessed import Case
from calibration.nameplate import MeterUnderTest
from calibration.reasons import sentence


def needed_roles(approvers: Sequence[str]) -> tuple[SignsAs, ...]:
    """approvers: whom the laboratory has named; without any, two signatures are enough."""
    both = (SignsAs.VERIFIER, SignsAs.CHECKER)
    return (*both, SignsAs.APPROVER) if approvers else both


def role_of(
    person: Person, measured: Measured, signed: Sequence[Signature], approvers: Sequence[str]
) -> SignsAs:
    """In which role a person signs who did not say: the first that is open and could be his."""
    if person.id == measured.verifier:
        return SignsAs.VERIFIER
    is_checked = any(signature.role is SignsAs.CHECKER for signature in signed)
    return SignsAs.APPROVER if person.id in approvers and is_checked else SignsAs.CHECKER


def require_may_sign(
    person: Person,
    role: SignsAs,
    measured: Measured,
    tested: tuple[MeterUnderTest, Sequence[Item]],
    signed: Iterable[Signature],
    authorisations: Iterable[Authorisation],
    approvers: Sequence[str],
    case: Case | None = None,
) -> None:
    """tested: the meter, and what was tested on it that needs an authorisation. approvers: ids. case: of the run.

    Errors: OperatorError, one line that says who may.
    """
    if not person.is_active:
        raise OperatorError(f"{person.id} has left and signs nothing; somebody else must")
    if not measured.verifier:
        raise OperatorError(
            f"nobody is named as verifier of {measured.run_id}, so nobody can sign for it; run it again with --by"
        )
    match role:
        case SignsAs.VERIFIER:
            _require_verifier(person, measured, tested, tuple(authorisations))
        case SignsAs.CHECKER:
            if Role.CHECKER not in person.roles:
                raise OperatorError(f"{person.id} has not the role checker; a checker signs as checker")
            if case is not None and person.id != case.checker:
                raise RefusedByRuleError(Refusal.NOT_ITS_CHECKER, case=case.id, checker=case.checker)
        case SignsAs.APPROVER:
            if person.id not in approvers:
                named = ", ".join(approvers) or "nobody; see [laboratory] approvers"
                raise OperatorError(f"{person.id} may not approve; the laboratory has named {named}")
    _require_another(person, role, measured, signed)


def _require_another(person: Person, role: SignsAs, measured: Measured, signed: Iterable[Signature]) -> None:
    """Whoever verified signs as nothing else, and whoever has signed as verifier neither."""
    if role is SignsAs.VERIFIER:
        return
    verifiers = {measured.verifier, *(s.person for s in signed if s.role is SignsAs.VERIFIER)}
    if person.id in verifiers:
        raise OperatorError(
            f"{person.id} has verified this meter and cannot be its {role}, too; another person must sign"
        )


def _require_verifier(
    person: Person,
    measured: Measured,
    tested: tuple[MeterUnderTest, Sequence[Item]],
    given: tuple[Authorisation, ...],
) -> None:
    if person.id != measured.verifier:
        raise OperatorError(
            f"{measured.run_id} was verified by {measured.verifier}, who alone signs as its verifier; "
            f"{person.id} may sign as checker"
        )
    meter, items = tested
    for day in dict.fromkeys((measured.performed_on, measured.performed_until)):
        for item in items:
            lacking = why_not_authorised(person, given, item, meter, day)
            if lacking is not None:
                said = sentence(lacking.reason, lacking.values, "en")
                raise OperatorError(f"on {day}, a day of {measured.run_id}: {said}")
