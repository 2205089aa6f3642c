"""What a driver of the kernel says in a file of /sys."""

from __future__ import annotations

from pathlib import Path


def said_in(path: Path) -> str:
    """Its text without white space around it; empty where it cannot be read just now."""
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""
