"""Who may open which address: one row for each address and method of the web, for everybody who could ask.

    .venv/bin/python -m tests.web.rights    # writes docs/rights.md

A row names who is let in. What the others are told follows from what kind of page it is: of the staff, of a visit. A
row also says how far the case is, so that whoever is let in can do what the address is for. test_rights.py holds the
rows to the map of addresses and asks for each row as everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask

from tests.web.asked_by_all import CASE, Asker, AtBench
from web import create_app
from web.casework.consent import Thing
from web.page_files import PageFiles
from web.serve import close
from web.staff.ending import SAYINGS

DOCUMENT = Path(__file__).parents[2] / "docs" / "rights.md"
_ITS = (Asker.VERIFIER, Asker.CHECKER)
_VERIFIERS = (Asker.VERIFIER, Asker.OTHER_VERIFIER)
_CHECKERS = (Asker.CHECKER, Asker.OTHER_CHECKER)
_ADMINISTRATOR = (Asker.ADMINISTRATOR,)
_OFFICE = (Asker.OFFICE, Asker.ADMINISTRATOR)
_STAFF = (*_VERIFIERS, *_CHECKERS, *_OFFICE)


class Kind(StrEnum):
    """What kind of page it is, which says what somebody is told who is not let in."""

    OPEN = "open"
    """For anybody; also a door, where a password, an invitation or a link decides."""
    VISIT = "visit"
    STAFF = "staff"


class Answer(StrEnum):
    """What somebody gets."""

    IN = "yes"
    SIGN_IN = "sign in"
    REFUSED = "no"
    OVER = "over"
    NOT_THERE = "not there"
    BESIDE = "no, beside the form"


STATUS = {
    Answer.SIGN_IN: 303,
    Answer.REFUSED: 403,
    Answer.OVER: 410,
    Answer.NOT_THERE: 404,
    Answer.BESIDE: 422,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One address and method.

    story, at_bench: how far the case is when it is asked for. fits: whether what whoever is let in sends is good for
    something, or is refused as it stands (422, 409, a file that this bench has not). told: who is told something else
    than the kind of page says. values: of the address. form: what its
    fields have otherwise than everywhere. note: for the document.
    """

    endpoint: str
    method: str
    kind: Kind
    let_in: tuple[Asker, ...]
    story: str = "explained"
    at_bench: AtBench = AtBench.ASSIGNED
    fits: bool = True
    told: Mapping[Asker, Answer] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def answer(self, asker: Asker) -> Answer:
        if asker in self.told:
            return self.told[asker]
        if asker in self.let_in:
            return Answer.IN
        if self.kind is Kind.VISIT and asker is Asker.LEFT:
            return Answer.OVER
        if self.kind is Kind.STAFF and asker is Asker.NOBODY and self.method == "GET":
            return Answer.SIGN_IN
        return Answer.REFUSED


def _rows(kind: Kind, let_in: tuple[Asker, ...], endpoints: str, **how: Any) -> list[Row]:
    """endpoints: one a line, with its methods."""
    lines = [line.split() for line in endpoints.strip().splitlines()]
    return [Row(endpoint, method, kind, let_in, **how) for endpoint, *methods in lines for method in methods]


def _open(endpoints: str, **how: Any) -> list[Row]:
    return _rows(Kind.OPEN, tuple(Asker), endpoints, **how)


def _visit(endpoints: str, **how: Any) -> list[Row]:
    """Each customer of the own case, which the cookie names and never the address."""
    return _rows(Kind.VISIT, (Asker.CUSTOMER, Asker.OTHER_CUSTOMER), endpoints, **how)


def _staff(let_in: tuple[Asker, ...], endpoints: str, **how: Any) -> list[Row]:
    return _rows(Kind.STAFF, let_in, endpoints, **how)


SAID = dict.fromkeys((*SAYINGS, "no_call"), "yes")
AGREED = {f"agree_{thing}": "yes" for thing in Thing}

ROWS: tuple[Row, ...] = (
    # --- for anybody
    *_open(
        """
        health GET
        customer.start GET
        customer.stream GET
        wall.page GET
        wall.stream GET
        apply.form GET
        consumption.look GET
        consumption.calculator GET
        self_check.start GET
        self_check.no_load_page GET
        self_check.known_load_page GET
        handbook.book GET
        handbook.answer GET
        handbook.picture GET
        handbook.whole GET
        handbook.ask GET
        review.ask_us GET
        review.promises GET
        staff.sign_in GET
        visit.join GET
        visit.left GET
        """
    ),
    *_open("metrics GET", note="from this machine, or with the collector's token"),
    *_open("static GET", values={"filename": "page.css"}),
    *_open("apply.sent GET", values={"number": CASE}),
    *_open(
        """
        customer.position GET
        apply.form POST
        consumption.look POST
        consumption.calculator POST
        self_check.found GET
        self_check.no_load_page POST
        self_check.known_load_page POST
        handbook.settled POST
        handbook.ask POST
        review.ask_us POST
        self_check.photo GET
        self_check.add_photo POST
        self_check.take_photo_away POST
        """,
        fits=False,
    ),
    *_open("staff.sign_in_now POST", fits=False, form={"password": ""}, note="a door: the password decides"),
    *_open("staff.sign_out POST\nvisit.leave POST", note="the way out"),
    Row("visit.come_in", "POST", Kind.OPEN, (), fits=False, told=dict.fromkeys(Asker, Answer.OVER),
        note="a door: an invitation decides, once"),
    *_open("after.by_link GET\nafter.attach_by_link GET\nafter.follow_up GET POST",
        note="whoever has the link of the result"),
    *_open("""
        after.certificate_by_link GET
        after.evidence_by_link GET
        after.self_check_photo_by_link GET
        after.attach_by_link POST
        """, fits=False,
        note="whoever has the link of the result"),
    *_open("review.asked GET\nreview.say_to_answer POST\nreview.thank POST", fits=False,
        note="whoever has the link of the request"),
    # --- of a visit
    *_visit(
        """
        visit.overview GET
        visit.live_page GET
        visit.stream GET
        visit.questions_page GET
        visit.questions_list GET
        after.result GET
        trial.trial_page GET
        """
    ),
    *_visit("trial.hide POST", fits=False, form={"error_pct": ""}),
    *_visit("visit.consent POST\nvisit.expectation POST", story="received"),
    *_visit("visit.ask POST\nvisit.attach_self_check POST\nvisit.self_check_photo GET", fits=False),
    *_visit("after.experience POST\nafter.sign POST"),
    *_visit("after.sign GET\nafter.bill POST\nafter.evidence GET\nafter.certificate GET\nafter.appeal POST",
        fits=False),
    *_rows(Kind.VISIT, (Asker.CUSTOMER,), "visit.photo GET", told={Asker.OTHER_CUSTOMER: Answer.NOT_THERE}),
    # --- the verifier's console
    *_staff(_STAFF, "staff.work GET\nstaff.console GET\nstaff.stream GET\nstaff.photo GET"),
    *_staff(_STAFF, """
        staff.begin GET
        staff.bench_answer GET
        staff.consent GET
        staff.invite GET
        staff.end_visit GET
        staff.hand_over GET
        staff.end GET
        staff.postpone GET
        staff.release GET
        staff.stop GET
        staff.skip GET
        staff.sign GET
        staff.start GET
        """, note="says what would happen"),
    *_staff((Asker.VERIFIER,), "staff.explain GET POST", story="after_test", form=SAID),
    *_staff(_STAFF, "staff.draft GET"),
    *_staff((Asker.VERIFIER,), "staff.begin_now POST\nstaff.tick POST", story="received"),
    *_staff((Asker.VERIFIER,), "staff.keep_photo POST", story="received", values={"check": "nameplate_photo"}),
    *_staff((Asker.VERIFIER,), "staff.receive POST", story="planned"),
    *_staff((Asker.VERIFIER,), "staff.consent POST", story="received", form=AGREED),
    *_staff((*_ITS, *_OFFICE), "staff.invite_now POST\nstaff.end_visit POST", story="received"),
    *_staff((Asker.VERIFIER,), "staff.start POST", story="ready", at_bench=AtBench.BEGUN,
        form={"temperature": "23", "humidity": "50"}),
    *_staff((Asker.VERIFIER,), "staff.stop POST", story="under_test", at_bench=AtBench.RUN),
    *_staff((Asker.VERIFIER,), "staff.skip POST", story="under_test", at_bench=AtBench.RUN, fits=False),
    *_staff(_STAFF, "staff.bench_answer POST", note="the bench takes the answer of the run's verifier alone"),
    *_staff((*_ITS, *_OFFICE), "staff.answer_question POST"),
    *_staff((Asker.VERIFIER, *_OFFICE), "staff.postpone POST", story="received",
        told=dict.fromkeys((Asker.OTHER_VERIFIER, *_CHECKERS), Answer.BESIDE)),
    *_staff((Asker.VERIFIER, *_OFFICE), "staff.release POST", story="received", at_bench=AtBench.BEGUN,
        told=dict.fromkeys((Asker.OTHER_VERIFIER, *_CHECKERS), Answer.BESIDE)),
    *_staff((Asker.VERIFIER, Asker.ADMINISTRATOR), "staff.end POST\nstaff.hand_over POST", at_bench=AtBench.BEGUN),
    *_staff(_STAFF, "staff.repair_hand_over POST"),
    *_staff(_STAFF, "staff.draft POST", fits=False, form={"received_on": ""},
        note="the bench: the run's verifier, a checker, the office"),
    *_staff(_STAFF, "staff.sign POST", fits=False,
        note="the bench asks for the password, and whether the run is his"),
    # --- the office
    *_staff(_STAFF, """
        office.start GET
        office.case GET
        office.case_photo GET
        office.certificate GET
        office.refusal_list GET
        operation.health GET
        competence.people GET
        competence.maker_list GET
        review.requests GET
        review.latest GET
        review.month GET
        review.month_pdf GET
        review.aims GET
        review.thanks GET
        questions.table GET
        questions.one GET
        questions.cycle GET
        questions.grid GET
        questions.new GET
        """),
    *_staff(_STAFF, "questions.new POST\noffice.self_check_photo GET", fits=False),
    *_staff(_STAFF,
        "office.certificate_file GET\ncompetence.maker GET\ncompetence.ask_maker POST\nreview.thanks POST",
            fits=False),
    *_staff((*_OFFICE, Asker.VERIFIER), "competence.one_person GET", note="and everybody the own page"),
    *_staff(_CHECKERS, "office.check GET\noffice.check_case GET"),
    *_staff(_CHECKERS, "office.check_sign POST", fits=False,
        note="the bench asks for the password, and whether it is its checker"),
    *_staff((Asker.CHECKER,), "office.check_refuse POST"),
    *_staff(_VERIFIERS, "office.sign_as_verifier POST", fits=False,
        note="the bench asks for the password, and whether the run is his"),
    *_staff(_OFFICE, "office.decline POST\noffice.withdraw POST\noffice.plan GET", story="applied"),
    *_staff(_OFFICE, "office.plan POST", story="applied", fits=False),
    *_staff(_OFFICE, """
        office.take_appeal POST
        office.end_visits POST
        office.make_link POST
        office.revoke_link POST
        office.follow_up_list GET
        office.follow_up GET POST
        """),
    *_staff(_OFFICE, "office.attach_self_check POST", fits=False),
    *_staff(_OFFICE, "office.draft POST", fits=False, form={"received_on": ""}),
    *_staff(_ADMINISTRATOR,
        "office.hand_over POST\noffice.repair_persons POST\noffice.delete GET\nreview.department_list GET"),
    *_staff(_ADMINISTRATOR, "office.delete POST", fits=False, note="the bench asks for the password"),
    *_staff(_ADMINISTRATOR, "review.department_list POST", fits=False),
    *_staff(_OFFICE, """
        competence.maker_csv GET
        competence.maker_sheet GET
        competence.maker_list POST
        competence.set_maker_types POST
        competence.note_maker_reply POST
        questions.write GET POST
        questions.act_on_question POST
        questions.open_period POST
        questions.close_period POST
        questions.look POST
        questions.keep_area POST
        review.plan_measure POST
        review.review_measure POST
        review.read_thanks POST
        review.end_aim POST
        review.aims POST
        """, fits=False),
    *_staff(_OFFICE, "review.one_request GET", note="and whoever has it in hand"),
    *_staff(_OFFICE, "review.act_on_request POST", values={"act": "take"}, note="and whoever has it in hand"),
)  # fmt: skip


_SIGNS = {
    Answer.IN: "yes", Answer.SIGN_IN: "sign in", Answer.REFUSED: "–", Answer.OVER: "over",
        Answer.NOT_THERE: "not there",
    Answer.BESIDE: "–",
}  # fmt: skip
_HEAD = """# Who may open which address

Written by `python -m tests.web.rights`; not by hand. One row for each address and method of the web (`web/`),
one column for everybody who could ask: somebody from the street, the customer of the case, a customer of
another case, one whose visit is over, somebody of the staff without a role, and the roles, with those apart
whom the case is given to. `tests/web/test_rights.py` asks for every row as everybody, in front of a real
measuring process: who is not let in has changed nothing and has read nothing of the customer. An address
without a row fails there.

*yes*: let in; what is then refused is for another reason than who asks. *–*: refused (403, or 422 beside the
form), and written down. *sign in*: led to the password. *over*: 410. *not there*: 404, as if there were none. A
customer is let in to the own case alone, which the cookie names and no address. Everybody of the staff reads
every case: a small laboratory. What the measuring process asks by itself, whatever the web says: [the
socket](architecture.md#messages-on-the-socket).
"""


def page(addresses: Mapping[str, str]) -> str:
    """docs/rights.md. addresses: of each endpoint, as the map of addresses writes them."""
    lines = [_HEAD, "| address | " + " | ".join(Asker) + " | |", "|---" * (len(Asker) + 2) + "|"]
    for row in sorted(ROWS, key=lambda row: (addresses[row.endpoint], row.method)):
        address = addresses[row.endpoint].replace("|", "\\|")
        signs = " | ".join(_SIGNS[row.answer(asker)] for asker in Asker)
        lines.append(f"| {row.method} `{address}` | {signs} | {row.note} |")
    return "\n".join(lines) + "\n"


def addresses_of(app: Flask) -> dict[str, str]:
    return {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}


def main() -> None:
    with TemporaryDirectory() as folder:
        app = create_app(f"{folder}/nobody.sock", files=PageFiles(casework=Path(folder) / "casework.sqlite"))
        try:
            DOCUMENT.write_text(page(addresses_of(app)), "utf-8")
        finally:
            close(app)


if __name__ == "__main__":
    main()
