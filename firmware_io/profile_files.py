"""Profiles are TOML files, of the program or of the laboratory: where they lie, and how one is read.

A profile is declared as dataclasses, one a table; `bench.toml_reader` reads them as strictly as the configuration.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, cast

from bench.errors import OperatorError
from bench.toml_reader import parse_toml, read_table

T = TypeVar("T")


def profile_names(folder: str) -> tuple[str, ...]:
    """Of the profiles that come with the program, in this folder of the package."""
    entries = (resources.files("firmware_io") / folder).iterdir()
    return tuple(sorted(e.name.removesuffix(".toml") for e in entries if e.name.endswith(".toml")))


def profile_text(folder: str, kind: str, name_or_path: str | Path) -> str:
    """The TOML of a profile: of the program by its name, or a file's by its path. kind: for the message.

    Errors: OperatorError that names the known ones.
    """
    path, known = Path(name_or_path), profile_names(folder)
    if path.suffix == ".toml":
        try:
            return path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise OperatorError(
                f"profile {path}: cannot be read ({error}); give the path of a profile"
            ) from error
    if str(name_or_path) not in known:
        raise OperatorError(
            f"unknown {kind} profile {str(name_or_path)!r}; known: {', '.join(known)} "
            "(or give the path of a .toml file)"
        )
    return (resources.files("firmware_io") / folder / f"{name_or_path}.toml").read_text("utf-8")


def parse_profile_file(tables: type[T], text: str, name: str) -> T:
    """The tables of the profile with this name, which nobody changes: a run and its replay read the same.

    Errors: OperatorError, one line that names the key.
    """
    return cast(T, _read(cast(Any, tables), text, name))


@lru_cache(maxsize=16)
def _read(tables: type[object], text: str, name: str) -> object:
    where = f"profile {name}"
    return read_table(tables, parse_toml(text, where), where)
