"""The bundle of a run, packed in a process of its own (`python -m bench.app_bundle`) that the measuring one asks."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from bench.canonical import JsonObject
from bench.child_process import answer_parent
from bench.errors import OperatorError
from bench.evidence.bundle import Signers, bundle_of, standing_certificates
from bench.evidence.page_builder import verifier_page
from bench.keys.log_key import all_log_publics, open_log_key
from bench.records.journal_reading import JournalReader


def packed(asked: JsonObject) -> JsonObject:
    """asked: `state_dir`, `run`, and `path`, the file to write. Errors: BenchError."""
    state_dir, path = Path(asked["state_dir"]), Path(asked["path"])
    with closing(JournalReader(state_dir)) as journal:
        run_id = journal.known(asked["run"])
        signers = Signers(open_log_key(state_dir, may_make=False), all_log_publics(state_dir))
        certificates = standing_certificates(state_dir, run_id)
        bundle = bundle_of(journal, run_id, signers, certificates, verifier_page())
    try:
        path.write_bytes(bundle)
    except OSError as error:
        raise OperatorError(
            f"the bundle cannot be written ({error.strerror}); make room on the disk"
        ) from error
    return {"bytes": len(bundle)}


if __name__ == "__main__":
    answer_parent(packed)
