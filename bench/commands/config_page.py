"""Writes docs/configuration.md from the settings themselves: `python -m bench.commands.config_page`.

A test fails when the page in docs/ is not what this writes, so no setting goes undocumented.
"""

from __future__ import annotations

import dataclasses
import sys
import typing
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from bench.configuration.config import Config
from bench.configuration.toml_text import toml_text
from bench.plans.plan import Plan

_PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
_HEAD = """# Configuration and plans

Written by `python -m bench.commands.config_page` from the settings in `bench/configuration/`
and `bench/plans/plan.py`.
Both files are TOML and read strictly: an unknown key is an error that names the nearest known one.
`bench/sim/demo-bench.toml` and `bench/sim/demo-plan.toml` are working examples.
"""


def configuration_page() -> str:
    """The whole page."""
    lines = [_HEAD, "# bench.toml", *_section(Config, ""), "", "# PLAN.toml", *_section(Plan, "")]
    return "\n".join(lines) + "\n"


def _section(cls: type[Any], path: str) -> Iterator[str]:
    """The settings of one table, then its sub-tables."""
    hints = typing.get_type_hints(cls)
    tables = {}
    rows = []
    for spec in dataclasses.fields(cls):
        hint = hints[spec.name]
        table, is_list = _table_of(hint)
        if table is not None:
            name = f"{path}.{spec.name}".lstrip(".")
            tables[f"[[{name}]]" if is_list else f"[{name}]"] = (table, spec.metadata["doc"], name)
        else:
            rows.append(f"| `{spec.name}` | {_type(hint)} | {_default(spec)} | {_described(spec)} |")
    if rows:
        yield from ("", "| key | type | default | meaning |", "|---|---|---|---|", *rows)
    for title, (table, doc, name) in tables.items():
        yield from ("", f"## {title}", "", f"{doc[0].upper()}{doc[1:]}.")
        yield from _section(table, name)


def _table_of(hint: Any) -> tuple[type[Any] | None, bool]:
    for part in typing.get_args(hint):
        if dataclasses.is_dataclass(part) and type(None) in typing.get_args(hint):
            return typing.cast(type[Any], part), False
    if dataclasses.is_dataclass(hint):
        return typing.cast(type[Any], hint), False
    if typing.get_origin(hint) is tuple and dataclasses.is_dataclass(typing.get_args(hint)[0]):
        return typing.get_args(hint)[0], True
    return None, False


def _type(hint: Any) -> str:
    hint = _without_none(hint)
    if typing.get_origin(hint) is tuple:
        return "list of numbers" if float in typing.get_args(hint) else "list of texts"
    if issubclass(hint, Enum):
        return "text"
    return {str: "text", int: "whole number", float: "number", bool: "true or false"}[hint]


def _without_none(hint: Any) -> Any:
    """`int` of `int | None`: TOML has no null, so a value is an int."""
    some = [part for part in typing.get_args(hint) if part is not type(None)]
    return some[0] if type(None) in typing.get_args(hint) else hint


def _default(spec: dataclasses.Field[Any]) -> str:
    if spec.default is dataclasses.MISSING:
        return "required"
    if spec.default is None:
        return "none"
    return f"`{toml_text(spec.default)}`" if spec.default != "" else "empty"


def _described(spec: dataclasses.Field[Any]) -> str:
    metadata = spec.metadata
    parts = [metadata["doc"]]
    if metadata.get("choices"):
        parts.append("one of " + ", ".join(f"`{choice}`" for choice in metadata["choices"]))
    if metadata.get("above") is not None:
        parts.append(f"above {metadata['above']:g}")
    if metadata.get("low") is not None:
        parts.append(f"at least {metadata['low']:g}")
    if metadata.get("high") is not None:
        parts.append(f"at most {metadata['high']:g}")
    return "; ".join(parts).replace("|", "\\|")


if __name__ == "__main__":
    _PAGE.write_text(configuration_page(), encoding="utf-8")
    sys.exit(0)
