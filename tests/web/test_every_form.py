"""Every address of the web, asked by everybody with whatever can be typed: an answer is a page or a sentence, never a
failure, and nothing of somebody else's case. What there is to ask is read from the map of addresses and the code of
the forms, so that a new one is asked, too."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

import web
from bench.checklist import Check
from tests.casework import stories
from tests.web import canned
from tests.web.staff_bench import Message, StaffBench
from tests.web.visiting import CSRF, casework_of, signed_in, visitor
from web.casework import cases, questions
from web.casework.history import is_intact, refusals
from web.casework.model import Application, Customer
from web.casework.store import Casework

NOT_MINE = "Somebody Else of Another Street"
"""Stands in what a customer of another case has typed, everywhere."""
HOSTILE = (
    "", " ", "\x00", "a\x00b", "\udcff", "‮‏", "9" * 400, "9" * 19, "-1", "1e400", "1e-400", "NaN", "Infinity", "٣",
    "0x10", "1_0", "0001-01-01", "9999-12-31", "2026-W01-1", "23:59:59.999+23:59", "../../etc/passwd", "//[", "{}",
    "[" * 3000, "[[[0,0],[1e999,0]]]", '[[["a",1]]]', "{{7*7}}", "<script>", "'; DROP TABLE cases; --", "P999999999999",
    "C9999-999999", "é" * 3000, "x\r\nSet-Cookie: a=b", "a\n" * 200,
)  # fmt: skip
FIT = {
    "accuracy_class": "1", "area": "A3", "at": "09:30", "basic_current_A": "10", "by": "P2", "checker": "P3",
    "connection": "direct", "consumption": "1200", "currency": "CNY", "date": "2026-12-01", "draft": "D1",
    "error_pct": "1.30", "handover_role": "verifier", "handover_to": "P5", "kind": "call", "kwh": "2400",
    "maximum_current_A": "60", "meter_constant_imp_per_kWh": "1200", "meter_is_wrong": "3", "name": "王小明",
    "nominal_voltage_V": "220", "number": "C2026-0001", "on": "yes", "password": "correct horse battery",
    "person": "P2", "plan": "[[meter]]", "plate": "yes", "price": "0.5", "received_on": "2026-11-26",
    "register_decimals": "2", "role": "verifier", "rule_set": "jjg596-2012", "run": "run-A-1", "score": "4",
    "serial": "A-1", "step": "fix", "strokes": "[[[0,0],[10,10],[20,20],[30,30],[40,40],[50,50],[60,60],[99,99]]]",
    "sure": "5", "to": "P5", "trust": "5", "used": "100", "verifier": "P2", "wiring": "1p2w",
}  # fmt: skip
"""What a field takes; of any other that it is filled."""
_FIELD = re.compile(r"\.(?:text|number|whole|day|time|choice|flag|value|get)\(\s*\"(\w+)\"")
MAY_FAIL = {503}
"""A bench that is busy or away."""


def fields() -> list[str]:
    """Names of all fields that the code of any room reads."""
    source = (path.read_text("utf-8") for path in Path(web.__file__).parent.rglob("*.py"))
    return sorted({name for text in source for name in _FIELD.findall(text)} - {"csrf"} | set(FIT))


class AnyBench(StaffBench):
    """Refuses what it does not understand, as the real one does."""

    def answer(self, message: Message) -> Message:
        try:
            return super().answer(message)
        except (KeyError, ValueError) as problem:
            return {"type": "error", "message": f"this cannot be: {problem}"}


@pytest.fixture
def staff_bench(socket_path: Path) -> Iterator[StaffBench]:
    with AnyBench(socket_path, canned.measuring()) as bench:
        bench.persons["P7"] = {"name": {"zh": "无名", "latin": "No Role"}, "roles": []}
        yield bench


def of_somebody_else(cw: Casework) -> str:
    """A case with a word of its customer in everything that a page could show."""
    customer = Customer(NOT_MINE, NOT_MINE, "1")
    made = cases.apply(cw, Application(customer, NOT_MINE, "B-2", {}, NOT_MINE))
    questions.ask(cw, made.id, NOT_MINE, "customer")
    return made.id


STORIES = {
    "nobody": stories.explained,
    "customer": stories.after_test,
    "P1": stories.explained,
    "P2": stories.received,
    "P3": stories.after_test,
    "P4": stories.applied,
    "P7": stories.under_test,
}
"""Who asks, and how far the case is then. P2 and P3 are its persons, P7 has no role."""
WHO = tuple(STORIES)
DOORS = {"staff.sign_in_now", "staff.sign_out", "visit.leave"}
"""Behind them somebody is somebody else."""
RECORDED = (403, 410, 429)


def browser_of(app: Flask, who: str, case_id: str) -> FlaskClient:
    if who == "nobody":
        return app.test_client()
    return visitor(app, case_id) if who == "customer" else signed_in(app, who)


class Asking:
    """One browser that asks for everything, chosen by chance of a seed."""

    def __init__(self, app: Flask, who: str, case_id: str, foreign: str, chance: random.Random) -> None:
        self.app, self.who, self.chance = app, who, chance
        self.browser = browser_of(app, who, case_id)
        self.places = [case_id, case_id, foreign, "C2026-9999", "x\x00"]
        page = self.browser.get("/visit" if who == "customer" else "/apply")
        found = CSRF.search(page.text)
        self.csrf = found[1] if found else ""
        self.fields = fields()

    def path(self, rule: Rule) -> str:
        """An address of a rule, with values that fit it or not."""
        values: dict[str, object] = {}
        for name in rule.arguments:
            kind = type(rule._converters[name]).__name__
            if name == "case_id":
                values[name] = self.chance.choice(self.places)
            elif kind == "_RowNumber":
                values[name] = self.chance.choice((1, 1, 2, 3, 0, 2**63 - 1))
            elif kind == "AnyConverter":
                values[name] = self.chance.choice(("customer", "verifier", "checker"))
            elif name == "check":
                values[name] = self.chance.choice([*Check, "no check"])
            else:
                values[name] = self.chance.choice(
                    ("1", "pdf", "x", "2026-00001", "C2026-0001", "\x00", "9" * 300)
                )
        with self.app.test_request_context():
            built = rule.build(values, append_unknown=False)
        assert built is not None, rule
        return str(built[1])

    def form(self) -> dict[str, object]:
        """Much that fits, and here and there what does not."""
        worst = self.chance.random() ** 2
        sent: dict[str, object] = {"csrf": self.csrf}
        for name in self.fields:
            fits = self.chance.random() >= worst
            sent[name] = FIT.get(name, "yes") if fits else self.chance.choice(HOSTILE)
            if self.chance.random() < 0.1:
                del sent[name]
            elif self.chance.random() < 0.1:
                sent[name] = [sent[name], self.chance.choice(HOSTILE)]
        return sent

    def ask(self, rule: Rule, method: str) -> tuple[str, TestResponse]:
        path = self.path(rule)
        headers = {"Accept-Language": self.chance.choice(("en", "zh"))}
        if method == "GET":
            asked = {
                name: self.chance.choice(HOSTILE) for name in ("next", "lang", "view", "endpoint", "state")
            }
            return path, self.browser.get(path, query_string=_encoded(asked), headers=headers)
        form = self.form()
        if rule.endpoint.endswith("photo"):
            photo = BytesIO(self.chance.choice((b"", b"\x89PNG\r\n", b"GIF89a" + bytes(90))))
            sent = {"csrf": self.csrf, "photo": (photo, "../x.jpg")}
            return path, self.browser.post(path, data=sent, headers=headers)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return path, self.browser.post(path, data=_encoded(form), headers=headers)


def _encoded(sent: dict[str, object]) -> str:
    """As a browser would send it; half a character as the byte that it stands for, which is no UTF-8."""
    return urlencode(sent, doseq=True, errors="surrogateescape")


def everything(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.endswith("stream") and rule.endpoint not in DOORS:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule, method


@pytest.mark.parametrize("who", WHO)
def test_whatever_is_asked_is_answered(service: Flask, who: str) -> None:
    chance = random.Random(who)
    cw = casework_of(service)
    foreign = of_somebody_else(cw)
    mine = STORIES[who](cw).id
    asking = Asking(service, who, mine, foreign, chance)
    for rule, method in everything(service):
        before = len(refusals(cw, most=10_000))
        path, response = asking.ask(rule, method)
        said = f"{who}: {method} {path} -> {response.status_code}"
        body = unescape(response.get_data(as_text=True)) if response.mimetype == "text/html" else ""
        assert response.status_code < 500 or response.status_code in MAY_FAIL, said
        if who in ("nobody", "customer"):
            assert NOT_MINE not in body, said
        if response.status_code in RECORDED:
            assert len(refusals(cw, most=10_000)) > before, f"{said}: is not written down"
            assert body, said
    assert is_intact(cw, mine)
    assert is_intact(cw, foreign)
