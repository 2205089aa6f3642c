"""How long what customers have given is kept: the one table of it, and what deletes it when its time is over.

What has a time of its own goes as soon as something of its kind is written, too; a service that nobody uses would keep
it for longer, so whoever runs the bench lets this be done each day (`bench retention`, docs/operation.md). A customer's
data goes by it only where the laboratory says after how many days: nobody here knows its rules for personal data.

Everything hangs on the wall clock, and a bench may start without one. So nothing is deleted while the clock is far
ahead of the newest entry in the file, until somebody says that it is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.errors import OperatorError
from web.casework import invitations, self_check_codes
from web.casework.forgetting import Forgotten, forget
from web.casework.history import REFUSALS_KEPT_DAYS, forget_old_refusals, history
from web.casework.model import BENCH, ENDS
from web.casework.moments import DAY_S, is_over, later
from web.casework.self_check_codes import KEPT_DAYS, REMEMBERED_DAYS
from web.casework.store import Casework, Database

LEAST_CUSTOMER_DAYS = round(invitations.LINK_S / DAY_S)
"""For so long a customer is promised that the result can be read."""
LONGEST_SILENCE_DAYS = 92
"""From the newest entry to now: beyond that a clock is more likely wrong than a laboratory idle."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A line of the policy. what: a key, said by `web/retention.py`. tables: of casework, of which it
    counts the rows. days: after which they go.
    """

    what: str
    tables: tuple[str, ...]
    days: int


POLICY = (
    Kept("self_checks", ("self_check", "self_check_photo"), KEPT_DAYS),
    Kept("expired_codes", ("self_check_expired",), REMEMBERED_DAYS),
    Kept("tokens", ("invitation", "visit"), 1),
    Kept("refusals", ("refusal",), REFUSALS_KEPT_DAYS),
)
"""What has a time of its own. Of everything else of a customer: `customers_after` of `sweep`, or a deletion by hand."""


@dataclass(frozen=True, slots=True)
class Swept:
    """deleted: rows, by the line of the policy. forgotten: cases whose customer is not named any more."""

    deleted: dict[str, int]
    forgotten: tuple[Forgotten, ...]


class _OnlyTriedError(Exception):
    """Takes everything back that was done to see how much it is."""


def sweep(
    cw: Casework,
    customers_after_days: int | None = None,
    *,
    is_trial: bool = False,
    clock_is_right: bool = False,
) -> Swept:
    """Delete what has had its time. customers_after_days: after the last entry of a case that is over; None: never.

    is_trial: tell what would go, and leave it. Errors: OperatorError for a clock that looks wrong, and for too few
    days; CaseworkAwayError.
    """
    if customers_after_days is not None and customers_after_days < LEAST_CUSTOMER_DAYS:
        raise OperatorError(
            f"a customer is promised the result for {LEAST_CUSTOMER_DAYS} days; give as many, or more"
        )
    now = cw.now()
    if not clock_is_right:
        _require_clock(cw, now)
    deleted: dict[str, int] = {}
    due: tuple[str, ...] = ()
    try:
        with cw.writing() as database:
            before = _counts(database)
            self_check_codes.forget_old(database, now)
            for table in ("invitation", "visit"):
                invitations.forget_old(database, table, now)
            forget_old_refusals(database, now)
            after = _counts(database)
            deleted = {line: before[line] - after[line] for line in before}
            if customers_after_days is not None:
                due = _due(cw, database, customers_after_days, now)
            if is_trial:
                raise _OnlyTriedError
    except _OnlyTriedError:
        return Swept(deleted, tuple(Forgotten(case_id, (), ()) for case_id in due))
    return Swept(deleted, tuple(forget(cw, case_id, BENCH) for case_id in due))


def _counts(database: Database) -> dict[str, int]:
    return {
        line.what: sum(
            database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in line.tables
        )
        for line in POLICY
    }


def _due(cw: Casework, database: Database, days: int, now: str) -> tuple[str, ...]:
    rows = database.execute(
        "SELECT cases.id, cases.state FROM cases JOIN customer ON customer.case_id = cases.id ORDER BY cases.id"
    ).fetchall()
    ended = [row["id"] for row in rows if row["state"] in ENDS]
    return tuple(
        case_id for case_id in ended if is_over(later(history(cw, case_id)[-1].at, days * DAY_S), now)
    )


def _require_clock(cw: Casework, now: str) -> None:
    with cw.reading() as database:
        rows = database.execute(
            "SELECT MAX(at) AS at FROM refusal UNION ALL"
            " SELECT MAX(json_extract(CAST(body AS TEXT), '$.at')) FROM history"
        ).fetchall()
    known = [datetime.fromisoformat(row["at"]) for row in rows if row["at"]]
    if known and datetime.fromisoformat(now) - max(known) > timedelta(days=LONGEST_SILENCE_DAYS):
        raise OperatorError(
            f"the clock says {now[:10]}, and the newest entry is of {max(known).date()}; nothing was deleted; where "
            "that is so, give --clock-is-right"
        )
