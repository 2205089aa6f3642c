"""Hostile files to every reader: some of those that `./dev fuzz` makes, and what it has found."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator

import pytest

from calibration.rule_files import read_rule_set
from firmware_io.recording import decode_poll
from tests.benchmarks.readers import READERS, Reader, kept_bytes, study

BY_NAME = {reader.name: reader for reader in READERS}
NEVER_WHOLE = {"archive"}
"""A bundle has a signature and records that fit; what nearly is one: tests/evidence/test_hostile_archives.py."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("reader", READERS, ids=list(BY_NAME))
def test_mutated_files_are_read_or_refused(reader: Reader) -> None:
    found = study(reader, 60, random.Random(20261127))
    assert found.understood > 5 or reader.name in NEVER_WHOLE  # or the study would say nothing


@pytest.mark.parametrize("reader", READERS, ids=list(BY_NAME))
def test_nothing_of_them_is_kept(reader: Reader) -> None:
    assert kept_bytes(reader, random.Random(1), inputs=10) < 1_000_000


@pytest.mark.parametrize("content", [b"a=" + b"[" * 5000, b"[" * 5000])
def test_rules_that_are_nested_too_deeply_are_no_rules(content: bytes) -> None:
    with pytest.raises(ValueError, match="no TOML"):
        read_rule_set(content, "rules.toml")


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 200_000,
        b'{"replies":[[1e400,2,3,4,"00"]],"fault":null}',
        b'{"replies":[],"fault":{"at_ns":1e400,"reason":"reference_stalled","values":{}}}',
    ],
)
def test_a_line_that_no_bench_has_written_is_no_poll(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a poll"):
        decode_poll(line)
