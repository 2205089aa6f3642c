"""The self-check, as a telephone without scripts goes through it: warnings, figures, times, what is found and kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask

from tests.casework import stories
from tests.web import visiting
from tests.web.at_a_desk import AtADesk
from tests.web.conftest import Clock
from tests.web.staff_bench import StaffBench
from tests.web.test_apply import FILLED_IN, only_case
from web.access import PUBLIC_TRIES
from web.casework import self_checks
from web.casework.self_checks import Found, Kind
from web.casework.store import Casework

PLATE = {"read": "yes", "class": "2", "phases": "1", "constant": "1200", "voltage": "220", "maximum": "60"}
WATCH_S = 1819
"""480 x 10^6/(1200 x 220 x 60) min, and a little."""
LAMP = {
    "read": "yes", "kind": "regulated", "power": "200 W", "tolerance": "5 %", "rated": "220", "lowest": "209",
    "highest": "231", "background": "0", "background_within": "0", "register": "0.01", "constant": "", "asked": "30",
    "hours": "5 h",
}  # fmt: skip
NO_LOAD, KNOWN_LOAD = "/self-check/no-load", "/self-check/known-load"


@pytest.fixture
def desk(service: Flask, staff_bench: StaffBench) -> Callable[..., AtADesk]:
    return lambda person=None, language="en": AtADesk(service, staff_bench, person, language)


def wait(clock: Clock, seconds: float) -> None:
    clock.at = (datetime.fromisoformat(clock.at) + timedelta(seconds=seconds)).isoformat()


def pressed(visitor: AtADesk, address: str, **fields: str) -> str:
    """The address that a button of a form with GET leads to, by way of the server's stamp."""
    response = visitor.get(f"{address}?{urlencode(fields)}")
    assert response.status_code == 303, unescape(response.text)
    return str(response.location)


def timed(visitor: AtADesk, clock: Clock, address: str, seconds: float, **fields: str) -> str:
    """Begun, waited for and ended: the address of the last screen."""
    began = pressed(visitor, address, **fields, start="yes")
    wait(clock, seconds)
    return pressed(visitor, address, **arguments(began), stop="yes")


def shown(visitor: AtADesk, address: str, **fields: str) -> str:
    """A page, with plain spaces between figures and units."""
    return visitor.text(f"{address}?{urlencode(fields)}").replace("\N{NO-BREAK SPACE}", " ")


def arguments(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def found_of(visitor: AtADesk, address: str, **typed: str) -> str:
    """The page that says what was found."""
    return visitor.sent(address.split("?")[0], address, **arguments(address), **typed)


def code_on(page: str) -> str:
    found = re.search(r"self_check=([A-Za-z0-9_-]+)", page)
    assert found is not None
    return found[1]


# --- the start, and what to be careful about


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_warnings_come_before_everything(desk, language: str) -> None:
    visitor = desk(None, language)
    start = visitor.text("/self-check")
    assert start.index('class="bullets"') < start.index(NO_LOAD)
    for address in (NO_LOAD, KNOWN_LOAD):
        page = visitor.text(address)
        assert 'class="warnings"' in page
        assert '<input type="hidden" name="read"' in page
        assert "constant" not in page


def test_output_wires_are_for_staff_alone(desk, clerk: AtADesk) -> None:
    for address in ("/self-check", NO_LOAD, KNOWN_LOAD):
        assert "output wires" in clerk.text(address)
        assert "output wires" not in desk().text(address)


def test_the_header_has_what_the_program_has(desk) -> None:
    page = desk().text("/apply")
    assert 'href="/self-check"' in page
    assert 'href="/apply" aria-current="page"' in page


def test_the_camera_is_for_the_two_checks_alone(desk, service: Flask) -> None:
    visitor = desk()
    for address in (NO_LOAD, KNOWN_LOAD):
        assert "camera=(self)" in visitor.get(address).headers["Permissions-Policy"]
    for address in ("/", "/self-check", "/apply", "/staff/sign-in", "/nowhere"):
        assert "camera=()" in visitor.get(address).headers["Permissions-Policy"]


# --- no load


def test_the_time_and_what_it_shows_are_computed(desk) -> None:
    page = shown(desk(), NO_LOAD, **PLATE)
    assert "31 min" in page  # 30 min 18 s: who goes by a clock must not stop too soon
    assert "From 1.7 W on (15 kWh a year), a flash is seen" in page
    assert "From 3.3 W on (29 kWh a year), there are more" in page


@pytest.mark.parametrize(
    ("flashes", "seconds", "found"),
    [
        ("0", WATCH_S, Found.CONSISTENT),
        ("1", WATCH_S, Found.CONSISTENT),
        ("2", WATCH_S, Found.INCONSISTENT),
        ("2", 60, Found.INCONSISTENT),
        ("0", 600, Found.CANNOT_TELL),
        ("2", 86_400, Found.INCONSISTENT),  # counted while the time lasted, written down the next day
    ],
)
def test_what_was_seen_is_kept(desk, clock, casework, flashes: str, seconds: float, found: Found) -> None:
    visitor = desk()
    page = found_of(visitor, timed(visitor, clock, NO_LOAD, seconds, **PLATE), flashes=flashes)
    [check] = self_checks.kept(casework, code_on(page))
    assert (check.kind, check.found, check.figures["flashes"]) == (Kind.NO_LOAD, found, flashes)
    assert all(sentence in page for sentence in check.said["en"])
    assert len(check.said["zh"]) == len(check.said["en"])
    assert "no verdict about the meter" in page


def test_the_time_that_is_left_is_that_of_the_address(desk, clock) -> None:
    """A page that is loaded again has lost nothing, and has gained none."""
    visitor = desk()
    address = pressed(visitor, NO_LOAD, **PLATE, start="yes")
    for passed, left in ((0, 1818), (1000, 818), (5000, 0)):
        wait(clock, passed)
        found = re.search(r'data-left-s="([\d.]+)"', visitor.text(address))
        assert found is not None
        assert float(found[1]) == pytest.approx(max(0, left), abs=1)


@pytest.mark.parametrize(
    "began",
    [
        "",
        "yesterday",
        "2099-01-01T00:00:00+00:00",
        "2001-01-01T00:00:00+00:00",
        "2026-11-26T09:00:00",
        "x" * 500,
    ],
)
def test_an_instant_that_somebody_made_up_begins_nothing(desk, began: str) -> None:
    page = desk().text(f"{NO_LOAD}?{urlencode(PLATE | {'began': began})}")
    assert "Start the time now" in page


@pytest.mark.parametrize("flashes", ["", "many", "-1", "1.5", "9" * 30, "<b>2</b>"])
def test_a_count_that_is_none_loses_nothing(desk, clock, casework, flashes: str) -> None:
    visitor = desk()
    address = timed(visitor, clock, NO_LOAD, WATCH_S, **PLATE)
    response = visitor.send(NO_LOAD, address, **arguments(address), flashes=flashes)
    assert response.status_code == 422
    assert 'id="flashes-error"' in response.text
    assert f'value="{arguments(address)["began"]}"' in unescape(response.text)
    assert "<b>" not in response.text
    assert found_of(visitor, address, flashes="0")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("constant", "", "Please fill this in"),
        ("constant", "1200 kWh", "given in imp/kWh"),
        ("constant", "twelve hundred", "Give a number"),
        ("constant", "9" * 200, "Give a number"),
        ("constant", "0", "from 10 imp/kWh"),
        ("constant", "<script>", "Give a number"),
        ("voltage", "220 A", "given in V"),
        ("voltage", "-220", "from 50 V"),
        ("maximum", "", "Please fill this in"),
        ("maximum", "60 W", "given in A"),
        ("class", "9", "no such choice"),
        ("phases", "2", "no such choice"),
        ("starting", "0", "Give a number"),
        ("constant", "\x00\x1b", "Give a number"),
    ],
)
def test_a_nameplate_that_is_none_is_said_beside_its_field(desk, field: str, typed: str, said: str) -> None:
    response = desk().get(f"{NO_LOAD}?{urlencode(PLATE | {field: typed})}")
    assert response.status_code == 422
    page = unescape(response.text)
    assert f'id="{field}-error"' in page
    assert said in page
    assert "<script>" not in response.text
    others = [name for name in ("constant", "voltage", "maximum") if name != field]
    assert all(f'value="{PLATE[name]}"' in page for name in others)


@pytest.mark.parametrize("typed", ["1200", "1200 imp/kWh", "1200imp/kwh", "１２００", " 1200 次/度 "])
def test_a_unit_that_fits_is_taken(desk, typed: str) -> None:
    assert "31 min" in shown(desk(), NO_LOAD, **(PLATE | {"constant": typed}))


def test_bytes_that_are_no_text_are_no_error_of_the_page(desk) -> None:
    address = f"{NO_LOAD}?{urlencode(PLATE)}".replace("constant=1200", "constant=%ff%fe1200")
    assert desk().get(address).status_code == 422


# --- known load


def test_one_thing_on_each_screen_and_nothing_is_lost_between_them(desk) -> None:
    visitor = desk()
    sent = {"read": "yes"}
    for fields in (
        ("kind", "power", "tolerance"),
        ("rated", "lowest", "highest"),
        ("background", "background_within"),
        ("register", "constant"),
        ("asked", "hours"),
    ):
        page = visitor.text(f"{KNOWN_LOAD}?{urlencode(sent)}")
        fields_there = {name for name in LAMP if f'id="{name}"' in page}
        assert fields_there == set(fields)
        assert all(f'name="{name}" value="{value}"' in page for name, value in sent.items() if value)
        sent |= {name: LAMP[name] for name in fields}
    assert "this can find an error of" in shown(visitor, KNOWN_LOAD, **sent)


@pytest.mark.parametrize(("address", "first"), [(NO_LOAD, "constant"), (KNOWN_LOAD, "kind")])
def test_after_the_warnings_comes_the_first_question(desk, address: str, first: str) -> None:
    """What is usual stands in the fields, and is not taken as said before it was seen."""
    visitor = desk()
    form = visitor.text(f"{address}?self_check=x").split("<form", 1)[1]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert hidden == {"read": "yes", "self_check": "x"}
    assert f'id="{first}"' in visitor.text(f"{address}?{urlencode(hidden)}")


def test_it_says_beforehand_what_it_can_find(desk) -> None:
    page = desk().text(f"{KNOWN_LOAD}?{urlencode(LAMP)}")
    assert "16 %" in page
    assert "In 5\N{NO-BREAK SPACE}h this" in page
    assert "Enough: the 30 %" in page
    assert "makes 1.000 kWh" in page
    too_small = desk().text(f"{KNOWN_LOAD}?{urlencode(LAMP | {'asked': '15'})}")
    assert "Not enough" in too_small
    assert "Change the load" in too_small
    assert 'href="/apply"' in too_small.split("<main", 1)[1]
    assert "Have it on for" in too_small
    never = desk().text(f"{KNOWN_LOAD}?{urlencode(LAMP | {'asked': '5'})}")
    assert "No time is long enough for 5.0 %" in never


@pytest.mark.parametrize(
    ("second", "asked", "found"),
    [
        ("101.00", "30", Found.CONSISTENT),
        ("101.00", "10", Found.CANNOT_TELL),
        ("101.30", "30", Found.INCONSISTENT),
        ("100.70", "30", Found.INCONSISTENT),
    ],
)
def test_two_readings_make_the_answer(desk, clock, casework, second: str, asked: str, found: Found) -> None:
    visitor = desk()
    address = timed(visitor, clock, KNOWN_LOAD, 5 * 3600, **(LAMP | {"asked": asked}), first="100.00 kWh")
    page = found_of(visitor, address, second=second)
    [check] = self_checks.kept(casework, code_on(page))
    assert (check.kind, check.found) == (Kind.KNOWN_LOAD, found)
    assert all(sentence in page for sentence in check.said["en"])
    assert float(check.figures["counted_kWh"]) == pytest.approx(float(second) - 100)
    assert check.figures["lasted_s"] == "18000"


def test_flashes_in_the_place_of_a_register(desk, clock, casework) -> None:
    visitor = desk()
    lamp = LAMP | {"register": "pulses", "constant": "1200", "hours": "30 min"}
    page = found_of(visitor, timed(visitor, clock, KNOWN_LOAD, 2000, **lamp), flashes="120")
    [check] = self_checks.kept(casework, code_on(page))
    assert check.found is Found.CONSISTENT
    assert (check.figures["lasted_s"], float(check.figures["counted_kWh"])) == ("1800", pytest.approx(0.1))


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("power", "", "Please fill this in"),
        ("power", "200 V", "given in W"),
        ("power", "5", "from 20 W"),
        ("power", "1e5", "given in W"),
        ("tolerance", "100", "to 50 %"),
        ("lowest", "235", "not below the lowest"),
        ("background", "x" * 300, "Give a number"),
        ("register", "0.5", "no such choice"),
        ("register", "pulses", "Please fill this in"),
        ("asked", "0", "from 1 %"),
        ("hours", "5 kWh", "given in h"),
        ("hours", "1000", "to 336 h"),
    ],
)
def test_a_figure_of_no_household_is_said_beside_its_field(desk, field: str, typed: str, said: str) -> None:
    response = desk().get(f"{KNOWN_LOAD}?{urlencode(LAMP | {field: typed})}")
    assert response.status_code == 422
    page = unescape(response.text)
    assert said in page
    assert 'name="hours" value="5 h"' in page or field == "hours" or 'id="hours"' in page


@pytest.mark.parametrize("power", ["200W", "0.2 kW", "２００瓦", "0,2 kW", "200"])
def test_power_in_watts_and_kilowatts(desk, power: str) -> None:
    assert "makes 1.000 kWh" in desk().text(f"{KNOWN_LOAD}?{urlencode(LAMP | {'power': power})}")


@pytest.mark.parametrize(
    ("first", "said"),
    [("", "fill this in"), ("100.005", "steps of 0.01"), ("100 V", "given in kWh"), ("-1", "from 0 kWh")],
)
def test_a_first_reading_that_is_none_begins_nothing(desk, first: str, said: str) -> None:
    response = desk().get(f"{KNOWN_LOAD}?{urlencode(LAMP | {'first': first, 'start': 'yes'})}")
    assert response.status_code == 422
    assert said in unescape(response.text)
    assert "began=" not in response.text


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("", "fill this in"),
        ("99.99", "smaller than the first"),
        ("101.005", "steps of 0.01"),
        ("ten", "Give a number"),
    ],
)
def test_a_second_reading_that_is_none_loses_nothing(desk, clock, second: str, said: str) -> None:
    visitor = desk()
    address = timed(visitor, clock, KNOWN_LOAD, 5 * 3600, **LAMP, first="100")
    response = visitor.send(KNOWN_LOAD, address, **arguments(address), second=second)
    assert response.status_code == 422
    assert said in unescape(response.text)
    assert found_of(visitor, address, second="101")


def test_a_time_in_which_nobody_can_read_is_no_check(desk, clock, casework) -> None:
    visitor = desk()
    address = timed(visitor, clock, KNOWN_LOAD, 30, **LAMP, first="100")
    response = visitor.send(KNOWN_LOAD, address, **arguments(address), second="100")
    assert response.status_code == 422
    assert "too short" in response.text


# --- kept, and one step to an application


def checked(visitor: AtADesk, clock: Clock, code: str = "") -> str:
    plate = PLATE | ({"self_check": code} if code else {})
    return code_on(found_of(visitor, timed(visitor, clock, NO_LOAD, WATCH_S, **plate), flashes="2"))


def test_one_step_to_an_application_that_has_it(desk, clock, casework, clerk: AtADesk) -> None:
    visitor = desk()
    code = checked(visitor, clock)
    page = visitor.text(f"/apply?self_check={code}")
    assert "Something counted, at least" in page
    visitor.sent("/apply", f"/apply?self_check={code}", **FILLED_IN, self_check=code)
    case = only_case(casework)
    [check] = self_checks.of(casework, case.id)
    assert check.found is Found.INCONSISTENT
    assert "Something counted, at least" in clerk.text(f"/office/case/{case.id}")
    assert visitor.get(f"/self-check/found/{code}").status_code == 404


def test_a_second_check_comes_with_the_first(desk, clock, casework) -> None:
    visitor = desk()
    code = checked(visitor, clock)
    assert f"self_check={code}" in visitor.text(f"/self-check?self_check={code}")
    assert checked(visitor, clock, code) == code
    assert len(self_checks.kept(casework, code)) == 2


def test_a_code_that_is_gone_loses_no_application(desk, clock, casework) -> None:
    visitor = desk()
    code = checked(visitor, clock)
    wait(clock, 31 * 86_400)
    assert "no longer there" in visitor.text(f"/apply?self_check={code}")
    response = visitor.send("/apply", **FILLED_IN, self_check=code)
    assert response.status_code == 422
    assert "Wang Xiaoming" in response.text
    assert 'name="self_check"' not in response.text
    visitor.sent("/apply", **FILLED_IN)
    assert self_checks.of(casework, only_case(casework).id) == []


@pytest.mark.parametrize("code", ["nobody's", "x" * 3000, "%00", "../../etc"])
def test_a_code_that_somebody_made_up(desk, code: str) -> None:
    visitor = desk()
    assert visitor.get(f"/self-check/found/{code}").status_code in (404, 308)
    assert visitor.get(f"/self-check?self_check={code}").status_code == 200
    assert visitor.get(f"/apply?self_check={code}").status_code == 200


def test_one_address_can_keep_so_many_and_no_more(desk, clock) -> None:
    visitor = desk()
    address = timed(visitor, clock, NO_LOAD, WATCH_S, **PLATE)
    for _ in range(PUBLIC_TRIES):
        assert visitor.send(NO_LOAD, address, **arguments(address), flashes="").status_code == 422
    assert visitor.send(NO_LOAD, address, **arguments(address), flashes="0").status_code == 429


def test_nothing_is_kept_without_a_token_or_a_time(desk, clock, casework: Casework) -> None:
    visitor = desk()
    address = timed(visitor, clock, NO_LOAD, WATCH_S, **PLATE)
    assert visitor.client.post(NO_LOAD, data=arguments(address) | {"flashes": "0"}).status_code == 403
    untimed = visitor.send(NO_LOAD, address, **PLATE, flashes="0")
    assert (untimed.status_code, untimed.location.split("?")[0]) == (303, NO_LOAD)
    with casework.reading() as database:
        assert database.execute("SELECT COUNT(*) FROM self_check").fetchone()[0] == 0


def test_the_customer_sees_it_in_the_visit(desk, clock, casework, service: Flask) -> None:
    case = stories.planned(casework)
    visitor = desk()
    self_checks.attach(casework, checked(visitor, clock), case.id)
    page = visiting.visitor(service, case.id).get("/visit?lang=en").text
    assert "Something counted, at least" in unescape(page)
    assert "no verdict about the meter" in page


@pytest.mark.parametrize("name", ["endpoint", "self", "_external", "_scheme", "_anchor"])
@pytest.mark.parametrize(("address", "fields"), [(NO_LOAD, PLATE), (KNOWN_LOAD, LAMP | {"first": "1"})])
def test_what_is_added_to_the_address_changes_nothing(
    desk: Callable[..., AtADesk], address: str, fields: dict[str, str], name: str
) -> None:
    began = pressed(desk(), address, **fields, **{name: "evil"}, start="yes")
    assert began.startswith(f"{address}?")
    assert desk().get(began).status_code == 200
