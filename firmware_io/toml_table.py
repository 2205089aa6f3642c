"""Profiles are TOML files, of the program or of the laboratory; a key nobody knows is an error that names the nearest
one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from importlib import resources
from math import isfinite
from pathlib import Path
from typing import Any

from bench.errors import OperatorError


def profile_names(folder: str) -> tuple[str, ...]:
    """Of the profiles that come with the program, in this folder of the package."""
    entries = (resources.files("firmware_io") / folder).iterdir()
    return tuple(sorted(e.name.removesuffix(".toml") for e in entries if e.name.endswith(".toml")))


def read_profile(folder: str, kind: str, name_or_path: str | Path) -> str:
    """The text of a profile: of the program by its name, or a file's by its path. kind: for the message.

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


def parse_document(text: str, name: str, sections: tuple[str, ...]) -> dict[str, Any]:
    """The profile with this name, with these sections and no others. Errors: OperatorError."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise OperatorError(f"profile {name}: not valid TOML: {error}") from error
    only_known(document, sections, f"profile {name}")
    return document


def only_known(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    """Errors: OperatorError where `table` is none or has a key that is not among `known`."""
    if not isinstance(table, Mapping):
        raise OperatorError(f"{where}: must be a table")
    for key in table:
        if key not in known:
            nearest = get_close_matches(key, known, 1, 0.0)[0]
            raise OperatorError(f"{where}: unknown key {key!r}; did you mean {nearest!r}?")


class Table:
    """Typed access to a TOML table whose keys are the fields of a dataclass; errors name the place."""

    def __init__(self, raw: Any, keys: type, where: str) -> None:
        known = tuple(f.name for f in fields(keys))
        only_known(raw, known, where)
        self.raw: Mapping[str, Any] = raw
        self._where = where

    def _get(self, key: str, kinds: tuple[type, ...], what: str, default: Any) -> Any:
        if key not in self.raw:
            if default is None:
                raise OperatorError(f"{self._where}: {key} is missing")
            return default
        value = self.raw[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise OperatorError(f"{self._where}: {key} must be {what}, not {value!r}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        return str(self._get(key, (str,), "a text in quotes", default))

    def choice(self, key: str, known: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in known:
            raise OperatorError(f"{self._where}: {key} {value!r} is unknown; known: {', '.join(known)}")
        return value

    def integer(self, key: str, default: int | None = None) -> int:
        return int(self._get(key, (int,), "a whole number", default))

    def number(self, key: str) -> float | None:
        """A finite number, or None where the profile does not give it."""
        if key not in self.raw:
            return None
        value = float(self._get(key, (int, float), "a number", 0))
        if not isfinite(value):
            raise OperatorError(f"{self._where}: {key} must be a finite number, not {value}")
        return value

    def flag(self, key: str) -> bool:
        return bool(self._get(key, (bool,), "true or false", False))

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._get(key, (list,), "a list of texts", [])
        return tuple(str(value) for value in values)

    def integers(self, key: str) -> tuple[int, ...]:
        """Errors: OperatorError where one of them is no whole number."""
        values = self._get(key, (list,), "a list of whole numbers", [])
        if any(not isinstance(value, int) or isinstance(value, bool) for value in values):
            raise OperatorError(f"{self._where}: {key} must be a list of whole numbers, not {values!r}")
        return tuple(values)
