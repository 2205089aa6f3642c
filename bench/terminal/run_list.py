"""The runs of a journal, a line each."""

from __future__ import annotations

from rich import box
from rich.table import Table

from bench.canonical import JsonObject
from bench.records.differences import DAMAGED
from bench.records.journal_reading import JournalReader
from bench.records.kinds import INTERRUPTED, RUN_ENDED
from bench.registry.kept_texts import KeptTexts, all_texts
from bench.terminal.words import word
from bench.toml_reader import parse_toml
from calibration.text_references import readable

_DAMAGED = "damaged"
_COLUMNS = ("run", "started", "title", "serial", "verdict", "kind", "ended")
_LEAST_WIDTH = {"started": len("2026-11-27"), "serial": len("SIM-000001")}
"""On a terminal of 80 columns a title gives way before a day or a number is broken in the middle."""


def list_runs(journal: JournalReader) -> list[JsonObject]:
    """state: ended, interrupted, open (under way, or its program was killed) or damaged; verdict: of an ended run."""
    texts = KeptTexts(all_texts(journal.state_dir))
    return [_run(journal, run_id, texts) for run_id in journal.run_ids()]


def _run(journal: JournalReader, run_id: str, texts: KeptTexts) -> JsonObject:
    first, last = journal.ends_of(run_id)
    shown: JsonObject = {"run": run_id, "state": _DAMAGED}
    try:
        started, ended = first.fields(), last.fields()
        is_ended = last.kind == RUN_ENDED
        shown |= {
            "started": started["clock"]["wall_time"],
            "title": texts.shown(str(parse_toml(started["plan"], "plan").get("title", ""))),
            "serials": [meter["serial"] for meter in started["meters"].values()],
            "kind": ended.get("worth", started["station"]["kind"])
            if is_ended
            else started["station"]["kind"],
            "resumes": started.get("resumes"),
            "verdict": ended["verdict"] if is_ended else None,
        }
    except DAMAGED:
        return shown
    state = {RUN_ENDED: "ended", INTERRUPTED: "interrupted"}.get(last.kind, "open")
    return shown | {"state": state}


def runs_table(found: list[JsonObject], language: str) -> Table:
    """language: zh or en."""
    table = Table(box=box.SIMPLE)
    for column in _COLUMNS:
        is_whole = column in ("run", "verdict")
        table.add_column(
            word(column, language), overflow="fold", no_wrap=is_whole, min_width=_LEAST_WIDTH.get(column)
        )
    for run in found:
        if run["state"] == _DAMAGED:
            table.add_row(run["run"], *[""] * 5, word(_DAMAGED, language))
            continue
        serials = run["serials"]
        named = ", ".join(serials[:3]) + (f" … ({len(serials)})" if len(serials) > 3 else "")
        verdict = word(run["verdict"], language) if run["verdict"] else "—"
        started = run["started"][:16].replace("T", " ")
        kind, state = word(run["kind"], language), word(f"run_{run['state']}", language)
        table.add_row(run["run"], started, readable(run["title"], language), named, verdict, kind, state)
    return table
