"""Private keys as files: whole or not at all, for the bench's own user only, never written over.

A key file belongs to whom its folder belongs, also where root writes it; a file that others can read, or that is
somebody else's, is not used before somebody has looked at it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from bench.errors import OperatorError
from bench.owner import give_to_owner_of
from bench.whole_files import whole_file

KEYS_FOLDER = "keys"
"""In the state folder."""
_PRIVATE, _PUBLIC, _PRIVATE_FOLDER, _OTHERS = 0o600, 0o644, 0o700, 0o077


def keys_folder(state_dir: Path) -> Path:
    """The folder of the keys, made where there is none. Errors: OperatorError."""
    folder = state_dir / KEYS_FOLDER
    try:
        folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        give_to_owner_of(state_dir, folder)
        if stat.S_IMODE(folder.stat().st_mode) & _OTHERS:
            folder.chmod(_PRIVATE_FOLDER)
    except OSError as error:
        raise OperatorError(f"{folder}: {error.strerror}; it must be a folder of the bench's user") from error
    return folder


def write_private(path: Path, content: bytes, mode: int = _PRIVATE) -> None:
    """A new file, on the disk when this returns. mode: other than 0600 for what is public.

    Errors: OperatorError where there is such a file already, or it cannot be written.
    """
    _write(path, content, mode, may_replace=False)


def replace_public(path: Path, content: bytes) -> None:
    """What stands beside a key, is no secret and may change: after a kill, the old one or the new one is there.

    Errors: OperatorError where it cannot be written.
    """
    _write(path, content, _PUBLIC, may_replace=True)


def _write(path: Path, content: bytes, mode: int, *, may_replace: bool) -> None:
    try:
        with whole_file(path, _PRIVATE, owned_like=path.parent, may_replace=may_replace) as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
    except FileExistsError:
        raise OperatorError(f"{path} is there already; a key is never written over") from None
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}; check the folder") from error


def read_private(path: Path) -> bytes:
    """Errors: OperatorError where there is none, others can read it, or it is somebody else's."""
    try:
        with path.open("rb") as file:
            found, folder = os.fstat(file.fileno()), path.parent.stat()
            if found.st_uid != folder.st_uid:
                raise OperatorError(
                    f"{path} belongs to another user than its folder; if it is the bench's, "
                    f"sudo chown --reference={path.parent} {path}"
                )
            if stat.S_IMODE(found.st_mode) & _OTHERS:
                raise OperatorError(
                    f"{path} can be read by others; chmod 600 {path}, and make a new key if one of them may have"
                )
            return file.read()
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}; restore it from a back-up") from error
