"""`bench daily`: back-up and deletion each day, by timers of systemd."""

from __future__ import annotations

from pathlib import Path

import click

from bench.appliance import daily
from bench.appliance.daily import Daily
from bench.appliance.words import word
from bench.commands.appliance_options import machine_at, root_option
from bench.terminal.cli_options import customers_after_option, lang_option, without_keys_option
from bench.terminal.passwords import ask_backup_password, password_option


@click.group("daily")
def daily_group() -> None:
    """What is done each day by itself: back-up, and the deletion of what has had its time (docs/operation.md)."""


@daily_group.command("backup")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--keep", default=14, show_default=True, type=click.IntRange(1, 10_000), help="How many are kept."
)
@click.option("--same-disk", is_flag=True, help="DIR may be on the disk of the data.")
@without_keys_option
@password_option
@root_option
@lang_option
def backup(
    folder: Path, keep: int, same_disk: bool, without_keys: bool, from_stdin: bool, root: Path, lang: str
) -> None:
    """Make a back-up into DIR each day, best on a stick or a share; while a run is under way it is put off."""
    with machine_at(root, lang) as machine:
        # Before a password is typed for nothing, twice.
        daily.require_folder(machine, folder, may_be_same_disk=same_disk)
        password = None if without_keys else ask_backup_password(lang, from_stdin=from_stdin, is_new=True)
        daily.back_up_daily(machine, folder, keep, password, may_be_same_disk=same_disk)
        click.echo(word("backup_daily", lang, path=folder, keep=keep))


@daily_group.command("retention")
@customers_after_option
@root_option
@lang_option
def retention(days: int | None, root: Path, lang: str) -> None:
    """Delete each day what has had its time."""
    with machine_at(root, lang) as machine:
        daily.delete_daily(machine, days)
        customers = (
            word("customers_never", lang) if days is None else word("customers_after", lang, days=days)
        )
        click.echo(word("retention_daily", lang, customers=customers))


@daily_group.command("off")
@click.argument("what", type=click.Choice([each.value for each in Daily]))
@root_option
@lang_option
def off(what: str, root: Path, lang: str) -> None:
    """Do it no longer. Back-ups that are there stay."""
    with machine_at(root, lang) as machine:
        daily.stop(machine, Daily(what))
        click.echo(word("daily_off", lang, what=what))
