"""Every address of the web, as somebody opens it who may not: whatever is added is shut until it is named here."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient

from tests.casework import stories
from tests.web.visiting import casework_of, csrf_on, visitor

FOR_ANYBODY = {
    "static", "health", "metrics",
    "customer.start", "customer.position", "customer.stream", "wall.page", "wall.stream",
    "apply.form", "apply.sent", "consumption.look", "consumption.calculator",
    "self_check.start", "self_check.found", "self_check.photo", "self_check.add_photo", "self_check.take_photo_away",
    "self_check.no_load_page", "self_check.known_load_page", "staff.sign_in", "staff.sign_in_now", "staff.sign_out",
    "review.ask_us", "review.promises",
    "handbook.book", "handbook.answer", "handbook.settled", "handbook.ask", "handbook.picture", "handbook.whole",
    "visit.join", "visit.come_in", "visit.left", "visit.leave",
}  # fmt: skip
"""The live page without cases, an application, a self-check, and the doors themselves: a password, an invitation,
the way out; figures for a collector on this machine (tests/web/test_operation.py: for whom else)."""
BY_A_LINK = {
    "after.by_link", "after.certificate_by_link", "after.evidence_by_link", "after.follow_up",
    "after.attach_by_link", "after.self_check_photo_by_link",
    "review.asked", "review.say_to_answer", "review.thank",
}  # fmt: skip
"""Whoever has the link of a result or of a request; an invented one: tests/web/test_after.py, test_review.py."""
VALUES = {"role": "customer", "number": 1, "photo_id": 1, "question_id": 1, "check": "seals"}


def addresses(app: Flask, case_id: str, method: str) -> Iterator[tuple[str, str]]:
    """(endpoint, path) of all that takes a method and is not for anybody."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint not in FOR_ANYBODY | BY_A_LINK:
            values = {name: VALUES.get(name, "x") for name in rule.arguments} | {"case_id": case_id}
            with app.test_request_context():
                built = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)
            assert built is not None, rule
            yield rule.endpoint, built[1]


def shut_from(browser: FlaskClient, app: Flask, case_id: str, csrf: str) -> dict[str, int]:
    """Status of every address, as this browser opens it and sends it a form with its own token."""
    found = {f"GET {name}": browser.get(path).status_code for name, path in addresses(app, case_id, "GET")}
    for name, path in addresses(app, case_id, "POST"):
        found[f"POST {name}"] = browser.post(path, data={"csrf": csrf}).status_code
    return found


def test_what_is_open_to_anybody_is_there(service: Flask) -> None:
    assert {rule.endpoint for rule in service.url_map.iter_rules()} >= FOR_ANYBODY | BY_A_LINK


def test_somebody_from_the_street_opens_nothing_else(service: Flask) -> None:
    case_id = stories.received(casework_of(service)).id
    browser = service.test_client()
    found = shut_from(browser, service, case_id, csrf_on(browser.get("/apply")))
    assert len(found) > 50
    for name, status in found.items():
        assert status == 403 or (status == 303 and name.startswith("GET ")), (name, status)


def test_a_customer_opens_nothing_of_the_staff(service: Flask) -> None:
    case_id = stories.received(casework_of(service)).id
    browser = visitor(service, case_id)
    found = shut_from(browser, service, case_id, csrf_on(browser.get("/visit")))
    of_the_staff = {
        name: status
        for name, status in found.items()
        if name.split()[1].startswith(("staff.", "office.", "review.", "competence.", "questions."))
    }
    assert len(of_the_staff) > 35
    assert set(of_the_staff.values()) == {403}
