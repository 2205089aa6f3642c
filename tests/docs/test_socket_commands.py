"""The page of the socket's commands is what the tables of requests say, and each is shown in docs/architecture.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.control.asking import Authority, Effect
from bench.control.command_list import command_list
from bench.control.requests import REQUESTS

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_the_socket_is_what_the_tables_say() -> None:
    assert (DOCS / "socket-commands.md").read_text("utf-8") == command_list()


@pytest.mark.parametrize("name", REQUESTS)
def test_every_command_is_shown(name: str) -> None:
    text = (DOCS / "architecture.md").read_text("utf-8")
    assert f'"do":"{name}"' in text or f"`{name}` with" in text


def test_nobody_changes_a_run_or_the_registry_without_a_name() -> None:
    for name, request in REQUESTS.items():
        if request.effect in (Effect.RUN, Effect.REGISTRY, Effect.CERTIFICATES):
            assert request.authority is not Authority.READ, name
