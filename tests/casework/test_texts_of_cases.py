"""Whatever is refused, and whatever a case is or was, has its words in both languages, with all that they need."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.checklist import Check
from bench.control.refused_reasons import Refusal
from calibration.texts import LANGUAGES, braces
from web.casework.model import CaseState
from web.casework.transitions import Act
from web.texts import text

WEB = Path(__file__).parents[2] / "web"


def _refused_in(source: Path) -> Iterator[tuple[str, frozenset[str]]]:
    """Keys that are written out there, each with the values that go with it."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused"):
            continue
        given = frozenset(keyword.arg or "" for keyword in node.keywords)
        for part in ast.walk(node.args[0]):
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.isidentifier():
                yield part.value, given


WRITTEN = sorted(
    (str(source.relative_to(WEB)), key, tuple(sorted(given)))
    for source in WEB.rglob("*.py")
    for key, given in _refused_in(source)
    if not key.startswith("_")  # of several, such as the field that is missing
)


def test_what_is_refused_was_found() -> None:
    assert len(WRITTEN) > 40


def test_each_refusal_of_the_web_has_a_sentence_that_gets_what_it_needs() -> None:
    for source, key, given in WRITTEN:
        for said in text.table[f"refused.{key}"]:
            assert braces(said) <= set(given), (source, key)


@pytest.mark.parametrize("field", ["serial", "name", "address", "phone", "run"])
def test_each_field_that_is_missing_has_a_sentence(field: str) -> None:
    assert braces(text.table[f"refused.{field}_missing"][1]) <= {"longest"}


@pytest.mark.parametrize("reason", list(Refusal))
def test_each_refusal_of_the_bench_has_a_sentence(reason: Refusal) -> None:
    assert f"refused.{reason}" in text


def test_a_refusal_says_what_happened_and_what_to_do() -> None:
    for key, (zh, en) in text.table.items():
        if key.startswith("refused."):
            assert (zh[-1], en[-1]) == ("。", "."), key


def test_states_acts_and_checks_have_their_words() -> None:
    for key in (
        *(f"case_state.{state}" for state in CaseState),
        *(f"case_act.{act}" for act in Act),
        *(f"case_check.{check}" for check in Check),
    ):
        assert all(text(key, language) for language in LANGUAGES), key
