"""`bench calc`: every calculation of the bench by hand, for technicians who check and labs that script.

One module a subject; each command takes figures and prints fields. With `--json` (before the values, at the command
or at `calc`) it prints one object with all figures as text. Negative values follow `--`.
"""

from __future__ import annotations

import click

from bench.calc import decisions, energy, rule_sets
from bench.calc.examples import epilog
from bench.calc.fields import output_options


@click.group()
@output_options
def calc() -> None:
    """Compute by hand what the bench computes: errors, limits, durations, budgets, verdicts."""


for module in (energy, rule_sets, decisions):
    for command in module.COMMANDS:
        command.epilog = epilog(str(command.name))
        calc.add_command(command)
