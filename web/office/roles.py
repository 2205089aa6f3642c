"""Who may do what on the office's pages. The measuring process asks again where the act is its own."""

from __future__ import annotations

READERS = ("office", "administrator", "checker", "verifier")
OFFICE = ("office", "administrator")
CHECKERS = ("checker",)
ADMINISTRATORS = ("administrator",)
