"""`bench admin trail`: every change of the registry, and whether the list is whole."""

from __future__ import annotations

import json
import sys
from itertools import islice
from pathlib import Path

import click

from bench.admin.words import word
from bench.configuration.config import load_config
from bench.records.frozen import to_json
from bench.registry.store import reading
from bench.registry.trail import CONSOLE, NOBODY, Entry, check, entries
from bench.registry.trail_and_tables import that_differ
from bench.registry.trail_in_journal import missing_ends
from bench.terminal.cli_options import EXIT_STATUS, config_option, json_option, lang_option, tell, tell_json
from calibration.quantities import Outcome


@click.command()
@click.option(
    "--check",
    "wants_check",
    is_flag=True,
    help="Recompute its hashes instead, and hold persons and cards against it.",
)
@config_option
@lang_option
@json_option
def trail(wants_check: bool, config_path: Path, lang: str, wants_json: bool) -> None:
    """Every change of persons, authorisations, approvals, equipment, certificates and cases, oldest first.

    With --check: exit status 4 where an entry was changed, taken out or put in, and its number; or where persons, cards
    or certificates are not as it says; or where a run has noted an entry that is not there, so that the list was cut or
    made anew as a whole. For what was changed since the newest run, keep the number and hash of the last entry
    somewhere else.
    """
    state_dir = load_config(config_path).state_dir
    with reading(state_dir) as database:
        chain = check(database)
        holds = wants_check and chain.broken_at is None
        beside = that_differ(database) if holds else ()
        missing = missing_ends(database, state_dir) if holds else []
        found = [] if wants_check else list(islice(entries(database), chain.entries))
    if not wants_check:
        _print(found, lang, wants_json)
        if chain.broken_at is not None:
            tell(word("trail_broken", lang, number=chain.broken_at))
        return
    if wants_json:
        tell_json(to_json(chain) | {"changed_beside": beside, "missing": to_json(missing)})
    elif chain.broken_at is not None:
        click.echo(word("trail_broken", lang, number=chain.broken_at))
    else:
        click.echo(word("trail_holds", lang, entries=chain.entries, hash=chain.last_sha256))
    if beside and not wants_json:
        click.echo(word("trail_beside", lang, ids=", ".join(beside)))
    if missing and not wants_json:
        click.echo(word("trail_missing", lang, run=missing[0].run_id, number=missing[0].entries))
    is_whole = chain.broken_at is None and not beside and not missing
    sys.exit(0 if is_whole else EXIT_STATUS[Outcome.INVALID])


def _print(found: list[Entry], lang: str, wants_json: bool) -> None:
    if wants_json:
        tell_json(found)
        return
    for entry in found:
        who = {CONSOLE: word("console", lang), NOBODY: word("nobody", lang)}.get(entry.who, entry.who)
        what = word(f"did_{entry.what}", lang)
        click.echo(f"{entry.number}  {entry.wall_time}  {who}  {what}  {entry.about}{_change(entry)}")


def _change(entry: Entry) -> str:
    """What differs."""
    old, new = entry.old or {}, entry.new or {}
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    told = [f"{key}: {_value(old.get(key))} → {_value(new.get(key))}" for key in keys]
    return f"  {'; '.join(told)}" if told else ""


def _value(value: object) -> str:
    return "—" if value is None else json.dumps(value, ensure_ascii=False)
