"""Passwords that cost nothing, as in tests/registry, and laboratories whose run is simulated once for all tests;
keys and a sealed certificate that nobody changes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from bench.certificate.seals import Sealed, sealed
from bench.keys.fingerprint import fingerprint
from bench.keys.seal_certificates import der_public
from bench.keys.seal_keys import SealKeys, open_seal_keys
from bench.registry import person_passwords
from tests.certificate.made_up import certificate
from tests.certificate.office import Desk, desk, staff_and_run
from tests.certificate.sealing import WHEN, plain_pdf


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


@pytest.fixture(scope="session")
def seal_keys(tmp_path_factory: pytest.TempPathFactory) -> SealKeys:
    return open_seal_keys(tmp_path_factory.mktemp("keys"), "电能计量实验室 Laboratory", WHEN)


@pytest.fixture(scope="session")
def published(seal_keys: SealKeys) -> tuple[str, ...]:
    """The fingerprints that a customer has got from the laboratory."""
    return tuple(fingerprint(der_public(key.certificate)) for key in (seal_keys.xml, seal_keys.pdf))


@pytest.fixture(scope="session")
def one_sealed(seal_keys: SealKeys) -> Sealed:
    return sealed(certificate(), seal_keys, plain_pdf, WHEN)
