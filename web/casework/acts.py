"""What every act of a case has in common: one transaction, the table of transitions asked first, an entry at the
end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from web.casework import history
from web.casework.case_rows import case
from web.casework.model import Case, CaseState
from web.casework.persons import who_is
from web.casework.promises import deadline
from web.casework.store import Casework, Database
from web.casework.transitions import Act, Who, next_state


@dataclass(frozen=True, slots=True)
class Acting:
    """One act under way. case: as it was before. after: the state that it leads to."""

    cw: Casework
    database: Database
    case: Case
    act: Act
    by: str
    who: Who
    after: CaseState

    def set(self, **columns: str | float | None) -> None:
        """Columns of the case; their names are ours."""
        named = ", ".join(f"{name} = ?" for name in columns)
        self.database.execute(f"UPDATE cases SET {named} WHERE id = ?", (*columns.values(), self.case.id))

    def keep(self, text: str) -> str:
        """The reference of a free text. Errors: Refused where there is none."""
        return history.keep_text(self.cw, self.case.id, text)

    def done(self, values: Mapping[str, str] | None = None) -> Case:
        """The case is in the state after, and the history says so."""
        at = history.add(self.cw, self.case.id, self.by, self.act, values)
        if self.after is not self.case.state:
            appointment = case(self.cw, self.case.id).appointment
            self.set(
                state=self.after,
                state_since=at,
                deadline=deadline(self.after, at, self.cw.promises, appointment),
            )
        return case(self.cw, self.case.id)


@contextmanager
def acting(cw: Casework, case_id: str, act: Act, by: str) -> Iterator[Acting]:
    """Errors: Refused, where the case is not so far, or whoever acts may not; the log of refusals says so then."""
    with history.attempt(cw, by, act, case_id) as database:
        before = case(cw, case_id)
        who = who_is(before, by)
        after = next_state(before.state, act, who, case_id, before.verifier)
        yield Acting(cw, database, before, act, by, who, after)
