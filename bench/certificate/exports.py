"""Certificates and results as tables for a laboratory's own system: CSV and JSON, with a schema that has a version.

A row is a flat object of texts and true or false: measured figures are texts with the decimals of the certificate, days
are YYYY-MM-DD, lists are joined by spaces, and what there is not is empty. No row names a customer or a person: those
are in the certificate itself. Results come from the journal, as those of the certificate did.

In CSV no text is a formula (`bench/csv_cells.py`); figures are kept, since a negative one begins as one and is none.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bench.canonical import JsonObject
from bench.certificate.measured import measured
from bench.certificate.model import ErrorRow, ItemRow, Measured
from bench.certificate.register import Entry, SignsAs, entries
from bench.csv_cells import no_formula
from bench.dates import day_of
from bench.records.journal_reading import JournalReader
from bench.registry.store import reading

VERSION = 1
"""Of the schema: counts up when a column goes or means something else; a new column at the end changes nothing."""
_BOM = "\ufeff"
_FIGURE = re.compile(r"[+-][0-9]+(\.[0-9]+)?( [+-]?[0-9]+(\.[0-9]+)?)*")
Row = TypeVar("Row", bound="CertificateRow | ResultRow")


def _column(doc: str) -> Any:
    return dataclasses.field(metadata={"doc": doc})


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One certificate of the register."""

    number: str = _column("number of the certificate")
    kind: str = _column("verification, rejection or calibration")
    status: str = _column("issued, replaced or withdrawn")
    run: str = _column("run that it is about, such as run-000003")
    position: str = _column("position of the meter in that run")
    serial: str = _column("serial number of the meter")
    verdict: str = _column("PASS, FAIL, or UNJUDGED where nothing was judged")
    marks: str = _column(
        "what is printed across it: simulated informative provisional_rules unofficial_key; empty: official"
    )
    received_on: str = _column("day on which the meter was received")
    performed_on: str = _column("first day of the test")
    performed_until: str = _column("last day of the test")
    issued_on: str = _column("day of issue")
    valid_until: str = _column("last day of the verification; empty where none is stated")
    verifier: str = _column("id of the person who verified")
    checker: str = _column("id of the person who checked")
    approver: str = _column("id of the person who approved; empty where the laboratory has named none")
    replaces: str = _column("number of the certificate that this one corrects")
    replaced_by: str = _column("number of the certificate that corrects this one")
    why: str = _column("why it was corrected or withdrawn")
    withdrawn_on: str = _column("day on which it was withdrawn")
    xml_sha256: str = _column("SHA-256 of its XML file, hexadecimal")
    pdf_sha256: str = _column("SHA-256 of its PDF file, hexadecimal")
    tree_size: str = _column("size of the journal's tree at the end of its run")
    root_sha256: str = _column("root of that tree, hexadecimal, as on the certificate")


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One result of a certificate: an error at a load point, or an item with one outcome."""

    number: str = _column("number of the certificate")
    run: str = _column("run that has measured it")
    position: str = _column("position of the meter in that run")
    serial: str = _column("serial number of the meter")
    performed_on: str = _column("first day of the test")
    item: str = _column("visual, no_load, starting, basic_error, ... (docs/plans.md)")
    load_point: str = _column("load point as the rule set writes it; empty where no load is applied")
    voltage_V: str = _column("voltage in volts; empty where the result is no error")
    current_A: str = _column("current in amperes, likewise")
    power_factor: str = _column("power factor, likewise")
    error_pct: str = _column("error in per cent, mean of the runs")
    expanded_uncertainty_pct: str = _column("its expanded uncertainty in per cent")
    coverage_factor: str = _column("coverage factor of that")
    coverage_probability: str = _column("coverage probability of that")
    rounded_pct: str = _column("error rounded as the regulation says; empty where it rounds nothing")
    mpe_pct: str = _column("maximum permissible error in per cent, without sign; empty where there is none")
    runs_pct: str = _column("errors of the single runs, in per cent")
    outcome: str = _column("PASS, FAIL, INVALID, or UNJUDGED where nothing was judged")
    conditional: bool = _column("whether the uncertainty reaches across the limit")
    probability_of_conformity: str = _column(
        "probability that the meter conforms; empty where none was computed"
    )
    decision_rule: str = _column("rule by which the error was judged; empty where it was not")
    figures: str = _column("what an item found, as name=value; the names are those of the certificate")
    reasons: str = _column("why it is no PASS (docs/architecture.md names reasons)")


def certificate_row(entry: Entry) -> CertificateRow:
    row = entry.issued
    signed = {each.role: each.person for each in row.signatories}
    return CertificateRow(
        number=row.number,
        kind=row.kind.value,
        status="replaced" if entry.replaced_by else "withdrawn" if entry.withdrawn_on else "issued",
        run=row.run_id,
        position=row.position,
        serial=row.serial,
        verdict=row.verdict.value,
        marks=" ".join(mark.value for mark in row.marks),
        received_on=row.received_on,
        performed_on=row.performed_on,
        performed_until=row.performed_until,
        issued_on=row.issued_on,
        valid_until=row.valid_until,
        verifier=signed.get(SignsAs.VERIFIER, ""),
        checker=signed.get(SignsAs.CHECKER, ""),
        approver=signed.get(SignsAs.APPROVER, ""),
        replaces=row.replaces,
        replaced_by=entry.replaced_by,
        why=entry.withdrawn_why or row.why,
        withdrawn_on=day_of(entry.withdrawn_on) if entry.withdrawn_on else "",
        xml_sha256=row.xml_sha256,
        pdf_sha256=row.pdf_sha256,
        tree_size=str(row.tree_size),
        root_sha256=row.root_sha256,
    )


def result_rows(number: str, found: Measured) -> Iterator[ResultRow]:
    """Of one certificate: the items first, then the errors, as they stand on it."""
    rows: tuple[ItemRow | ErrorRow, ...] = (*found.items, *found.errors)
    for row in rows:
        yield ResultRow(
            number=number,
            run=found.run_id,
            position=found.position,
            serial=found.meter_serial,
            performed_on=found.performed_on,
            item=row.item,
            load_point=row.load_point,
            outcome=row.outcome.value,
            reasons=" ".join(finding.reason.value for finding in row.reasons),
            **(_of_error(row) if isinstance(row, ErrorRow) else _of_item(row)),
        )


def _of_error(row: ErrorRow) -> JsonObject:
    return {
        "voltage_V": row.voltage_V,
        "current_A": row.current_A,
        "power_factor": row.power_factor,
        "error_pct": row.error_pct,
        "expanded_uncertainty_pct": row.expanded_uncertainty_pct,
        "coverage_factor": row.coverage_factor,
        "coverage_probability": row.coverage_probability,
        "rounded_pct": row.rounded_pct or "",
        "mpe_pct": row.mpe_pct or "",
        "runs_pct": " ".join(row.runs_pct),
        "conditional": row.conditional,
        "probability_of_conformity": row.probability_of_conformity or "",
        "decision_rule": row.decision_rule,
        "figures": "",
    }


def _of_item(row: ItemRow) -> JsonObject:
    of_errors = (
        "voltage_V", "current_A", "power_factor", "error_pct", "expanded_uncertainty_pct", "coverage_factor",
        "coverage_probability", "rounded_pct", "mpe_pct", "runs_pct", "probability_of_conformity",
    )  # fmt: skip
    return dict.fromkeys(of_errors, "") | {
        "conditional": False,
        "decision_rule": "",
        "figures": "; ".join(f"{name}={value}" for name, value in row.figures),
    }


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which certificates. Days of issue, both included; an empty text is any."""

    first_day: str = ""
    last_day: str = ""
    serial: str = ""
    run_id: str = ""
    kind: str = ""

    def takes(self, entry: Entry) -> bool:
        row = entry.issued
        return (
            self.first_day <= row.issued_on <= (self.last_day or row.issued_on)
            and self.serial in ("", row.serial)
            and self.run_id in ("", row.run_id)
            and self.kind in ("", row.kind.value)
        )


def wanted_entries(state_dir: Path, wanted: Wanted) -> list[Entry]:
    with reading(state_dir) as database:
        return [entry for entry in entries(database) if wanted.takes(entry)]


def all_result_rows(state_dir: Path, found: Sequence[Entry]) -> list[ResultRow]:
    """Errors: OperatorError where a run is not in the journal any more."""
    rows: list[ResultRow] = []
    with closing(JournalReader(state_dir)) as journal:
        for row in (entry.issued for entry in found):
            rows += result_rows(row.number, measured(journal, row.run_id, row.position))
    return rows


# --- written


def as_json(certificates: Iterable[CertificateRow], results: Iterable[ResultRow]) -> JsonObject:
    return {
        "schema": f"meter-test-bench/export/{VERSION}",
        "certificates": [dataclasses.asdict(row) for row in certificates],
        "results": [dataclasses.asdict(row) for row in results],
    }


def as_csv(kind: type[Row], rows: Iterable[Row], *, for_excel: bool) -> str:
    """kind: gives the columns, also of no rows. for_excel: with a byte order mark, by which it knows UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([field.name for field in dataclasses.fields(kind)])
    for row in rows:
        writer.writerow([_cell(getattr(row, field.name)) for field in dataclasses.fields(kind)])
    return (_BOM if for_excel else "") + text.getvalue()


def _cell(value: str | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if _FIGURE.fullmatch(value) else no_formula(value)


def json_schema() -> JsonObject:
    """JSON Schema of what `as_json` gives, from the columns."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"meter-test-bench/export/{VERSION}",
        "type": "object",
        "required": ["schema", "certificates", "results"],
        "properties": {
            "schema": {"const": f"meter-test-bench/export/{VERSION}"},
            "certificates": {"type": "array", "items": _row_schema(CertificateRow)},
            "results": {"type": "array", "items": _row_schema(ResultRow)},
        },
    }


def _row_schema(kind: type[CertificateRow] | type[ResultRow]) -> JsonObject:
    fields = dataclasses.fields(kind)
    return {
        "type": "object",
        "description": kind.__doc__,
        "required": [field.name for field in fields],
        "properties": {
            field.name: {
                "type": "boolean" if field.type == "bool" else "string",
                "description": field.metadata["doc"],
            }
            for field in fields
        },
    }


def written_schema() -> str:
    """The text of docs/exports.schema.json."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def columns(kind: type[CertificateRow] | type[ResultRow]) -> list[tuple[str, str]]:
    """Name and meaning of each, for docs/exports.md."""
    return [(field.name, str(field.metadata["doc"])) for field in dataclasses.fields(kind)]
