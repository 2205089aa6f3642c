"""Back-up and deletion each day: what the laboratory chooses goes beside the shipped units, and fits the commands."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest

from bench.appliance.daily import LEAST_PASSWORD, PASSWORD
from bench.commands.daily_cli import retention
from bench.commands.keeping_cli import backup_command, retention_command
from bench.errors import OperatorError
from bench.keeping.key_box import LEAST_CHARACTERS
from tests.appliance.commands import typed
from tests.install.units import settings_in
from web.casework.retention import LEAST_CUSTOMER_DAYS

WORDS = "correct horse battery"


def settings(card: Path, unit: str) -> list[tuple[str, str]]:
    """Of the shipped unit and what is beside it, as systemd puts them together."""
    units = card / "etc/systemd/system"
    return settings_in(units / unit, *sorted((units / f"{unit}.d").glob("*.conf")))


def started(card: Path, unit: str) -> list[str]:
    """The words of its command, with variables as systemd fills them in."""
    found = settings(card, unit)
    given = [
        word.partition("=") for key, value in found if key == "Environment" for word in shlex.split(value)
    ]
    variables = {name: value for name, _, value in given}
    (command,) = [value for key, value in found if key == "ExecStart"]
    words = []
    for word in command.split()[1:]:
        if word.startswith("${"):
            words.append(variables[word[2:-1]])
        elif word.startswith("$"):
            words += variables[word[1:]].split()
        else:
            words.append(word)
    return words


def understood(command: click.Command, words: list[str]) -> dict[str, object]:
    """Errors: click.UsageError for an option that the command does not have."""
    context = command.make_context(words[0], words[1:])
    return context.params


def test_a_back_up_each_day_is_a_command_that_the_program_has(card: Path) -> None:
    (card / "mnt/usb").mkdir(parents=True)
    said = typed(card, "daily", "backup", "/mnt/usb", "--keep", "5", "--password-stdin", answers=f"{WORDS}\n")
    assert WORDS not in said
    words = started(card, "bench-backup.service")
    chosen = understood(backup_command, words)
    assert words[0] == "backup"
    assert (chosen["folder"], chosen["keep"], chosen["other_disk"]) == (Path("/mnt/usb"), 5, True)
    assert chosen["from_stdin"]
    found = settings(card, "bench-backup.service")
    assert ("StandardInput", f"file:/{PASSWORD}") in found
    assert ("ReadWritePaths", "-/mnt/usb") in found, "the rest of the file system cannot be written"
    assert (card / PASSWORD).read_text() == f"{WORDS}\n"
    assert (card / PASSWORD).stat().st_mode & 0o777 == 0o600
    assert (card / "etc/systemd/system/timers.target.wants/bench-backup.timer").is_symlink()
    typed(card, "daily", "off", "backup")
    assert not (card / PASSWORD).exists()
    assert not (card / "etc/systemd/system/timers.target.wants/bench-backup.timer").is_symlink()
    assert ("StandardInput", f"file:/{PASSWORD}") not in settings(card, "bench-backup.service")


def test_without_the_keys_no_password_is_kept(card: Path) -> None:
    (card / "srv").mkdir()
    typed(card, "daily", "backup", "/srv", "--password-stdin", answers=f"{WORDS}\n")
    typed(card, "daily", "backup", "/srv", "--without-keys", "--same-disk")
    chosen = understood(backup_command, started(card, "bench-backup.service"))
    assert (chosen["without_keys"], chosen["other_disk"], chosen["from_stdin"]) == (True, False, False)
    assert not (card / PASSWORD).exists()


def test_deletion_each_day_is_a_command_that_the_program_has(card: Path) -> None:
    assert "never by itself" in typed(card, "daily", "retention")
    assert understood(retention_command, started(card, "bench-retention.service"))["days"] is None
    assert "730" in typed(card, "daily", "retention", "--customers-after", "730", lang="zh")
    chosen = understood(retention_command, started(card, "bench-retention.service"))
    assert chosen["days"] == 730
    with pytest.raises(click.UsageError, match="400"):
        understood(retention, ["retention", "--customers-after", str(LEAST_CUSTOMER_DAYS - 1)])
    assert chosen["casework"] == Path("/var/lib/meter-test-bench-web/casework.sqlite")


@pytest.mark.parametrize("folder", ["/mnt/nowhere", "relative", "/mnt/two words", "/mnt/50%", "/mnt/$HOME"])
def test_a_folder_that_is_not_there_or_that_a_unit_cannot_name_is_refused(card: Path, folder: str) -> None:
    for name in ("mnt/two words", "mnt/50%", "mnt/$HOME"):
        (card / name).mkdir(parents=True)
    with pytest.raises(OperatorError, match="give a folder that is there"):
        # Before a password is asked for: there is none to read here.
        typed(card, "daily", "backup", folder, "--password-stdin")


def test_a_password_that_the_back_up_would_refuse_at_night_is_refused_now(card: Path) -> None:
    assert LEAST_PASSWORD == LEAST_CHARACTERS
    (card / "srv").mkdir()
    with pytest.raises(OperatorError, match="at least"):
        typed(card, "daily", "backup", "/srv", "--password-stdin", answers="elevenchars\n")
    assert not (card / PASSWORD).exists()


@pytest.mark.parametrize("folder", ["/run/backups", "/tmp/backups", "/mnt/../dev/shm", "/var/tmp"])
def test_where_nothing_outlives_a_power_cut_no_back_up_goes(card: Path, folder: str) -> None:
    (card / folder.lstrip("/")).mkdir(parents=True)
    with pytest.raises(OperatorError, match="gone when the power is"):
        typed(card, "daily", "backup", folder, "--without-keys")
