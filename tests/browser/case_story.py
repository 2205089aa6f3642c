"""A laboratory in the middle of its work: cases in every state, for pictures and for tests that only look at pages."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PIL import Image, ImageDraw

from bench.checklist import Check
from tests.browser.case_site import CaseSite
from tests.web import canned
from tests.web.staff_bench import PLAN
from web.apply import DAYS_WISHED
from web.casework import cases, checklists, follow_ups, history, invitations
from web.casework.agreements import Thing
from web.casework.consent import consent
from web.casework.consumption import consumption
from web.casework.follow_ups import FollowUpKind, settle
from web.casework.forgetting import forget
from web.casework.model import CUSTOMER, Application, Case, CaseState, Customer, Outcome, Planned
from web.casework.opinions import expectation, experience, satisfaction
from web.casework.photos import PhotoKind, keep
from web.casework.questions import answer, ask
from web.casework.signatures import Signer, sign
from web.casework.store import Casework
from web.casework.trials import trial

ADMINISTRATOR, VERIFIER, CHECKER, OFFICE, OTHER_VERIFIER, SPARE_VERIFIER = "P1", "P2", "P3", "P4", "P5", "P6"
DOUBT = "晚上家里没有人，表还在闪。\n上个月的电费比去年同期多了一半，家里什么也没有添。"


@dataclass(frozen=True, slots=True)
class Story:
    """The cases by what they are for."""

    applied: Case
    overdue: Case
    planned: Case
    ready: Case
    tested: Case
    """The one whose run the bench shows; a draft of its certificate waits for the checker."""
    closed: Case
    declined: Case
    testing: Case
    """Under test: its run is what the bench shows where a screen is of one that goes on."""
    failed: Case
    """Its certificate is issued, two have signed, the customer has hidden errors."""
    invalid: Case
    followed: Case
    """Closed long ago; the customer has answered the first follow-up."""
    tokens: Mapping[str, str]
    """Of result links (`closed`, `followed`, `tested`, `revoked`, `forgotten`) and invitations (`fresh`, `used`,
    `expired`)."""
    site: CaseSite
    state: dict[str, Any]
    """What the bench shows."""

    def ready_to_start(self) -> Case:
        """A case with every check done, which the bench has begun."""
        cw = self.site.casework
        set_free(cw, SPARE_VERIFIER)
        serial = f"SIM-3{len(cases.all_cases(cw)):05}"
        made = _checked(cw, serial, "林涛", SPARE_VERIFIER, CHECKER)
        self.site.bench.cases[made.id] = bench_case(made)
        return made

    def another_explained(self, signatures: tuple[str, ...] | None = None) -> Case:
        """A case whose result is explained. signatures: the roles that have signed its draft; None: it has none."""
        made = cases.explain(self.site.casework, self.another_tested().id, SPARE_VERIFIER)
        self.site.bench.cases[made.id] = bench_case(made)
        if signatures is not None:
            draft = draft_of(made)
            draft["id"] = f"D{100 + len(self.site.bench.drafts)}"
            draft["signatures"] = draft["signatures"][: len(signatures)]
            self.site.bench.drafts.append(draft)
        return made

    def another_tested(self) -> Case:
        """A case like `tested` for a screen that ends it."""
        cw = self.site.casework
        set_free(cw, SPARE_VERIFIER)
        serial = f"SIM-2{len(cases.all_cases(cw)):05}"
        made = _tested(cw, serial, "吴刚", SPARE_VERIFIER, CHECKER)
        self.site.keep_result(made, "finished_pass")
        return made


def told(site: CaseSite) -> Story:
    """Seeded through casework's own functions; the bench of the site is told what it would know."""
    cw = site.casework
    overdue = _applied(
        cw, "3030004471", "李建国", "人民路 12 号 3 单元 501", "A3", "晚上没人在家，表还是走。"
    )
    declined = _applied(cw, "3030009001", "陈晓", "河西路 8 号", "B1", "想知道哪个电器费电。")
    cases.decline(
        cw, declined.id, "检定只能说明电表准不准，不能说明哪个电器用了多少电。",
        "请先用自检页面算一算，或借一只插座电表。", OFFICE,
    )  # fmt: skip
    closed, followed = (
        _closed(site, "3030005202", "周芳", VERIFIER),
        _closed(site, "3030005310", "何平", VERIFIER),
    )
    tokens = {"closed": invitations.result_link(cw, closed.id, OFFICE)}
    tokens["followed"] = invitations.result_link(cw, followed.id, OFFICE)
    site.clock.move(days=31)
    [first, _] = follow_ups.of(cw, followed.id)
    settle(cw, first.id, FollowUpKind.PAGE, "这个月的账单和以前差不多，我放心了。", Decimal("212"), CUSTOMER)
    experience(cw, followed.id, "", 1, 9, first.moment)
    applied = _applied(cw, "3030007788", "王小明", "中山路 120 号", "A3", DOUBT)
    planned = cases.plan(
        cw, _applied(cw, "3030001234", "孙丽娟", "学府街 5 号", "B1", "换了新表以后电费变多了。").id,
        plan_of("3030001234", OTHER_VERIFIER, CHECKER, site.day(3)),
    )  # fmt: skip
    tested = _tested(cw, "SIM-000001", "赵国强", VERIFIER, CHECKER)
    first = ask(cw, tested.id, "表上的灯一直闪，是不是也在用我的电？", CUSTOMER)
    answer(cw, first.id, "灯自己用的电很少，而且不经过您的计量。", VERIFIER)
    ask(cw, tested.id, "为什么要测三种用电大小？", CUSTOMER)
    failed, invalid, testing = _failed(site), _invalid(site), _testing(cw)
    ready = _applied(
        cw, "3030006010", "Anna Berg", "88 Harbour Street", "C2", "My bill doubled after I moved in."
    )
    cases.plan(cw, ready.id, plan_of("3030006010", VERIFIER, CHECKER, site.day(0)))
    cases.receive(cw, ready.id, VERIFIER)
    checklists.tick(cw, ready.id, Check.SEALS, VERIFIER, True)
    history.refuse(cw, VERIFIER, "begin_test", "checklist_open", ready.id)
    history.refuse(cw, "customer", "tick", "not_for_customers", ready.id)
    tokens |= _tokens(site, tested, ready)
    for case in cases.all_cases(cw):
        if case.verifier is not None:
            site.bench.cases[case.id] = bench_case(case)
    site.bench.busy |= {VERIFIER: ready.id, OTHER_VERIFIER: testing.id}
    site.bench.drafts.append(draft_of(tested))
    site.show_run_of(tested)
    by_now = (
        cases.case(cw, one.id)
        for one in (ready, tested, closed, declined, testing, failed, invalid, followed)
    )
    return Story(applied, overdue, planned, *by_now, tokens, site, site.bench.state)


def plan_of(serial: str, verifier: str, checker: str, day: str) -> Planned:
    meter = {
        "serial": serial,
        "meter_type": "DDS-60",
        "accuracy_class": "1",
        "meter_constant_imp_per_kWh": "1200.0",
    }
    return Planned(
        meter,
        "jjg596-2012",
        "simple",
        PLAN.format(serial=serial),
        405.0,
        verifier,
        checker,
        f"{day}T09:30",
        OFFICE,
    )


def bench_case(case: Case) -> dict[str, Any]:
    """The same case as the measuring side has it."""
    states = {"ready": "begun", "testing": "begun", "tested": "begun", "closed": "ended"}
    return {
        "case": case.id, "serial": case.serial, "verifier": case.verifier, "checker": case.checker,
        "retest_of": case.retest_of, "state": states.get(case.state, "assigned"), "handovers": [],
        "runs": list(case.run_ids),
    }  # fmt: skip


def draft_of(case: Case) -> dict[str, Any]:
    """A draft that its verifier has signed."""
    signature = {
        "draft": 7, "role": "verifier", "person": case.verifier, "sha256": "0" * 64,
        "wall_time": "2026-11-26T10:00:00+00:00",
    }  # fmt: skip
    return {
        "id": "D7", "kind": "verification", "run_id": case.run_ids[-1], "position": "1", "serial": case.serial,
        "signatures": [signature],
    }  # fmt: skip


def _applied(cw: Casework, serial: str, name: str, address: str, area: str, doubt: str) -> Case:
    customer = Customer(name, address, "138 0000 0000")
    case = cases.apply(cw, Application(customer, doubt, serial, area=area))
    expectation(cw, case.id, "电表到底快不快", 7, 4)
    history.add(cw, case.id, CUSTOMER, DAYS_WISHED, {"days": "mon,fri"})
    return case


def _closed(site: CaseSite, serial: str, name: str, verifier: str) -> Case:
    cw = site.casework
    made = _tested(cw, serial, name, verifier, CHECKER)
    site.keep_result(made, "finished_pass")
    cases.explain(cw, made.id, verifier)
    satisfaction(cw, made.id, 5, "")
    return cases.close(cw, made.id, "", verifier)


def set_free(cw: Casework, verifier: str) -> None:
    """From what another screen has left ready for a start."""
    for case in cases.all_cases(cw, person=verifier):
        if case.verifier == verifier and case.state is CaseState.READY:
            cases.postpone(cw, case.id, "客户有事先走了。", OFFICE)


def _failed(site: CaseSite) -> Case:
    cw = site.casework
    made = _tested(cw, "3030008123", "郑秀英", SPARE_VERIFIER, CHECKER, Outcome.FAIL)
    site.keep_result(made, "finished_fail")
    consumption(cw, made.id, Decimal("2400"), Decimal("0.56"), "CNY")
    experience(cw, made.id, "原来快慢要和标准表比才知道。", 9, 8)
    satisfaction(cw, made.id, 4, "为什么要等电流稳定？")
    sign(cw, made.id, Signer.CUSTOMER, SCRIBBLE, CUSTOMER)
    sign(cw, made.id, Signer.VERIFIER, (), SPARE_VERIFIER, "孙丽")
    site.bench.certificates.append(
        {"run": made.run_ids[-1], "number": "2026-00004", "kind": "verification", "verdict": "FAIL",
         "issued_on": cw.now()[:10], "stands": True, "replaced_by": None, "files": ["pdf", "xml", "label"]}
    )  # fmt: skip
    for hidden, found in (("-0.40", "-0.3871"), ("1.30", "+1.3102")):
        trial(cw, made.id, Decimal(hidden), found_of(hidden, found))
    return made


def _invalid(site: CaseSite) -> Case:
    made = _tested(site.casework, "3030008456", "马超", SPARE_VERIFIER, CHECKER, Outcome.INVALID)
    site.keep_result(made, "finished_invalid")
    return made


def _testing(cw: Casework) -> Case:
    """Somebody else's verifier has it, who is busy with it."""
    return _under_test(cw, "3030006677", "钱文", OTHER_VERIFIER, CHECKER)


def _tokens(site: CaseSite, tested: Case, ready: Case) -> dict[str, str]:
    """Of links and invitations, good and not."""
    cw = site.casework
    tokens = {"tested": invitations.result_link(cw, tested.id, OFFICE)}
    tokens["revoked"] = invitations.result_link(cw, tested.id, OFFICE)
    invitations.revoke(cw, tested.id, OFFICE, invitations.links(cw, tested.id)[-1].id)
    gone = _closed(site, "3030005099", "冯雪", SPARE_VERIFIER)
    tokens["forgotten"] = invitations.result_link(cw, gone.id, OFFICE)
    forget(cw, gone.id, ADMINISTRATOR)
    tokens["expired"] = invitations.invite(cw, ready.id, VERIFIER)
    site.clock.move(minutes=11)
    tokens["used"] = invitations.invite(cw, ready.id, VERIFIER)
    invitations.accept(cw, tokens["used"])
    tokens["fresh"] = invitations.invite(cw, ready.id, VERIFIER)
    return tokens


def found_of(hidden_pct: str, found_pct: str) -> dict[str, Any]:
    """What the bench answers to a hidden error: two load points, and the estimate as it came to rest."""
    shift = float(found_pct) - float(canned.measuring()["positions"]["1"]["running"]["percentage_error_pct"])
    point = {
        "percentage_error_pct": found_pct, "expanded_uncertainty_pct": "0.0612", "mpe_pct": "1.0",
        "verdict": "PASS" if abs(float(found_pct)) < 1 else "FAIL",
    }  # fmt: skip
    return {
        "error_pct": hidden_pct, "verdict": point["verdict"], "seconds": "2.1",
        "points": [{"name": name, **point} for name in ("Imax 1.0", "Ib 1.0")],
        "funnel": [[t, f"{float(error) + shift:+.4f}", U] for t, error, U in canned.funnel(60)],
    }  # fmt: skip


SCRIBBLE = (
    tuple((80 + 14 * step, round(500 + (220 - 3 * step) * math.sin(step / 2.2))) for step in range(60)),
    tuple((120 + 30 * step, 760 - 3 * step) for step in range(26)),
)
"""A name as a finger draws it."""


def _under_test(cw: Casework, serial: str, name: str, verifier: str, checker: str) -> Case:
    case = _checked(cw, serial, name, verifier, checker)
    return cases.begin_test(cw, case.id, f"run-{serial}", verifier)


def _checked(cw: Casework, serial: str, name: str, verifier: str, checker: str) -> Case:
    case = _applied(cw, serial, name, "解放路 3 号", "A3", DOUBT)
    cases.plan(cw, case.id, plan_of(serial, verifier, checker, cw.now()[:10]))
    cases.receive(cw, case.id, verifier)
    for kind in (PhotoKind.NAMEPLATE, PhotoKind.REGISTER):
        keep(cw, case.id, kind, picture(), verifier)
    consent(cw, case.id, list(Thing), CUSTOMER)
    for check in Check:
        if check not in checklists.PHOTO_CHECKS:
            checklists.tick(cw, case.id, check, verifier, True)
    return cases.case(cw, case.id)


def _tested(
    cw: Casework, serial: str, name: str, verifier: str, checker: str, outcome: Outcome = Outcome.PASS
) -> Case:
    return cases.end_test(cw, _under_test(cw, serial, name, verifier, checker).id, outcome, verifier)


def picture() -> bytes:
    """A drawing in the place of a photo: a meter's face."""
    image = Image.new("RGB", (800, 600), "#d9dad6")
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((120, 60, 680, 540), 40, fill="#f6f5f1", outline="#16202b", width=8)
    draw.rectangle((220, 160, 580, 260), fill="#10161d")
    draw.text((240, 190), "0 1 2 3 4 5 . 6 7", fill="#eef2f5", font_size=44)
    draw.ellipse((380, 340, 420, 380), fill="#ff3b30")
    written = io.BytesIO()
    image.save(written, "JPEG")
    return written.getvalue()
