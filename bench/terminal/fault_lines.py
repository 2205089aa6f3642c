"""The faults of a run as lines for the terminal: where, at which load point, what, and whether it was repeated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bench.canonical import JsonObject
from bench.terminal.result_text import reasons_of
from bench.terminal.words import point_word, word
from bench.words import finding_said

SHOWN = 4
"""The newest so many lines are shown."""


def fault_lines(state: JsonObject, language: str) -> list[str]:
    """The newest faults of STATE, oldest first. What all positions had alike is one line."""
    merged = list(_merged([*state["faults"], *_refusals(state)]))
    shown = merged[-SHOWN:]
    lines = [_line(fault, positions, state, language) for fault, positions in shown]
    if len(merged) > len(shown):
        run = (state.get("run") or {}).get("id", "RUN")
        lines.append(word("more_faults", language, more=len(merged) - len(shown), run=run))
    return lines


def reason_lines(state: JsonObject, language: str) -> list[tuple[str, str]]:
    """Of every FAIL and INVALID its verdict, and a line with its reasons. What several positions had alike is one."""
    found = [
        {
            "point": point,
            "position": position,
            "verdict": result["verdict"],
            "said": _reasons(result, language),
        }
        for position, shown in state["positions"].items()
        for point, result in shown["results"].items()
        if result["verdict"] in ("FAIL", "INVALID")
    ]
    alike: dict[tuple[str, str, str], list[str]] = {}
    for each in found:
        alike.setdefault((each["point"], each["verdict"], each["said"]), []).append(each["position"])
    return [
        (verdict, f"{_where(point, positions, state, language)}: {word(verdict, language)}{said}")
        for (point, verdict, said), positions in alike.items()
    ]


def _reasons(result: JsonObject, language: str) -> str:
    """The deciding reason first."""
    said = [finding_said(f, language) for f in reasons_of(result)]
    return f": {('；' if language == 'zh' else '; ').join(said)}" if said else ""


def repetition_lines(state: JsonObject, language: str) -> list[str]:
    """What was repeated, which no result shows any more."""
    repeated = [fault for fault in state["faults"] if fault["is_repeated"]]
    return [_line(fault, positions, state, language) for fault, positions in _merged(repeated)]


def _refusals(state: JsonObject) -> Iterator[JsonObject]:
    """Reasons of results that were INVALID without a fault, such as a load point that was refused beforehand."""
    for position, shown in state["positions"].items():
        for point, result in shown["results"].items():
            told = {(f["point"], f["reason"]) for f in state["faults"] if f["position"] in (None, position)}
            for reason in result.get("reasons", ()):
                if result["verdict"] == "INVALID" and (point, reason["reason"]) not in told:
                    where = {"position": position, "point": point, "attempt": None, "is_repeated": False}
                    yield {**where, **reason}


def _merged(faults: Sequence[JsonObject]) -> Iterator[tuple[JsonObject, list[str]]]:
    """Faults that differ in their position only, with the positions; None (the reference) is no position."""
    found: dict[Any, tuple[JsonObject, list[str]]] = {}
    for fault in faults:
        key = (
            fault["point"],
            fault["attempt"],
            fault["is_repeated"],
            fault["reason"],
            tuple(sorted(fault["values"].items())),
            fault["position"] is None,
        )
        _, positions = found.setdefault(key, (fault, []))
        if fault["position"] is not None and fault["position"] not in positions:
            positions.append(fault["position"])
    yield from found.values()


def _where(point: str | None, positions: list[str], state: JsonObject, language: str) -> str:
    where = []
    if len(positions) > 1 and len(positions) == len(state["positions"]):
        where.append(word("all_positions", language))
    elif positions:
        where.append(word("at_position", language, position=", ".join(positions)))
    if point is not None:
        where.append(point_word(state["points"][point], language))
    return ", ".join(where)


def _line(fault: JsonObject, positions: list[str], state: JsonObject, language: str) -> str:
    where = _where(fault["point"], positions, state, language)
    said = finding_said(fault, language)
    line = f"{where}: {said}" if where else said
    if fault["is_repeated"]:
        return f"{line} {word('repeated', language)}"
    if (fault["attempt"] or 1) > 1:
        return f"{line} {word('attempt', language, attempt=fault['attempt'])}"
    return line
