"""Which meter hangs where: before the first current, each meter with a port is asked who it is.

With voltage alone, for a meter without it does not answer. A meter that is not the plan's, or tells another constant
than the plan has, is refused at its position: whatever would be measured there belonged to another meter, or was wrong
by the ratio of the constants. One that does not answer is told and goes on; what needs its port is INVALID by itself.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping

from bench.methods.briefing import Briefing
from bench.methods.meter_identity import why_another
from bench.methods.registers_read import registers_read
from bench.methods.steps import IDENTITY, AskSkipped, Step, StepResult, do
from bench.plans.points import PlannedPoint
from calibration.quantities import Finding

Refused = Mapping[str, tuple[Finding, ...]]
"""position -> why it is not the meter of the plan."""


def identity(b: Briefing, point: PlannedPoint) -> Generator[Step, StepResult, Refused]:
    """point: the first that needs a load, to which all of it is accounted."""
    skipped = yield from do(AskSkipped())
    asked = tuple(p for p in b.checked.meters if p in b.identities and p not in skipped.why)
    if not asked:
        return {}
    read = yield from registers_read(b, point, 0, asked, IDENTITY)
    if isinstance(read, tuple):  # the test points will find the same voltage missing, and say so
        return {}
    plates = {section.position: section for section in b.checked.plan.meter}
    refused = {p: why_another(told, plates[p], b.identities[p]) for p, told in read.registers.items()}
    return {p: found for p, found in refused.items() if found}
