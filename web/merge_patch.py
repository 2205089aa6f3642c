"""JSON merge patches, RFC 7396: how the bench tells the web what changed of its state."""

from __future__ import annotations

from typing import Any

Json = Any
"""What `json.loads` gives: dict, list, str, int, float, bool or None."""


def apply_merge_patch(target: Json, patch: Json) -> Json:
    """The document that `patch` makes of `target`; neither is changed (RFC 7396, section 2).

    A null in the patch removes the member, an object is merged, anything else replaces.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = apply_merge_patch(merged.get(name), value)
    return merged


def make_merge_patch(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The patch that makes `new` of `old`. Neither may hold a null: a merge patch cannot set one."""
    patch: dict[str, Any] = {name: None for name in old if name not in new}
    for name, value in new.items():
        before = old.get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            if inner := make_merge_patch(before, value):
                patch[name] = inner
        elif name not in old or before != value:
            patch[name] = value
    return patch
