"""The request of a certificate (docs/issuing.md): its form, and the TOML that the measuring side reads strictly.

Console and office have the same form. What is in it is printed; the figures come from the journal, never from a page.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass

from web.casework.history import history
from web.casework.model import Case
from web.casework.store import Casework
from web.casework.transitions import Act
from web.dates import day_of
from web.forms import Form

LONGEST_REMARK = 600


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """Texts of one line each; an empty one is left out where the request may lack it."""

    received_on: str
    customer_name: str
    customer_address: str
    manufacturer: str
    model: str = ""
    condition: str = ""
    deviations: str = ""

    def toml(self) -> str:
        lines = [
            f"received_on = {_quoted(self.received_on)}",
            *_unless_empty("deviations", self.deviations),
            "[customer]",
            f"name = {_quoted(self.customer_name)}",
            f"address = {_quoted(self.customer_address)}",
            "[meter]",
            f"manufacturer = {_quoted(self.manufacturer)}",
            *_unless_empty("model", self.model),
            *_unless_empty("condition", self.condition),
        ]
        return "\n".join(lines) + "\n"


def request_of(form: Form) -> CertificateRequest:
    """What was typed; the form says what is missing or wrong."""
    received = form.day("received_on")
    return CertificateRequest(
        received_on=received.isoformat() if received else "",
        customer_name=form.text("customer_name"),
        customer_address=form.text("customer_address"),
        manufacturer=form.text("manufacturer"),
        model=form.text("model", required=False),
        condition=_remark(form, "condition"),
        deviations=_remark(form, "deviations"),
    )


def known_of(cw: Casework, case: Case) -> dict[str, str]:
    """What the case knows of it, by the names of the fields. The meter came when its customer was received."""
    customer, kind = case.customer, case.meter_kind
    received = [entry.at for entry in history(cw, case.id) if entry.act == Act.RECEIVE]
    return {
        "received_on": day_of(received[-1]).isoformat() if received else "",
        "customer_name": customer.name if customer else "",
        "customer_address": customer.address if customer else "",
        "manufacturer": str(kind.get("manufacturer", "")),
        "model": str(kind.get("meter_type", "")),
    }


def position_in_plan(plan: str | None) -> str:
    """Where the meter is; the plan of a case has one position."""
    meters = tomllib.loads(plan or "").get("meter") or [{}]
    return str(meters[0].get("position", "1"))


def _remark(form: Form, name: str) -> str:
    return form.text(name, most=LONGEST_REMARK, required=False).replace("\n", " ")


def _unless_empty(key: str, text: str) -> list[str]:
    return [f"{key} = {_quoted(text)}"] if text else []


def _quoted(text: str) -> str:
    """A basic string of TOML: JSON's escapes are among its own; DEL alone must be escaped and is not by JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
