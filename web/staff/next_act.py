"""Which one action is large on the verifier's console: a table from how a case stands to what is next. Pure.

A case stands by what four say of it: casework (its state), the measuring side (whether it has begun there), the bench
(its live state) and the register of certificates. `RULES` is read from the top; the first rule that holds is the next
act. What is no act of the reader (the bench measures, the office has to plan) is in the table, too: the console then
says who has to do what, and offers nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from web.customer.scene import State
from web.feed import QUIET_PHASES


class Bench(StrEnum):
    """What the bench does, as far as one case is concerned."""

    AWAY = "away"
    """Nobody listens on the socket, or it has said nothing yet."""
    FREE = "free"
    OTHERS = "others"
    """A run that is not of this case is under way."""
    PRESS_START = "press_start"
    NOT_SAFE = "not_safe"
    """It waits for a person, and something is in the way: an open cover, a pressed stop."""
    SET_LOAD = "set_load"
    ASKS = "asks"
    RUNS = "runs"
    ENDED = "ended"
    """The last run is this case's, and over."""


class Reader(StrEnum):
    """Who looks at the console."""

    VERIFIER = "verifier"
    CHECKER = "checker"
    OTHER = "other"


class Act(StrEnum):
    OVER = "over"
    LOOK = "look"
    CHECK = "check"
    """The checker looks at the draft and signs it."""
    AWAIT_PLAN = "await_plan"
    RECEIVE = "receive"
    CHECKLIST = "checklist"
    BENCH_AWAY = "bench_away"
    BEGIN = "begin"
    """The serial number is scanned, and the case begins on the measuring side."""
    BENCH_BUSY = "bench_busy"
    START = "start"
    CLEAR_THE_WAY = "clear_the_way"
    PRESS_START = "press_start"
    SET_LOAD = "set_load"
    ANSWER = "answer"
    WATCH = "watch"
    RECORDING = "recording"
    """The run is over and casework does not know it yet."""
    REPEAT = "repeat"
    EXPLAIN = "explain"
    DRAFT = "draft"
    SIGN = "sign"
    AWAIT_CHECKER = "await_checker"
    END = "end"
    SET_FREE = "set_free"
    """The case is over, by an appeal or since it was taken back, and for the bench its verifier is still busy."""


WAITS = frozenset({
    Act.OVER, Act.LOOK, Act.AWAIT_PLAN, Act.BENCH_AWAY, Act.BENCH_BUSY, Act.CLEAR_THE_WAY, Act.PRESS_START,
    Act.SET_LOAD, Act.WATCH, Act.RECORDING, Act.AWAIT_CHECKER,
})  # fmt: skip
"""Acts of somebody else, or of nobody: the console says so and has no large button."""


class Second(StrEnum):
    """What can be done beside the next act; each behind a page that says what it will do."""

    INVITE = "invite"
    STOP = "stop"
    SKIP = "skip"
    HAND_OVER = "hand_over"
    POSTPONE = "postpone"
    """Not today, though the customer is here; until the bench has begun with the meter."""
    RELEASE = "release"
    """The same once the bench has begun, and has not measured."""
    EXPLAIN = "explain"
    END_VISIT = "end_visit"
    END = "end"


@dataclass(frozen=True, slots=True)
class Situation:
    """How a case stands for one reader.

    case_state: a value of `CaseState`. measuring: `assigned`, `begun`, `ended`, or None where the measuring side has
    not heard of it. verdict: of the case's last run. missing: roles whose signatures the draft of a certificate lacks,
    None where there is no draft.
    """

    case_state: str
    reader: Reader
    bench: Bench
    measuring: str | None = None
    open_checks: int = 0
    verdict: str | None = None
    missing: tuple[str, ...] | None = None
    certificate: str | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether a run of this case is."""
        return self.bench in _UNDER_WAY

    @property
    def is_over(self) -> bool:
        """By casework; the measuring side may not have been told."""
        return self.case_state in ("closed", "declined", "withdrawn")

    @property
    def is_here(self) -> bool:
        """The customer is here and the meter is not done: what the bench does counts."""
        return self.case_state in ("ready", "testing")


_UNDER_WAY = frozenset({Bench.PRESS_START, Bench.NOT_SAFE, Bench.SET_LOAD, Bench.ASKS, Bench.RUNS})

Rule = Callable[[Situation], bool]


def _in(state: str) -> Rule:
    return lambda s: s.case_state == state


def _bench(bench: Bench) -> Rule:
    return lambda s: s.bench is bench and s.is_here


RULES: tuple[tuple[Act, Rule], ...] = (
    (Act.SET_FREE, lambda s: s.is_over and s.measuring == "begun" and s.reader is Reader.VERIFIER),
    (Act.OVER, lambda s: s.is_over),
    (Act.CHECK, lambda s: s.reader is Reader.CHECKER and s.missing == ("checker",)),
    (Act.LOOK, lambda s: s.reader is not Reader.VERIFIER),
    (Act.AWAIT_PLAN, _in("applied")),
    (Act.RECEIVE, _in("planned")),
    (Act.CLEAR_THE_WAY, _bench(Bench.NOT_SAFE)),
    (Act.PRESS_START, _bench(Bench.PRESS_START)),
    (Act.SET_LOAD, _bench(Bench.SET_LOAD)),
    (Act.ANSWER, _bench(Bench.ASKS)),
    (Act.WATCH, _bench(Bench.RUNS)),
    (Act.CHECKLIST, lambda s: s.case_state == "ready" and s.open_checks > 0),
    (Act.BENCH_AWAY, lambda s: s.is_here and s.bench is Bench.AWAY),
    (Act.RECORDING, _in("testing")),
    (Act.BEGIN, lambda s: s.case_state == "ready" and s.measuring != "begun"),
    (Act.BENCH_BUSY, lambda s: s.case_state == "ready" and s.bench is Bench.OTHERS),
    (Act.START, _in("ready")),
    (Act.REPEAT, lambda s: s.case_state == "tested" and s.verdict == "INVALID"),
    (Act.EXPLAIN, _in("tested")),
    (Act.END, lambda s: s.certificate is not None or s.verdict not in ("PASS", "FAIL")),
    (Act.DRAFT, lambda s: s.missing is None),
    (Act.SIGN, lambda s: "verifier" in (s.missing or ())),
    (Act.AWAIT_CHECKER, lambda s: True),
)
"""From the top, the first that holds."""


def next_act(situation: Situation) -> Act:
    return next(act for act, holds in RULES if holds(situation))


def second_acts(situation: Situation) -> tuple[Second, ...]:
    """What else the reader can do now, the harmless first."""
    if situation.reader is not Reader.VERIFIER or situation.case_state in (
        "applied", "closed", "declined", "withdrawn",
    ):  # fmt: skip
        return ()
    offered = {
        Second.INVITE: situation.case_state in ("ready", "testing", "tested"),
        Second.SKIP: situation.is_under_way,
        Second.STOP: situation.is_under_way,
        Second.EXPLAIN: next_act(situation) is Act.REPEAT,
        Second.END_VISIT: situation.case_state in ("ready", "testing", "tested"),
        Second.POSTPONE: situation.case_state == "ready" and situation.measuring != "begun",
        Second.RELEASE: situation.case_state == "ready"
        and situation.measuring == "begun"
        and not situation.is_under_way,
        Second.HAND_OVER: not situation.is_under_way,
        Second.END: situation.case_state == "explained" and next_act(situation) is not Act.END,
    }
    return tuple(second for second, is_offered in offered.items() if is_offered)


def bench_of(state: State | None, is_connected: bool, case_id: str) -> Bench:
    """What the bench does for a case, from STATE."""
    if state is None or not is_connected:
        return Bench.AWAY
    run = state.get("run")
    is_ours = run is not None and run.get("case") == case_id
    if run is None or state["phase"] in QUIET_PHASES:
        return Bench.ENDED if is_ours and state["phase"] != "idle" else Bench.FREE
    return _running(state) if is_ours else Bench.OTHERS


def _running(state: State) -> Bench:
    waits_for = state.get("waits_for") or {}
    if waits_for.get("why_not"):
        return Bench.NOT_SAFE
    match waits_for.get("what"):
        case "start":
            return Bench.PRESS_START
        case "load":
            return Bench.SET_LOAD
    return Bench.ASKS if state.get("question") else Bench.RUNS
