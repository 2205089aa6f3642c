"""A family of commands whose modules are imported when one of them is asked for: all others start as quickly."""

from __future__ import annotations

from importlib import import_module

import click


class LateFamily(click.Group):
    """Stands in for a group of commands. where: its module, in which it has the name of the family."""

    def __init__(self, name: str, where: str, told: str) -> None:
        super().__init__(name, help=told)
        self._where = where

    def _family(self) -> click.Group:
        found = getattr(import_module(self._where), str(self.name))
        assert isinstance(found, click.Group), "a family is a group of commands"
        return found

    def list_commands(self, ctx: click.Context) -> list[str]:
        return self._family().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self._family().get_command(ctx, cmd_name)
