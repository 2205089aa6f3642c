"""Passwords that cost nothing: every laboratory has three of them."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from bench.registry import person_passwords


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same kind of hash with the least memory; the program's own is looked at in test_persons.py."""
    monkeypatch.setattr(person_passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
