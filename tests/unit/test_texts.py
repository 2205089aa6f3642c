"""The tables of texts: both languages name the same values, and each text is said somewhere."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from calibration.texts import LANGUAGES, Texts

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("bench", "web", "calibration") for path in (ROOT / folder).rglob("*.py"))
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in SOURCES
    if re.search(r"^\w+ = Texts\(", path.read_text("utf-8"), re.M)
]
HELLO = {
    "hello": ("你好 {name}", "hello {name}"),
    "cups": ("{count} 杯", "{count} cups"),
    "cups_one": ("{count} 杯", "{count} cup"),
}


def tables() -> Iterator[tuple[str, str, Texts]]:
    for module in MODULES:
        for name, value in vars(importlib.import_module(module)).items():
            if isinstance(value, Texts) and f"\n{name} = Texts(" in source_of(module):
                yield module, name, value


def source_of(module: str) -> str:
    return (ROOT / Path(*module.split("."))).with_suffix(".py").read_text("utf-8")


def test_a_text_is_said_in_either_language_with_its_values() -> None:
    said = Texts(HELLO)
    assert said("hello", "zh", name="李") == "你好 李"
    assert said("hello", "en", name="Li") == "hello Li"
    assert [said.counted("cups", "en", n) for n in (0, 1, 2)] == ["0 cups", "1 cup", "2 cups"]


def test_what_a_table_does_not_have_the_one_below_it_says() -> None:
    said = Texts({"hello": ("喂", "hey")}, Texts({"hello": ("你好", "hello"), "bye": ("再见", "bye")}))
    assert (said("hello", "en"), said("bye", "zh")) == ("hey", "再见")
    assert "bye" in said
    assert "later" not in said


@pytest.mark.parametrize(
    ("key", "language", "values", "error"),
    [
        ("nobody", "en", {}, KeyError),
        ("hello", "en", {}, KeyError),
        ("hello", "fr", {"name": "Li"}, ValueError),
    ],
)
def test_what_cannot_be_said_is_an_error(
    key: str, language: str, values: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        Texts(HELLO)(key, language, **values)


def test_languages_that_name_different_values_are_refused() -> None:
    with pytest.raises(ValueError, match="cups_one"):
        Texts({"cups_one": ("{count} 杯", "a cup")})


@pytest.mark.parametrize(
    ("module", "name", "said"), [pytest.param(*t, id=f"{t[0]}.{t[1]}") for t in tables()]
)
def test_every_text_has_words_in_every_language(module: str, name: str, said: Texts) -> None:
    assert said.table
    for key, texts in said.table.items():
        assert len(texts) == len(LANGUAGES), key
        assert all(text.strip() for text in texts), key


def keys_of_tables(tree: ast.Module) -> Iterator[ast.expr | None]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Dict):
            yield from statement.value.keys


@cache
def sayings() -> tuple[set[str], set[str]]:
    """All constants of our sources, and patterns of the strings that are put together (`{...}` is anything)."""
    constants: set[str] = set()
    patterns: set[str] = set()
    for path in SOURCES:
        tree = ast.parse(path.read_text("utf-8"))
        keys = {id(key) for key in keys_of_tables(tree)} if "Texts(" in path.read_text("utf-8") else set()
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [re.escape(v.value) if isinstance(v, ast.Constant) else ".+" for v in node.values]
                if isinstance(node.values[0], ast.Constant) or re.fullmatch(r"\.\+_\w+", "".join(parts)):
                    patterns.add("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in keys:
                constants.add(node.value.removeprefix("@"))
    for path in (ROOT / "web").rglob("*.html"):
        for found in re.finditer(r'"([\w.]+)"( ~ [^"~,)]+( ~ "([\w.]*)")?)?', path.read_text("utf-8")):
            said, is_joined, _, end = found.groups()
            if is_joined:
                patterns.add(re.escape(said) + ".+" + re.escape(end or ""))
            elif said.endswith("_"):  # of a family, whose members a function names
                patterns.add(re.escape(said) + ".+")
            else:
                constants.add(said)
    return constants, patterns


@pytest.mark.parametrize(
    ("module", "name", "said"), [pytest.param(*t, id=f"{t[0]}.{t[1]}") for t in tables()]
)
def test_every_text_is_said_by_somebody(module: str, name: str, said: Texts) -> None:
    constants, patterns = sayings()
    joined = re.compile("|".join(p for p in patterns if not p.startswith(".+") or "_" in p))
    assert not [key for key in said.table if key not in constants and not joined.fullmatch(key)]
