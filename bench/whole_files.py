"""Files that are there whole or not at all, whatever comes in between: a kill, a power cut, a disk that is full.

They are written under another name, which begins with a point, and get their own when they are on the disk. What is
only appended to (raw files, databases) has ways of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bench.owner import give_to_owner_of
from bench.synced_folder import sync_folder

PARTIAL = ".partial"
"""Ends the name of a file that is being written. A kill leaves it; nobody takes it for a whole one."""


@contextmanager
def synced_file(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A new file, on the disk when this is left without an error; its name is not yet. What had that name is gone.

    mode: less what the umask takes; who must have it exactly sets it while the file is open. Errors: OSError.
    """
    path.unlink(missing_ok=True)  # of another mode perhaps, or another's
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:  # takes all of it, or fails: a bare write may take a part
        yield file
        file.flush()
        os.fsync(descriptor)


@contextmanager
def whole_file(
    path: Path, mode: int = 0o666, *, owned_like: Path | None = None, may_replace: bool = True
) -> Iterator[BinaryIO]:
    """What is written takes the place of `path` when this is left without an error; else what was there stays.

    mode: as of `synced_file`. owned_like: a folder, where root gives the file to its owner.
    Errors: OSError; FileExistsError where there is one, unless it may be replaced.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    try:
        with synced_file(partial, mode) as file:
            yield file
        if owned_like is not None:
            give_to_owner_of(owned_like, partial)
        if may_replace:
            partial.replace(path)
        else:
            os.link(partial, path)  # unlike a renaming, refuses to replace
            partial.unlink()
        sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)
