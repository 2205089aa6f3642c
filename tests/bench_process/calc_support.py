"""`bench calc` as a test calls it: the object it prints, or the one line that it refuses with."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from bench.calc import calc as command
from bench.errors import OperatorError


def calc(*words: object) -> dict[str, Any]:
    """The object that `bench calc --json WORDS` prints."""
    done = CliRunner().invoke(command, ["--json", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    printed: dict[str, Any] = json.loads(done.output)
    return printed


def refusal(*words: object) -> str:
    """The message of a call that must be refused."""
    with pytest.raises(OperatorError) as refused:
        CliRunner().invoke(command, [*map(str, words)], catch_exceptions=False)
    assert refused.value.exit_status == 2
    assert "\n" not in str(refused.value)
    return str(refused.value)
