"""The screens of the self-check on a telephone."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from tests.browser.case_screen import PHONE, Act, Screen, press
from tests.browser.case_site import CaseSite
from tests.browser.case_story import Story
from web.casework import self_checks
from web.casework.self_checks import Found, Kind

PLATE = {"read": "yes", "class": "2", "phases": "1", "constant": "1200", "voltage": "220 V", "maximum": "60"}
LAMP = {
    "read": "yes", "kind": "heating", "power": "200 W", "tolerance": "10 %", "rated": "220 V", "lowest": "209 V",
    "highest": "231 V", "background": "0 W", "background_within": "2 W", "register": "0.01", "asked": "40 %",
    "hours": "5 h",
}  # fmt: skip
NEXT = press("main form [type=submit]")


def ago(site: CaseSite, seconds: float) -> str:
    """An instant so many seconds before the site's clock."""
    return (site.clock.at - timedelta(seconds=seconds)).isoformat()


def _screen(name: str, path: str, act: Act | None = None, /, **fields: str) -> Screen:
    """Where a field ends in _ago, it is so many seconds before now."""

    def address(site: CaseSite, story: Story) -> str:
        said = {
            key.removesuffix("_ago"): ago(site, float(value)) if key.endswith("_ago") else value
            for key, value in fields.items()
        }
        return f"self-check{path}?{urlencode(said)}"

    return Screen(name, address, None, (PHONE,), act)


def _found(site: CaseSite, story: Story) -> str:
    said = {
        "zh": ["不用电，看了 30 分钟：2 次闪灯。", "有东西在走，平均至少 1.6 W。请申请检定。"],
        "en": [
            "Nothing on, watched for 30 min: 2 flashes.",
            "Something counted, at least 1.6 W. Ask for a test.",
        ],
    }
    return f"self-check/found/{self_checks.keep(site.casework, Kind.NO_LOAD, Found.INCONSISTENT, {}, said)}"


SELF_CHECK_SCREENS = [
    _screen("self-check", ""),
    _screen("no-load-warnings", "/no-load"),
    _screen("no-load-plate", "/no-load", NEXT, read="yes"),
    _screen("no-load-ready", "/no-load", **PLATE),
    _screen("no-load-watch", "/no-load", **PLATE, began_ago="400"),
    _screen("no-load-count", "/no-load", NEXT, **PLATE, began_ago="1900", ended_ago="0"),
    _screen("known-load-load", "/known-load", read="yes"),
    _screen("known-load-reading", "/known-load", NEXT, **(LAMP | {"register": "pulses"})),
    _screen("known-load-plan", "/known-load", press("summary"), **LAMP),
    _screen("known-load-watch", "/known-load", **LAMP, first="1234.50", began_ago="600"),
    _screen("known-load-second", "/known-load", **LAMP, first="1234.50", began_ago="18000", ended_ago="0"),
    Screen("self-check-found", _found, None, (PHONE,)),
    Screen(
        "self-check-photo-missing", _found, None, (PHONE,), press("form[action$='/self-check/photo'] button")
    ),
]
