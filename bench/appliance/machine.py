"""The computer that the bench is on: files below a root, and the few programs of the system that are called.

Below another root (a card that is mounted, a test) nothing is called: what is there holds from its next start on.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.appliance.words import NotDoneError
from bench.synced_folder import sync_folder
from bench.whole_files import whole_file

ROOT = Path("/")
CONFIG_FOLDER = Path("etc/meter-test-bench")
UNITS = Path("etc/systemd/system")
PRIVATE, PUBLIC = 0o600, 0o644
_FOLDER = 0o755
_LIMIT_S = 180
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Machine:
    """root: of its file system."""

    root: Path = ROOT

    @property
    def is_this(self) -> bool:
        return self.root == ROOT

    def path(self, below: Path | str) -> Path:
        return self.root / below

    def require_root(self) -> None:
        """Errors: NotDoneError for whoever may not change the system."""
        if self.is_this and os.geteuid() != 0:
            raise NotDoneError("not_root")

    def require_bench(self) -> None:
        """Errors: NotDoneError where no bench is installed."""
        unit = self.path(UNITS / "bench-web.service")
        if not unit.is_file():
            raise NotDoneError("not_installed", path=unit)

    def put(self, below: Path, content: bytes | str, mode: int = PUBLIC) -> None:
        """After this, and after a power cut, the whole file or the one before is there; never open to more than mode.

        Errors: NotDoneError.
        """
        path, data = self.path(below), content.encode() if isinstance(content, str) else content
        try:
            for folder in reversed([each for each in path.parents if not each.exists()]):
                folder.mkdir()
                # Others read what is public in it, whatever the umask of root is.
                folder.chmod(_FOLDER)
            with whole_file(path, PRIVATE) as file:
                os.fchmod(file.fileno(), mode)
                file.write(data)
        except OSError as error:
            raise NotDoneError("not_written", path=path, why=error.strerror or error) from error

    def remove(self, below: Path) -> bool:
        """Whether it was there. Errors: NotDoneError."""
        path = self.path(below)
        try:
            path.unlink()
            sync_folder(path.parent)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise NotDoneError("not_written", path=path, why=error.strerror or error) from error
        return True

    def enable(self, *units: str) -> None:
        """Now, and at each start. Errors: NotDoneError."""
        if self.is_this:
            self.call("systemctl", "daemon-reload")
            self.call("systemctl", "enable", "--quiet", "--now", *units)
        else:
            _run("systemctl", "--root", str(self.root), "enable", "--quiet", *units)

    def disable(self, *units: str) -> None:
        """Errors: NotDoneError."""
        if self.is_this:
            self.call("systemctl", "disable", "--quiet", "--now", *units)
        else:
            _run("systemctl", "--root", str(self.root), "disable", "--quiet", *units)

    def call(self, *command: str) -> str:
        """What a program of the system says; nothing below another root. No secret is ever in a command line.

        Errors: NotDoneError where it is not there, or fails.
        """
        return _run(*command) if self.is_this else ""


def read(path: Path) -> bytes:
    """A file that somebody names. Errors: NotDoneError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotDoneError("not_readable", path=path, why=error.strerror or error) from error


def _run(*command: str) -> str:
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_LIMIT_S, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        raise NotDoneError("no_program", program=command[0]) from None
    except subprocess.TimeoutExpired:
        raise NotDoneError("program_failed", command=" ".join(command), said=f"> {_LIMIT_S} s") from None
    if ran.returncode != 0:
        said = " ".join((ran.stderr or ran.stdout).split())[:_LONGEST]
        raise NotDoneError("program_failed", command=" ".join(command), said=said)
    return ran.stdout
