"""The pages that anybody can open, for the small header that they share (`templates/_public.html`).

A link is there only for an address that the program has, so that a room can be left out.
"""

from __future__ import annotations

from flask import Flask

PAGES = {
    "apply": "/apply",
    "self_check": "/self-check",
    "handbook": "/handbook",
    "ask_us": "/ask-us",
    "promises": "/promises",
}
"""Address by the name of its text in the section `public`, in the order of the header."""


def install(app: Flask) -> None:
    """Its templates know `public_pages`: (name, address) of those that the application has by then."""

    def public_pages() -> list[tuple[str, str]]:
        there = {rule.rule for rule in app.url_map.iter_rules()}
        return [(name, address) for name, address in PAGES.items() if address in there]

    app.jinja_env.globals["public_pages"] = public_pages
