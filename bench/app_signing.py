"""Certificates are drafted and signed in a process of its own, so that setting and sealing them takes no time from the
loops.

`sign_in_child` and `draft_in_child` are for the measuring process. Who signs shows the password to the child, which
checks it itself; who drafts has been let in before. What knows certificates is imported where it is needed: no other
command, and no run, waits for it.
"""

from __future__ import annotations

from pathlib import Path

from bench.app_reference import RecordedRaw
from bench.canonical import JsonObject
from bench.child_process import answer_parent, ask_child
from bench.configuration.config import Config
from bench.errors import OperatorError
from bench.records.frozen import from_json, to_json
from bench.registry.standing import registered

_MODULE = "bench.app_signing"
_PATIENCE_S = 120.0


def sign_in_child(config: Config, draft: str, by: tuple[str, str], role: str | None, now: str) -> JsonObject:
    """What the signature came to. by: person and password; now: wall time.

    Errors: OperatorError where it is refused, InstrumentError where the child does not come to an end.
    """
    who = {"by": by[0], "password": by[1], "as": role}
    asked = {"do": "sign", "config": to_json(config), "draft": draft, **who, "now": now}
    return _asked(asked, "the certificate could not be signed")


def draft_in_child(config: Config, run_id: str, position: str, request: str, by: str, now: str) -> JsonObject:
    """Draft a certificate. request: TOML as of `bench certificate draft`; by: id of who drafts; now: wall time.

    Errors: as above.
    """
    what = {"run": run_id, "position": position, "request": request, "by": by}
    asked = {"do": "draft", "config": to_json(config), **what, "now": now}
    return _asked(asked, "the certificate could not be drafted")


def _asked(asked: JsonObject, failed: str) -> JsonObject:
    answer = ask_child(_MODULE, asked, _PATIENCE_S, failed)
    assert answer is not None, "nobody gives it up"
    return answer


def waiting_drafts(state_dir: Path) -> list[JsonObject]:
    """Drafts that wait for signatures, with those that they have."""
    from bench.certificate.issuing import open_drafts

    return [
        {**to_json(draft), "id": draft.id, "signatures": to_json(signatures)}
        for draft, signatures in open_drafts(state_dir)
    ]


def signed(asked: JsonObject) -> JsonObject:
    """What the child does to sign. Errors: BenchError."""
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


def drafted(asked: JsonObject) -> JsonObject:
    """What the child does to draft. Errors: BenchError."""
    from bench.certificate import issuing
    from bench.certificate.office import office
    from bench.certificate.request import parse_request
    from bench.certificate.words import both, finding_said

    config = registered(from_json(Config, asked["config"]))
    request = parse_request(asked["request"], "request")
    made = office(config, RecordedRaw)
    found = issuing.draft(made, asked["run"], asked["position"], request, asked["by"], asked["now"])
    return {
        "draft": found.draft.id,
        "kind": found.draft.kind.value,
        "title": to_json(both(f"title_{found.draft.kind}")),
        "marks": [to_json(both(f"mark_{mark}")) for mark in found.marks],
        "locks": [to_json(finding_said(lock)) for lock in found.locks],
        "missing": [role.value for role in found.missing],
    }


def _found(asked: JsonObject) -> JsonObject:
    return drafted(asked) if asked["do"] == "draft" else signed(asked)


if __name__ == "__main__":
    answer_parent(_found)
