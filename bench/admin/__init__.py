"""`bench admin`: what a laboratory decides about its bench."""

from __future__ import annotations

import click

from bench.admin.daily_check import daily_check
from bench.admin.equipment import equipment
from bench.admin.keys import keys
from bench.admin.persons import person
from bench.admin.repeatability import pool_repeatability
from bench.admin.rule_sets import approve_rules, history, revoke_rules, rules
from bench.admin.texts import text
from bench.admin.trail import trail
from bench.admin.trainings import expiring, training


@click.group()
def admin() -> None:
    """What the laboratory decides: persons, rule sets, equipment, keys, texts, how far its bench scatters."""


for command in (
    rules,
    history,
    approve_rules,
    revoke_rules,
    pool_repeatability,
    person,
    training,
    equipment,
    daily_check,
    expiring,
    keys,
    text,
    trail,
):
    admin.add_command(command)
