"""What is the same in every application is compiled once for all tests: templates, addresses and their builders.

Hundreds of tests make an application of their own, and nearly all of its time was spent on these: 0.15 s on addresses,
0.15 s more on the templates of the first page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
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


def once_for_each_rule(compile_rule: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """What an address is taken apart into depends on its words, its converters and the settings of its map."""
    kept: dict[tuple[object, ...], dict[str, object]] = {}

    def compiled(rule: Rule) -> None:
        assert rule.map is not None
        if rule.defaults or rule.map.host_matching:
            compile_rule(rule)
            return
        converters = frozenset(rule.map.converters.items())
        key = rule.rule, rule.subdomain, rule.merge_slashes, converters
        if key not in kept:
            compile_rule(rule)
            kept[key] = {name: getattr(rule, name) for name in _OF_A_RULE}
            return
        for name, value in kept[key].items():
            setattr(rule, name, copy(value))
        rule._build = rule._compile_builder(False).__get__(rule, None)
        rule._build_unknown = rule._compile_builder(True).__get__(rule, None)

    return compiled


_OF_A_RULE = ("arguments", "_parts", "_trace", "_converters")
"""What is made when it is taken apart, beside the builders."""


@contextmanager
def shared() -> Iterator[None]:
    """For the applications that are made meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": Compiled()})
        patch.setattr(Rule, "_compile_builder", once_for_each_address(Rule._compile_builder))
        patch.setattr(Rule, "compile", once_for_each_rule(Rule.compile))
        yield
