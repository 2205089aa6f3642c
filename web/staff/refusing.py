"""What is refused comes back where it was asked: on top of the console, which is what the verifier goes on with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, request

from bench.control.client import ControlRefusedError
from bench.errors import OperatorError
from web import refusals
from web.casework.refused import Refused
from web.casework.store import CaseworkAwayError
from web.staff.console import ConsolePages
from web.texts import text


def add_handlers(pages: Blueprint, consoles: ConsolePages) -> None:
    @pages.errorhandler(Refused)
    def refused(refusal: Refused) -> Response:
        if not refusal.is_recorded:
            refusals.write_down(refusal.key)
        return _shown(consoles, refusal.key, refusal.values)

    @pages.errorhandler(ControlRefusedError)
    def refused_by_bench(refusal: ControlRefusedError) -> Response:
        refusals.write_down(refusal.reason)
        return _shown(consoles, refusal.reason, refusal.values)

    # Else it would be taken for a word of the bench.
    pages.register_error_handler(CaseworkAwayError, refusals.casework_away)

    @pages.errorhandler(OperatorError)
    def refused_without_key(problem: OperatorError) -> Response:
        refusals.write_down("by_the_bench")
        return _on_console(
            consoles, text("access_refused.by_the_bench", g.language, said=str(problem)), refusals.CONFLICT
        )


def _shown(consoles: ConsolePages, key: str, values: Mapping[str, Any]) -> Response:
    status = refusals.STATUS.get(key, refusals.CONFLICT)
    return _on_console(consoles, refusals.sentence(key, values, g.language), status)


def _on_console(consoles: ConsolePages, said: str, status: int) -> Response:
    """On the console of the case that was asked for, if whoever asked may see it; else on a page of its own."""
    case_id = (request.view_args or {}).get("case_id")
    who = g.get("staff")
    if request.method != "POST" or case_id is None or who is None or not who.roles:
        return refusals.page(said, status)
    try:
        return consoles.page(str(case_id), text("staff.not_done", g.language, reason=said), status)
    except Refused:
        return refusals.page(said, status)
