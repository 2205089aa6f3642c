"""Growing arrays that the loops append to and the runner looks at, without copies and without locks.

A store has one writer. A reader takes the length once and gets views of what was there: appending writes
behind them, and growing moves to new memory while old views keep the old. So a view never changes.
"""

from __future__ import annotations

import numpy as np

from calibration.quantities import EdgeTrain, FloatArray, IntArray, PolledRegister

_FIRST_CAPACITY = 1024


class EdgeStore:
    """The edges of one pulse line."""

    def __init__(self) -> None:
        self._columns = np.empty((3, _FIRST_CAPACITY), np.int64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, edges: EdgeTrain) -> None:
        end = self._count + len(edges)
        if end > self._columns.shape[1]:
            grown = np.empty((3, max(end, 2 * self._columns.shape[1])), np.int64)
            grown[:, : self._count] = self._columns[:, : self._count]
            self._columns = grown
        columns = self._columns
        columns[0, self._count : end] = edges.timestamp_ns
        columns[1, self._count : end] = edges.kind
        columns[2, self._count : end] = edges.line_seqno
        self._count = end  # last: a reader never sees an edge before its values

    def since(self, index: int) -> EdgeTrain:
        """The edges from `index` on."""
        end = self._count
        columns = self._columns
        return EdgeTrain(columns[0, index:end], columns[1, index:end], columns[2, index:end])


class PollStore:
    """One register of the reference standard as the polls saw it."""

    def __init__(self) -> None:
        self._request_ns: IntArray = np.empty(_FIRST_CAPACITY, np.int64)
        self._reply_ns: IntArray = np.empty(_FIRST_CAPACITY, np.int64)
        self._value: FloatArray = np.empty(_FIRST_CAPACITY, np.float64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, request_ns: int, reply_ns: int, value: float) -> None:
        n = self._count
        if n == len(self._value):
            self._request_ns = np.concatenate((self._request_ns, np.empty_like(self._request_ns)))
            self._reply_ns = np.concatenate((self._reply_ns, np.empty_like(self._reply_ns)))
            self._value = np.concatenate((self._value, np.empty_like(self._value)))
        self._request_ns[n] = request_ns
        self._reply_ns[n] = reply_ns
        self._value[n] = value
        self._count = n + 1

    def since(self, index: int) -> PolledRegister:
        """The polls from `index` on."""
        end = self._count
        # The three arrays are looked up after the length: they can only have grown since.
        return PolledRegister(self._request_ns[index:end], self._reply_ns[index:end], self._value[index:end])

    def index_at(self, at_ns: int) -> int:
        """Index of the first poll whose request was sent at or after at_ns."""
        return int(np.searchsorted(self._request_ns[: self._count], at_ns))
