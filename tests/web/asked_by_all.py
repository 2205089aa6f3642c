"""The whole web in front of a real measuring process, with somebody of every kind who may ask for anything.

The measuring process is in virtual time and takes the web for a stranger, as it does where each has a user of its own.
Cases come from stories: each is told once, and laid over the file of cases again whenever it is wanted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from flask.testing import FlaskClient

from bench.registry import persons
from bench.registry.authorisations import authorise
from bench.registry.persons import Name, Role
from tests.bench_process.support import PLAN, bench_config
from tests.bench_process.witnessing import TICKED, Bench, again
from tests.casework import stories
from tests.registry.laboratory import EVERYTHING, PASSWORD, WHEN, Laboratory
from tests.web.conftest import VISIT_AT
from tests.web.visiting import casework_of
from web import create_app
from web.access import csrf_token
from web.casework import cases, invitations, photos, questions
from web.casework.history import digest
from web.casework.model import CUSTOMER, Case
from web.casework.photos import PhotoKind
from web.casework.refused import Refused
from web.casework.store import Casework
from web.knowledge.shipped import furnish
from web.page_files import PageFiles
from web.serve import close
from web.service import requests
from web.service.model import Asked, Kind

CASE, SERIAL = "C2026-0001", "A-1"
OF_THE_CUSTOMER = "Words of the Customer of the Case"
"""Stands in what the customer of the case has typed, everywhere; nobody else but the staff may see it."""


class Asker(StrEnum):
    """Whoever asks, with what this person is to the case."""

    NOBODY = "nobody"
    CUSTOMER = "customer"
    OTHER_CUSTOMER = "other customer"
    LEFT = "visit over"
    NO_ROLE = "no role"
    OTHER_VERIFIER = "other verifier"
    OTHER_CHECKER = "other checker"
    OFFICE = "office"
    ADMINISTRATOR = "administrator"
    CHECKER = "its checker"
    VERIFIER = "its verifier"


PERSONS = {
    Asker.ADMINISTRATOR: "P1", Asker.VERIFIER: stories.VERIFIER, Asker.CHECKER: stories.CHECKER, Asker.OFFICE: "P4",
    Asker.OTHER_VERIFIER: "P5", Asker.OTHER_CHECKER: "P6", Asker.NO_ROLE: "P7",
}  # fmt: skip
_ROLES = (Role.VERIFIER, Role.CHECKER, Role.OFFICE, Role.VERIFIER, Role.CHECKER, Role.OFFICE)
"""Of P2 and those after."""


PLAN_OF_THE_CASE = PLAN.replace("M-1", SERIAL)
_VISITS = (Asker.CUSTOMER, Asker.OTHER_CUSTOMER, Asker.LEFT)
_NO_VISIT = "a visit that nobody has begun"


def _ready(cw: Casework) -> Case:
    """Everything is ticked, and the plan is one that a bench reads."""
    case = stories.applied(cw)
    planned = replace(stories.plan_of(), plan_toml=PLAN_OF_THE_CASE)
    received = cases.receive(cw, cases.plan(cw, case.id, planned).id, stories.VERIFIER)
    stories.tick_all(cw, received.id)
    return received


STORIES = {"ready": _ready}
"""Beside those of `stories`."""


class AtBench(StrEnum):
    """How far the case is on the measuring side."""

    ASSIGNED = "assigned"
    BEGUN = "begun"
    RUN = "a run of it is about to be"


@dataclass(frozen=True, slots=True)
class Told:
    """A story that has been told, as a file. visits: the cookie of each customer. values: of addresses, by name."""

    file: sqlite3.Connection
    visits: Mapping[Asker, str]
    values: Mapping[str, object]


@dataclass
class Everybody:
    """tokens: sessions of the staff. registries: the measuring side's, by how far the case is."""

    app: Flask
    bench: Bench
    tokens: Mapping[Asker, str]
    picture: bytes
    registries: Mapping[AtBench, sqlite3.Connection]
    _told: dict[str, Told] = field(default_factory=dict)

    @property
    def cases(self) -> Casework:
        return casework_of(self.app)

    def tell(self, story: str, at_bench: AtBench) -> Told:
        """Both sides are as this story leaves them, and nobody has asked for anything yet."""
        if story not in self._told:
            self._told[story] = _told(STORIES.get(story) or getattr(stories, story), self.picture)
        told = self._told[story]
        told.file.backup(self.cases._database)
        with closing(sqlite3.connect(self.bench.state_dir / "registry.sqlite")) as registry:
            self.registries[AtBench.ASSIGNED if at_bench is AtBench.ASSIGNED else AtBench.BEGUN].backup(
                registry
            )
        self._want_run(at_bench is AtBench.RUN)
        limits = self.app.extensions["limits"]
        for limit in (limits.sign_in, limits.public, limits.photos):
            limit._tries.clear()
        return told

    def close(self) -> None:
        for copy in (*self.registries.values(), *(told.file for told in self._told.values())):
            copy.close()

    def _want_run(self, is_wanted: bool) -> None:
        commands = self.bench.service._commands
        commands._wanted = None
        if is_wanted:
            with self.bench.client() as client:
                client.start_case(self.tokens[Asker.VERIFIER], CASE, PLAN_OF_THE_CASE, TICKED, None)

    def browser(self, asker: Asker, told: Told) -> FlaskClient:
        browser = self.app.test_client()
        if asker in self.tokens:
            browser.set_cookie("staff", self.tokens[asker])
        elif asker in told.visits:
            browser.set_cookie("visit", told.visits[asker])
        else:
            browser.set_cookie("form", "a secret of this browser")
        return browser

    def new_session(self, asker: Asker) -> str:
        """Beside the one that this person has."""
        with self.bench.client() as client:
            return str(client.sign_in(PERSONS[asker], PASSWORD)["session"])

    def csrf(self, browser: FlaskClient) -> str:
        """What a form of ours would carry in this browser."""
        cookies = [browser.get_cookie(name) for name in ("staff", "visit", "form")]
        sent = "; ".join(f"{cookie.key}={cookie.value}" for cookie in cookies if cookie is not None)
        with self.app.test_request_context("/", headers={"Cookie": sent}):
            return csrf_token()

    def standing(self) -> tuple[str, object]:
        """What a refusal must not change: the history of the case, and the case on the measuring side."""
        return digest(self.cases, CASE), self.bench.case(CASE)


@contextmanager
def everybody(picture: bytes) -> Iterator[Everybody]:
    """Errors: what a bench or a web raises that does not start."""
    with TemporaryDirectory(dir=stories.memory()) as name:
        folder = Path(name)
        lab = _staffed(folder)
        with again(
            bench_config(folder), lab, PERSONS[Asker.OTHER_VERIFIER], PERSONS[Asker.OTHER_CHECKER]
        ) as bench:
            bench.serve_strangers()
            bench.assign(CASE, SERIAL)
            assigned = _copied(folder / "registry.sqlite")
            bench.begin(CASE)
            begun = _copied(folder / "registry.sqlite")
            app = create_app(
                str(bench.path), files=PageFiles(casework=folder / "casework.sqlite"), now=lambda: VISIT_AT
            )
            found = Everybody(
                app,
                bench,
                {asker: bench.token(person) for asker, person in PERSONS.items()},
                picture,
                {AtBench.ASSIGNED: assigned, AtBench.BEGUN: begun},
            )
            try:
                yield found
            finally:
                close(app)
                found.close()


def _staffed(folder: Path) -> Laboratory:
    administrator = persons.first_administrator(folder, Name("", "Somebody"), PASSWORD, WHEN).id
    for role in _ROLES:
        persons.add(folder, administrator, Name("", "Somebody"), (role,), PASSWORD, WHEN)
    persons.set_roles(folder, administrator, PERSONS[Asker.NO_ROLE], (), WHEN)
    for verifier in (Asker.VERIFIER, Asker.OTHER_VERIFIER):
        authorise(folder, administrator, PERSONS[verifier], EVERYTHING, WHEN)
    return Laboratory(administrator, PERSONS[Asker.CHECKER], PERSONS[Asker.VERIFIER])


def _copied(path: Path) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    with closing(sqlite3.connect(path)) as file:
        file.backup(copy)
    return copy


def _told(story: Callable[[Casework], Case], picture: bytes) -> Told:
    with (
        TemporaryDirectory(dir=stories.memory()) as folder,
        closing(Casework(Path(folder) / "casework.sqlite", lambda: VISIT_AT)) as cw,
    ):
        furnish(cw)
        case = story(cw)
        others = [stories.received(cw, serial, f"{serial}-V", f"{serial}-C").id for serial in ("B-1", "B-2")]
        visits = {asker: _visit(cw, of) for asker, of in zip(_VISITS, (case.id, *others), strict=True)}
        invitations.end_visits(cw, others[1], "B-2-V")
        values = _values(cw, case, picture)
        file = _copied(Path(folder) / "casework.sqlite")
    return Told(file, visits, values)


def _visit(cw: Casework, case_id: str) -> str:
    try:
        return invitations.accept(cw, invitations.invite(cw, case_id, stories.OFFICE))[0]
    except Refused:  # to a case in this state nobody is invited
        return _NO_VISIT


def _values(cw: Casework, case: Case, picture: bytes) -> dict[str, object]:
    """What stands in addresses, and is there: of the case, or of what its customer has asked elsewhere."""
    request, asked = requests.ask(cw, Asked(Kind.OTHER, OF_THE_CUSTOMER, OF_THE_CUSTOMER, OF_THE_CUSTOMER))
    values: dict[str, object] = {
        "case_id": case.id, "role": "verifier", "check": "seals", "number": 1, "file": "pdf", "kind": "pdf",
        "subject": request.id, "token": asked, "written": "2026-10", "person": PERSONS[Asker.VERIFIER], "name": "1",
        "act": "x", "code": "x",
        "photo_id": photos.keep(cw, case.id, PhotoKind.OTHER, picture, stories.OFFICE).id,
        "question_id": questions.ask(cw, case.id, OF_THE_CUSTOMER, CUSTOMER).id,
    }  # fmt: skip
    with suppress(Refused):  # before the test there is none
        values["link"] = invitations.result_link(cw, case.id, stories.OFFICE)
    return {"link": "x", **values}
