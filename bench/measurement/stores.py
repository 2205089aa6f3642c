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

from calibration.quantities import EdgeTrain, FloatArray, IntArray, PolledRegister

_FIRST_CAPACITY = 1024


@dataclass(frozen=True, slots=True)
class _Edges:
    """columns: stamp, kind, seqno; first: index of the first that is kept; lost: edges that were lost before it."""

    columns: IntArray
    first: int
    lost: int


class EdgeStore:
    """The edges of one pulse line."""

    def __init__(self) -> None:
        self._kept = _Edges(np.empty((3, _FIRST_CAPACITY), np.int64), 0, 0)
        self._count = 0
        self._forget_ns = 0

    def __len__(self) -> int:
        """Edges since the bench started, forgotten ones, too."""
        return self._count

    def append(self, edges: EdgeTrain) -> None:
        end = self._count + len(edges)
        if end - self._kept.first > self._kept.columns.shape[1]:
            self._make_room(len(edges))
        columns, at = self._kept.columns, self._count - self._kept.first
        until = at + len(edges)
        columns[0, at:until] = edges.timestamp_ns
        columns[1, at:until] = edges.kind
        columns[2, at:until] = edges.line_seqno
        self._count = end  # last: a reader never sees an edge before its values

    def _make_room(self, coming: int) -> None:
        kept, used = self._kept, self._count - self._kept.first
        # One of those that may go stays, for the step of the counter from it to the next.
        gone = max(int(np.searchsorted(kept.columns[0, :used], self._forget_ns)) - 1, 0)
        left = used - gone
        columns = np.empty((3, max(left + coming, 2 * left, _FIRST_CAPACITY)), np.int64)
        columns[:, :left] = kept.columns[:, gone:used]
        lost = kept.lost + EdgeTrain(*kept.columns[:, : gone + 1]).lost if gone else kept.lost
        self._kept = _Edges(columns, kept.first + gone, lost)

    def since(self, index: int) -> EdgeTrain:
        """The edges from `index` on; of those that were forgotten none."""
        end, kept = self._count, self._kept
        inside = slice(max(index - kept.first, 0), max(end - kept.first, 0))
        return EdgeTrain(kept.columns[0, inside], kept.columns[1, inside], kept.columns[2, inside])

    @property
    def lost(self) -> int:
        """Edges that the kernel counted and did not deliver, since the bench started."""
        end, kept = self._count, self._kept
        return kept.lost + EdgeTrain(*kept.columns[:, : max(end - kept.first, 0)]).lost

    @property
    def room(self) -> int:
        """Edges for which there is memory."""
        return int(self._kept.columns.shape[1])

    def forget_before(self, at_ns: int) -> None:
        """Nobody will look at what is older than this any more."""
        self._forget_ns = at_ns


@dataclass(frozen=True, slots=True)
class _Polls:
    """first: index of the first that is kept."""

    request_ns: IntArray
    reply_ns: IntArray
    value: FloatArray
    first: int


class PollStore:
    """One register of the reference standard as the polls saw it."""

    def __init__(self) -> None:
        self._kept = _empty_polls(_FIRST_CAPACITY, 0)
        self._count = 0
        self._forget_ns = 0

    def __len__(self) -> int:
        """Polls since the bench started, forgotten ones, too."""
        return self._count

    def append(self, request_ns: int, reply_ns: int, value: float) -> None:
        if self._count - self._kept.first == len(self._kept.value):
            self._make_room()
        kept, at = self._kept, self._count - self._kept.first
        kept.request_ns[at] = request_ns
        kept.reply_ns[at] = reply_ns
        kept.value[at] = value
        self._count += 1

    def _make_room(self) -> None:
        kept, used = self._kept, self._count - self._kept.first
        # One of those that may go stays: the last value before an instant is asked for, too.
        gone = max(int(np.searchsorted(kept.request_ns[:used], self._forget_ns)) - 1, 0)
        left = used - gone
        roomy = _empty_polls(max(2 * left, _FIRST_CAPACITY), kept.first + gone)
        roomy.request_ns[:left] = kept.request_ns[gone:used]
        roomy.reply_ns[:left] = kept.reply_ns[gone:used]
        roomy.value[:left] = kept.value[gone:used]
        self._kept = roomy

    def since(self, index: int) -> PolledRegister:
        """The polls from `index` on; of those that were forgotten none."""
        # What is kept is looked up after the length: it can only have grown since.
        end, kept = self._count, self._kept
        inside = slice(max(index - kept.first, 0), max(end - kept.first, 0))
        return PolledRegister(kept.request_ns[inside], kept.reply_ns[inside], kept.value[inside])

    def index_at(self, at_ns: int) -> int:
        """Index of the first poll whose request was sent at or after at_ns; of those that were forgotten none."""
        end, kept = self._count, self._kept
        return kept.first + int(np.searchsorted(kept.request_ns[: max(end - kept.first, 0)], at_ns))

    @property
    def room(self) -> int:
        """Polls for which there is memory."""
        return len(self._kept.value)

    def forget_before(self, at_ns: int) -> None:
        """Nobody will look at what is older than this any more."""
        self._forget_ns = at_ns


def _empty_polls(capacity: int, first: int) -> _Polls:
    return _Polls(
        np.empty(capacity, np.int64), np.empty(capacity, np.int64), np.empty(capacity, np.float64), first
    )
