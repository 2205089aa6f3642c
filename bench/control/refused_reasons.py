"""Why the bench refuses what it was asked over its socket: a key for programs, and one line of English for people,
with Chinese behind it where whoever starts a run at a terminal meets it.

The web says each key in both languages; the list stands in docs/architecture.md, too. What has no key (a message that
is none, a plan that cannot be read) is an OperatorError like any other.
"""

from __future__ import annotations

from enum import StrEnum

from bench.errors import OperatorError


class Refusal(StrEnum):
    # Who asks.
    SESSION_EXPIRED = "session_expired"
    NOT_ALLOWED = "not_allowed"
    SIGN_IN_WRONG = "sign_in_wrong"
    TOO_MANY_WRONG = "too_many_wrong"
    TOO_MANY_TRIES = "too_many_tries"
    BUSY = "busy"
    ROLE_MISSING = "role_missing"
    # Who may be named for a case.
    PERSON_UNKNOWN = "person_unknown"
    NOT_A_VERIFIER = "not_a_verifier"
    NOT_A_CHECKER = "not_a_checker"
    SAME_PERSON = "same_person"
    RETEST_SAME_PERSON = "retest_same_person"
    RETEST_OTHER_METER = "retest_other_meter"
    # How far a case has come.
    CASE_UNKNOWN = "case_unknown"
    CASE_BEGUN = "case_begun"
    CASE_NOT_BEGUN = "case_not_begun"
    CASE_ENDED = "case_ended"
    CASE_MEASURED = "case_measured"
    RUN_UNDER_WAY = "run_under_way"
    # One verifier, one meter.
    NOT_YOUR_CASE = "not_your_case"
    NOT_YOUR_RUN = "not_your_run"
    VERIFIER_BUSY = "verifier_busy"
    METER_BUSY = "meter_busy"
    # The start of a run.
    CHECKLIST_OPEN = "checklist_open"
    WRONG_METER = "wrong_meter"
    ONE_METER_ONLY = "one_meter_only"
    AUTHORISATION_MISSING = "authorisation_missing"
    AUTHORISATION_NOT_YET = "authorisation_not_yet"
    AUTHORISATION_EXPIRED = "authorisation_expired"
    AUTHORISATION_REVOKED = "authorisation_revoked"
    BENCH_BUSY = "bench_busy"
    ALREADY_DECIDED = "already_decided"
    # Certificates.
    NOT_ITS_CHECKER = "not_its_checker"


_SAID = {
    Refusal.SESSION_EXPIRED: "nobody is signed in with this session any more; sign in again",
    Refusal.NOT_ALLOWED: "this user may watch but not command; run it as the bench's own user",
    Refusal.SIGN_IN_WRONG: "the person or the password is wrong; give the id (bench admin person list) and try again",
    Refusal.TOO_MANY_WRONG: "too many wrong passwords; try again in {wait_s} s",
    Refusal.TOO_MANY_TRIES: "too many tries to sign in; try again in {wait_s} s",
    Refusal.BUSY: "the bench is busy with another of these; try again",
    Refusal.ROLE_MISSING: "{person} may not do that; it is for {roles}",
    Refusal.PERSON_UNKNOWN: "there is no active person {person}; see bench admin person list",
    Refusal.NOT_A_VERIFIER: "{person} has not the role verifier; name somebody who has",
    Refusal.NOT_A_CHECKER: "{person} has not the role checker; name somebody who has",
    Refusal.SAME_PERSON: "{person} cannot be verifier and checker of one case; name two persons",
    Refusal.RETEST_SAME_PERSON: "{person} took part in {case}, and a retest is for others; name somebody else",
    Refusal.RETEST_OTHER_METER: "{case} was of the meter {serial}; a retest is of the same meter",
    Refusal.CASE_UNKNOWN: "no case {case} is assigned; assign it first",
    Refusal.CASE_BEGUN: "{case} has begun, so its persons change by a handover alone",
    Refusal.CASE_NOT_BEGUN: "{case} has not begun; its verifier begins it",
    Refusal.CASE_ENDED: "{case} has ended; nothing is done in it any more",
    Refusal.CASE_MEASURED: "{run} of {case} was started, so it is not released; its verifier goes on or ends it",
    Refusal.RUN_UNDER_WAY: "{run} of {case} is under way; wait for its end, or stop it",
    Refusal.NOT_YOUR_CASE: "{case} is {owner}'s; only that person may do this, or hands it over first",
    Refusal.NOT_YOUR_RUN: "the run that is under way is not yours; ask whoever verifies it",
    Refusal.VERIFIER_BUSY: "{person} has a meter under test already, in {case}; end that case first",
    Refusal.METER_BUSY: "the meter {serial} is under test in {case} already",
    Refusal.CHECKLIST_OPEN: "not everything is ticked; still open: {open}",
    Refusal.WRONG_METER: "the plan is for the meter {planned}, and {case} is of {serial}",
    Refusal.ONE_METER_ONLY: "a witnessed run has one meter, and the plan has {meters}; make a plan for one",
    Refusal.AUTHORISATION_MISSING: "{person} is not authorised for {items} ({meter}); {renewed_by} can authorise, or "
    "another person takes the case over",
    Refusal.AUTHORISATION_NOT_YET: "{person} is authorised for {items} ({meter}) from {day} on only; {renewed_by} can "
    "change that, or another person takes the case over",
    Refusal.AUTHORISATION_EXPIRED: "{person}'s authorisation for {items} ({meter}) expired on {day}; {renewed_by} can "
    "renew it, or another person takes the case over",
    Refusal.AUTHORISATION_REVOKED: "{person}'s authorisation for {items} ({meter}) was revoked on {day}; {renewed_by} "
    "can give it again, or another person takes the case over",
    Refusal.BENCH_BUSY: "a run is under way; stop it first or wait for its end / "
    "正在检定；请等它结束，或者先停止它",
    Refusal.ALREADY_DECIDED: "{run} of {case} has given {verdict}, and another run does not replace it; "
    "a retest is a new case, by others",
    Refusal.NOT_ITS_CHECKER: "the checker of {case} is {checker}; only that person signs as its checker",
}


class RefusedByRuleError(OperatorError):
    """A rule stands against it. values: what the sentence needs: texts, or lists of texts."""

    def __init__(self, reason: Refusal, **values: str | list[str]) -> None:
        shown = {key: ", ".join(v) if isinstance(v, list) else v for key, v in values.items()}
        super().__init__(_SAID[reason].format_map(shown))
        self.reason = reason
        self.values = values
