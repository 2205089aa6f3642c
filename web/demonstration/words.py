"""What the made-up people say: words.toml, read once."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

WORDS: dict[str, Any] = tomllib.loads((files("web.demonstration") / "words.toml").read_text("utf-8"))
"""By what it is said about; each person's own language is mixed in it, as at a counter."""
