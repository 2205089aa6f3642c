"""A month of the service, made by its own acts: plainly fictional, and the same each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from tests.casework import stories
from web.casework import cases, opinions, outcomes, questions
from web.casework.model import CUSTOMER, Application, Case, Customer, Moment, Outcome
from web.casework.store import Casework
from web.service import hand_offs, kudos, measures, requests, targets
from web.service.measures import Worked
from web.service.model import Asked, Kind
from web.service.months import Month
from web.service.targets import Direction

SetClock = Callable[[datetime], None]
AREAS, TYPES = ("A1", "A2", "A3"), ("DDS-28", "DDZY-71", "DTZ-341")
VERIFIERS = (("P2", "P3"), ("P5", "P6"))
OFFICE = "P4"
_WORDS = {
    Kind.BILLING: "这个月电费怎么多了一倍？",
    Kind.COMPLAINT: "打了三次电话都没有人接。",
    Kind.READING: "抄表的数字好像不对。",
    Kind.SUPPLY: "晚上电压很低。",
    Kind.VERIFICATION: "电表的灯一直闪，是不是在走字？",
    Kind.OTHER: "想改账单的收件地址。",
}


def make(
    cw: Casework,
    set_clock: SetClock,
    month: Month,
    count: int = 18,
    seed: int = 7,
    *,
    verifiers: Sequence[tuple[str, str]] = VERIFIERS,
    load_points: Sequence[str] = ("",),
) -> None:
    """The clock stands at the end of the next month's first day afterwards.

    verifiers: two pairs of verifier and checker. load_points: where each meter has a result; "" names none.
    """
    random = Random(f"{seed} {month.name}")
    first = datetime.combine(month.first, datetime.min.time(), UTC)
    with cw.writing():  # one transaction, since nobody else looks
        for number in range(count):
            applied = first + timedelta(days=number % 9, hours=1)
            _a_case(cw, set_clock, applied, f"{month.name}-{number}", random, verifiers, load_points)
            _a_request(
                cw, set_clock, first + timedelta(days=number, hours=2), list(_WORDS)[number % 6], random
            )
    set_clock(datetime.combine(month.next.first, datetime.min.time(), UTC) + timedelta(hours=9))


def steer(cw: Casework, month: Month) -> None:
    """Targets, thanks, and measures of the month (the first is reviewed) and of the next one."""
    last = month.last
    one = measures.plan(cw, month, "当天回电话", "P4", "complaints", last, OFFICE)
    measures.plan(cw, month, "Send the plan with the appointment", "P2", "days_to_result", last, OFFICE)
    measures.review(cw, one.id, Worked.CANNOT_TELL, "投诉太少，看不出来", OFFICE)
    measures.plan(
        cw, month.next, "上门前先发一份自查说明", "P5", "settled_without", date(2027, 1, 15), OFFICE
    )
    for indicator, holder, direction, value in (
        ("promises_kept", "", Direction.AT_LEAST, 95),
        ("days_to_result", "", Direction.AT_MOST, 12),
        ("satisfaction", "P2", Direction.AT_LEAST, 4),
        ("late", targets.team("billing"), Direction.AT_MOST, 1),
    ):
        targets.aim(cw, indicator, holder, direction, Decimal(value), OFFICE)
    thanks = kudos.give(cw, "P2", "讲得很清楚，谢谢。", CUSTOMER)
    kudos.show(cw, thanks.id, thanks.words, OFFICE)
    kudos.give(cw, "P4", "Helped me with a hard call", "P2")


def _a_case(
    cw: Casework,
    set_clock: SetClock,
    applied: datetime,
    serial: str,
    random: Random,
    verifiers: Sequence[tuple[str, str]],
    load_points: Sequence[str],
) -> Case:
    verifier, checker = verifiers[random.randrange(2)]
    kind = TYPES[min(2, int(random.random() * 2.3))]
    set_clock(applied)
    customer = Customer("某某", "某路 1 号", "138 0000 0000")
    asked = Application(customer, "灯一直闪", serial, {"meter_type": kind}, AREAS[random.randrange(3)])
    case = cases.apply(cw, asked)
    opinions.expectation(cw, case.id, "", random.randint(5, 10), random.randint(1, 6))
    set_clock(applied + timedelta(days=random.choice((1, 2, 2, 4))))
    cases.plan(cw, case.id, stories.plan_of(serial, verifier, checker))
    with cw.writing() as database:  # a plan says the meter's type: here each its own
        database.execute(
            "UPDATE cases SET meter_kind = json_object('meter_type', ?) WHERE id = ?", (kind, case.id)
        )
    visit = applied + timedelta(days=random.randint(6, 14))
    set_clock(visit)
    cases.receive(cw, case.id, verifier)
    stories.tick_all(cw, case.id, verifier)
    asked_now = questions.ask(cw, case.id, "现在测的是什么？", CUSTOMER)
    set_clock(visit + timedelta(minutes=20))
    questions.answer(cw, asked_now.id, "无负载时会不会走字。", verifier)
    begun = cases.begin_test(cw, case.id, f"run-{serial}", verifier)
    set_clock(visit + timedelta(minutes=60 + random.randint(0, 30)))
    error = random.gauss(0.1, 0.35) if kind != "DTZ-341" else random.gauss(0.6, 0.5)
    outcome = Outcome.PASS if abs(error) <= 1 else Outcome.FAIL
    if random.random() < 0.06:
        outcome = Outcome.INVALID
    cases.end_test(cw, case.id, outcome, verifier)
    results = {
        str(number): {"item": "basic_error", "percentage_error_pct": f"{error - number / 10:.3f}", "mpe_pct": "1.0"}
        | ({"load_point": load_point} if load_point else {})
        for number, load_point in enumerate(load_points)
    }  # fmt: skip
    outcomes.keep(cw, case.id, begun.run_ids[-1], {"meter": {"results": results}})
    set_clock(visit + timedelta(minutes=110))
    if outcome is not Outcome.INVALID:
        cases.explain(cw, case.id, verifier)
    opinions.experience(cw, case.id, "", random.randint(0, 4), random.randint(5, 10), Moment.AFTER)
    opinions.satisfaction(cw, case.id, random.choice((3, 4, 4, 5, 5)), "")
    return cases.close(cw, case.id, "" if outcome is not Outcome.INVALID else "按客户意愿不再检定", OFFICE)


def _a_request(cw: Casework, set_clock: SetClock, at: datetime, kind: Kind, random: Random) -> None:
    set_clock(at)
    area = AREAS[random.randrange(3)]
    this, _ = requests.ask(cw, Asked(kind, _WORDS[kind], "某某", "138 0000 0000", area, OFFICE))
    fate = random.random()
    if fate < 0.15:
        hand_offs.hand_over(cw, this.id, "other", "P6", "要核对现场读数", OFFICE)
        return
    set_clock(at + timedelta(days=random.choice((0, 1, 1, 3))))
    if fate < 0.25:
        requests.decline(cw, this.id, "电价由政府规定，我们不能改。", "可以向价格主管部门询问。", OFFICE)
        return
    requests.answer(cw, this.id, "已经看过您的用量：天冷以后取暖用得多。", OFFICE)
    if fate < 0.75:
        requests.customer_says(cw, this.id, True, "明白了。")
