"""Passwords that cost nothing, as in tests/registry, and laboratories whose run is simulated once for all tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from bench.registry import person_passwords
from tests.certificate.office import Desk, desk, staff_and_run


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person_passwords, "HASHER", _cheap())


def _cheap() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[float, bool], Path]:
    """State folders by the error of the meter, and whether the run names its verifier."""
    folders: dict[tuple[float, bool], Path] = {}

    def folder(error_pct: float, has_verifier: bool) -> Path:
        key = (error_pct, has_verifier)
        if key not in folders:
            folders[key] = tmp_path_factory.mktemp("laboratory")
            staff_and_run(folders[key], error_pct, has_verifier=has_verifier)
        return folders[key]

    return folder


@pytest.fixture
def desk_of(tmp_path: Path, made: Callable[[float, bool], Path]) -> Callable[..., Desk]:
    """A laboratory of one's own with a run of a meter with this error."""

    def of(error_pct: float = 0.4, *, has_verifier: bool = True) -> Desk:
        shutil.copytree(made(error_pct, has_verifier), tmp_path, dirs_exist_ok=True)
        return desk(tmp_path, error_pct)

    return of


@pytest.fixture
def passed(desk_of: Callable[..., Desk]) -> Desk:
    """Of a meter that has passed."""
    return desk_of()
