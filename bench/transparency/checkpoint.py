"""Checkpoints: how long the journal was, and its root, in the text form that a log signs (C2SP tlog-checkpoint).

Three lines, and a fourth with the wall time, which is for people: nothing is ordered by it.

    meter-test-bench/demo
    123
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
    time 2026-11-26T18:00:00Z
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bench.transparency.base64_text import decoded, encoded
from bench.transparency.merkle import HASH_BYTES
from bench.transparency.notes import known_keys, note_text, open_note, signers

_TIME = "time "
_DECIMAL = re.compile("0|[1-9][0-9]{0,17}")


def origin_of(bench_id: str) -> str:
    """The name of a bench's log, and of the key that signs it. A space or a plus, which no key name has, is a dash."""
    return "meter-test-bench/" + re.sub(r"[\s+]", "-", bench_id)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """size: leaves; root: over them; wall_time: ISO 8601, None where the log gives none."""

    origin: str
    size: int
    root: bytes
    wall_time: str | None = None

    def to_text(self) -> str:
        """The text that is signed."""
        time = [] if self.wall_time is None else [_TIME + self.wall_time]
        return "".join(f"{line}\n" for line in (self.origin, self.size, encoded(self.root), *time))

    @classmethod
    def from_text(cls, text: str) -> Checkpoint:
        """Errors: ValueError for anything that `to_text` does not write."""
        lines = text.split("\n")
        if lines[-1] or not 4 <= len(lines) <= 5 or not all(lines[:-1]):
            raise ValueError("a checkpoint has the lines origin, size and root, and perhaps the time")
        origin, size, root = lines[:3]
        time = lines[3] if len(lines) == 5 else None
        if not _DECIMAL.fullmatch(size):
            raise ValueError(f"{size[:40]!r} is not the size of a tree")
        if len(decoded(root)) != HASH_BYTES:
            raise ValueError(f"{root[:60]!r} is not the root of a tree")
        if time is not None and not time.startswith(_TIME):
            raise ValueError(f"{time[:40]!r} is not the time of a checkpoint")
        return cls(origin, int(size), decoded(root), None if time is None else time.removeprefix(_TIME))


def signed_checkpoint(note: str, publics: Iterable[bytes]) -> tuple[Checkpoint, bytes]:
    """The checkpoint of a note, and which of these keys (32 bytes each) has signed it in the log's own name.

    Errors: ValueError where none of them has, or it is no checkpoint.
    """
    claimed = Checkpoint.from_text(note_text(note))
    keys = known_keys(claimed.origin, publics)
    checkpoint = Checkpoint.from_text(open_note(note, keys))
    (public,) = (keys[signer] for signer in signers(note) if signer in keys)
    return checkpoint, public
