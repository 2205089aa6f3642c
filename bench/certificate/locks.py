"""What locks the issuing of certificates since a run was made: looked up in the registry when somebody signs.

The run's own record says what was wrong when it started, and that is printed on the document. This is about what has
become known since: whoever issued now would vouch for what the laboratory has begun to doubt.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.certificate.facts import Facts
from bench.configuration.config import Config
from bench.registry import daily_check
from bench.registry.approvals import why_not_approved
from bench.registry.cards import CardState
from bench.registry.equipment import all_cards
from bench.registry.store import Registry
from calibration.quantities import Finding
from calibration.reasons import UNAPPROVED, Reason


def why_locked(database: Registry, config: Config, facts: Facts, today: str) -> Iterator[Finding]:
    """config: with the figures of the reference standard's card. today: YYYY-MM-DD.

    A control chart that is out of control, a card that was set aside, a rule set whose approval has gone. A certificate
    of equipment that has ended since is no lock: it was valid when the meter was measured.
    """
    for found in daily_check.why_not_in_control(database, config, today):
        if found.reason is Reason.CONTROL_CHART_OUT:
            yield found
    cards = all_cards(database)
    for card in (cards[each] for each in facts.cards if each in cards):
        unusable = card.why_not_usable(today)
        if card.set_aside is not CardState.IN_USE and unusable is not None:
            yield unusable
    was_approved = not any(found.reason in UNAPPROVED for found in facts.measured.not_official_because)
    unapproved = why_not_approved(database, facts.checked.rules) if was_approved else None
    if unapproved is not None:
        yield unapproved
