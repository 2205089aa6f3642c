"""The commands and the documents know the same: every command is on its page, every option that one names exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from bench.commands.cli import cli
from bench.commands.command_page import command_page

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {path.name: path.read_text("utf-8") for path in DOCUMENTS}
CALLED = re.compile(r"(?<![\w/.-])bench ([a-z][^`#\n]*)")


def called() -> Iterator[tuple[str, str]]:
    """Document and the words after `bench` in its code spans and blocks."""
    for name, text in TEXTS.items():
        code = "\n".join([*re.findall(r"`([^`\n]+)`", text), *re.findall(r"(?m)^    (\S.*)$", text)])
        yield from ((name, words) for words in CALLED.findall(code))


def resolved(words: list[str]) -> click.Command | None:
    """The command that they name; None where the first word names none."""
    found: click.Command = cli
    for word in words:
        inner = found.get_command(click.Context(found), word) if isinstance(found, click.Group) else None
        if inner is None:
            break
        found = inner
    return None if found is cli else found


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    assert TEXTS["commands.md"] == command_page()


def test_every_option_that_a_document_gives_exists() -> None:
    looked_at = 0
    for document, words in sorted(set(called())):
        command = resolved(words.split())
        if command is None or isinstance(command, click.Group):
            continue
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        given = re.findall(r"(?<!\S)--?[a-z][a-z-]*", words)
        assert set(given) <= known, (document, words)
        looked_at += 1
    assert looked_at > 100
