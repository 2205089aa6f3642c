"""Cases that have come so far: what the tests of everything after an application begin with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.checklist import Check
from web.casework import cases, checklists, consent
from web.casework.agreements import REQUIRED, consented
from web.casework.model import Application, Case, Customer, Outcome, Planned
from web.casework.store import Casework

BEGAN = datetime(2026, 11, 26, 8, tzinfo=UTC)
OFFICE, VERIFIER, CHECKER = "P1", "P2", "P3"


def memory() -> str | None:
    """A folder that is no disk, where there is one: a test of rules need not wait for what is written to be safe."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


class Clock:
    """Wall time that goes only where a test moves it."""

    def __init__(self) -> None:
        self.at = BEGAN

    def __call__(self) -> str:
        return self.at.isoformat()

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


def opened(folder: Path, clock: Clock | None = None) -> Casework:
    return Casework(folder / "casework.sqlite", clock or Clock())


def application(serial: str = "A-1") -> Application:
    customer = Customer("王小明", "人民路 12 号", "138 0000 0000")
    return Application(customer, "电表走得太快了", serial, {"meter_type": "DDS"}, "A3")


def plan_of(serial: str = "A-1", verifier: str = VERIFIER, checker: str = CHECKER) -> Planned:
    meter = {"serial": serial, "meter_type": "DDS", "accuracy_class": "1"}
    return Planned(
        *(
            meter,
            "jjg596-2012",
            "simple",
            "[[meters]]\n",
            1800.0,
            verifier,
            checker,
            "2026-12-01T09:30",
            OFFICE,
        )
    )


def applied(cw: Casework, serial: str = "A-1") -> Case:
    return cases.apply(cw, application(serial))


def planned(cw: Casework, serial: str = "A-1", verifier: str = VERIFIER, checker: str = CHECKER) -> Case:
    return cases.plan(cw, applied(cw, serial).id, plan_of(serial, verifier, checker))


def received(cw: Casework, serial: str = "A-1", verifier: str = VERIFIER, checker: str = CHECKER) -> Case:
    return cases.receive(cw, planned(cw, serial, verifier, checker).id, verifier)


def tick_all(cw: Casework, case_id: str, by: str = VERIFIER, but: Check | None = None) -> None:
    if consented(cw, case_id) is None:
        consent.consent(cw, case_id, REQUIRED, by)
    for check in Check:
        if check in checklists.PHOTO_CHECKS:
            checklists.tick_by_photo(cw, case_id, check, by, check is not but)
        else:
            checklists.tick(cw, case_id, check, by, check is not but)


def under_test(cw: Casework, serial: str = "A-1", verifier: str = VERIFIER, checker: str = CHECKER) -> Case:
    case_id = received(cw, serial, verifier, checker).id
    tick_all(cw, case_id, verifier)
    return cases.begin_test(cw, case_id, f"run-{serial}", verifier)


def after_test(cw: Casework, serial: str = "A-1", outcome: Outcome = Outcome.PASS) -> Case:
    return cases.end_test(cw, under_test(cw, serial).id, outcome, VERIFIER)


def explained(cw: Casework, serial: str = "A-1", outcome: Outcome = Outcome.PASS) -> Case:
    return cases.explain(cw, after_test(cw, serial, outcome).id, VERIFIER)
