"""`bench admin`: what a laboratory decides about its bench."""

from __future__ import annotations

from pathlib import Path

import click

from bench.approvals import approval_of, approve
from bench.cli_options import config_option
from bench.clock import SystemClock
from bench.config import load_config
from bench.errors import OperatorError
from calibration.rule_files import load_rule_set, rule_set_names
from calibration.rules import RuleSet


@click.group()
def admin() -> None:
    """What the laboratory decides: which rule sets it approves."""


@admin.command()
@config_option
def rules(config_path: Path) -> None:
    """List the rule sets with their edition and hash, and who approved them."""
    state_dir = load_config(config_path).state_dir
    for name in rule_set_names():
        found = load_rule_set(name)
        approval = approval_of(state_dir, found)
        worth = "provisional" if approval is None else f"approved by {approval.person}, {approval.wall_time}"
        click.echo(f"{found.name}  edition {found.edition}  {found.sha256[:16]}  {worth}")


@admin.command("approve-rules")
@click.argument("name")
@click.option("--by", "person", required=True, help="Who compared it with the laboratory's copy.")
@config_option
def approve_rules(name: str, person: str, config_path: Path) -> None:
    """Approve a rule set as it is now; the approval lapses when its file changes."""
    found = _rule_set(name)
    approve(load_config(config_path).state_dir, found, person, SystemClock().state().wall_time)
    click.echo(f"{found.name} ({found.sha256[:16]}) is approved by {person.strip()}", err=True)


def _rule_set(name: str) -> RuleSet:
    try:
        return load_rule_set(name)
    except ValueError as error:
        raise OperatorError(str(error)) from error
