"""The service over all departments in a browser: a site with a month behind it, and the pages that show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.browser.case_site import CaseSite
from tests.service import a_month
from web.casework.model import CUSTOMER
from web.service import requests
from web.service.items import items
from web.service.model import Asked, Kind
from web.service.months import month_of

ADMINISTRATOR, VERIFIER, OFFICE = "P1", "P2", "P4"


@dataclass(frozen=True, slots=True)
class ServicePage:
    """who: a person who is signed in, or None. opens: what is unfolded before it is looked at."""

    name: str
    path: str
    who: str | None
    opens: bool = False


def seeded(site: CaseSite) -> list[ServicePage]:
    """A month and the first days of the next one; the pages that are there then."""

    def set_clock(at: datetime) -> None:
        site.clock.at = at

    month, cw = month_of("2026-10"), site.casework
    a_month.make(cw, set_clock, month, count=14)
    a_month.steer(cw, month)
    waiting, token = requests.ask(cw, Asked(Kind.BILLING, "这个月怎么多了？", "某某", "138", "A3"))
    requests.answer(cw, waiting.id, "因为天冷，取暖用得多。", OFFICE)
    declined, other = requests.ask(cw, Asked(Kind.SUPPLY, "电价能降吗？", "某某", "138", "A3", CUSTOMER))
    requests.decline(cw, declined.id, "电价由政府规定。", "可以向价格主管部门询问。", OFFICE)
    offered = next(one for one in items(cw) if one.hand_off is not None)
    return [
        ServicePage("ask-us", "ask-us", None),
        ServicePage("asked", f"ask-us/{token}?new=yes", None),
        ServicePage("asked-declined", f"ask-us/{other}", None),
        ServicePage("promises", "promises", None),
        ServicePage("requests", "office/requests?show=all", OFFICE),
        ServicePage("request", f"office/request/{offered.subject}", ADMINISTRATOR, opens=True),
        ServicePage("request-answered", f"office/request/{waiting.id}", OFFICE, opens=True),
        ServicePage("review", "office/review/2026-10", OFFICE, opens=True),
        ServicePage("review-own", "office/review/2026-10", VERIFIER),
        ServicePage("targets", "office/targets", OFFICE),
        ServicePage("thanks", "office/thanks", OFFICE),
        ServicePage("departments", "office/departments", ADMINISTRATOR),
    ]


NAMES = (
    "ask-us", "asked", "asked-declined", "promises", "requests", "request", "request-answered", "review", "review-own",
    "targets", "thanks", "departments",
)  # fmt: skip
