"""The screens of the service over all departments: requests, the review of a month, promises, competence, makers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import Page

from tests.browser.case_screen import CUSTOMER_SIZES, DESK, Act, Screen, fill_and_press, press, unfold
from tests.browser.case_site import CaseSite
from tests.browser.case_story import (
    ADMINISTRATOR,
    CHECKER,
    OFFICE,
    OTHER_VERIFIER,
    SPARE_VERIFIER,
    VERIFIER,
    Story,
    set_free,
)
from tests.service import a_month
from web.casework.model import CUSTOMER
from web.service import makers, requests
from web.service.items import items
from web.service.model import Asked, Kind
from web.service.months import month_of

MONTH = "2026-10"
"""Before everything that the story tells."""
_VERIFIERS = ((SPARE_VERIFIER, CHECKER), (CHECKER, SPARE_VERIFIER))
"""Who has nothing in hand in the story."""
_TRAINING: dict[str, Any] = {
    "number": 4, "subject": "DDS-28 的显示和寄存器 / display, registers", "held_by": "某某仪表公司 / Some Meters Ltd.",
    "is_maker": True, "held_on": "2026-03-02", "result": "读出十个寄存器 / read ten registers", "is_passed": True,
    "valid_until": "2026-12-02", "counts": True,
}  # fmt: skip
_AUTHORISATION: dict[str, Any] = {
    "number": 1, "role": "verifier", "items": ["basic_error", "starting", "no_load"], "kinds": ["direct"],
    "valid_from": "2026-01-01", "last_day": "2026-12-02", "taken_back_on": None, "training": 4, "given_by": "P1",
    "counts": True,
}  # fmt: skip
_EXPIRED = {
    "kind": "expired", "day": "2026-11-25", "meter": "1p2w direct active 1", "items": ["basic_error"],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Service:
    """By what the screens are of: two requests of customers by their tokens, others by number, a maker."""

    waiting: str
    waiting_token: str
    declined_token: str
    offered: str
    maker: int


_made: WeakKeyDictionary[CaseSite, Service] = WeakKeyDictionary()
"""Made once for each site."""


def service(site: CaseSite, story: Story) -> Service:
    """A month and the first days of the next one, on the site of the story; its clock is back afterwards."""
    if site not in _made:
        now = site.clock.at
        set_free(site.casework, SPARE_VERIFIER)
        _made[site] = _seeded(site)
        site.clock.at = now
        _tell_bench(site)
    return _made[site]


def _seeded(site: CaseSite) -> Service:
    def set_clock(at: datetime) -> None:
        site.clock.at = at

    month, cw = month_of(MONTH), site.casework
    a_month.make(cw, set_clock, month, 16, verifiers=_VERIFIERS, load_points=("Ib 1.0", "Imax 0.5L"))
    a_month.steer(cw, month)
    waiting, token = requests.ask(cw, Asked(Kind.BILLING, "这个月怎么多了？", "某某", "138", "A3"))
    requests.answer(cw, waiting.id, "因为天冷，取暖用得多。", OFFICE)
    declined, other = requests.ask(cw, Asked(Kind.SUPPLY, "电价能降吗？", "某某", "138", "A3", CUSTOMER))
    requests.decline(cw, declined.id, "电价由政府规定。", "可以向价格主管部门询问。", OFFICE)
    offered = next(one for one in items(cw) if one.hand_off is not None)
    maker = makers.add(cw, str(_TRAINING["held_by"]), ["DDS-28", "DTZ-341", "NEW-1"], OFFICE)
    first = makers.ask(cw, maker.id, "DDS-28 在小电流时偏负，是设计如此吗？", VERIFIER)
    makers.note_reply(cw, first.id, "是采样电阻的批次差异，新批次已改。", OFFICE)
    makers.ask(cw, maker.id, "Does the lamp stay on at night?", VERIFIER)
    return Service(waiting.id, token, other, offered.subject, maker.id)


def _tell_bench(site: CaseSite) -> None:
    """Of trainings, and of what ends soon or has ended."""
    bench = site.bench
    bench.trainings[VERIFIER] = [_TRAINING, _TRAINING | {"number": 7, "is_passed": False, "counts": False}]
    bench.authorisations[VERIFIER] = [_AUTHORISATION]
    bench.lacks["verifier"][OTHER_VERIFIER] = [_EXPIRED]
    ends = {"kind": "authorisation", "about": "1", "what": _AUTHORISATION["items"], "last_day": "2026-12-02"}
    bench.expiring = [
        ends | {"person": OTHER_VERIFIER, "left_days": -1, "within_days": 0},
        ends | {"person": VERIFIER, "left_days": 6, "within_days": 7},
        ends | {"kind": "training", "about": "4", "what": [_TRAINING["subject"]], "person": VERIFIER}
        | {"left_days": 25, "within_days": 30},
        ends | {"kind": "equipment", "what": ["REF 3000"], "person": CHECKER, "left_days": 40, "within_days": 60},
    ]  # fmt: skip


def _screen(name: str, address: str, who: str | None = OFFICE, act: Act | None = None) -> Screen:
    """In the address: the fields of `Service`."""

    def where(site: CaseSite, story: Story) -> str:
        made = service(site, story)
        return address.format(**{field: getattr(made, field) for field in Service.__slots__})

    return Screen(name, where, who, act=act)


def _public(name: str, address: str, act: Act | None = None) -> Screen:
    def where(site: CaseSite, story: Story) -> str:
        made = service(site, story)
        return address.format(waiting=made.waiting_token, declined=made.declined_token)

    return Screen(name, where, None, (*CUSTOMER_SIZES, DESK), act)


def _names_somebody_expired(page: Page) -> None:
    page.locator("button[value=make]").click()
    page.locator("[name=verifier]").select_option(OTHER_VERIFIER)
    page.locator("[name=checker]").select_option(CHECKER)
    page.locator("[name=date]").fill("2027-01-11")
    page.locator("[name=at]").fill("09:30")
    page.locator("button[value=fix]").click()


_SEND = "main form [type=submit]"
_SEND_LAST = f"{_SEND} >> nth=-1"


def _planning(site: CaseSite, story: Story) -> str:
    service(site, story)
    return f"office/case/{story.applied.id}/plan"


SERVICE_SCREENS = [
    _public("ask-us", "ask-us"),
    _public("ask-us-missing", "ask-us", press(_SEND)),
    _public("asked", "ask-us/{waiting}?new=yes"),
    _public("asked-missing", "ask-us/{waiting}", press(f"{_SEND} >> nth=0")),
    _public("asked-declined", "ask-us/{declined}"),
    _public("promises", "promises"),
    _screen("requests", "office/requests"),
    _screen("requests-none", "office/requests?show=all&area=nowhere"),
    _screen("request", "office/request/{offered}", ADMINISTRATOR, unfold),
    _screen("request-answered", "office/request/{waiting}", act=unfold),
    _screen("review-little", "office/review"),
    _screen("review", f"office/review/{MONTH}", act=unfold),
    _screen("review-own", f"office/review/{MONTH}", SPARE_VERIFIER),
    _screen("measure-missing", f"office/review/{MONTH}", act=press("#measures .measure form [type=submit]")),
    _screen("targets", "office/targets"),
    _screen("target-missing", "office/targets", act=press(_SEND_LAST)),
    _screen("thanks", "office/thanks"),
    _screen("thanks-missing", "office/thanks", VERIFIER, press(_SEND_LAST)),
    _screen("departments", "office/departments", ADMINISTRATOR),
    _screen("office-staff", "office/staff"),
    _screen("office-staff-person", f"office/staff/{VERIFIER}"),
    _screen("my-work-ends-soon", "staff", VERIFIER),
    Screen("plan-expired", _planning, OFFICE, act=_names_somebody_expired),
    _screen("office-makers", "office/makers"),
    _screen("maker-missing", "office/makers", act=fill_and_press({"maker_types": "DDS-28"}, _SEND)),
    _screen("maker", "office/makers/{maker}"),
    _screen("maker-sheet", "office/makers/{maker}/sheet"),
]
