"""`bench backup`, `bench restore`: all that a bench keeps, as one file; `bench retention`: what it keeps no longer."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import click

from bench.clock import SystemClock
from bench.commands.words import word
from bench.configuration.config import load_config
from bench.errors import OperatorError
from bench.keeping.backup import CASEWORK_FILE, Kept, RunUnderWayError, back_up, keep_newest
from bench.keeping.last_backup import note_failed, note_made
from bench.keeping.restore import restore
from bench.terminal.cli_options import (
    config_option,
    customers_after_option,
    lang_option,
    tell,
    without_keys_option,
)
from bench.terminal.passwords import ask_backup_password, password_option
from bench.use_marks import mark_of

_casework_option = click.option(
    "--casework",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The web's file of cases.  [default: as installed, or beside the journal, where there is one]",
)


@click.command("backup")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@config_option
@_casework_option
@without_keys_option
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    metavar="COUNT",
    help="Delete this bench's older back-ups in DIR, all but so many.  [default: none is deleted]",
)
@click.option(
    "--other-disk", is_flag=True, help="Refuse a DIR on the disk of the data, as when a stick is not in."
)
@password_option
@lang_option
def backup_command(
    folder: Path,
    config_path: Path,
    casework: Path | None,
    without_keys: bool,
    keep: int | None,
    other_disk: bool,
    from_stdin: bool,
    lang: str,
) -> None:
    """Copy everything that the bench keeps into one file in DIR; it may be running, but about no run.

    The private keys are in it encrypted with a password that is asked for; all else is readable: keep it as the cases.
    """
    kept = _kept(config_path, casework)
    now = SystemClock().wall_time()
    try:
        password = None if without_keys else ask_backup_password(lang, from_stdin=from_stdin, is_new=True)
        made = back_up(kept, folder, now, password, on_other_disk=other_disk)
        note_made(kept.state_dir, now)
        if keep is not None:
            keep_newest(kept.bench_id, made, keep)
    except RunUnderWayError:
        raise
    except OperatorError:
        note_failed(kept.state_dir, now)
        raise
    tell(word("backed_up", lang, file=made, size=f"{made.stat().st_size / 1e6:.1f}"))
    if kept.casework is None or not kept.casework.is_file():
        tell(word("no_cases", lang))


@click.command("restore")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@config_option
@_casework_option
@without_keys_option
@password_option
@lang_option
def restore_command(
    file: Path, config_path: Path, casework: Path | None, without_keys: bool, from_stdin: bool, lang: str
) -> None:
    """Put a back-up in its place, after all of it was looked through; both processes of the bench must be stopped.

    Refused where something is newer than the FILE. The configuration in it is not put in place.
    """
    ask = partial(ask_backup_password, lang, from_stdin=from_stdin, is_new=False)
    manifest = restore(_kept(config_path, casework), file, None if without_keys else ask)
    tell(word("restored", lang, made=manifest["made"], files=len(manifest["files"])))


@click.command("retention")
@config_option
@_casework_option
@customers_after_option
@click.option("--dry-run", "is_trial", is_flag=True, help="Say what would go, and leave it.")
@click.option("--clock-is-right", is_flag=True, help="Also where the clock is far ahead of the newest entry.")
@lang_option
def retention_command(
    config_path: Path,
    casework: Path | None,
    days: int | None,
    is_trial: bool,
    clock_is_right: bool,
    lang: str,
) -> None:
    """Delete what customers have given and what has had its time; the bench may be running (docs/operation.md)."""
    cases = _kept(config_path, casework).casework
    if cases is None:
        raise OperatorError("there is no file of cases here; name it with --casework")
    # A process of the web's own program: the bench knows nothing of cases.
    command = [sys.executable, "-m", "web.retention", "--casework", str(cases), "--lang", lang]
    command += [] if days is None else ["--customers-after", str(days)]
    command += ["--dry-run"] * is_trial + ["--clock-is-right"] * clock_is_right
    sys.exit(subprocess.run(command, check=False).returncode)


def _kept(config_path: Path, casework: Path | None) -> Kept:
    config = load_config(config_path)
    found = casework or _usual_casework(config.state_dir)
    return Kept(config.bench.id, config.state_dir, config.socket_path, found, config_path)


def _usual_casework(state_dir: Path) -> Path | None:
    """As installed, in a folder of the web's own, also where the file is still to come; or beside the journal."""
    own_folder, beside = state_dir.with_name(f"{state_dir.name}-web"), state_dir / CASEWORK_FILE
    try:
        (own_folder / CASEWORK_FILE).is_file()
    except PermissionError:
        raise OperatorError(
            f"{own_folder} is for the pages' user alone; run it as root: sudo bench ..."
        ) from None
    if own_folder.is_dir():
        return own_folder / CASEWORK_FILE
    return beside if beside.is_file() or mark_of(beside).is_file() else None
