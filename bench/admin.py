"""`bench admin`: what a laboratory decides about its bench."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

from bench.canonical import JsonObject
from bench.cli_options import config_option, json_option, lang_option, tell
from bench.clock import SystemClock
from bench.config import load_config
from bench.errors import OperatorError
from bench.figures import finding_of
from bench.frozen import to_json
from bench.pooling import pooled_of_journal
from bench.registry.approvals import Approval, approval_of, approve, history_of, revoke, why_not_approved
from bench.words import word
from calibration.reasons import sentence
from calibration.rule_files import load_rule_set, rule_set_names
from calibration.rules import RuleSet


@click.group()
def admin() -> None:
    """What the laboratory decides: which rule sets it approves, how far its bench scatters."""


@admin.command()
@config_option
@lang_option
@json_option
def rules(config_path: Path, lang: str, wants_json: bool) -> None:
    """List the rule sets with their edition and hash, and who approved them, or why they are provisional."""
    state_dir = load_config(config_path).state_dir
    found = [load_rule_set(name) for name in rule_set_names()]
    if wants_json:
        click.echo(json.dumps([_as_json(state_dir, each) for each in found], ensure_ascii=False, indent=1))
        return
    for each in found:
        unapproved, approval = why_not_approved(state_dir, each), approval_of(state_dir, each)
        said = "" if unapproved is None else sentence(unapproved.reason, unapproved.values, lang)
        said = _entry(approval, lang) if approval is not None else said
        edition = word("edition", lang, edition=each.edition)
        click.echo(f"{each.name}  {edition}  {each.sha256[:16]}  {said}")


@admin.command()
@click.argument("name")
@config_option
@lang_option
@json_option
def history(name: str, config_path: Path, lang: str, wants_json: bool) -> None:
    """All approvals of a rule set and their revocations, oldest first."""
    entries = history_of(load_config(config_path).state_dir, _rule_set(name).name)
    if wants_json:
        click.echo(json.dumps([dataclasses.asdict(e) for e in entries], ensure_ascii=False, indent=1))
        return
    for entry in entries:
        click.echo(f"{entry.sha256[:16]}  {_entry(entry, lang)}")


@admin.command("revoke-rules")
@click.argument("name")
@click.option("--by", "person", required=True, help="Who takes the approval back.")
@config_option
@lang_option
def revoke_rules(name: str, person: str, config_path: Path, lang: str) -> None:
    """Take back the approval of a rule set as it is now; the approval stays in the history."""
    found = _rule_set(name)
    revoke(load_config(config_path).state_dir, found, person, SystemClock().state().wall_time)
    _tell_done("is_revoked", found, person, lang)


def _entry(entry: Approval, lang: str) -> str:
    key = "revoked_by" if entry.is_revoked else "approved_by"
    return word(key, lang, person=entry.person, when=entry.wall_time)


def _as_json(state_dir: Path, found: RuleSet) -> JsonObject:
    unapproved = why_not_approved(state_dir, found)
    return {
        "name": found.name,
        "edition": found.edition,
        "sha256": found.sha256,
        "unapproved": None if unapproved is None else finding_of(unapproved),
        "history": [dataclasses.asdict(entry) for entry in history_of(state_dir, found.name)],
    }


@admin.command("approve-rules")
@click.argument("name")
@click.option("--by", "person", required=True, help="Who compared it with the laboratory's copy.")
@config_option
@lang_option
def approve_rules(name: str, person: str, config_path: Path, lang: str) -> None:
    """Approve a rule set as it is now; the approval lapses when its file changes."""
    found = _rule_set(name)
    approve(load_config(config_path).state_dir, found, person, SystemClock().state().wall_time)
    _tell_done("is_approved", found, person, lang)


@admin.command("pool-repeatability")
@config_option
@lang_option
@json_option
def pool_repeatability(config_path: Path, lang: str, wants_json: bool) -> None:
    """Pool the standard deviations of all repeatability results of the journal; stdout is for bench.toml.

    Only results with the present reference standard count, and simulated ones on a simulated bench alone. Take results
    of one kind of meter and load; meters on one load share what the source does.
    """
    config = load_config(config_path)
    is_simulated = "sim" in config.drivers
    serial = config.reference.card.serial
    pooled, found = pooled_of_journal(config.state_dir, serial, is_simulated=is_simulated)
    if wants_json:
        click.echo(json.dumps(to_json(pooled) | {"results": to_json(found)}, ensure_ascii=False))
        return
    for each in found:
        line = f"{each.run_id}  {word('at_position', lang, position=each.position)}  {each.load_point}"
        tell(f"{line}  s = {each.sd_pct:.5f} %  n = {each.runs}")
    tell(word("pooled", lang, results=len(found), degrees=f"{pooled.degrees_of_freedom:g}"))
    click.echo("[repeatability]")
    click.echo(f"sd_pct = {pooled.sd_pct:.4g}")
    click.echo(f"degrees_of_freedom = {pooled.degrees_of_freedom:g}")


def _tell_done(key: str, found: RuleSet, person: str, lang: str) -> None:
    tell(word(key, lang, name=found.name, hash=found.sha256[:16], person=person.strip()))


def _rule_set(name: str) -> RuleSet:
    try:
        return load_rule_set(name)
    except ValueError as error:
        raise OperatorError(str(error)) from error
