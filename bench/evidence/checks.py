"""What a verification says: one check after another, each with what was found, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bench.records.differences import Difference


class Sentence(Protocol):
    """What can be said in Chinese and English."""

    def in_language(self, language: str) -> str: ...


class Outcome(StrEnum):
    HOLDS = "holds"
    DIFFERS = "differs"
    NOT_CHECKED = "not_checked"
    """It could not be looked at; then nobody may believe that it holds."""
    NOTED = "noted"
    """Worth knowing, and nothing that anything hangs on."""


@dataclass(frozen=True, slots=True)
class Check:
    """check: its name for scripts. says: the sentence; more: what it rests on or what is wrong, one remark each."""

    check: str
    outcome: Outcome
    says: Sentence
    more: tuple[Sentence, ...] = ()
    differences: tuple[Difference, ...] = ()


@dataclass(slots=True)
class Report:
    """Of one file. run_id: of a bundle, as soon as it is known."""

    kind: str
    run_id: str = ""
    fingerprints: tuple[str, ...] = ()
    checks: list[Check] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """All that was to be checked was, and agrees."""
        return bool(self.checks) and all(
            check.outcome in (Outcome.HOLDS, Outcome.NOTED) for check in self.checks
        )

    def add(
        self,
        check: str,
        wrong: Sequence[Sentence],
        says: Sentence,
        says_not: Sentence,
        differences: Sequence[Difference] = (),
    ) -> bool:
        """A check that holds where nothing is wrong. Returns whether it does."""
        is_so = not wrong and not differences
        outcome = Outcome.HOLDS if is_so else Outcome.DIFFERS
        self.checks.append(
            Check(check, outcome, says if is_so else says_not, tuple(wrong), tuple(differences))
        )
        return is_so

    def skip(self, check: str, why: Sentence) -> None:
        self.checks.append(Check(check, Outcome.NOT_CHECKED, why))

    def note(self, check: str, what: Sentence) -> None:
        self.checks.append(Check(check, Outcome.NOTED, what))
