"""Cases as far as a test of the console needs them: applied for, planned, received, ticked, under test, tested."""

from __future__ import annotations

from bench.checklist import Check
from tests.web.staff_bench import PLAN
from web.casework import cases, checklists
from web.casework.agreements import REQUIRED
from web.casework.checklists import PHOTO_CHECKS
from web.casework.consent import consent
from web.casework.model import BENCH, Application, Case, Customer, Outcome, Planned
from web.casework.store import Casework

SERIAL = "33 0901 2764"
"""Of the meter in `tests.web.canned`."""
VERIFIER, CHECKER = "P2", "P3"
NOW = "2026-11-26T10:00:00+00:00"


def applied(cw: Casework, serial: str = SERIAL) -> Case:
    customer = Customer("张三 Zhang San", "示例路 1 号", "13800000000")
    return cases.apply(cw, Application(customer, "我家的电表走得太快", serial))


def planned(cw: Casework, verifier: str = VERIFIER, checker: str = CHECKER, serial: str = SERIAL) -> Case:
    case = applied(cw, serial)
    meter = {
        "serial": serial,
        "meter_type": "DDS-88",
        "accuracy_class": "1",
        "meter_constant_imp_per_kWh": "1200",
    }
    plan = Planned(
        meter, "jjg596-2012", "simple", PLAN.format(serial=serial), 405.0, verifier, checker, "2026-11-26T18:30", "P4"
    )  # fmt: skip
    return cases.plan(cw, case.id, plan)


def ready(cw: Casework, verifier: str = VERIFIER, checker: str = CHECKER, serial: str = SERIAL) -> Case:
    case = planned(cw, verifier, checker, serial)
    return cases.receive(cw, case.id, verifier)


def ticked(cw: Casework, verifier: str = VERIFIER, checker: str = CHECKER, serial: str = SERIAL) -> Case:
    case = ready(cw, verifier, checker, serial)
    consent(cw, case.id, REQUIRED, verifier)
    for check in Check:
        put = checklists.tick_by_photo if check in PHOTO_CHECKS else checklists.tick
        put(cw, case.id, check, verifier, True)
    return case


def under_test(cw: Casework) -> Case:
    case = ticked(cw)
    return cases.begin_test(cw, case.id, "run-000001", VERIFIER)


def done(cw: Casework, outcome: Outcome = Outcome.PASS) -> Case:
    case = under_test(cw)
    return cases.end_test(cw, case.id, outcome, BENCH)
