"""What a certificate says that no journal knows: the customer, the nameplate in words, when and where it was received.

Given as a small TOML file, read as strictly as a plan. Texts are on one line, in normal form C, and may hold every
character that can be shown; what a fount has no glyph for is refused where the document is set.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.certificate.model import Bilingual, CertificateKind, Customer
from bench.dates import require_day
from bench.errors import OperatorError
from bench.registry.texts import require_text
from bench.toml_reader import load_toml, parse_toml, read_table, setting

_LONGEST = 200
_LONGEST_REMARK = 600
T = TypeVar("T")


@dataclass(frozen=True)
class RequestedText:
    """A text in Chinese, English or both; where only one is given, both are it."""

    zh: str = setting("in Chinese", "")
    en: str = setting("in English", "")

    def bilingual(self) -> Bilingual:
        return Bilingual(self.zh or self.en, self.en or self.zh)


@dataclass(frozen=True)
class RequestedCustomer:
    """Who has asked for the certificate."""

    name: str = setting("name of the customer")
    address: str = setting("address of the customer")


@dataclass(frozen=True)
class RequestedMeter:
    """What the nameplate says beside what the plan has, and how the meter was when it was received."""

    manufacturer: str = setting("who made the meter")
    model: str = setting("type designation, as on the nameplate; left out: as the plan has it", "")
    description: RequestedText = setting(
        "what it is, such as a single-phase static energy meter", RequestedText()
    )
    condition: str = setting("what was seen of it when it was received: seals, damage", "")


@dataclass(frozen=True)
class Request:
    """The whole file."""

    customer: RequestedCustomer = dataclasses.field(metadata={"doc": "a table: name, address"})
    meter: RequestedMeter = dataclasses.field(metadata={"doc": "a table: manufacturer, ..."})
    received_on: str = setting("day on which the meter was received, YYYY-MM-DD")
    place: RequestedText = setting(
        "where it was tested; left out: at the laboratory's address", RequestedText()
    )
    kind: CertificateKind | None = setting("left out: as the verdict is", None)
    deviations: str = setting("what was done otherwise than the method says", "")

    def customer_facts(self) -> Customer:
        return Customer(self.customer.name, self.customer.address)


def load_request(path: Path) -> Request:
    """Errors: OperatorError, one line that names the file and the key."""
    return _checked(read_table(Request, load_toml(path), str(path)), str(path))


def parse_request(text: str, where: str) -> Request:
    """The same for a text that is no file."""
    return _checked(read_table(Request, parse_toml(text, where), where), where)


def _checked(request: Request, where: str) -> Request:
    require_day(request.received_on, f"{where}: received_on")
    return dataclasses.replace(
        request,
        customer=_shown(request.customer, f"{where}: customer", needed=("name", "address")),
        meter=dataclasses.replace(
            _shown(request.meter, f"{where}: meter", needed=("manufacturer",)),
            description=_shown(request.meter.description, f"{where}: meter: description"),
        ),
        place=_shown(request.place, f"{where}: place"),
        deviations=_text(request.deviations, f"{where}: deviations", _LONGEST_REMARK),
    )


def _shown(table: T, where: str, needed: tuple[str, ...] = ()) -> T:
    """The table with its texts as they are kept. Errors: OperatorError also where a needed one is empty."""
    texts = {}
    for field in dataclasses.fields(table):  # type: ignore[arg-type]
        given = getattr(table, field.name)
        if isinstance(given, str):
            if field.name in needed and not given.strip():
                raise OperatorError(f"{where}: {field.name} is empty; give it")
            longest = _LONGEST_REMARK if field.name == "condition" else _LONGEST
            texts[field.name] = _text(given, f"{where}: {field.name}", longest)
    return dataclasses.replace(table, **texts)  # type: ignore[type-var]


def _text(given: str, where: str, longest: int) -> str:
    return require_text(given, where, longest) if given.strip() else ""
