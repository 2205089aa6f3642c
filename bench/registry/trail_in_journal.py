"""The end of the trail, as the first record of every run notes it.

A chain alone cannot show that it was cut at its end, set back with its file, or made anew as a whole. What a run notes
is signed with its records and handed out with its bundle: a trail of today that has no such entry is not the one that
was there then. What was changed after the newest run is noted by the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.canonical import JsonObject
from bench.errors import OperatorError
from bench.records.differences import DAMAGED
from bench.records.journal_reading import JOURNAL_FILE, JournalReader
from bench.registry import trail
from bench.registry.store import REGISTRY_FILE, Registry, glancing

NOTED = "trail"
"""Its key in the record. Runs of a time before this was noted have none."""


@dataclass(frozen=True, slots=True)
class NotedEnd:
    """How many entries there were when a run began, and the hash of the last of them."""

    run_id: str
    entries: int
    sha256: str

    def is_in(self, registry: Registry) -> bool:
        if self.entries == 0:
            return True
        found = trail.hash_of(registry, self.entries)
        return found is not None and found.hex() == self.sha256


def end_now(state_dir: Path) -> JsonObject:
    """For the first record of a run that begins now. Errors: OperatorError where the registry cannot be read."""
    with glancing(state_dir) as registry:
        entries, sha256 = trail.end(registry)
    return {"entries": entries, "sha256": sha256.hex()}


def missing_ends(registry: Registry, state_dir: Path) -> list[NotedEnd]:
    """Of all that the runs of this folder have noted, those that its trail is without, in the order of the runs.

    Errors: BenchError where the journal cannot be read.
    """
    if not (state_dir / JOURNAL_FILE).is_file():
        return []
    with closing(JournalReader(state_dir)) as journal:
        return [end for end in _noted_by(journal, journal.run_ids()) if not end.is_in(registry)]


def missing_end(state_dir: Path) -> NotedEnd | None:
    """The end that the newest run has noted, where the trail of today is without it: a registry that was set back, or
    that is another one. None where journal and registry of this folder belong together.

    Errors: BenchError where one of them cannot be read.
    """
    with closing(JournalReader(state_dir)) as journal:
        end = next(_noted_by(journal, reversed(journal.run_ids())), None)
    if end is None:
        return None
    with glancing(state_dir) as registry:
        return None if end.is_in(registry) else end


def require_not_set_back(state_dir: Path) -> None:
    """Errors: OperatorError where the registry is not that of the journal beside it."""
    if (end := missing_end(state_dir)) is None:
        return
    path = state_dir / REGISTRY_FILE
    raise OperatorError(
        f"{path} is older than the journal beside it, or another one: entry {end.entries} of its trail, which "
        f"{end.run_id} noted, is not there; check the disk, then move the folder {state_dir} away and restore a "
        f"back-up: bench restore FILE / {path} 比旁边的日志旧，或不是原来的文件：{end.run_id} 记下的变更记录第 "
        f"{end.entries} 条已不存在；请检查存储，然后把文件夹 {state_dir} 移走并恢复备份：bench restore 文件"
    )


def _noted_by(journal: JournalReader, run_ids: Iterable[str]) -> Iterator[NotedEnd]:
    """A record that is damaged notes nothing: replay, back-up and export tell of it."""
    for run_id in run_ids:
        first, _ = journal.ends_of(run_id)
        try:
            noted = first.fields().get(NOTED)
            end = noted and NotedEnd(run_id, int(noted["entries"]), str(noted["sha256"]))
        except DAMAGED:
            continue
        if end:
            yield end
