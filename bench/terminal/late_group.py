"""Commands whose modules are imported when one of them is asked for: each starts with what it needs itself."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LateGroup(click.Group):
    """Its list, and its help, import all of them. commands_at: names, and where each is, as `module:name`."""

    def __init__(self, *given: Any, commands_at: Mapping[str, str], **named: Any) -> None:
        super().__init__(*given, **named)
        self._at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._at:
            return None
        module, name = self._at[cmd_name].split(":")
        found = getattr(import_module(module), name)
        assert isinstance(found, click.Command), self._at[cmd_name]
        return found
