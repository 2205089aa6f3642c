"""A plan as the record of a run keeps it: all that it says, without its comments, its title as a reference.

Comments and titles are free text, and what is in the journal cannot be deleted. The text that is recorded reads as
the same plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bench.configuration.toml_text import toml_text
from bench.errors import OperatorError
from bench.toml_reader import parse_toml

_ROOM = ("ambient_temperature_C", "relative_humidity_pct")
"""What the room says, as a plan names it."""
_TITLE = "title"


def recorded_plan(source: str, keep: Callable[[str], str]) -> str:
    """The TOML text that is recorded. source: of a plan that was checked; keep: gives the reference of its title."""
    table = parse_toml(source, "plan")
    if table.get(_TITLE):
        table[_TITLE] = keep(table[_TITLE])
    return "".join(f"{line}\n" for line in _lines(table))


def with_room(source: str, room: Mapping[str, float]) -> str:
    """The plan with what was read in the room, by the names of a plan; source as it is where that is nothing.

    Errors: OperatorError for a name that is none of the room's.
    """
    if not room:
        return source
    if not room.keys() <= set(_ROOM):
        raise OperatorError(f"room has {' and '.join(_ROOM)}, and nothing else")
    return "".join(f"{line}\n" for line in _lines({**parse_toml(source, "plan"), **room}))


def _lines(table: dict[str, Any]) -> Iterator[str]:
    tables = {name: value for name, value in table.items() if _is_tables(value)}
    for name, value in table.items():
        if name not in tables:
            yield _line(name, value)
    for name, several in tables.items():
        for each in several:
            yield ""
            yield f"[[{name}]]"
            for key, value in each.items():
                yield _line(key, value)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _line(name: str, value: Any) -> str:
    return f"{name} = {toml_text(tuple(value) if isinstance(value, list) else value)}"
