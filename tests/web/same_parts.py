"""What is the same in every application is compiled once for all tests: templates, and the builders of addresses.

Hundreds of tests make an application of their own, and nearly all of its time was spent on these: 0.15 s on addresses,
0.15 s more on the templates of the first page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class Compiled(BytecodeCache):
    """Templates by name and source, for environments with the same settings."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get(self._key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._kept[self._key(bucket)] = bucket.code

    @staticmethod
    def _key(bucket: Bucket) -> tuple[object, ...]:
        settings = bucket.environment
        return bucket.key, bucket.checksum, settings.trim_blocks, settings.lstrip_blocks


def once_for_each_address(
    compile_builder: Callable[[Rule, bool], Builder],
) -> Callable[[Rule, bool], Builder]:
    """A builder depends on the words of its address alone, where none of them has a default."""
    kept: dict[tuple[object, ...], Builder] = {}

    def builder(rule: Rule, append_unknown: bool = True) -> Builder:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = rule.rule, tuple(rule._trace), append_unknown
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    return builder


@contextmanager
def shared() -> Iterator[None]:
    """For the applications that are made meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": Compiled()})
        patch.setattr(Rule, "_compile_builder", once_for_each_address(Rule._compile_builder))
        yield
