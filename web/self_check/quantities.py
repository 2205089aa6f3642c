"""A quantity that somebody types, with or without its unit: `200`, `200W`, `0.2 kW`, `２００ 瓦`.

What is written in another unit of the same quantity is converted; a unit of another quantity is refused with the one
that is wanted, never taken as if it were not there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from web.forms import Form

_NUMBER = re.compile(r"([+-]?[0-9]{0,12}(?:[.,][0-9]{0,9})?)\s*(\S*)")
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Quantity:
    """unit: as the field shows it. factors: other spellings and units in lower case, by what one is in `unit`."""

    unit: str
    example: str
    factors: Mapping[str, Decimal] = field(default_factory=dict)

    def read(
        self,
        form: Form,
        name: str,
        *,
        least: Decimal | int,
        most: Decimal | int,
        required: bool = True,
    ) -> Decimal | None:
        """What was typed, in `unit`; None where it is missing or wrong, which the form then says."""
        # Full-width digits and signs, as Chinese keyboards give them, are read as the plain ones.
        typed = unicodedata.normalize("NFKC", form.value(name)[: _LONGEST + 1]).strip().replace("−", "-")
        if not typed:
            if required:
                form.wrong(name, "missing")
            return None
        found = _NUMBER.fullmatch(typed)
        if found is None or len(typed) > _LONGEST or not any(digit.isdigit() for digit in found[1]):
            form.wrong(name, "no_quantity", example=self.example)
            return None
        written = found[2].lower()
        factor = Decimal(1) if written in ("", self.unit.lower()) else self.factors.get(written)
        if factor is None:
            form.wrong(name, "wrong_unit", unit=self.unit, example=self.example)
            return None
        value = Decimal(found[1].replace(",", ".")) * factor
        if not Decimal(least) <= value <= Decimal(most):
            form.wrong(name, "outside", least=f"{least} {self.unit}", most=f"{most} {self.unit}")
            return None
        return value


_THOUSAND, _THOUSANDTH = Decimal(1000), Decimal("0.001")
_ONE = Decimal(1)
POWER = Quantity("W", "200 W", {"瓦": _ONE, "watt": _ONE, "watts": _ONE, "kw": _THOUSAND, "千瓦": _THOUSAND})
VOLTAGE = Quantity("V", "220 V", {"伏": _ONE, "volt": _ONE, "volts": _ONE, "kv": _THOUSAND})
CURRENT = Quantity(
    "A", "60 A", {"安": _ONE, "amp": _ONE, "amps": _ONE, "ma": _THOUSANDTH, "毫安": _THOUSANDTH}
)
PERCENT = Quantity("%", "10 %", {"％": _ONE, "percent": _ONE, "pct": _ONE})
ENERGY = Quantity("kWh", "1234.5 kWh", {"度": _ONE, "千瓦时": _ONE, "wh": _THOUSANDTH, "瓦时": _THOUSANDTH})
HOURS = Quantity(
    "h", "5 h",
    {
        **dict.fromkeys(("小时", "时", "hour", "hours"), _ONE),
        **dict.fromkeys(("min", "分", "分钟", "minute", "minutes"), _ONE / 60),
    },
)  # fmt: skip
CONSTANT = Quantity(
    "imp/kWh", "1200 imp/kWh",
    dict.fromkeys(("imp/kw·h", "imp/kw.h", "imp/(kw·h)", "imp/(kwh)", "次/度", "脉冲/度", "imp", "r/kwh"), _ONE),
)  # fmt: skip
