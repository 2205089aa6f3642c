"""`bench plan`: make a plan for meters, and check one before the start."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from bench.app_reference import usable_profile
from bench.app_source import source_requirement
from bench.before_run.plan_check import asks_people, review
from bench.before_run.plan_making import LeftOut, MadePlan, make_plan
from bench.clock import SystemClock
from bench.commands.words import word
from bench.configuration.config import Config, load_config
from bench.dates import day_of
from bench.errors import OperatorError
from bench.plans.meter_types import load_batch, load_meter_types, type_named
from bench.plans.plan import MeterSection, load_plan
from bench.registry.persons import id_of
from bench.registry.standing import registered
from bench.terminal.cli_options import config_option, json_option, lang_option, tell, tell_json
from bench.terminal.output_files import write_output
from bench.terminal.plan_table import print_review, review_as_json

_CANNOT_DECIDE = 4


@click.group()
def plan() -> None:
    """Make a plan for meters, and check one before the start."""


@plan.command()
@click.option(
    "--types", "types_path", required=True, type=click.Path(path_type=Path), help="Library of meter types."
)
@click.option("--type", "type_name", help="Type of the meter, as the library calls it.")
@click.option("--serial", help="Its serial number.")
@click.option("--position", help="Where it is mounted.  [default: the first position]")
@click.option(
    "--meters", "batch_path", type=click.Path(path_type=Path), help="CSV with position,serial,type instead."
)
@click.option("--rules", "rule_set", default="jjg596-2012", show_default=True, help="Rule set.")
@click.option("-o", "output", type=click.Path(path_type=Path), help="File to write.  [default: stdout]")
@config_option
@lang_option
@json_option
def new(
    types_path: Path,
    type_name: str | None,
    serial: str | None,
    position: str | None,
    batch_path: Path | None,
    rule_set: str,
    output: Path | None,
    config_path: Path,
    lang: str,
    wants_json: bool,
) -> None:
    """Write a plan: what the rule set asks of these meters, as far as this bench can do it."""
    config = registered(load_config(config_path))
    if batch_path is not None:
        if type_name or serial or position:
            raise OperatorError("--meters names the meters; leave out --type, --serial and --position")
        meters = load_batch(batch_path, load_meter_types(types_path))
    else:
        meters = (_one_meter(types_path, type_name, serial, position, config),)
    made = make_plan(meters, rule_set, config)
    if output is not None:
        # One that is there may have been edited.
        write_output(output, made.text.encode(), if_there="remove it")
    if wants_json:
        tell_json(_made_as_json(made, output))
    elif output is None:
        click.echo(made.text, nl=False)
    else:
        tell(word("plan_written", lang, path=output, config=config_path))


def _one_meter(
    types_path: Path, type_name: str | None, serial: str | None, position: str | None, config: Config
) -> MeterSection:
    serial = (serial or "").strip()
    missing = [name for name, value in (("--type", type_name), ("--serial", serial)) if not value]
    if missing or type_name is None:
        raise OperatorError(f"give {' and '.join(missing)} of the meter, or --meters with a batch")
    found = type_named(load_meter_types(types_path), type_name, str(types_path))
    return found.mounted(position or config.position[0].name, serial)


def _made_as_json(made: MadePlan, output: Path | None) -> dict[str, object]:
    plan = made.checked.plan
    return {
        "file": None if output is None else str(output),
        "rule_set": plan.rule_set,
        "decision_rule": plan.decision_rule,
        "tests": list(plan.tests),
        "load_points": list(plan.load_points),
        "repeats": plan.repeats,
        "left_out": [_left_out(found) for found in made.left_out],
        "meters": [{"position": m.position, "serial": m.serial} for m in plan.meter],
        "plan": made.text,
    }


def _left_out(found: LeftOut) -> dict[str, str]:
    return {"item": found.item.value, "zh": found.why("zh"), "en": found.why("en")}


@plan.command()
@click.argument("plan_path", metavar="PLAN.toml", type=click.Path(path_type=Path))
@click.option("--by", "verifier", metavar="PERSON", help="Who would verify (id or name).")
@config_option
@lang_option
@json_option
def check(plan_path: Path, verifier: str | None, config_path: Path, lang: str, wants_json: bool) -> None:
    """How long a plan takes, how well it measures, and what this bench cannot decide (then exit status 4).

    No device is opened.
    """
    config = registered(load_config(config_path))
    usable_profile(config)  # refused as a run would refuse it
    checked = load_plan(plan_path, [p.name for p in config.position])
    who = "" if verifier is None else id_of(config.state_dir, verifier)
    today = day_of(SystemClock().state().wall_time)
    found = review(checked, config, today, source_requirement(config), who)
    asking = asks_people(checked, config)
    if wants_json:
        tell_json(review_as_json(found, checked, asking))
    else:
        print_review(found, checked, asking, Console(), lang)
    sys.exit(0 if found.decides_all else _CANNOT_DECIDE)
