"""The files that a command writes where somebody says: whole, or what was there before still is."""

from __future__ import annotations

from pathlib import Path

from bench.errors import OperatorError
from bench.whole_files import whole_file


def write_output(path: Path, content: bytes, *, if_there: str = "") -> None:
    """if_there: what to do about one that is there already; "" writes over it. Errors: OperatorError."""
    try:
        if if_there and path.exists():
            raise OperatorError(f"{path} is there already; give -o another name, or {if_there}")
        target = path.resolve()  # of a link the file that it names
        if target.exists() and not target.is_file():
            target.write_bytes(content)  # a terminal or a pipe, such as /dev/stdout: nothing stands in it
            return
        with whole_file(target) as file:
            file.write(content)
    except OSError as error:
        raise OperatorError(
            f"{path} cannot be written ({error.strerror or error}); give another place with -o"
        ) from error
