"""A certificate as the texts that its pages show: what stands where, in both languages, rounded nowhere.

typst/certificate.typ lays it out. A text in both languages is the pair [Chinese, English]; every other text is itself.
Where the items of ISO/IEC 17025:2017, 7.8.2.1, 7.8.4.1 and 7.8.6.2, are printed: docs/certificates.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from math import sqrt

from bench.canonical import JsonObject
from bench.certificate.marks import why_marked
from bench.certificate.model import (
    Bilingual,
    Certificate,
    CertificateKind,
    ErrorRow,
    ItemRow,
    Mark,
    Signatory,
)
from bench.certificate.plot import plot_of
from bench.certificate.words import both, figure, finding_said, is_requirement, of_kind, source, traceability
from bench.words import item_word
from calibration.conformity import DecisionRule
from calibration.quantities import BudgetRow, Outcome

Pair = list[str]
_HYPHEN_AS_MINUS = re.compile(r"(?<![\w.\-])-(?=\d)")
_AFTER_PUNCTUATION = re.compile(r"(?<=[/.?_-])(?=[^/.?_-])")
_ANYWHERE = "\u200b"
"""Zero width space: a line may end here."""
_GROUP = 8
_SMALLEST_U = 0.00005
"""That four decimals show."""
_SEQUENTIAL = "sequential"
_ROUNDING = "rounding"
"""The row of a budget."""
_ENDS = {"0.9999": "> 0.9999", "0.0000": "< 0.0001"}
"""Probabilities that four decimals cannot tell from certainty."""
_HEAD_BREAKS = re.compile(r"(平均|最大|允许|功率|包含|扩展|符合)(?=\S)")
"""Where a narrow head of a column goes on in the next line."""
_ROLES = ("verifier", "checker", "approver")


def sheet(certificate: Certificate) -> JsonObject:
    """The data of all pages; files (logo, QR code, XML) are named by whoever prints it."""
    c = certificate
    is_verdict = c.kind is not CertificateKind.CALIBRATION
    return {
        "document": _document(c),
        "laboratory": _pair(_laboratory(c)),
        "title": _pair(both(f"title_{c.kind.value}")),
        "number_label": _word(of_kind("number", c.kind)),
        "number": _same(c.number) if c.number else _word("number_of_draft"),
        "replaces": _word(of_kind("replaces", c.kind), number=c.replaces) if c.replaces else None,
        "page_of": _word("page_of", page="{page}", pages="{pages}"),
        "marks": [_word(f"mark_{mark.value}") for mark in c.marks],
        "front": _front(c),
        "conclusion": _conclusion(c) if is_verdict else None,
        "front_days": _front_days(c),
        "signatories": _signatories(c),
        "front_marks": [_pair(both(f"why_{mark.value}")) for mark in c.marks],
        "letterhead": _letterhead(c),
        "scan": _word("scan"),
        "fingerprint": {"label": _word("key_beside_code"), "value": c.anchor.key_fingerprint},
        "stamp": _word("stamp"),
        "sections": [
            _section("section_item" if is_verdict else "section_calibrated_item", _item_fields(c)),
            _section("section_method", *_method(c)),
            _section("section_standards", *_standards(c)),
            _section("section_conditions", *_conditions(c)),
            *_results(c),
            *([_section("section_conformity", *_conformity(c))] if is_verdict else []),
            _section("section_remarks", _remarks(c), *_why_not_official(c)),
            _section("section_evidence", *_evidence(c)),
        ],
        "end": _word(of_kind("end", c.kind)),
        "fail": _verdict(Outcome.FAIL, conditional=False),
    }


def _document(c: Certificate) -> JsonObject:
    day = date.fromisoformat(c.issued_on or c.measured.performed_until)
    title = both(f"title_{c.kind.value}")
    named = f"{title.zh} {title.en} {c.number}".strip()
    return {"title": named, "author": _laboratory(c).zh, "day": [day.year, day.month, day.day]}


def _laboratory(c: Certificate) -> Bilingual:
    name = c.laboratory.name
    return name if name.zh else both("unnamed_laboratory")


# ---- the first page --------------------------------------------------------------------------------------------------


def _front(c: Certificate) -> list[JsonObject]:
    rules, meter = c.measured.rules, c.meter
    by = "calibrated_by" if c.kind is CertificateKind.CALIBRATION else "regulation"
    return [
        _field("customer", _same(c.customer.name)),
        _field("instrument", _pair(meter.description)),
        _field("model", _same(meter.model)),
        _field("serial", _same(meter.serial)),
        _field("manufacturer", _same(meter.manufacturer)),
        _field("accuracy_class", _same(meter.accuracy_class)),
        _field(by, _same(f"{rules.standard}  {rules.title}")),
    ]


def _conclusion(c: Certificate) -> JsonObject:
    passed = c.kind is CertificateKind.VERIFICATION
    failed = [Bilingual(item_word(item, "zh"), item_word(item, "en")) for item in c.failed_items]
    names = Bilingual("、".join(f.zh for f in failed), ", ".join(f.en for f in failed))
    label = both("failed_items")
    beside = [] if passed else [[f"{label.zh}：{names.zh}", f"{label.en}: {names.en}"]]
    value = both("passed", accuracy_class=c.meter.accuracy_class) if passed else both("failed")
    return {"label": _word("conclusion"), "value": _pair(value), "passed": passed, "beside": beside}


def _front_days(c: Certificate) -> list[JsonObject]:
    on = "calibrated_on" if c.kind is CertificateKind.CALIBRATION else "verified_on"
    days = [_field(on, _day(c.measured.performed_until)), _field("issued_on", _day(c.issued_on))]
    return [*days, _field("valid_until", _day(c.valid_until))] if c.valid_until else days


def _signatories(c: Certificate) -> list[JsonObject]:
    """All three roles, whether they have signed or not; a laboratory without approvers has none to show."""
    signed = {each.role: each for each in c.signatories}
    roles = [role for role in _ROLES if role in signed or role != "approver"]
    return [_signatory(c, role, signed.get(role)) for role in roles]


def _signatory(c: Certificate, role: str, signed: Signatory | None) -> JsonObject:
    is_calibrator = role == "verifier" and c.kind is CertificateKind.CALIBRATION
    label = _word("calibrator" if is_calibrator else role)
    if signed is None:
        return {"role": label, "name": ["", ""], "day": ""}
    return {"role": label, "name": _pair(signed.name), "day": signed.day}


def _letterhead(c: Certificate) -> list[JsonObject]:
    laboratory = c.laboratory
    lines = {
        "authorisation": _same(laboratory.authorisation),
        "accreditation": _same(laboratory.accreditation),
        "address": _pair(laboratory.address),
        "contact": _same(laboratory.contact),
    }
    return [_field(name, value) for name, value in lines.items() if value[0]]


# ---- the inner pages -------------------------------------------------------------------------------------------------


def _item_fields(c: Certificate) -> JsonObject:
    meter, found = c.meter, c.measured
    span = both("performed_span", first=found.performed_on, last=found.performed_until)
    performed = _same(found.performed_on) if found.performed_on == found.performed_until else _pair(span)
    condition = _same(meter.condition) if meter.condition else _word("condition_unremarked")
    return _fields(
        _field("customer", _same(c.customer.name)),
        _field("customer_address", _same(c.customer.address)),
        _field("instrument", _pair(meter.description)),
        _field("manufacturer", _same(meter.manufacturer)),
        _field("model", _same(meter.model)),
        _field("serial", _same(meter.serial)),
        _field("accuracy_class", _same(meter.accuracy_class)),
        _field("meter_constant", _same(meter.meter_constant)),
        _field("voltage", _same(meter.voltage)),
        _field("current", _same(meter.current)),
        _field("connection", _pair(meter.connection)),
        _field("condition", condition),
        _field("received_on", _same(c.received_on)),
        _field("performed_on", performed),
        _field("place", _pair(c.place)),
        _field("issued_on", _same(c.issued_on)),
    )


def _method(c: Certificate) -> list[JsonObject]:
    rules = c.measured.rules
    by = "calibrated_by" if c.kind is CertificateKind.CALIBRATION else "regulation"
    return [
        _lines(
            _field(by, _same(f"{rules.standard}  {rules.title}")),
            _field("edition", _same(rules.edition)),
            _field("rule_set", _same(f"{rules.name}, SHA-256 {_grouped(rules.sha256)}")),
        ),
        _text(both("method")),
    ]


def _standards(c: Certificate) -> list[JsonObject]:
    standards = c.measured.standards
    names = (
        "standard_name", "standard_type", "range", "accuracy", "standard_certificate", "standard_valid_until"
    )  # fmt: skip
    rows: list[list[str | Pair]] = [
        [
            _pair(s.name),
            [_plain(s.model, 14), _plain(s.serial, 14)],
            _dash(s.range),
            _dash(s.accuracy),
            [_dash(s.certificate, 22), _dash(s.body or s.certificate, 22)],
            _dash(s.valid_until),
        ]
        for s in standards
    ]
    return [
        _table(names, rows, [20, 24, 22, 30, 30, 17], ["left", "left", *["center"] * 4]),
        _text(traceability(c.measured)),
    ]


def _conditions(c: Certificate) -> list[JsonObject]:
    conditions = c.measured.conditions
    return [
        _fields(
            _field(
                "temperature",
                _mean_and_range(conditions.temperature_C, conditions.temperature_range_C, "°C"),
            ),
            _field("humidity", _mean_and_range(conditions.humidity_pct, conditions.humidity_range_pct, "%")),
        ),
        _text(both("voltages_and_currents")),
    ]


def _mean_and_range(mean: str, span: str, unit: str) -> Pair:
    if not mean:
        return _word("not_stated")
    if not span:
        return _same(_minus(f"{mean} {unit}"))
    return _same(_minus(f"{mean} {unit} ({span} {unit})"))


def _results(c: Certificate) -> list[JsonObject]:
    errors, items = c.measured.errors, c.measured.items
    sections = []
    is_verdict = c.kind is not CertificateKind.CALIBRATION
    if items:
        title = "section_items" if is_verdict else "section_measured_items"
        sections.append(_section(title, _items_table(items, is_verdict=is_verdict)))
    if errors:
        probability = f"{float(errors[0].coverage_probability) * 100:.2f}"
        said = both("uncertainty_statement", probability=probability)
        table = _errors_table(errors, is_verdict=is_verdict)
        notes = [said, *_notes(c.kind, errors), both("adjustment")]
        sections.append(_section("section_errors", table, *(_text(note) for note in notes)))
        sections.append(_section("section_plot", _plot(errors, is_verdict=is_verdict)))
        sections.append(_section("section_budget", _budget_table(errors)))
    else:
        sections.append({"title": None, "parts": [_text(both("adjustment"))]})
    return sections


def _notes(kind: CertificateKind, errors: Sequence[ErrorRow]) -> list[Bilingual]:
    """What else the figures of the table need to be understood."""
    notes = []
    if any(part.source == _ROUNDING for row in errors for part in row.budget):
        notes.append(both(of_kind("rounding_in_U", kind)))
    if kind is not CertificateKind.CALIBRATION:
        ends = {_probability(row.probability_of_conformity) for row in errors} & set(_ENDS.values())
        notes += [both("probability_ends")] if ends else []
    return notes


def _probability(cut_off: str | None) -> str:
    return "—" if cut_off is None else _ENDS.get(cut_off, cut_off)


def _items_table(items: Sequence[ItemRow], *, is_verdict: bool) -> JsonObject:
    rows = []
    for row in items:
        name = Bilingual(item_word(row.item, "zh"), item_word(row.item, "en"))
        at = f" ({row.load_point})" if row.load_point else ""
        figures = [each for each in row.figures if is_verdict or not is_requirement(each[0])]
        said = [figure(key, _minus(value)) for key, value in figures]
        shows_reasons = is_verdict or row.outcome is Outcome.INVALID
        said += [finding_said(finding) for finding in row.reasons] if shows_reasons else []
        found = ["; ".join(s.zh for s in said) or "—", "; ".join(s.en for s in said) or "—"]
        verdict = [_verdict(row.outcome, conditional=False)] if is_verdict else []
        rows.append([[name.zh + at, name.en + at], [_plain(text, 40) for text in found], *verdict])
    names = ("item", "found", *(["verdict"] if is_verdict else []))
    return _table(names, rows, [34, 106, 20][: len(names)], ["left", "left", "center"][: len(names)])


_WIDTHS = {
    "load_point": 21,
    "runs": 27,
    "mean_error": 15,
    "expanded_uncertainty": 17,
    "mpe": 15,
    "verdict": 15,
    "probability": 16,
}
"""Of columns of errors, in parts of the line."""


def _errors_table(errors: Sequence[ErrorRow], *, is_verdict: bool) -> JsonObject:
    is_rounded = is_verdict and any(row.rounded_pct is not None for row in errors)
    has_probability = is_verdict and any(row.probability_of_conformity is not None for row in errors)
    names = ["load_point", "voltage_short", "current_short", "power_factor", "runs", "mean_error"]
    names += ["rounded_error"] * is_rounded + ["expanded_uncertainty", "coverage_factor"]
    names += ["mpe", "verdict"] * is_verdict + ["probability"] * has_probability
    units = {"voltage_short": "V", "current_short": "A"}
    units |= dict.fromkeys(("runs", "mean_error", "rounded_error", "expanded_uncertainty", "mpe"), "%")
    rows = []
    for row in errors:
        is_sequential = is_verdict and row.decision_rule == _SEQUENTIAL
        cells: dict[str, str | Pair] = {
            "load_point": row.load_point + ("*" if is_sequential else ""),
            "voltage_short": row.voltage_V,
            "current_short": row.current_A,
            "power_factor": row.power_factor,
            "runs": _minus(", ".join(row.runs_pct)),
            "mean_error": _minus(row.error_pct),
            "rounded_error": _minus(row.rounded_pct or "—"),
            "expanded_uncertainty": row.expanded_uncertainty_pct,
            "coverage_factor": row.coverage_factor,
            "mpe": f"±{row.mpe_pct}" if row.mpe_pct is not None else "—",
            "verdict": _verdict(row.outcome, conditional=row.conditional),
            "probability": _probability(row.probability_of_conformity),
        }
        rows.append([cells[name] for name in names])
    table = _table(names, rows, [_WIDTHS.get(name, 13) for name in names], ["left"] + ["center"] * len(names))
    for head, name in zip(table["table"]["head"], names, strict=True):
        broken = _HEAD_BREAKS.sub(r"\1\n", head[0])
        head[:] = [f"{broken}\n/{units[name]}" if name in units else broken, head[1]]
    return table


def _plot(errors: Sequence[ErrorRow], *, is_verdict: bool) -> JsonObject:
    has_limits = is_verdict and any(row.mpe_pct is not None for row in errors)
    plot = plot_of(errors, with_limits=is_verdict)
    plot["axis"] = _word("plot_error")
    plot["legend"] = _word("legend" if has_limits else "legend_without_limit")
    return {"kind": "plot", "plot": plot}


def _budget_table(errors: Sequence[ErrorRow]) -> JsonObject:
    """Of each source the least and the largest standard uncertainty of all load points."""
    sources: dict[str, list[float]] = {}
    for row in errors:
        for part in row.budget:
            sources.setdefault(part.source, []).append(part.standard_uncertainty_pct)
    rows: list[list[str | Pair]] = [[_pair(source(name)), _span(values)] for name, values in sources.items()]
    rows.append([_word("combined"), _span([_combined(row.budget) for row in errors])])
    return _table(("source_of_uncertainty", "budget_span"), rows, [60, 50], ["left", "center"])


def _combined(budget: Iterable[BudgetRow]) -> float:
    return sqrt(sum(part.standard_uncertainty_pct**2 for part in budget))


def _span(values: Sequence[float]) -> str:
    low, high = _u(min(values)), _u(max(values))
    return low if low == high else f"{low} … {high}"


def _u(value: float) -> str:
    return f"{value:.4f}" if value >= _SMALLEST_U else "< 0.0001"


def _conformity(c: Certificate) -> list[JsonObject]:
    """Which results, which specification, which decision rule (7.8.6.2)."""
    found, rules = c.measured, c.measured.rules
    about = {"standard": f"{rules.standard} ({rules.edition})", "accuracy_class": c.meter.accuracy_class}
    if c.kind is CertificateKind.VERIFICATION:
        said = both("conforms", **about)
    else:
        zh = "、".join(item_word(item, "zh") for item in c.failed_items)
        en = ", ".join(item_word(item, "en") for item in c.failed_items)
        said = Bilingual(
            both("does_not_conform", items=zh, **about).zh, both("does_not_conform", items=en, **about).en
        )
    label = both("decision_rule")
    applied = [DecisionRule(rules.decision_rule).value]
    applied += [_SEQUENTIAL] if any(row.decision_rule == _SEQUENTIAL for row in found.errors) else []
    texts = [said]
    for name in applied:
        rule = both(f"rule_{name}")
        texts.append(Bilingual(f"{label.zh}：{rule.zh}", f"{label.en}: {rule.en}"))
    texts += [both("items_without_rule")] if found.items else []
    return [_text(text) for text in texts]


def _remarks(c: Certificate) -> JsonObject:
    deviations = both("deviations")
    none = both("none")
    said = Bilingual(c.deviations or none.zh, c.deviations or none.en)
    remarks = [
        Bilingual(f"{deviations.zh}：{said.zh}", f"{deviations.en}: {said.en}"),
        both(of_kind("only_item", c.kind)),
        both(of_kind("in_full", c.kind)),
        both("sampling"),
        both("external"),
    ]
    if c.kind is CertificateKind.CALIBRATION:
        remarks.append(both("no_interval"))
    if c.kind is CertificateKind.REJECTION and set(c.marks) <= {Mark.DRAFT}:
        remarks.append(both("rejected"))
    return {"kind": "remarks", "alarm": False, "list": [_pair(remark) for remark in remarks]}


def _why_not_official(c: Certificate) -> list[JsonObject]:
    """The reasons behind its marks, each in a line."""
    why = [_pair(finding_said(finding)) for finding in why_marked(c)]
    return [{"kind": "remarks", "alarm": True, "list": why}] if why else []


def _evidence(c: Certificate) -> list[JsonObject]:
    found, anchor = c.measured, c.anchor
    record = {"run": found.run_id, "position": found.position, "bench": found.bench_id}
    lines = [
        _field("record_number", _word("record_at", **record)),
        _field("software", _same(found.software)),
        _field("journal_root", _same(_grouped(anchor.root_sha256))),
        _field("tree_size", _same(str(anchor.tree_size))),
        _field("key_fingerprint", _same(anchor.key_fingerprint)),
    ]
    if c.laboratory.fingerprints_published_at:
        lines.append(_field("fingerprints_published_at", _same(c.laboratory.fingerprints_published_at)))
    return [_lines(*lines), _text(both("how_to_check"))]


# ---- parts of a section ----------------------------------------------------------------------------------------------


def _section(title: str, *parts: JsonObject) -> JsonObject:
    return {"title": _word(title), "parts": list(parts)}


def _fields(*fields: JsonObject) -> JsonObject:
    return {"kind": "fields", "list": list(fields)}


def _lines(*fields: JsonObject) -> JsonObject:
    return {"kind": "lines", "list": list(fields)}


def _text(said: Bilingual) -> JsonObject:
    return {"kind": "text", "text": _pair(said)}


def _table(
    names: Sequence[str], rows: Sequence[Sequence[str | Pair]], widths: Sequence[int], align: Sequence[str]
) -> JsonObject:
    return {
        "kind": "table",
        "table": {
            "head": [_word(name) for name in names],
            "rows": rows,
            "widths": list(widths),
            "align": list(align)[: len(names)],
        },
    }


def _field(label: str, value: Pair) -> JsonObject:
    return {"label": _word(label), "value": [_plain(text) or "—" for text in value]}


def _verdict(outcome: Outcome, *, conditional: bool) -> Pair:
    said = both(outcome.value)
    if not conditional:
        return _pair(said)
    return [both("conditional", verdict=said.zh).zh, both("conditional", verdict=said.en).en]


def _day(written: str) -> Pair:
    """A draft has no day of issue yet."""
    if not written:
        return _word("not_stated")
    day = date.fromisoformat(written)
    return [f"{day.year}年{day.month}月{day.day}日", written]


def _word(key: str, /, **values: object) -> Pair:
    return _pair(both(key, **values))


def _pair(said: Bilingual) -> Pair:
    return [_plain(said.zh or said.en), _plain(said.en or said.zh)]


def _same(text: str) -> Pair:
    return [text, text]


def _dash(text: str, longest_word: int = 14) -> str:
    """Of a narrow column; an equation stays on one line."""
    return _plain(text, longest_word).replace(" = ", "\u00a0=\u00a0") or "—"


def _minus(figures: str) -> str:
    """With the true minus sign."""
    return _HYPHEN_AS_MINUS.sub("−", figures)


def _grouped(digits: str) -> str:
    return " ".join(digits[i : i + _GROUP] for i in range(0, len(digits), _GROUP))


def _plain(text: str, longest_word: int = 30) -> str:
    """As it is printed: no control that would hide or turn what stands there, and words that any line can hold."""
    visible = "".join(character if character.isprintable() else " " for character in text).strip()
    return re.sub(rf"[!-~]{{{longest_word + 1},}}", lambda word: _breakable(word[0], longest_word), visible)


def _breakable(word: str, longest: int) -> str:
    """After its punctuation; a piece that is too long still may end anywhere, as nothing else would hold it."""
    pieces = _AFTER_PUNCTUATION.split(word)
    return _ANYWHERE.join(piece if len(piece) <= longest else _ANYWHERE.join(piece) for piece in pieces)
