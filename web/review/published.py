"""The promises as they are published, with what happened in the last twelve months beside each, and who bears the cost
when. What did not happen yet is not shown as kept."""

from __future__ import annotations

import threading
from dataclasses import fields

from flask import Blueprint, g, render_template

from web import numbers
from web.casework.promises import Cost
from web.dates import day_text
from web.review.issued import IssuedDays
from web.review.showing import figure_said
from web.service.facts import facts
from web.service.months import year_to
from web.service.promises_kept import Kept, promises_kept
from web.site import Site
from web.texts import text

_HOUR = len("2026-11-26T10")


class _Measured:
    """The figures of the last twelve months, computed once an hour: the page is open to anybody."""

    def __init__(self, site: Site, issued: IssuedDays) -> None:
        self._site, self._issued = site, issued
        self._lock = threading.Lock()
        self._hour, self._found = "", list[Kept]()

    def get(self) -> list[Kept]:
        now = self._site.now()
        with self._lock:
            if self._hour != now[:_HOUR]:
                self._found = promises_kept(facts(self._site.casework), year_to(now), self._issued)
                self._hour = now[:_HOUR]
            return self._found


def add_routes(review: Blueprint, site: Site, issued: IssuedDays) -> None:
    measured = _Measured(site, issued)

    @review.get("/promises")
    def promises() -> str:
        language, published = g.language, site.casework.promises
        cost = published.cost
        return render_template(
            "review/promises.html",
            promised=[(_promise(one, language), _happened(one, language)) for one in measured.get()],
            fee=text("promise.fee", language, fee=numbers.money(cost.fee, cost.currency, language)),
            bears=[
                text(
                    f"promise.{name.replace('when_', 'bears_')}", language, payer=_payer(cost, name, language)
                )
                for name in (one.name for one in fields(Cost))
                if name.startswith("when_")
            ],
            is_ours=not published.is_set_by_the_laboratory,
            since=day_text(year_to(site.now())[0].isoformat(), language),
        )


def _promise(one: Kept, language: str) -> str:
    figure = {"minutes" if one.name == "visit" else "days": one.promised}
    return text(f"promise.{one.name}", language, **figure)


def _happened(one: Kept, language: str) -> str:
    """How often it was kept and how long it took, with how many there were; or that nobody knows."""
    if one.kept.n is None:
        return text("promises.unknown", language)
    if one.kept.n == 0:
        return text("promises.none_yet", language)
    kept = figure_said(one.kept, language)
    if one.typical.value is None:
        return text("promises.none_done", language, kept=kept)
    return text("promises.happened", language, kept=kept, typical=figure_said(one.typical, language))


def _payer(cost: Cost, name: str, language: str) -> str:
    return text(f"promise.{getattr(cost, name)}", language)
