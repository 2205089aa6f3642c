"""Back-up and deletion by timers of systemd: what the laboratory has chosen, beside the units that are shipped."""

from __future__ import annotations

import os
import re
from enum import StrEnum
from pathlib import Path

from bench.appliance.machine import CONFIG_FOLDER, PRIVATE, UNITS, Machine
from bench.appliance.words import NotDoneError

PASSWORD = CONFIG_FOLDER / "backup-password"
LEAST_PASSWORD = 12
"""As `bench backup` wants it."""
_DATA = Path("/var/lib/meter-test-bench")
_FOLDER = re.compile(r"/[A-Za-z0-9/._-]+")
_NOT_KEPT = ("/tmp", "/var/tmp", "/run", "/dev", "/proc", "/sys")
"""In memory, of another disk and gone with the power; or, of the first two, the unit's own."""


class Daily(StrEnum):
    """What is done each day."""

    BACKUP = "backup"
    RETENTION = "retention"


def back_up_daily(
    machine: Machine, folder: Path, keep: int, password: str | None, *, may_be_same_disk: bool
) -> None:
    """password: of the private keys; None leaves them out. Errors: NotDoneError."""
    require_folder(machine, folder, may_be_same_disk=may_be_same_disk)
    options = f"--keep {keep}" + ("" if may_be_same_disk else " --other-disk")
    reads = ""
    if password is None:
        options += " --without-keys"
        machine.remove(PASSWORD)
    else:
        if len(password) < LEAST_PASSWORD:
            raise NotDoneError("bad_backup_password", least=LEAST_PASSWORD)
        machine.put(PASSWORD, f"{password}\n", PRIVATE)
        options += " --password-stdin"
        reads = f"StandardInput=file:/{PASSWORD}\n"
    _choose(
        machine,
        Daily.BACKUP,
        f'Environment=BENCH_BACKUP_TO={folder}\nEnvironment="BENCH_BACKUP_OPTIONS={options}"\n'
        # A stick that is not in is no reason not to start: the back-up says it, and it is written down.
        f"{reads}ReadWritePaths=-{folder}\n",
    )


def require_folder(machine: Machine, folder: Path, *, may_be_same_disk: bool) -> None:
    """Errors: NotDoneError where no back-up can go there."""
    if any(Path(os.path.normpath(folder)).is_relative_to(each) for each in _NOT_KEPT):
        raise NotDoneError("not_kept", path=folder)
    if not _FOLDER.fullmatch(str(folder)) or not machine.path(str(folder).lstrip("/")).is_dir():
        raise NotDoneError("bad_folder", path=folder)
    if machine.is_this and not may_be_same_disk and folder.stat().st_dev == _DATA.stat().st_dev:
        raise NotDoneError("same_disk", path=folder)


def delete_daily(machine: Machine, customers_after: int | None) -> None:
    """customers_after: days; None never deletes them. Errors: NotDoneError."""
    options = "" if customers_after is None else f"--customers-after {customers_after}"
    _choose(machine, Daily.RETENTION, f'Environment="BENCH_RETENTION_OPTIONS={options}"\n')


def stop(machine: Machine, what: Daily) -> None:
    """Errors: NotDoneError."""
    machine.disable(_timer(what))
    machine.remove(_choice(what))
    if what is Daily.BACKUP:
        machine.remove(PASSWORD)
    machine.call("systemctl", "daemon-reload")


def _choose(machine: Machine, what: Daily, lines: str) -> None:
    machine.put(
        _choice(what),
        f"# Written by `bench daily {what}`; `bench daily off {what}` removes it.\n[Service]\n{lines}",
    )
    machine.enable(_timer(what))


def _timer(what: Daily) -> str:
    return f"bench-{what}.timer"


def _choice(what: Daily) -> Path:
    return UNITS / f"bench-{what}.service.d/laboratory.conf"
