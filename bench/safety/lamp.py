"""What the tower lamp says: one pure function of the live state, whose word goes into that state.

The page shows the word and the tower follows the state that was published, so the two cannot disagree. A load that is
or may be on goes before every verdict.
"""

from __future__ import annotations

from bench.canonical import JsonObject
from bench.ports import Lamp

_MEASURING = frozenset({"measuring", "watching", "asking"})
_VERDICTS = {"PASS": Lamp.PASS, "FAIL": Lamp.FAIL, "INVALID": Lamp.INVALID}


def lamp_of(state: JsonObject) -> Lamp:
    """The lamp for a STATE (docs/architecture.md). A verdict stays lit until the next run."""
    if state["is_energised"]:
        return Lamp.MEASURING if state["phase"] in _MEASURING else Lamp.LIVE_VOLTAGE
    if state["phase"] == "interrupted":
        return Lamp.INVALID
    verdict = str((state["run"] or {}).get("verdict"))
    return _VERDICTS.get(verdict, Lamp.IDLE)


def events_of(state: JsonObject) -> int:
    """How much has happened in this run that the buzzer tells: its faults, and its end."""
    return len(state["faults"]) + int(state["phase"] in ("finished", "interrupted"))
