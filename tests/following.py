"""The state of a bench as whoever follows it has it: whole after each message, of which most bring only a change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.control.client import ControlClient, apply_patch


def states(client: ControlClient) -> Iterator[dict[str, Any]]:
    """Errors: as of `ControlClient.subscribe`."""
    state: dict[str, Any] = {}
    for message in client.subscribe():
        is_whole = message["type"] == "snapshot"
        state = message["state"] if is_whole else apply_patch(state, message["patch"])
        yield state
