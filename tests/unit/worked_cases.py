"""The worked cases of `cases/worked.json`: answers that were computed independently of this project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases/worked.json").read_text("utf-8"))[
    "cases"
]


def items(case_id: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Pairs (inputs, expected) of one case."""
    (case,) = [c for c in _CASES if c["id"] == case_id]
    return [(item["inputs"], item["expected"]) for item in case["items"]]
