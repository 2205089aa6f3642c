"""What was written into a file of cases of each schema: rows for every table that a migration has made.

By the statements of the programs of then, and not by today's functions, which write today's columns. The histories are
chained as they always were.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable

WHEN, DAY = "2026-11-24T08:00:00+00:00", "2026-11-24"
CASE, OPEN_CASE = "C2026-0001", "C2026-0002"
_SHA = "ab" * 32
_TICKS = (
    "seals", "nameplate_photo", "register_photo", "shoe_covers", "gloves", "distance", "consent", "reference_valid",
)  # fmt: skip


def _row(database: sqlite3.Connection, table: str, **columns: object) -> None:
    marks = ", ".join("?" * len(columns))
    database.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))


def _text(database: sqlite3.Connection, case_id: str, text: str) -> str:
    salt = hashlib.sha256(text.encode()).digest()
    reference = f"text:{hashlib.sha256(salt + text.encode()).hexdigest()}"
    _row(database, "kept_text", reference=reference, case_id=case_id, salt=salt, text=text)
    return reference


def _entry(database: sqlite3.Connection, case_id: str, who: str, act: str, **values: str) -> None:
    (number,) = database.execute("SELECT COUNT(*) + 1 FROM history WHERE case_id = ?", (case_id,)).fetchone()
    chain = database.execute(
        "SELECT chain FROM history WHERE case_id = ? AND number = ?", (case_id, number - 1)
    ).fetchone() or ("",)
    said = {"case": case_id, "number": number, "at": WHEN, "who": who, "act": act, "values": values}
    body = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    new = hashlib.sha256(chain[0].encode() + body).hexdigest()
    _row(database, "history", case_id=case_id, number=number, body=body, chain=new)


def _applied(database: sqlite3.Connection, case_id: str, serial: str) -> None:
    kind = json.dumps({"meter_type": "DDS"})
    _row(
        database, "cases", id=case_id, state="applied", state_since=WHEN, applied_on=WHEN, doubt="", serial=serial,
        meter_kind=kind, area="湖滨", root=case_id,
    )  # fmt: skip
    doubt = _text(database, case_id, f"电表 {serial} 走得太快了")
    database.execute("UPDATE cases SET doubt = ? WHERE id = ?", (doubt, case_id))
    _row(database, "customer", case_id=case_id, name="王小明", address="人民路 12 号", phone="138 0000 0000")
    _entry(database, case_id, "customer", "apply", doubt=doubt)


def _cases(database: sqlite3.Connection) -> None:
    """One that has been tested and explained, and an application."""
    _applied(database, CASE, "A-1")
    database.execute(
        "UPDATE cases SET state = 'planned', verifier = 'P2', checker = 'P3', rule_set = 'jjg596-2012', "
        "decision_rule = 'simple', plan_toml = '[[meters]]', planned_s = 1800.0, "
        "appointment = '2026-12-01T09:30' WHERE id = ?",
        (CASE,),
    )
    _entry(database, CASE, "P1", "plan", verifier="P2", checker="P3")
    for role, person in (("verifier", "P2"), ("checker", "P3")):
        _row(database, "part", case_id=CASE, role=role, person=person, since=WHEN)
    for name in _TICKS:
        _row(database, "tick", case_id=CASE, name=name, by="P2", at=WHEN)
    _row(database, "case_run", run_id="run-000001", case_id=CASE, at=WHEN, verifier="P2")
    for state in ("ready", "testing", "tested", "explained"):
        outcome = "PASS" if state == "tested" else None
        database.execute(
            "UPDATE cases SET state = ?, outcome = COALESCE(?, outcome) WHERE id = ?", (state, outcome, CASE)
        )
        _entry(database, CASE, "P2", state)
    _applied(database, OPEN_CASE, "A-2")
    _row(database, "refusal", at=WHEN, who="P2", act="plan", key="role_needed", case_id=OPEN_CASE)


def _said(database: sqlite3.Connection) -> None:
    _row(database, "invitation", token_sha256=_SHA, case_id=CASE, invited_by="P2", until=WHEN, used_at=WHEN)
    _row(database, "visit", cookie_sha256=_SHA, case_id=CASE, began_at=WHEN, until=WHEN)
    _row(
        database, "result_link", token_sha256=_SHA, case_id=CASE, made_by="P2", made_at=WHEN,
        until="2027-12-29T08:00:00+00:00",
    )  # fmt: skip
    asked = _text(database, CASE, "为什么灯一直闪？")
    _row(
        database, "question", case_id=CASE, asked_by="customer", asked_at=WHEN, question=asked, answer=asked,
        answered_by="P2", answered_at=WHEN,
    )  # fmt: skip
    for thing in ("test", "record", "follow_up"):
        _row(
            database, "agreement", case_id=CASE, thing=thing, agreed=1, text_sha256=_SHA, said_by="customer",
            said_at=WHEN,
        )  # fmt: skip
    for moment in ("before", "after"):
        _row(
            database,
            "opinion",
            case_id=CASE,
            moment=moment,
            words="",
            meter_is_wrong=6,
            trust=4,
            said_at=WHEN,
        )
    _row(database, "satisfaction", case_id=CASE, score=5, unclear="", said_at=WHEN)
    _row(
        database, "signature", case_id=CASE, role="customer", signed_by="customer", signed_at=WHEN, text_sha256=_SHA,
        case_digest=_SHA, strokes="[[[1,1],[5,5]]]",
    )  # fmt: skip
    _row(
        database, "consumption", case_id=CASE, kWh_per_year="2400", months="[]", price_per_kWh="0.56", currency="CNY",
        said_at=WHEN,
    )  # fmt: skip
    _row(database, "trial", case_id=CASE, error_pct="1.5", outcome="{}", tried_at=WHEN)
    _row(
        database, "photo", case_id=CASE, kind="nameplate", taken_by="P2", kept_at=WHEN, width=1, height=1, sha256=_SHA,
        jpeg=b"\xff\xd8",
    )  # fmt: skip
    for moment, due in (("day_30", "2026-12-24"), ("day_183", "2027-05-26")):
        _row(database, "follow_up", case_id=CASE, moment=moment, tested_on=DAY, due_on=due)


def _outcome(database: sqlite3.Connection) -> None:
    _row(
        database, "outcome", case_id=CASE, run_id="run-000001", kept_at=WHEN,
        state=json.dumps({"phase": "finished", "positions": []}),
    )  # fmt: skip


def _typed(database: sqlite3.Connection) -> None:
    _row(
        database, "signature", case_id=CASE, role="verifier", signed_by="P2", signed_at=WHEN, text_sha256=_SHA,
        case_digest=_SHA, strokes="", typed=_text(database, CASE, "李伟"),
    )  # fmt: skip


def _same_meter_twice(database: sqlite3.Connection) -> None:
    """What this schema lets in: a second application for one meter."""
    _applied(database, "C2026-0003", "a-2")


def _knowledge(database: sqlite3.Connection) -> None:
    _row(database, "team", name="north-3", zh="城北班", en="North team")
    _row(database, "team_member", team="north-3", person="P4")
    _row(database, "area", name="lakeside", zh="湖滨", en="Lakeside", team="north-3")
    _row(database, "knowledge_period", opened_at=WHEN, opened_by="P4", aim="fewer calls about the lamp")
    _row(
        database, "handbook_question", key=None, state="published", state_since=WHEN, subject="meter", owner="P4",
        due_on=DAY,
    )  # fmt: skip
    _row(
        database, "asking", question=1, asked_at=WHEN, source="counter", area="Lakeside", words="为什么灯一直闪？",
        written_by="P4", case_id=CASE,
    )  # fmt: skip
    _row(
        database, "handbook_answer", question=1, edition=1, title_zh="灯", title_en="Lamp", text_zh="每千瓦时 1200 次",
        text_en="1200 a kWh", written_at=WHEN, written_by="P4", published_at=WHEN, published_by="P4",
    )  # fmt: skip
    _row(database, "settled_count", question=1, edition=1, day=DAY, settled=1, count=3)


def _self_checks(database: sqlite3.Connection) -> None:
    _row(
        database, "self_check", code_sha256=_SHA, kind="no_load", outcome="consistent",
        body='{"figures": {}, "said": []}', kept_at=WHEN,
        until="2027-01-01", case_id=CASE,
    )  # fmt: skip


def _requests(database: sqlite3.Connection) -> None:
    _row(
        database, "request", id="R2026-0001", kind="billing", state="in_hand", asked_at=WHEN, asked_by="customer",
        area="湖滨", owner="P4", department="billing", deadline="2026-12-04", token_sha256=_SHA,
    )  # fmt: skip
    _row(database, "request_customer", request="R2026-0001", name="王小明", contact="138 0000 0000")
    _row(database, "request_text", subject="R2026-0001", text="账单太高了")
    _row(
        database,
        "request_event",
        subject="R2026-0001",
        number=1,
        at=WHEN,
        who="customer",
        act="ask",
        facts="{}",
        said=1,
    )
    _row(database, "case_holder", verification=OPEN_CASE, owner="P4", department="metering")
    _row(
        database, "hand_off", subject="R2026-0001", offered_at=WHEN, offered_by="P4", from_department="billing",
        to_department="metering", why=1,
    )  # fmt: skip
    _row(
        database, "measure", month="2026-11", what="call back within a day", owner="P4", indicator="answered_in_time",
        due_on=DAY, set_at=WHEN, set_by="P4",
    )  # fmt: skip
    _row(
        database, "target", indicator="answered_in_time", holder="", direction="at_least", value="90", set_at=WHEN,
        set_by="P4",
    )  # fmt: skip
    _row(database, "kudos", person="P2", words="讲得很清楚", given_by="P4", given_at=WHEN)


def _makers(database: sqlite3.Connection) -> None:
    _row(database, "maker", id=1, name="华表厂", added_at=WHEN, added_by="P4")
    _row(database, "maker_type", meter_type="DDS", maker=1)
    _row(database, "maker_question", maker=1, words="why?", asked_at=WHEN, asked_by="P4")


def _made_up(database: sqlite3.Connection) -> None:
    _row(database, "made_up", case_id="C2026-0003")


def _photos_of_checks(database: sqlite3.Connection) -> None:
    _row(
        database, "self_check_photo", code_sha256=_SHA, kind="meter_start", kept_at=WHEN, until="2027-01-01", width=1,
        height=1, sha256=_SHA, jpeg=b"\xff\xd8", case_id=CASE,
    )  # fmt: skip
    _row(database, "self_check_expired", code_sha256="cd" * 32, until="2027-01-01")


def _spellings(database: sqlite3.Connection) -> None:
    _row(database, "area_spelling", folded="lake side", area="lakeside", written="Lake Side")


CONTENT: dict[int, Callable[[sqlite3.Connection], None]] = {
    1: _cases,
    2: _said,
    10: _outcome,
    11: _typed,
    30: _self_checks,
    40: _requests,
    12: _same_meter_twice,
    20: _knowledge,
    60: _made_up,
    50: _makers,
    70: _photos_of_checks,
    80: _spellings,
}
