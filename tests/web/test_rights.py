"""Every address of the web, asked by everybody: whoever may is let in, nobody else is, and what is refused has changed
nothing."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from PIL import Image
from werkzeug.test import TestResponse

from bench.registry import person_passwords
from tests.web.asked_by_all import OF_THE_CUSTOMER, PERSONS, Asker, Everybody, Told, everybody
from tests.web.rights import DOCUMENT, ROWS, STATUS, Answer, Kind, Row, addresses_of, page
from tests.web.test_every_form import FIT, fields
from web.staff import acts

METHODS = {"GET", "POST"}
REFUSALS = {401, 403, 410}
READERS = set(PERSONS) - {Asker.NO_ROLE}
"""Who may read every case, and sees why an act on one was refused on top of it."""
FILLED_IN = {name: FIT.get(name, "yes") for name in fields()}


@pytest.fixture(scope="module")
def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (32, 24), (120, 130, 140)).save(made, "JPEG")
    return made.getvalue()


@pytest.fixture(scope="module")
def everyone(picture: bytes) -> Iterator[Everybody]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(person_passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        patch.setattr(acts, "BEGINS_WITHIN_S", 0.0)  # nobody carries the run out that is asked for
        with everybody(picture) as found:
            yield found


def ask(everyone: Everybody, row: Row, asker: Asker, told: Told) -> TestResponse:
    """With a form whose fields are all filled in, and a token of this browser's own."""
    (rule,) = (r for r in everyone.app.url_map.iter_rules(row.endpoint) if row.method in (r.methods or ()))
    browser = everyone.browser(asker, told)
    if row.endpoint == "staff.sign_out" and asker in PERSONS:
        browser.set_cookie("staff", everyone.new_session(asker))
    values = {**told.values, **row.values}
    with everyone.app.test_request_context():
        built = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)
    assert built is not None, rule
    if row.method == "GET":
        return browser.get(built[1])
    form: dict[str, object] = {**FILLED_IN, "csrf": everyone.csrf(browser), **row.form}
    if row.endpoint.endswith("photo"):
        form["photo"] = (io.BytesIO(everyone.picture), "photo.jpg")
    return browser.post(built[1], data=form)


def said_in(answer: TestResponse) -> str:
    """What is written in a page; nothing of a stream, which does not end."""
    if answer.mimetype != "text/event-stream":
        return answer.text
    return ""


def is_let_in(answer: TestResponse) -> bool:
    to_sign_in = answer.status_code == 303 and answer.location.startswith("/staff/sign-in?next=")
    return answer.status_code not in REFUSALS and not to_sign_in


def test_every_address_has_its_row_and_every_row_its_address(everyone: Everybody) -> None:
    """A new address fails here until somebody has said who may open it."""
    there = Counter(
        (rule.endpoint, method)
        for rule in everyone.app.url_map.iter_rules()
        for method in (rule.methods or set()) & METHODS
    )
    assert Counter((row.endpoint, row.method) for row in ROWS) == there


def test_the_document_is_what_the_rows_say(everyone: Everybody) -> None:
    assert DOCUMENT.read_text("utf-8") == page(addresses_of(everyone.app))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.endpoint}")
def test_whoever_may_is_let_in_and_nobody_else(everyone: Everybody, row: Row) -> None:
    told = everyone.tell(row.story, row.at_bench)
    before = everyone.standing()
    shut, let_in = [], []
    for asker in Asker:
        (let_in if row.answer(asker) is Answer.IN else shut).append(asker)
    for asker in shut:
        answer = ask(everyone, row, asker, told)
        assert answer.status_code == STATUS[row.answer(asker)], asker
        if asker not in READERS:
            assert OF_THE_CUSTOMER not in said_in(answer), asker
        answer.close()
    assert everyone.standing() == before, "what is refused changes nothing"
    statuses = []
    for asker in let_in:
        if row.method == "POST":
            told = everyone.tell(row.story, row.at_bench)
        answer = ask(everyone, row, asker, told)
        assert is_let_in(answer), (asker, answer.status_code)
        assert answer.status_code < 500, asker
        statuses.append(answer.status_code)
        if row.kind is Kind.VISIT and asker is not Asker.CUSTOMER:
            assert OF_THE_CUSTOMER not in said_in(answer), asker
        answer.close()
    assert not row.fits or min(statuses) < 400, "what was sent is not what the address is for"
