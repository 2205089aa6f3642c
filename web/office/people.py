"""Persons as the bench knows them, for the pages of the office: their names, who is fit for what, who is busy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g

from web.bench_link import name_in
from web.office.may_verify import WhoMay
from web.site import Site
from web.texts import text


@dataclass(frozen=True, slots=True)
class Colleague:
    """busy_with: the case that he has under way, or None."""

    id: str
    zh: str
    latin: str
    roles: frozenset[str]
    busy_with: str | None

    def shown(self, language: str) -> str:
        name = name_in({"zh": self.zh, "latin": self.latin}, language)
        if not name:
            return self.id
        return f"{name}（{self.id}）" if language == "zh" else f"{name} ({self.id})"


class People:
    """The active persons of one moment, by id; somebody who has left is shown by the id alone."""

    def __init__(self, answer: Iterable[Mapping[str, Any]]) -> None:
        self._by_id = {
            str(one["id"]): Colleague(
                str(one["id"]),
                str(one["name"].get("zh", "")),
                str(one["name"].get("latin", "")),
                frozenset(one["roles"]),
                one.get("busy_with"),
            )
            for one in answer
        }

    def shown(self, person: str | None, language: str) -> str:
        if not person:
            return text("office.nobody", language)
        known = self._by_id.get(person)
        return known.shown(language) if known else person

    def fit_for(self, role: str) -> list[Colleague]:
        """Those who have a role, the free ones first."""
        fit = [one for one in self._by_id.values() if role in one.roles]
        return sorted(fit, key=lambda one: (one.busy_with is not None, int(one.id[1:])))

    def choices(self, role: str, language: str, may: WhoMay | None = None) -> list[tuple[str, str]]:
        """(id, what is shown) for a choice; who is busy is said, and may still be named for a later day. may: says
        until when each is authorised."""
        told = may or WhoMay()
        return [
            (
                one.id,
                _with_authorisation(_with_work(one, language), told.until(role, one.id, language), language),
            )
            for one in self.fit_for(role)
        ]

    def working(self, language: str) -> list[tuple[str, str]]:
        """Those who can be named for a case, for a filter."""
        named = [one for one in self._by_id.values() if one.roles & {"verifier", "checker"}]
        return [(one.id, one.shown(language)) for one in sorted(named, key=lambda one: int(one.id[1:]))]

    def everybody(self, language: str) -> list[tuple[str, str]]:
        """All of them, for a choice of whose something is to be."""
        return [
            (one.id, one.shown(language)) for one in sorted(self._by_id.values(), key=lambda p: int(p.id[1:]))
        ]


def people_of(site: Site) -> People:
    """As the bench tells whoever of the staff is asking."""
    return People(site.link.persons(g.staff.session))


def _with_authorisation(shown: str, said: str, language: str) -> str:
    return text("competence.choice", language, name=shown, said=said) if said else shown


def _with_work(one: Colleague, language: str) -> str:
    if one.busy_with is None:
        return one.shown(language)
    return text("office_plan.busy", language, name=one.shown(language), case=one.busy_with)
