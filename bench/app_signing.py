"""A certificate is signed in a process of its own, so that setting and sealing it takes no time from the loops.

`sign_in_child` is for the measuring process. The child gets what it needs on stdin, the password too, and nothing on
its command line, which every user of the machine can read; it is nice to the loops, and checks the password itself.
What knows certificates is imported where it is needed: no other command, and no run, waits for it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.app_reference import RecordedRaw
from bench.canonical import JsonObject
from bench.configuration.config import Config
from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.errors import BenchError, InstrumentError, OperatorError
from bench.records.frozen import from_json, to_json
from bench.registry.standing import registered

_PATIENCE_S = 120.0
_NICENESS = 10


def sign_in_child(config: Config, draft: str, by: tuple[str, str], role: str | None, now: str) -> JsonObject:
    """What the signature came to. by: person and password; now: wall time.

    Errors: OperatorError where it is refused, InstrumentError where the child does not come to an end.
    """
    asked = {
        "config": to_json(config),
        "draft": draft,
        "by": by[0],
        "password": by[1],
        "as": role,
        "now": now,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bench.app_signing"],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
        )
        answer: JsonObject = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise InstrumentError(
            f"the certificate could not be signed ({type(error).__name__}); try again"
        ) from error
    if "rule" in answer:
        raise RefusedByRuleError(Refusal(answer["rule"]), **answer["values"])
    if "refused" in answer:
        raise OperatorError(str(answer["refused"]))
    return answer


def waiting_drafts(state_dir: Path) -> list[JsonObject]:
    """Drafts that wait for signatures, with those that they have."""
    from bench.certificate.issuing import open_drafts

    return [
        {**to_json(draft), "id": draft.id, "signatures": to_json(signatures)}
        for draft, signatures in open_drafts(state_dir)
    ]


def signed(asked: JsonObject) -> JsonObject:
    """What the child does. Errors: BenchError."""
    from bench.certificate import issuing, watch_folder
    from bench.certificate.office import office
    from bench.certificate.register import SignsAs

    role = asked["as"]
    if role is not None and role not in set(SignsAs):
        raise OperatorError(f"nobody signs as {str(role)[:20]!r}; there are {', '.join(SignsAs)}")
    config = registered(from_json(Config, asked["config"]))
    made = office(config, RecordedRaw)
    as_role = None if role is None else SignsAs(role)
    signing = issuing.sign(made, asked["draft"], asked["by"], asked["password"], as_role, asked["now"])
    folder = config.laboratory.watch_folder
    if signing.entry is not None and folder:
        watch_folder.deliver(config.state_dir, Path(folder), asked["now"])
    return {
        "draft": signing.draft.id,
        "by": signing.person,
        "as": signing.role.value,
        "missing": [each.value for each in signing.missing],
        "number": None if signing.entry is None else signing.entry.issued.number,
    }


def main() -> None:
    os.nice(_NICENESS)
    try:
        answer = signed(json.load(sys.stdin))
    except RefusedByRuleError as error:
        answer = {"rule": error.reason.value, "values": error.values}
    except BenchError as error:
        answer = {"refused": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
