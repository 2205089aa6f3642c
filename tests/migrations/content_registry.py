"""What a laboratory had written into a registry of each schema: rows for every table that a migration has made.

By the statements of the programs of then, and not by today's functions, which write today's columns.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable

from bench.canonical import canonical_bytes
from bench.registry import trail

WHEN = "2026-11-24T08:00:00+00:00"
_SHA = "ab" * 32


def _approvals(database: sqlite3.Connection) -> None:
    for person in ("Zhao Min", "Wang Fang"):
        database.execute(
            "INSERT INTO approvals (rule_set, edition, sha256, person, wall_time) VALUES (?, ?, ?, ?, ?)",
            ("jjg596-2012", "2012", _SHA, person, WHEN),
        )


def _revoked(database: sqlite3.Connection) -> None:
    database.execute(
        "INSERT INTO approvals (rule_set, edition, sha256, person, wall_time, is_revoked) VALUES (?, ?, ?, ?, ?, 1)",
        ("jjg596-2012", "2012", _SHA, "Wang Fang", WHEN),
    )


def _commissioning(database: sqlite3.Connection) -> None:
    body = {"refresh_s": "0.25", "说明": "第一次"}
    database.execute(
        "INSERT INTO commissioning (wall_time, body) VALUES (?, ?)", (WHEN, canonical_bytes(body))
    )
    trail.add(database, WHEN, "", "commissioned", "bench", None, body)
    trail.add(database, WHEN, "", "approved", "jjg596-2012", None, {"sha256": _SHA})


def _persons(database: sqlite3.Connection) -> None:
    for number, (zh, latin, role) in enumerate(
        [("赵敏", "Zhao Min", "administrator"), ("李伟", "Li Wei", "verifier"), ("", "Wang Fang", "checker")],
        1,
    ):
        person = f"P{number}"
        database.execute(
            "INSERT INTO person_version (person, roles, is_active, wall_time) VALUES (?, ?, 1, ?)",
            (person, json.dumps([role]), WHEN),
        )
        database.execute("INSERT INTO person_name VALUES (?, ?, ?)", (person, zh, latin))
        database.execute(
            "INSERT INTO person_password (person, hash) VALUES (?, ?)", (person, f"scrypt${number}")
        )
        trail.add(
            database,
            WHEN,
            "P1",
            "person_added",
            person,
            None,
            {"id": person, "roles": [role], "is_active": True},
        )
    for until in ("2027-12-31", "2026-11-30"):
        database.execute(
            "INSERT INTO authorisation (person, items, connections, wirings, quantities, accuracy_classes, valid_from, "
            "valid_until, given_by, wall_time) VALUES ('P2', '[]', '[]', '[]', '[]', '[]', '2026-01-01', ?, 'P1', ?)",
            (until, WHEN),
        )
    database.execute("INSERT INTO authorisation_revoked VALUES (2, 'P1', ?)", (WHEN,))


def _cards(database: sqlite3.Connection) -> None:
    card = {
        "id": "RS-1", "version": 1, "kind": "reference_standard", "model": "demo-reference", "serial": "SIM-1",
        "custodian": "P3", "maintainer": "P2", "accuracy_class_pct": "0.05", "range": "", "load_points": [],
        "certificate": None, "set_aside": "in_use", "set_aside_on": "", "set_aside_why": "",
    }  # fmt: skip
    database.execute(
        "INSERT INTO equipment_version (card, version, body, by, wall_time) VALUES ('RS-1', 1, ?, 'P1', ?)",
        (canonical_bytes(card), WHEN),
    )
    database.execute(
        "INSERT INTO maintenance (card, day, what, by, wall_time) VALUES ('RS-1', '2026-11-24', 'cleaned', 'P2', ?)",
        (WHEN,),
    )
    trail.add(database, WHEN, "P1", "equipment_added", "RS-1", None, card)


def _charts(database: sqlite3.Connection) -> None:
    database.execute(
        "INSERT INTO chart_base (card, load_point, reference_serial, first_day, last_day, results, mean_pct, "
        "sigma_pct, through, by, wall_time) VALUES ('CM-1', 'Imax 1.0', 'SIM-1', '2026-10-01', '2026-10-20', 20, "
        "'0.012', '0.004', 40, 'P2', ?)",
        (WHEN,),
    )
    database.execute(
        "INSERT INTO chart_release (card, load_point, through, why, by, wall_time) VALUES "
        "('CM-1', 'Imax 1.0', 44, 'the contact was cleaned', 'P3', ?)",
        (WHEN,),
    )


def _certificates(database: sqlite3.Connection) -> None:
    database.execute(
        "INSERT INTO certificate_draft (number, kind, run_id, position, serial, replaces, why, sha256, by, wall_time) "
        "VALUES (1, 'verification', 'run-000001', '1', 'M-1', '', '', ?, 'P2', ?)",
        (_SHA, WHEN),
    )
    database.execute("INSERT INTO certificate_text VALUES (1, ?)", (b'{"salt":"00"}',))
    for role, person in (("verifier", "P2"), ("checker", "P3")):
        database.execute(
            "INSERT INTO certificate_signature (draft, role, person, sha256, wall_time) VALUES (1, ?, ?, ?, ?)",
            (role, person, _SHA, WHEN),
        )
    issued = {
        "number": "2026-00001", "year": 2026, "sequence": 1, "draft": 1, "kind": "verification", "run_id": "run-000001",
        "position": "1", "serial": "M-1", "verdict": "PASS", "marks": [], "received_on": "2026-11-24",
        "performed_on": "2026-11-24", "performed_until": "2026-11-24", "issued_on": "2026-11-24", "valid_until": "",
        "draft_sha256": _SHA, "xml_sha256": _SHA, "pdf_sha256": _SHA, "label_sha256": "", "tree_size": 9,
        "root_sha256": _SHA, "key_fingerprint": "00", "replaces": "", "why": "", "signatories": [], "wall_time": WHEN,
    }  # fmt: skip
    database.execute(
        "INSERT INTO certificate VALUES ('2026-00001', 2026, 1, 1, 'run-000001', '1', 'M-1', '', ?, ?)",
        (canonical_bytes(issued), WHEN),
    )
    database.execute(
        "INSERT INTO certificate_withdrawn VALUES ('2026-00001', 'typing error', 'P3', ?)", (WHEN,)
    )
    database.execute("INSERT INTO certificate_delivered VALUES ('2026-00001', ?)", (WHEN,))
    trail.add(database, WHEN, "P3", "certificate_issued", "2026-00001", None, issued)


def _texts(database: sqlite3.Connection) -> None:
    database.execute(
        "INSERT INTO kept_text VALUES (?, ?, '表盘进水', 'run-000001', 'skip', ?)",
        (f"text:{_SHA}", b"salt", WHEN),
    )


def _witnessed(database: sqlite3.Connection) -> None:
    for state in ("assigned", "begun"):
        database.execute(
            "INSERT INTO case_version (case_id, serial, verifier, checker, retest_of, state, by, wall_time) "
            "VALUES ('C2026-0001', 'M-1', 'P2', 'P3', '', ?, 'P1', ?)",
            (state, WHEN),
        )
    database.execute(
        "INSERT INTO case_handover (case_id, role, from_person, to_person, why, by, wall_time) "
        "VALUES ('C2026-0001', 'checker', 'P1', 'P3', ?, 'P1', ?)",
        (f"text:{_SHA}", WHEN),
    )
    database.execute("INSERT INTO case_under_test VALUES ('C2026-0001', 'P2', 'M-1')")
    trail.add(database, WHEN, "P2", "case_begun", "C2026-0001", None, {"state": "begun"})


def _trainings(database: sqlite3.Connection) -> None:
    database.execute(
        "INSERT INTO training (number, person, subject, held_by, is_maker, held_on, result, is_passed, valid_until, "
        "corrects, by, wall_time) VALUES (1, 'P2', 'DDS meters', 'a maker', 1, '2026-06-01', '92', 1, '', NULL, "
        "'P1', ?)",
        (WHEN,),
    )
    database.execute(
        "INSERT INTO authorisation (person, items, connections, wirings, quantities, accuracy_classes, valid_from, "
        "valid_until, given_by, wall_time, role, training) VALUES ('P2', '[]', '[]', '[]', '[]', '[]', '2026-01-01', "
        "'2027-12-31', 'P1', ?, 'verifier', 1)",
        (WHEN,),
    )


CONTENT: dict[int, Callable[[sqlite3.Connection], None]] = {
    1: _approvals,
    2: _revoked,
    3: _commissioning,
    4: _persons,
    5: _cards,
    6: _charts,
    7: _certificates,
    8: _texts,
    9: _witnessed,
    10: _trainings,
}
