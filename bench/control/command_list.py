"""Writes docs/socket-commands.md from the tables of requests: `python -m bench.control.command_list`.

A test fails when the page in docs/ is not what this writes, so no command of the socket goes undocumented.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.control.asking import Authority, Effect
from bench.control.requests import REQUESTS

_PAGE = Path(__file__).parents[2] / "docs" / "socket-commands.md"
_HEAD = """# Commands of the socket, and what each can change

Written by `python -m bench.control.command_list` from the tables of requests in `bench/control/`. The socket is the one
way into the measuring process from outside: what is not here cannot be asked. Who may ask is explained, and each
message shown, in [architecture](architecture.md#messages-on-the-socket). Nothing here changes a parameter: the
configuration, rule sets, equipment cards, persons and keys are changed at the bench itself, by its own user, and each
change is an entry of the trail ([registry](registry.md)). No command reaches what has been measured, and a real load
is energised by nobody who is not at the bench: a `start` from elsewhere waits for a press there ([safety](safety.md)).

| command | who may ask | what it can change |
|---|---|---|
"""


def command_list() -> str:
    """The whole page."""
    listed = {"subscribe": (Authority.READ, Effect.NOTHING)}
    listed |= {name: (request.authority, request.effect) for name, request in REQUESTS.items()}
    rows = (f"| `{name}` | {authority} | {effect} |" for name, (authority, effect) in sorted(listed.items()))
    return _HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    _PAGE.write_text(command_list(), encoding="utf-8")
    sys.exit(0)
