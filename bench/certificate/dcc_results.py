"""The results of a DCC: lists of errors with their uncertainty, limits and conformity, and items with one outcome.

Errors of one item that are judged alike (with limits or without, rounded or not) make one list, in the order of the
certificate; the load points are its labels. What is found of an item without a load is a quantity each.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from bench.certificate.dcc_elements import (
    Element,
    Said,
    dcc,
    decimal,
    is_decimal,
    label_list,
    quantity,
    real,
    real_list,
    says,
    si,
    words_of,
)
from bench.certificate.dcc_words import said
from bench.certificate.model import Bilingual, CertificateKind, ErrorRow, ItemRow, Measured
from bench.certificate.words import figure, finding_said, is_requirement
from bench.words import item_word, word
from calibration.quantities import Finding, Outcome

_UNITS = {
    "_pct": r"\percent",
    "_kWh": r"\kilo\watt\hour",
    "_Wh": r"\watt\hour",
    "_s_per_day": r"\second\per\day",
    "_s": r"\second",
    "_V": r"\volt",
    "_A": r"\ampere",
    "_W": r"\watt",
    "_Hz": r"\hertz",
    "_C": r"\degreecelsius",
}
"""By the ending of a figure's name, the longer first."""


def result_list(kind: CertificateKind, measured: Measured) -> Element:
    is_judged = kind is not CertificateKind.CALIBRATION
    found = [_errors(list(rows), is_judged) for _, rows in groupby(measured.errors, _alike)]
    found += [_item(row, is_judged) for row in measured.items]
    return dcc("results", *(found or [_nothing()]))


def _alike(row: ErrorRow) -> tuple[object, ...]:
    """Rows that one list holds."""
    return (
        row.item,
        row.mpe_pct is None,
        row.rounded_pct is None,
        row.probability_of_conformity is None,
        _conformity(row.outcome, is_conditional=row.conditional) is None,
    )


def _errors(rows: list[ErrorRow], is_judged: bool) -> Element:
    first = rows[0]
    labels = [row.load_point for row in rows]
    quantities = [
        quantity("bench_loadPoint", said("load_point"), dcc("charsXMLList", text=label_list(labels))),
        quantity(
            "basic_nominalValue bench_voltage",
            said("voltage_short"),
            real_list([row.voltage_V for row in rows], r"\volt"),
        ),
        quantity(
            "basic_nominalValue bench_current",
            said("current_short"),
            real_list([row.current_A for row in rows], r"\ampere"),
        ),
        quantity(
            "basic_nominalValue bench_powerFactor",
            said("power_factor"),
            dcc("charsXMLList", text=label_list([row.power_factor for row in rows])),
        ),
        quantity(
            "basic_measurementError",
            said("mean_error"),
            real_list([row.error_pct for row in rows], r"\percent", _uncertainty(rows), labels=labels),
            _judgement(rows) if is_judged else None,
        ),
    ]
    if is_judged and first.rounded_pct is not None:
        values = real_list([row.rounded_pct or "" for row in rows], r"\percent")
        quantities.append(quantity("bench_roundedError", said("rounded_error"), values))
    if is_judged and first.probability_of_conformity is not None:
        values = real_list([row.probability_of_conformity or "" for row in rows], r"\one")
        quantities.append(quantity("bench_probabilityOfConformity", said("probability"), values))
    single = [_runs(row) for row in rows if row.runs_pct]
    budgets = [_budget(row) for row in rows if row.budget]
    name, items = _item_name(first.item), dcc("list", *quantities, *single, *budgets)
    reasons = [_reason(finding) for row in rows for finding in row.reasons] if is_judged else []
    return dcc(
        "result", says("name", name), dcc("data", items, *reasons), ref=f"bench_errors bench_{first.item}"
    )


def _uncertainty(rows: list[ErrorRow]) -> Element:
    return si(
        "measurementUncertaintyUnivariateXMLList",
        si(
            "expandedMUXMLList",
            si(
                "valueExpandedMUXMLList", text=" ".join(decimal(row.expanded_uncertainty_pct) for row in rows)
            ),
            si("coverageFactorXMLList", text=" ".join(decimal(row.coverage_factor) for row in rows)),
            si(
                "coverageProbabilityXMLList", text=" ".join(decimal(row.coverage_probability) for row in rows)
            ),
        ),
    )


def _judgement(rows: list[ErrorRow]) -> Element | None:
    """The limits of a list, and what became of each value; None where neither is."""
    found = []
    if rows[0].mpe_pct is not None:
        limits = [(row.mpe_pct or "").lstrip("±+") for row in rows]
        for ref, name, sign in (("Lower", "lower", "-"), ("Upper", "upper", "")):
            values = real_list([sign + limit for limit in limits], r"\percent")
            limit = quantity(f"basic_acceptanceLimit{ref}", said(name), values)
            found.append(dcc("metaData", dcc("data", limit), ref=f"basic_acceptanceLimit{ref}"))
    outcomes = [_conformity(row.outcome, is_conditional=row.conditional) for row in rows]
    if None not in outcomes:
        listed = dcc("conformityXMLList", text=" ".join(filter(None, outcomes)))
        found.append(dcc("metaData", says("name", said("verdict")), listed, ref="basic_conformity"))
    return dcc("measurementMetaData", *found) if found else None


def _runs(row: ErrorRow) -> Element:
    name = said("runs_at", load_point=row.load_point)
    values = quantity("basic_measurementError", name, real_list(list(row.runs_pct), r"\percent"))
    return dcc("list", says("name", name), values, ref="bench_runs")


def _budget(row: ErrorRow) -> Element:
    name = said("budget_at", load_point=row.load_point)
    values = [f"{each.standard_uncertainty_pct:.6f}" for each in row.budget]
    contributions = real_list(values, r"\percent", labels=[each.source for each in row.budget])
    return dcc(
        "list", says("name", name), quantity("bench_contribution", name, contributions), ref="bench_budget"
    )


def _item(row: ItemRow, is_judged: bool) -> Element:
    outcome = Bilingual(word(row.outcome, "zh"), word(row.outcome, "en"))
    conformity = _conformity(row.outcome) if is_judged else None
    judged = None
    if conformity is not None:
        judged = dcc(
            "measurementMetaData",
            dcc(
                "metaData",
                says("name", said("verdict")),
                dcc("conformity", text=conformity),
                ref="basic_conformity",
            ),
        )
    conclusion = quantity("bench_outcome", said("verdict"), words_of(outcome), judged)
    load = []
    if row.load_point:
        load = [
            quantity(
                "bench_loadPoint", said("load_point"), dcc("charsXMLList", text=label_list([row.load_point]))
            )
        ]
    shows_reasons = is_judged or row.outcome is Outcome.INVALID
    reasons = [_reason(finding) for finding in row.reasons] if shows_reasons else []
    data = dcc("data", *load, conclusion, *_figures(row, is_judged), *reasons)
    name = _item_name(row.item)
    return dcc("result", says("name", name), data, ref=f"bench_item bench_{row.item}")


def _figures(row: ItemRow, is_judged: bool) -> Iterator[Element]:
    for name, value in row.figures:
        if not is_judged and is_requirement(name):
            continue
        unit = next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), r"\one")
        found = real(value, unit) if is_decimal(value) else words_of(value)
        yield quantity(f"bench_{_token(name)}", figure(name, value), found)


def _reason(finding: Finding) -> Element:
    return quantity("bench_reason", said("reason"), words_of(finding_said(finding)))


def _nothing() -> Element:
    """The schema asks for a result."""
    outcome = words_of(said("not_stated"))
    data = dcc("data", quantity("bench_outcome", said("verdict"), outcome))
    return dcc("result", says("name", said("found")), data, ref="bench_none")


def _conformity(outcome: Outcome, *, is_conditional: bool = False) -> str | None:
    """In the words of the schema; None where nothing is stated."""
    if outcome is Outcome.PASS:
        return "conditionalPass" if is_conditional else "pass"
    if outcome is Outcome.FAIL:
        return "conditionalFail" if is_conditional else "fail"
    return None


def _item_name(item: str) -> Said:
    return Bilingual(item_word(item, "zh"), item_word(item, "en")) if item in item_word else item


def _token(name: str) -> str:
    """A name as a part of a list of names."""
    return label_list([name])
