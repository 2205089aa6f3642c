"""What hangs on a wall says nothing of whose meter is tested. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from web.customer.scene import State
from web.feed import Moment

SHOWN_CHARACTERS = 4
"""So much of a serial number lets its owner know it, and nobody else."""
_MASK = "•••• "
_NOBODY = "•••"
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){7,}")
"""Eight digits or more: in a finding that is an address or a serial number, never a measurement."""


def masked(moment: Moment) -> Moment:
    """The moment with serial numbers cut to their last characters, and without title, case and persons of the run."""
    return moment if moment.state is None else replace(moment, state=_masked_state(moment.state))


def masked_serial(serial: str) -> str:
    """ "33 0901 2764" as "•••• 2764"; one that is no longer than what may be shown is not shown at all."""
    characters = "".join(character for character in serial if character.isalnum())
    hidden = len(characters) <= SHOWN_CHARACTERS
    return _MASK.strip() if hidden else _MASK + characters[-SHOWN_CHARACTERS:]


def _masked_state(state: State) -> State:
    positions = {
        name: {
            **meter,
            "serial": masked_serial(str(meter.get("serial") or "")),
            "told": None,
            "results": _without_numbers(meter.get("results") or {}),
            "waiting": _without_numbers(meter.get("waiting") or []),
        }
        for name, meter in (state.get("positions") or {}).items()
    }
    run = state.get("run")
    because = _without_persons((run or {}).get("not_official_because") or [])
    return {
        **state,
        "positions": positions,
        "faults": _without_numbers(state.get("faults") or []),
        "run": run and {**run, "title": "", "case": None, "verifier": None, "not_official_because": because},
    }


def _without_persons(because: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Why a result is not official, in full but for the person that an authorisation is asked of."""
    return [
        {
            **found,
            "values": {**found["values"], "person": _NOBODY}
            if "person" in found["values"]
            else found["values"],
        }
        for found in _without_numbers(because)
    ]


def _without_numbers(found: Any) -> Any:
    """The same with the long numbers of all findings masked: one of them tells the address that a meter answered."""
    if isinstance(found, dict):
        return {
            key: _values(inner) if key == "values" else _without_numbers(inner)
            for key, inner in found.items()
        }
    return [_without_numbers(inner) for inner in found] if isinstance(found, list) else found


def _values(values: Any) -> Any:
    if not isinstance(values, dict):
        return values
    return {name: _masked_text(value) if isinstance(value, str) else value for name, value in values.items()}


def _masked_text(value: str) -> str:
    return _LONG_NUMBER.sub(lambda found: masked_serial(found.group()), value)
