"""The proof that a record is in the journal, as one text file that needs nothing else (C2SP tlog-proof v1).

The record's number, the path of hashes from its leaf to the root, and the signed checkpoint that has the root:

    c2sp.org/tlog-proof@v1
    index 122
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=

    meter-test-bench/demo
    123
    ...
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bench.transparency.base64_text import decoded, encoded
from bench.transparency.merkle import HASH_BYTES

_HEAD = "c2sp.org/tlog-proof@v1"
_EXTRA, _INDEX = "extra ", "index "
_DECIMAL = re.compile("0|[1-9][0-9]{0,17}")
_LONGEST_PATH = 63


@dataclass(frozen=True, slots=True)
class TlogProof:
    """index: of the leaf; path: from its sibling up to the root's child; checkpoint: the signed note, to the byte;
    extra: opaque, not authenticated, None where there is none (this bench writes none).
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def to_text(self) -> str:
        extra = [] if self.extra is None else [_EXTRA + encoded(self.extra)]
        lines = (_HEAD, *extra, f"{_INDEX}{self.index}", *map(encoded, self.path))
        return "".join(f"{line}\n" for line in lines) + "\n" + self.checkpoint

    @classmethod
    def from_text(cls, text: str) -> TlogProof:
        """Errors: ValueError for anything that `to_text` does not write."""
        head, blank, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if not blank or lines.pop(0) != _HEAD:
            raise ValueError(f"a proof begins with {_HEAD} and has a checkpoint after an empty line")
        extra = decoded(lines.pop(0).removeprefix(_EXTRA)) if lines and lines[0].startswith(_EXTRA) else None
        index = lines.pop(0) if lines else ""
        if not index.startswith(_INDEX) or not _DECIMAL.fullmatch(index.removeprefix(_INDEX)):
            raise ValueError(f"{index[:40]!r} does not say which leaf is proved")
        path = tuple(decoded(line) for line in lines)
        if len(path) > _LONGEST_PATH or any(len(node) != HASH_BYTES for node in path):
            raise ValueError(f"a path has at most {_LONGEST_PATH} hashes of {HASH_BYTES} bytes")
        return cls(int(index.removeprefix(_INDEX)), path, checkpoint, extra)
