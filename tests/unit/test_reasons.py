"""Every finding that the program can make fills its sentence: no dash where a figure should stand."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.words import item_names
from calibration.reasons import Reason, sentence, template
from calibration.texts import LANGUAGES

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for folder in ("calibration", "bench", "firmware_io") for path in (ROOT / folder).rglob("*.py")
)
Values = frozenset[str]


def braces(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def figures(text: str, language: str) -> set[str]:
    """The braces, where a word that has one for each language (`items_zh`, `items_en`) is the same figure."""
    return {name.removesuffix(f"_{language}") for name in braces(text)}


def keys_of(node: ast.expr | None, function: ast.AST) -> Values | None:
    """Keys of the values of a finding: written there, joined, unpacked, or kept in a local name. None: not seen."""
    if node is None:
        return frozenset()
    if isinstance(node, ast.Dict):
        written = [ast.literal_eval(key) for key in node.keys if key is not None]
        unpacked = [keys_of(v, function) for k, v in zip(node.keys, node.values, strict=True) if k is None]
        return None if None in unpacked else frozenset(written).union(*filter(None, unpacked))
    if isinstance(node, ast.Call) and ast.unparse(node.func) == item_names.__name__:
        return frozenset(item_names(()))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        left = keys_of(node.left, function)
        return None if left is None else left | (keys_of(node.right, function) or frozenset())
    if isinstance(node, ast.Name):
        made = [
            statement.value
            for statement in ast.walk(function)
            if isinstance(statement, ast.Assign)
            and statement.lineno < node.lineno
            and [ast.unparse(target) for target in statement.targets] == [node.id]
        ]
        return keys_of(made[-1], function) if made else None
    return None


def findings_made(path: Path) -> Iterator[tuple[str, Reason, Values | None]]:
    """Each `Finding(Reason.X, ...)` of a file: where it stands, its reason, the keys of its values.

    Findings whose reason is a variable are not seen.
    """
    tree = ast.parse(path.read_text("utf-8"))
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
            if not (isinstance(call.func, ast.Name) and call.func.id == "Finding" and call.args):
                continue
            given = call.args[1] if len(call.args) > 1 else None
            for reason in ast.walk(call.args[0]):
                if isinstance(reason, ast.Attribute) and ast.unparse(reason.value) == "Reason":
                    yield (
                        f"{path.relative_to(ROOT)}:{call.lineno}",
                        Reason[reason.attr],
                        keys_of(given, function),
                    )


def test_a_finding_fills_every_brace_of_its_sentence() -> None:
    made = [made for path in SOURCES for made in findings_made(path)]
    assert len({reason for _, reason, _ in made}) > 25
    for where, reason, values in made:
        assert values is not None, f"{where}: write the values where the finding is made"
        for language in LANGUAGES:
            assert braces(template(reason, values, language)) <= values, (where, reason)


@pytest.mark.parametrize("reason", list(Reason))
def test_a_reason_has_its_name_and_a_sentence_in_both_languages(reason: Reason) -> None:
    assert reason.value == reason.name.lower(), "records have the name"
    assert reason.zh
    assert reason.en


@pytest.mark.parametrize("reason", list(Reason))
def test_both_languages_say_the_same_figures(reason: Reason) -> None:
    everything = braces(template(reason, {"lost", "better_power_W", "seconds"}, "en"))
    for values in (everything, set[str]()):
        zh, en = (template(reason, values, language) for language in LANGUAGES)
        assert figures(zh, "zh") == figures(en, "en")
        assert sentence(reason, dict.fromkeys(everything, "1"), "zh")
