"""An equipment card as one page to be printed, in Chinese and English: any browser prints it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from bench.admin.words import both
from bench.registry.cards import Card, CardState, Certificate
from bench.registry.equipment import Maintenance
from bench.registry.persons import Person

_STYLE = """
@page { size: A4; margin: 18mm }
body { font: 10pt/1.4 sans-serif; color: #000 }
h1 { font-size: 15pt }
h2 { font-size: 11pt; margin: 1.2em 0 .3em }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #444; padding: .25em .5em; text-align: left; vertical-align: top }
tr { break-inside: avoid }
"""


def card_page(
    card: Card, state: CardState, log: Sequence[Maintenance], persons: Mapping[str, Person], checked: str
) -> str:
    """The whole page. state: as it is today; checked: of the bench, what its last check came to; else empty."""

    def who(person: str) -> str:
        found = persons.get(person)
        name = "" if found is None else " ".join(filter(None, (found.name.zh, found.name.latin)))
        return f"{name} ({person})" if name else person

    rows = [
        ("card_id", card.id),
        ("card_kind", both(f"kind_{card.kind}")),
        ("card_model", card.model),
        ("card_serial", card.serial),
        ("card_class", "" if card.accuracy_class_pct is None else f"{card.accuracy_class_pct:g} %"),
        ("card_range", card.range),
        ("card_load_points", ", ".join(card.load_points)),
        ("card_custodian", who(card.custodian)),
        ("card_maintainer", who(card.maintainer)),
        ("card_state", " ".join(filter(None, (both(f"state_{state}"), card.set_aside_on, card.set_aside_why)))),
        ("card_checked", checked),
        ("card_version", str(card.version)),
    ]  # fmt: skip
    parts = [_pairs(rows)]
    if card.certificate is not None:
        parts += _certificate(card.certificate)
    if log:
        head = [both("card_day_of_work"), both("card_work"), both("card_by")]
        parts += [
            f"<h2>{escape(both('card_log'))}</h2>",
            _table(head, ((entry.day, entry.what, who(entry.by)) for entry in log)),
        ]
    title = escape(f"{both('equipment_card')} {card.id}")
    body = "\n".join((f"<h1>{title}</h1>", *parts))
    return (
        f'<!DOCTYPE html>\n<html lang="zh"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _certificate(found: Certificate) -> list[str]:
    rows = [
        ("card_certificate", found.certificate),
        ("card_body", found.body),
        ("card_day", found.day),
        ("card_valid_until", found.valid_until),
    ]
    U = both("card_U", k=f"{found.coverage_factor:g}")
    if not found.corrections:
        figures = _table(
            [both("card_error"), U], [(f"{found.indication_error_pct:g}", f"{found.calibration_U_pct:g}")]
        )
        return [_pairs(rows), figures]
    head = [both(key) for key in ("card_voltage", "card_current", "card_power_factor", "card_error")]
    table = (
        (
            f"{c.voltage_V:g}" if c.voltage_V else "",
            f"{c.current_A:g}",
            f"{c.power_factor:g}{c.phase_side}",
            f"{c.indication_error_pct:+g}",
            f"{c.U_pct:g}",
        )
        for c in found.corrections
    )
    return [_pairs(rows), f"<h2>{escape(both('card_table'))}</h2>", _table([*head, U], table)]


def _pairs(rows: Iterable[tuple[str, str]]) -> str:
    cells = (f"<tr><th>{escape(both(key))}</th><td>{escape(value)}</td></tr>" for key, value in rows if value)
    return f"<table>{''.join(cells)}</table>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    first = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    return f"<table><tr>{first}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
