"""The pages ask the bench: one short connection for each question, so that no page waits for another's.

Nothing is remembered in between but names. Whether somebody is signed in, who is named for a case and who is busy is
the bench's to say, every time (docs/architecture.md: "Messages on the socket").
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from bench.control.client import ControlClient, ControlRefusedError, Message
from bench.errors import OperatorError
from web.texts import text

Answer = TypeVar("Answer")

QUICK_S = 5.0
"""For what the bench looks up."""
SLOW_S = 90.0
"""For what a process of its own works out: a draft, a signature, a bundle, a trial."""
MOST_KEPT = 500
"""Persons whose names are kept, and cases."""


class BenchAwayError(Exception):
    """No bench listens, or it did not answer in time.

    was_asked: it had the question, so what was asked for may have been done, or be done yet by a process of its own.
    """

    def __init__(self, said: str, *, was_asked: bool = False) -> None:
        super().__init__(said)
        self.was_asked = was_asked


class BenchLink:
    """Asks the bench at a socket. All methods: see `ControlClient`, whose answers they give.

    Errors: BenchAwayError; ControlRefusedError where a rule of the bench stands against it; OperatorError for what it
    refuses without a rule's name, with its sentence.
    """

    def __init__(self, socket_path: str) -> None:
        self.socket_path = socket_path
        self._kept = _KeptNames()

    def ask(self, question: Callable[[ControlClient], Answer], timeout_s: float = QUICK_S) -> Answer:
        """One question over a connection of its own."""
        try:
            client = ControlClient(self.socket_path, timeout_s)
        except OperatorError as problem:
            raise BenchAwayError(str(problem)) from problem
        with client:
            try:
                return question(client)
            except OSError as problem:  # also a TimeoutError and a ConnectionError
                raise BenchAwayError(str(problem), was_asked=True) from problem

    # --- persons and sessions

    def sign_in(self, by: str, password: str) -> Message:
        return self.ask(lambda bench: bench.sign_in(by, password))

    def session(self, session: str) -> Message | None:
        """Whose session it is; None where it is nobody's any more."""
        try:
            return self.ask(lambda bench: bench.session(session))
        except ControlRefusedError as refusal:
            if refusal.reason == "session_expired":
                return None
            raise

    def session_lasts(self, session: str) -> bool:
        """Also while the bench does not say: then nothing of it is shown either."""
        try:
            return self.ask(lambda bench: bench.session_lasts(session))
        except (BenchAwayError, OperatorError):
            return True

    def sign_out(self, session: str) -> None:
        self.ask(lambda bench: bench.sign_out(session))

    def persons(self, session: str) -> list[Message]:
        found = self.ask(lambda bench: bench.persons(session))
        self._kept.keep({str(person["id"]): person["name"] for person in found})
        return found

    def competence(self, session: str) -> Message:
        return self.ask(lambda bench: bench.competence(session))

    def names(self, language: str, case: str, persons: Collection[str | None]) -> dict[str, str]:
        """Names of persons by id, for pages of customers, who have no session to ask with.

        The bench says who is in a case; it is asked only for whom no page was told yet. Whoever it does not name, or
        while it is away, is missing.
        """
        missing = self._kept.missing(case, persons)
        if missing:
            try:
                self.case(case)
            except (BenchAwayError, OperatorError):
                pass  # a case that is not assigned yet, or no bench: the page shows the ids
            else:
                self._kept.nobody_knows(case, self._kept.missing(case, persons))
        return {
            person: name_in(name, language)
            for person in persons
            if person and (name := self._kept.of(person)) is not None
        }

    def known_name(self, person: str, language: str) -> str | None:
        """Without asking anybody: None where no page was told it yet."""
        name = self._kept.of(person)
        return None if name is None else name_in(name, language)

    # --- cases

    def case(self, case: str) -> Message:
        found = self.ask(lambda bench: bench.case(case))
        self._kept.keep(found.get("names", {}))
        return found

    def case_if_known(self, case: str) -> Message | None:
        """None where it was not assigned yet."""
        try:
            return self.case(case)
        except ControlRefusedError as refusal:
            if refusal.reason == "case_unknown":
                return None
            raise

    def case_assign(
        self, session: str, case: str, serial: str, verifier: str, checker: str, retest_of: str | None = None
    ) -> Message:
        return self.ask(lambda bench: bench.case_assign(session, case, serial, verifier, checker, retest_of))

    def case_begin(self, session: str, case: str) -> Message:
        return self.ask(lambda bench: bench.case_begin(session, case))

    def case_handover(self, session: str, case: str, to: str, why: str, role: str) -> Message:
        return self.ask(lambda bench: bench.case_handover(session, case, to, why, role))

    def case_release(self, session: str, case: str, why: str) -> Message:
        return self.ask(lambda bench: bench.case_release(session, case, why))

    def case_end(self, session: str, case: str, digest: str) -> Message:
        return self.ask(lambda bench: bench.case_end(session, case, digest))

    # --- runs

    def start_case(
        self,
        session: str,
        case: str,
        plan_text: str,
        checklist: Mapping[str, bool],
        room: Mapping[str, float],
    ) -> str:
        return self.ask(
            lambda bench: bench.start_case(session, case, plan_text, checklist, room=room), SLOW_S
        )

    def answer(
        self, position: str, fields: Mapping[str, str], *, rest_ok: bool = False, session: str | None = None
    ) -> Message:
        return self.ask(lambda bench: bench.answer(position, fields, rest_ok=rest_ok, session=session))

    def skip(self, position: str, why: str, session: str | None = None) -> None:
        self.ask(lambda bench: bench.skip(position, why, session))

    def stop(self, session: str | None = None) -> None:
        self.ask(lambda bench: bench.stop(session))

    # --- plans

    def rule_sets(self) -> list[Message]:
        return self.ask(lambda bench: bench.rule_sets())

    def rule_title(self, name: str, language: str) -> str:
        """Of a rule set for people; its name where neither this web nor the bench has a title, or the bench is away."""
        if (key := f"rule_set.{name}") in text:
            return text(key, language)
        try:
            titles = {str(one["name"]): str(one["title"]) for one in self.rule_sets()}
        except (BenchAwayError, OperatorError):
            return name
        return titles.get(name, name)

    def plan_new(self, session: str, meter: Mapping[str, Any], rule_set: str, **wanted: Any) -> Message:
        """wanted: tests, load_points, repeats."""
        return self.ask(lambda bench: bench.plan_new(session, meter, rule_set, **wanted))

    def plan_check(self, session: str, plan_text: str) -> Message:
        return self.ask(lambda bench: bench.plan_check(session, plan_text))

    def who_may(self, session: str, plan_text: str, day: str) -> Message:
        return self.ask(lambda bench: bench.who_may(session, plan_text, day))

    # --- certificates, bundles, trials

    def certificate_draft(self, session: str, run_id: str, position: str, request_text: str) -> Message:
        return self.ask(
            lambda bench: bench.certificate_draft(session, run_id, position, request_text), SLOW_S
        )

    def certificate_drafts(self) -> list[Message]:
        return self.ask(lambda bench: bench.certificate_drafts())

    def certificate_sign(self, draft: str, by: tuple[str, str], role: str | None = None) -> Message:
        return self.ask(lambda bench: bench.certificate_sign(draft, by, role), SLOW_S)

    def certificates(self, run_id: str) -> list[Message]:
        return self.ask(lambda bench: bench.certificates(run_id))

    def certificate_read(self, number: str, file: str, offset: int = 0) -> tuple[bytes, int | None, int]:
        return self.ask(lambda bench: bench.certificate_read(number, file, offset), SLOW_S)

    def bundle_read(self, run_id: str, offset: int = 0) -> tuple[bytes, int | None, int]:
        return self.ask(lambda bench: bench.bundle_read(run_id, offset), SLOW_S)

    def trial(self, error_pct: str) -> Message:
        return self.ask(lambda bench: bench.trial(error_pct), SLOW_S)


def name_in(name: Mapping[str, str], language: str) -> str:
    """A name in a language, or as the person has it where it has none in that one."""
    first, second = ("zh", "latin") if language == "zh" else ("latin", "zh")
    return str(name[first] or name[second])


class _KeptNames:
    """As many as `MOST_KEPT`, the ones that were told last. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: OrderedDict[str, Mapping[str, str]] = OrderedDict()
        self._unknown: OrderedDict[str, frozenset[str]] = OrderedDict()

    def keep(self, names: Mapping[str, Mapping[str, str]]) -> None:
        with self._lock:
            for person, name in names.items():
                _put(self._names, str(person), name)

    def of(self, person: str) -> Mapping[str, str] | None:
        with self._lock:
            return self._names.get(person)

    def missing(self, case: str, persons: Collection[str | None]) -> frozenset[str]:
        """Who has to be asked for: not those whom the bench did not name when it was asked for this case."""
        with self._lock:
            unknown = self._unknown.get(case, frozenset())
            return frozenset(p for p in persons if p and p not in self._names and p not in unknown)

    def nobody_knows(self, case: str, persons: frozenset[str]) -> None:
        if persons:
            with self._lock:
                _put(self._unknown, case, self._unknown.get(case, frozenset()) | persons)


def _put(kept: OrderedDict[str, Answer], key: str, value: Answer) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)
