"""Growing arrays that the loops append to and the runner looks at, without copies and without locks.

A store has one writer. A reader takes the length once and gets views of what was there: appending writes
behind them, and growing moves to new memory while old views keep the old. So a view never changes.

A bench runs for years, so what nobody will look at again may be forgotten (`forget_before`, from any thread). It goes
when the store is full the next time: room is then made by leaving the old behind. Indices count from the start of the
bench, whatever was forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.quantities import EdgeTrain, PolledRegister

_FIRST_CAPACITY = 1024


@dataclass(frozen=True, slots=True)
class _Kept:
    """columns: of equal length; first: index of their first row; lost: edges that were lost before it."""

    columns: tuple[np.ndarray, ...]
    first: int
    lost: int


class _Store:
    """Rows in the order of their first column, which is an instant (ns)."""

    def __init__(self, *types: type) -> None:
        self._kept = _Kept(tuple(np.empty(_FIRST_CAPACITY, each) for each in types), 0, 0)
        self._count = 0
        self._forget_ns = 0

    def __len__(self) -> int:
        """Rows since the bench started, forgotten ones, too."""
        return self._count

    @property
    def room(self) -> int:
        """Rows for which there is memory."""
        return len(self._kept.columns[0])

    def forget_before(self, at_ns: int) -> None:
        """Nobody will look at what is older than this any more."""
        self._forget_ns = at_ns

    def _next(self, coming: int) -> tuple[tuple[np.ndarray, ...], int]:
        """The columns, with room for so many rows more, and where the first of them goes. Whoever has written them
        counts them last: a reader never sees a row before its values."""
        kept = self._kept
        at = self._count - kept.first
        if at + coming > len(kept.columns[0]):
            self._make_room(coming)
            kept = self._kept
            at = self._count - kept.first
        return kept.columns, at

    def _make_room(self, coming: int) -> None:
        kept, used = self._kept, self._count - self._kept.first
        # The last of those that may go stays: of the step from it to the next one something may be lost, and its value
        # is the one before an instant.
        gone = max(int(np.searchsorted(kept.columns[0][:used], self._forget_ns)) - 1, 0)
        left = used - gone
        capacity = max(left + coming, 2 * left, _FIRST_CAPACITY)
        columns = tuple(np.empty(capacity, column.dtype) for column in kept.columns)
        for column, before in zip(columns, kept.columns, strict=True):
            column[:left] = before[gone:used]
        lost = self._lost_in(tuple(column[: gone + 1] for column in kept.columns)) if gone else 0
        self._kept = _Kept(columns, kept.first + gone, kept.lost + lost)

    def _lost_in(self, columns: tuple[np.ndarray, ...]) -> int:
        """Of rows that are left behind, with the one that stays."""
        return 0

    def _looked_at(self) -> tuple[_Kept, tuple[np.ndarray, ...]]:
        """What is kept, and a view of the rows that are there."""
        # What is kept is looked up after the count: there can only be more since.
        count, kept = self._count, self._kept
        return kept, tuple(column[: max(count - kept.first, 0)] for column in kept.columns)

    def _since(self, index: int) -> tuple[np.ndarray, ...]:
        """The rows from `index` on; of those that were forgotten none."""
        kept, columns = self._looked_at()
        return tuple(column[max(index - kept.first, 0) :] for column in columns)


class EdgeStore(_Store):
    """The edges of one pulse line."""

    def __init__(self) -> None:
        super().__init__(np.int64, np.int64, np.int64)

    def append(self, edges: EdgeTrain) -> None:
        (timestamp_ns, kind, line_seqno), at = self._next(len(edges))
        until = at + len(edges)
        timestamp_ns[at:until] = edges.timestamp_ns
        kind[at:until] = edges.kind
        line_seqno[at:until] = edges.line_seqno
        self._count += len(edges)

    def since(self, index: int) -> EdgeTrain:
        """The edges from `index` on; of those that were forgotten none."""
        return EdgeTrain(*self._since(index))

    @property
    def lost(self) -> int:
        """Edges that the kernel counted and did not deliver, since the bench started."""
        kept, columns = self._looked_at()
        return kept.lost + self._lost_in(columns)

    def _lost_in(self, columns: tuple[np.ndarray, ...]) -> int:
        return EdgeTrain(*columns).lost


class PollStore(_Store):
    """One register of the reference standard as the polls saw it."""

    def __init__(self) -> None:
        super().__init__(np.int64, np.int64, np.float64)

    def append(self, request_ns: int, reply_ns: int, value: float) -> None:
        (requests_ns, replies_ns, values), at = self._next(1)
        requests_ns[at] = request_ns
        replies_ns[at] = reply_ns
        values[at] = value
        self._count += 1

    def since(self, index: int) -> PolledRegister:
        """The polls from `index` on; of those that were forgotten none."""
        return PolledRegister(*self._since(index))

    def index_at(self, at_ns: int) -> int:
        """Index of the first poll whose request was sent at or after at_ns; of those that were forgotten none."""
        kept, columns = self._looked_at()
        return kept.first + int(np.searchsorted(columns[0], at_ns))
