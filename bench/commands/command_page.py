"""Writes docs/commands.md from the commands themselves: `python -m bench.commands.command_page`.

A test fails when the page in docs/ is not what this writes, so no command goes undocumented.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from bench.commands.cli import cli

_PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
_HEAD = """# Commands

Written by `python -m bench.commands.command_page` from the commands in `bench/commands/cli.py`; each has `--help`.

| command | what it does |
|---|---|
"""


def command_page() -> str:
    """The whole page."""
    rows = (f"| `{' '.join(path)}` | {_said(command)} |" for path, command in commands(cli, ("bench",)))
    return _HEAD + "\n".join(rows) + "\n"


def commands(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that is no family of others, with the words that call it, in the order of their names."""
    context = click.Context(group)
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        assert command is not None, "a listed command is there"
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def _said(command: click.Command) -> str:
    """The first paragraph of its help, on one line."""
    paragraph = (command.help or "").split("\n\n")[0]
    return " ".join(paragraph.split()).replace("|", "\\|")


if __name__ == "__main__":
    _PAGE.write_text(command_page(), encoding="utf-8")
    sys.exit(0)
