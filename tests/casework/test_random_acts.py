"""Whatever whoever tries in whatever order: the rules hold. Random acts by random persons, looked at after each."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bench.checklist import Check
from calibration.texts import LANGUAGES
from tests.casework.stories import VERIFIER, memory, opened, plan_of, planned, tick_all
from tests.casework.stories import application as application_of
from web.casework import cases, checklists, consent
from web.casework.agreements import REQUIRED
from web.casework.history import history, is_intact, refusals
from web.casework.model import BENCH, CUSTOMER, ENDS, Case, CaseState, Outcome, Role
from web.casework.refused import Refused
from web.casework.transitions import TABLE

PERSONS = ("P1", "P2", "P3", "P4", "P5")
SERIALS = ("A", "B", "C")
ITS_VERIFIER = "its verifier"
"""Whoever that is; named oftener than the others, or nothing would come far."""
WHO = st.sampled_from((ITS_VERIFIER, *PERSONS, ITS_VERIFIER, CUSTOMER, BENCH, ITS_VERIFIER))
STAFF = st.sampled_from(PERSONS)
ANY_CASE = 5
CASES = st.integers(0, ANY_CASE)
"""Which of those that are open, counted round; the last: of all."""
ENDING = st.sampled_from((False, False, False, True))
"""Cases end seldom, or there would soon be none."""
TEXTS = st.sampled_from(("一个原因", " ", "一个原因", ""))
HERE = (CaseState.READY, CaseState.TESTING)
PLANNED = set(CaseState) - {CaseState.APPLIED, *ENDS}


class AnybodyTriesAnything(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=memory())
        self.cw = opened(Path(self.folder.name))
        self.before: dict[str, Case] = {}
        self.refused: list[Refused] = []
        self.runs = 0

    def teardown(self) -> None:
        self.cw.close()
        self.folder.cleanup()

    @initialize(far=st.integers(0, 4), outcome=st.sampled_from(Outcome))
    def two_cases(self, far: int, outcome: Outcome) -> None:
        """One is planned; the other has come so far already, since random acts seldom lead there."""
        first = planned(self.cw, "A")
        planned(self.cw, "B", "P1", "P4")
        if far > 0:
            cases.receive(self.cw, first.id, VERIFIER)
            tick_all(self.cw, first.id)
        if far > 1:
            cases.begin_test(self.cw, first.id, "run-A", VERIFIER)
        if far > 2:
            cases.end_test(self.cw, first.id, outcome, VERIFIER)
        if far > 3:
            cases.retest(self.cw, first.id, "不信", CUSTOMER)
        self.before = {case.id: case for case in cases.all_cases(self.cw)}

    def tries(self, act: Callable[..., object], number: int, *given: object) -> None:
        every = sorted(self.before)
        still_open = [case_id for case_id in every if self.before[case_id].is_open]
        ids = every if number == ANY_CASE or not still_open else still_open
        case_id = ids[number % len(ids)]
        verifier = self.before[case_id].verifier or "P1"
        try:
            act(self.cw, case_id, *(verifier if word is ITS_VERIFIER else word for word in given))
        except Refused as refused:
            self.refused.append(refused)

    @rule(serial=st.sampled_from(SERIALS))
    def applies(self, serial: str) -> None:
        self.tries(lambda cw, _: cases.apply(cw, application_of(serial)), 0)

    @rule(number=CASES, serial=st.sampled_from(SERIALS), verifier=STAFF, checker=STAFF)
    def plans(self, number: int, serial: str, verifier: str, checker: str) -> None:
        self.tries(cases.plan, number, plan_of(serial, verifier, checker))

    @rule(number=CASES, by=WHO)
    def receives(self, number: int, by: str) -> None:
        self.tries(cases.receive, number, by)

    @rule(number=CASES, by=WHO, check=st.sampled_from(Check), on=st.booleans())
    def ticks(self, number: int, by: str, check: Check, on: bool) -> None:
        self.tries(checklists.tick, number, check, by, on)

    @rule(number=CASES, but=st.none() | st.sampled_from(Check))
    def goes_through_the_list(self, number: int, but: Check | None) -> None:
        """The verifier, and may leave one out: what single ticks would seldom come to."""
        self.tries(consent.consent, number, REQUIRED, ITS_VERIFIER)
        for check in Check:
            if check is not but:
                self.tries(checklists.tick_by_photo, number, check, ITS_VERIFIER, True)

    @rule(number=CASES, by=WHO)
    def begins(self, number: int, by: str) -> None:
        self.runs += 1
        self.tries(cases.begin_test, number, f"run-{self.runs}", by)

    @rule(number=CASES, by=WHO, outcome=st.sampled_from(Outcome))
    def ends(self, number: int, by: str, outcome: Outcome) -> None:
        self.tries(cases.end_test, number, outcome, by)

    @rule(number=CASES, role=st.sampled_from(Role), to=STAFF, why=TEXTS, by=WHO)
    def hands_over(self, number: int, role: Role, to: str, why: str, by: str) -> None:
        self.tries(cases.hand_over, number, role, to, why, by)

    @rule(number=CASES, by=WHO, why=TEXTS)
    def postpones(self, number: int, by: str, why: str) -> None:
        self.tries(cases.postpone, number, why, by)

    @rule(number=CASES, by=WHO, why=TEXTS)
    def releases(self, number: int, by: str, why: str) -> None:
        self.tries(cases.release, number, why, by)

    @rule(number=CASES, by=WHO)
    def explains(self, number: int, by: str) -> None:
        self.tries(cases.explain, number, by)

    @rule(number=CASES, by=WHO, why=TEXTS)
    def closes(self, number: int, by: str, why: str) -> None:
        self.tries(cases.close, number, why, by)

    @rule(number=CASES, by=WHO, why=TEXTS, then=TEXTS, ending=ENDING)
    def declines(self, number: int, by: str, why: str, then: str, ending: bool) -> None:
        if ending:
            self.tries(cases.decline, number, why, then, by)

    @rule(number=CASES, by=WHO, why=TEXTS, ending=ENDING)
    def withdraws(self, number: int, by: str, why: str, ending: bool) -> None:
        if ending:
            self.tries(cases.withdraw, number, by, why)

    @rule(number=CASES, by=WHO, why=TEXTS)
    def appeals(self, number: int, by: str, why: str) -> None:
        self.tries(cases.retest, number, why, by)

    @invariant()
    def the_rules_hold(self) -> None:
        now = {case.id: case for case in cases.all_cases(self.cw)}
        busy = Counter(case.verifier for case in now.values() if case.state in HERE)
        assert all(count == 1 for count in busy.values()), "one verifier, one meter"
        meters = Counter(case.serial for case in now.values() if case.state in PLANNED)
        assert all(count == 1 for count in meters.values()), "one meter, one planned case"
        assert sorted(now) == [f"C2026-{n:04d}" for n in range(1, len(now) + 1)], "no number left out"
        for case in now.values():
            assert case.verifier is None or case.verifier != case.checker
            self._goes_by_the_table(self.before.get(case.id), case)
        assert [refusal.key for refusal in refusals(self.cw, most=100_000)] == [
            r.key for r in reversed(self.refused)
        ]
        assert all(refused.text(language) for refused in self.refused[-1:] for language in LANGUAGES)
        self.before = now

    def _goes_by_the_table(self, was: Case | None, case: Case) -> None:
        entries = history(self.cw, case.id)
        if was is None:
            assert (case.state, entries[0].act) == (CaseState.APPLIED, "apply")
            return
        if was.state is not case.state:
            act = next(e for e in reversed(entries) if e.act != "retest_is")
            assert TABLE[was.state, act.act][0] is case.state  # type: ignore[index]
        if case.state is CaseState.TESTING and was.state is CaseState.READY:
            assert checklists.open_checks(self.cw, case.id) == [], "no test with an open checklist"
        if was.state not in (CaseState.APPLIED, CaseState.PLANNED) and was.verifier != case.verifier:
            assert entries[-1].act == "hand_over"
            assert entries[-1].values["why"].strip(), "one person from start to end, or a reason"
            assert was.state is not CaseState.TESTING
        if case.state is CaseState.CLOSED:
            assert case.answered_on or case.reason, "nothing closes without an answer or a reason"
        if case.state is CaseState.DECLINED:
            assert case.reason
            assert case.next_step
        if case.retest_of is not None and case.state in HERE:
            first = cases.case(self.cw, case.retest_of)
            assert not {first.verifier, first.checker} & {case.verifier, case.checker}, (
                "a retest is for others"
            )

    @invariant()
    def histories_are_whole(self) -> None:
        assert all(is_intact(self.cw, case_id) for case_id in self.before)


AnybodyTriesAnything.TestCase.settings = settings(max_examples=30, stateful_step_count=50, deadline=None)
TestAnybodyTriesAnything = AnybodyTriesAnything.TestCase
