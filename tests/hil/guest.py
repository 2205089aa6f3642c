"""What the scripts inside the virtual machine share.

A process of the program is forked here and not started: emulated, its imports take some twenty seconds of a processor
each time, and so they are made once a boot (`boot.py`). What systemd starts is looked at by `installed.py`.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, Protocol

from bench.commands import cli
from tests.hil import rig

LIMIT_S = 3600.0
"""Of the guest's clock, which jumps while the guest waits for a file of the host."""
_LOOK_S = 0.05


class Running(Protocol):
    """A process that may end before it has done what it is waited for."""

    def poll(self) -> int | None: ...


class Forked:
    """A process that carries out a function of this one; as far as it is needed, as `subprocess.Popen`."""

    def __init__(self, run: Callable[[], object], *descriptors: int | None) -> None:
        """descriptors: that it has as its stdin, stdout and stderr; None: those of this process."""
        sys.stdout.flush()
        sys.stderr.flush()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _carry_out(run, descriptors)

    def poll(self) -> int | None:
        """Its exit status, or less the number of the signal that ended it; None while it runs."""
        if self.returncode is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self) -> int:
        """Its exit status. Errors: RuntimeError after LIMIT_S."""
        end = time.monotonic() + LIMIT_S
        while (status := self.poll()) is None:
            if time.monotonic() > end:
                raise RuntimeError(f"process {self.pid} does not end within {LIMIT_S:g} s")
            time.sleep(_LOOK_S)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _carry_out(run: Callable[[], object], descriptors: Sequence[int | None]) -> NoReturn:
    """In the new process: it ends as an interpreter does, but never returns into what its parent is about."""
    status = 1
    try:
        for own, wanted in enumerate(descriptors):
            if wanted is not None:
                os.dup2(wanted, own)
        try:
            run()
            status = 0
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
    except Exception:  # noqa: BLE001 - the boundary of the process: it must not return into what its parent is about
        traceback.print_exc()
        status = 1
    finally:
        sys.stderr.flush()
        os._exit(status)


def bench_program(arguments: Sequence[str], *descriptors: int | None) -> Forked:
    """The `bench` command in a process of its own; descriptors as there."""

    def run() -> None:
        sys.argv[:] = [str(Path(sys.executable).with_name("bench")), *arguments]
        cli.main()

    return Forked(run, *descriptors)


def wait_until(is_so: Callable[[], bool], process: Running, what: str) -> None:
    """Until something is so. Errors: RuntimeError when the process that makes it so ends or is too slow."""
    end = time.monotonic() + LIMIT_S
    while not is_so():
        if (status := process.poll()) is not None:
            raise RuntimeError(f"a process ended with {status} before {what}")
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {LIMIT_S:g} s")
        time.sleep(_LOOK_S)


def wait_for(path: Path, process: Running) -> None:
    """Until a file is there."""
    wait_until(path.exists, process, str(path))


@contextmanager
def running_rig(folder: Path, *, is_whole: bool = False) -> Iterator[Forked]:
    """The rig in a process of its own, ready; its words go to stderr."""
    process = Forked(lambda: rig.serve(folder, is_whole=is_whole), None, 2)
    try:
        wait_for(folder / "ready", process)
        yield process
    finally:
        process.terminate()
        process.wait()
