"""A laboratory with a virtual bench, a run that its verifier has made, and an office that issues certificates of it.

The seal is a stand-in that costs nothing; `test_end_to_end.py` has the real one.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from bench.app import open_bench
from bench.app_reference import RecordedRaw
from bench.canonical import canonical_bytes
from bench.certificate import issuing
from bench.certificate.files import Rendered
from bench.certificate.issuing import Drafted, Office, Signing
from bench.certificate.model import Certificate, CertificateKind
from bench.certificate.register import SignsAs
from bench.certificate.request import Request
from bench.configuration.config import Config
from bench.configuration.laboratory import LaboratorySection
from bench.records.frozen import to_json
from bench.registry.approvals import approve
from bench.registry.standing import registered
from tests.bench_process.support import bench_config, plan_of
from tests.certificate.requested import request
from tests.registry.laboratory import PASSWORD, WHEN, Laboratory, laboratory, with_reference

NOW = "2026-06-01T08:00:00.000+00:00"
LATER = "2026-06-02T08:00:00.000+00:00"
LAB = Laboratory("P1", "P2", "P3")
"""As `tests.registry.laboratory` registers them."""
LABORATORY = LaboratorySection(name_zh="示例计量所", name_en="Example Laboratory", years_of_validity=5)


def stand_in(document: Certificate, now: str = "") -> Rendered:
    """The document as canonical JSON, twice: what was made can be read again."""
    text = canonical_bytes(to_json(document))
    label = b"label " + document.number.encode() if document.kind is CertificateKind.VERIFICATION else b""
    return Rendered(b"xml " + text, b"pdf " + text, label)


@dataclass(frozen=True)
class Desk:
    """An office with the persons of its laboratory."""

    office: Office
    lab: Laboratory

    @property
    def state_dir(self) -> Path:
        return self.office.state_dir

    def draft(self, given: Request | None = None, now: str = NOW) -> Drafted:
        return issuing.draft(self.office, "run-000001", "1", given or request(), self.lab.verifier, now)

    def sign(self, draft_id: str, who: str, role: SignsAs | None = None, now: str = NOW) -> Signing:
        return issuing.sign(self.office, draft_id, who, PASSWORD, role, now)

    def issue(self, drafted: Drafted | None = None, now: str = NOW) -> Signing:
        """Drafted and signed by both."""
        kept = (drafted or self.draft(now=now)).draft
        self.sign(kept.id, self.lab.verifier, now=now)
        return self.sign(kept.id, self.lab.checker, now=now)

    def with_office(self, **changes: object) -> Desk:
        return dataclasses.replace(self, office=dataclasses.replace(self.office, **changes))  # type: ignore[arg-type]

    def with_laboratory(self, **changes: object) -> Desk:
        section = dataclasses.replace(self.office.config.laboratory, **changes)  # type: ignore[arg-type]
        return self.with_office(config=dataclasses.replace(self.office.config, laboratory=section))


def staff_and_run(state_dir: Path, error_pct: float, *, has_verifier: bool) -> None:
    """A laboratory with all in order, and one run of a meter with this error."""
    lab = laboratory(state_dir)
    approve(state_dir, plan_of().rules, lab.checker, WHEN)
    config = with_reference(_config(state_dir, error_pct), lab)
    run(config, lab.verifier if has_verifier else "")


def desk(state_dir: Path, error_pct: float) -> Desk:
    """The office of such a laboratory."""
    config = _config(state_dir, error_pct)
    config = dataclasses.replace(config, reference=dataclasses.replace(config.reference, card_id="RS-1"))
    return Desk(Office(registered(config), RecordedRaw, stand_in, stand_in, lambda: False), LAB)


def _config(state_dir: Path, error_pct: float) -> Config:
    config = bench_config(state_dir)
    position = dataclasses.replace(config.position[0], simulated_error_pct=error_pct)
    return dataclasses.replace(config, position=(position,), laboratory=LABORATORY)


def run(config: Config, verifier: str) -> None:
    with open_bench(config, lambda line: None) as process:
        process.run(plan_of(), verifier=verifier)
