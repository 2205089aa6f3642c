"""A bench that knows persons and cases, as the measuring side does, and says only what a test tells it to.

It answers the commands of docs/architecture.md that the pages of staff send. Nothing is measured; what it is asked for
stands in `asked`, and `refuse` makes it refuse one command by a reason.
"""

from __future__ import annotations

import base64
import copy
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.web import canned
from tests.web.fake_bench import FakeBench

Message = dict[str, Any]
PASSWORD = "correct horse battery"
"""Of everybody."""

PERSONS: dict[str, Message] = {
    "P1": {"name": {"zh": "赵敏", "latin": "Zhao Min"}, "roles": ["administrator"]},
    "P2": {"name": {"zh": "李伟", "latin": "Li Wei"}, "roles": ["verifier"]},
    "P3": {"name": {"zh": "王芳", "latin": "Wang Fang"}, "roles": ["checker"]},
    "P4": {"name": {"zh": "陈静", "latin": "Chen Jing"}, "roles": ["office"]},
    "P5": {"name": {"zh": "刘洋", "latin": "Liu Yang"}, "roles": ["verifier", "checker"]},
    "P6": {"name": {"zh": "孙丽", "latin": "Sun Li"}, "roles": ["verifier", "checker"]},
}

PLAN = """title = "Verification of a single-phase meter"
rule_set = "jjg596-2012"
tests = ["visual", "basic_error"]
load_points = ["Imax 1.0", "Ib 0.5L"]

[[meter]]
position = "1"
serial = "{serial}"
accuracy_class = "1"
meter_constant_imp_per_kWh = 1200.0
nominal_voltage_V = 220.0
basic_current_A = 10.0
maximum_current_A = 60.0
"""

PLANNED: Message = {
    "title": "Verification of a single-phase meter",
    "points": [
        {"item": "visual", "name": "", "planned_s": 0},
        {"item": "basic_error", "name": "Imax 1.0", "planned_s": 95},
        {"item": "basic_error", "name": "Ib 0.5L", "planned_s": 310},
    ],
    "planned_s": 405,
    "left_out": [
        {"zh": "仪表常数试验：没有读数的小数位", "en": "meter constant: no decimals of the register"}
    ],
    "warnings": [
        {"zh": "规则集未经批准，结果仅供参考", "en": "the rule set is not approved: informative"}
    ],
}  # fmt: skip


class RefusalError(Exception):
    """What a handler refuses, by its reason."""

    def __init__(self, reason: str | None, message: str, **values: str) -> None:
        super().__init__(message)
        self.reason, self.values = reason, values


class StaffBench(FakeBench):
    """A `FakeBench` that also answers commands; used in the same way."""

    def __init__(self, path: Path, state: Message) -> None:
        super().__init__(path, state)
        self.persons = copy.deepcopy(PERSONS)
        self.busy: dict[str, str] = {}
        self.cases: dict[str, Message] = {}
        self.sessions: dict[str, str] = {}
        self.drafts: list[Message] = []
        self.certificates: list[Message] = []
        self.files: dict[str, bytes] = {
            "pdf": b"%PDF-1.7 a certificate",
            "xml": b"<dcc/>",
            "label": b"%PDF-1.7 a label",
            "bundle": b"PK\x03\x04 all evidence",
        }
        self.expiring: list[Message] = []
        self.trainings: dict[str, list[Message]] = {}
        self.authorisations: dict[str, list[Message]] = {}
        self.lacks: dict[str, dict[str, list[Message]]] = {"verifier": {}}
        """By role and person; a role that is not there is not bound."""
        self.piece_bytes = 1 << 20
        """How much of a file goes in one answer."""
        self.health = canned.health()
        self.begins = True
        """Whether a run that is asked for begins."""
        self.asked: list[Message] = []
        self.refusals: dict[str, RefusalError] = {}
        self._numbers = itertools.count(1)
        self._commands: dict[str, Callable[[Message], Message]] = {
            "sign_in": self._sign_in,
            "session": lambda m: self._shown(self._person(m)),
            "session_lasts": lambda m: {"lasts": m["session"] in self.sessions},
            "sign_out": self._sign_out,
            "persons": self._persons,
            "competence": self._competence,
            "who_may": self._who_may,
            "health": lambda m: self.health,
            "records": lambda m: {"records": [], "next": m["since"]},
            "rule_sets": lambda m: {
                "rule_sets": [{"name": "jjg596-2012", "title": "JJG 596-2012", "is_provisional": True}]
            },
            "plan_new": lambda m: PLANNED | {"plan": PLAN.format(serial=m["meter"]["serial"])},
            "plan_check": self._plan_check,
            "case": self._case,
            "case_assign": self._case_assign,
            "case_begin": self._case_begin,
            "case_handover": self._case_handover,
            "case_release": self._case_release,
            "case_end": self._case_end,
            "start": self._start,
            "stop": lambda m: {},
            "skip": lambda m: {},
            "answer": lambda m: {"held": m["fields"], "open": [], "replaced": {}},
            "certificate_draft": self._certificate_draft,
            "certificate_drafts": lambda m: {"drafts": self.drafts},
            "certificate_sign": self._certificate_sign,
            "certificates": lambda m: {
                "certificates": [c for c in self.certificates if c["run"] == m["run"]]
            },
            "certificate_read": lambda m: self._part(self.files[m["file"]], m["offset"]),
            "bundle_read": lambda m: self._part(self.files["bundle"], m["offset"]),
            "trial": self._trial,
        }

    def refuse(self, command: str, reason: str, message: str, **values: str) -> None:
        """From now on this command is refused so."""
        self.refusals[command] = RefusalError(reason, message, **values)

    def answer(self, message: Message) -> Message:
        self.asked.append(message)
        try:
            if message["do"] in self.refusals:
                raise self.refusals[message["do"]]
            return {"type": "done"} | self._commands[message["do"]](message)
        except RefusalError as refusal:
            said = {"type": "error", "message": str(refusal)}
            return (
                said
                if refusal.reason is None
                else said | {"reason": refusal.reason, "values": refusal.values}
            )

    def told(self, command: str) -> list[Message]:
        """What it was asked for by this command."""
        return [message for message in self.asked if message["do"] == command]

    def _person(self, message: Message) -> str:
        if message.get("session") not in self.sessions:
            raise RefusalError(
                "session_expired", "nobody is signed in with this session any more; sign in again"
            )
        return self.sessions[message["session"]]

    def _shown(self, person: str) -> Message:
        known = self.persons[person]
        return {"person": person, "name": known["name"], "roles": known["roles"], "ends_in_s": 1800}

    def _sign_in(self, message: Message) -> Message:
        self._require_password(message)
        token = f"session-of-{message['by']}-{next(self._numbers)}"
        self.sessions[token] = message["by"]
        return {"session": token} | self._shown(message["by"])

    def _sign_out(self, message: Message) -> Message:
        self.sessions.pop(message["session"], None)
        return {}

    def _require_password(self, message: Message) -> None:
        if message["by"] not in self.persons or message["password"] != PASSWORD:
            raise RefusalError("sign_in_wrong", "the person or the password is wrong")

    def _persons(self, message: Message) -> Message:
        self._person(message)
        persons = [
            {"id": person, "name": known["name"], "roles": known["roles"], "busy_with": self.busy.get(person)}
            for person, known in self.persons.items()
        ]
        return {"persons": persons}

    def _competence(self, message: Message) -> Message:
        """The office sees all, others themselves."""
        by = self._person(message)
        sees_all = bool({"office", "administrator"} & set(self.persons[by]["roles"]))
        persons = [
            {"id": person, "name": known["name"], "roles": known["roles"],
             "trainings": self.trainings.get(person, []), "authorisations": self.authorisations.get(person, [])}
            for person, known in self.persons.items() if sees_all or person == by
        ]  # fmt: skip
        return {
            "today": "2026-11-26",
            "checking_is_bound": "checker" in self.lacks,
            "renewed_by": ["赵敏 Zhao Min (P1)"],
            "persons": persons,
            "expiring": [one for one in self.expiring if sees_all or one["person"] == by],
        }

    def _who_may(self, message: Message) -> Message:
        self._person(message)
        self._plan_check(message)
        return {
            role: {
                person: {"until": None if lacks.get(person) else "2999-12-31", "lacks": lacks.get(person, [])}
                for person, known in self.persons.items() if role in known["roles"]
            }
            for role, lacks in self.lacks.items()
        }  # fmt: skip

    def _plan_check(self, message: Message) -> Message:
        if "[[meter]]" not in message["plan"]:
            raise RefusalError(None, "the plan: meter is missing; give one [[meter]] table")
        return PLANNED

    def _case(self, message: Message) -> Message:
        if message["case"] not in self.cases:
            raise RefusalError("case_unknown", f"{message['case']}: no such case")
        case = self.cases[message["case"]]
        had = {case["verifier"], case["checker"], *(h["from"] for h in case["handovers"])}
        return case | {"names": {p: known["name"] for p, known in self.persons.items() if p in had}}

    def _case_assign(self, message: Message) -> Message:
        self._person(message)
        if message["verifier"] == message["checker"]:
            raise RefusalError(
                "same_person",
                f"{message['verifier']} cannot be verifier and checker",
                person=message["verifier"],
            )
        self.cases[message["case"]] = {
            name: message.get(name) for name in ("case", "serial", "verifier", "checker", "retest_of")
        } | {"state": "assigned", "handovers": [], "runs": []}
        return self._case(message)

    def _case_begin(self, message: Message) -> Message:
        verifier = self._person(message)
        if verifier in self.busy:
            raise RefusalError(
                "verifier_busy",
                f"{verifier} has {self.busy[verifier]} under way",
                person=verifier,
                case=self.busy[verifier],
            )
        self.busy[verifier] = message["case"]
        self.cases[message["case"]]["state"] = "begun"
        return self._case(message)

    def _case_handover(self, message: Message) -> Message:
        case = self.cases[message["case"]]
        case["handovers"].append(
            {
                "role": message["role"],
                "from": case[message["role"]],
                "to": message["to"],
                "why": message["why"],
                "at": "2026-11-26T10:00:00+00:00",
            }
        )
        case[message["role"]] = message["to"]
        return self._case(message)

    def _case_release(self, message: Message) -> Message:
        self._person(message)
        case = self.cases[message["case"]]
        if case["state"] != "begun":
            raise RefusalError("case_not_begun", "it has not begun", case=message["case"])
        if case["runs"]:
            raise RefusalError("case_measured", "it has a run", case=message["case"], run=case["runs"][-1])
        case["state"] = "assigned"
        self.busy.pop(case["verifier"], None)
        return self._case(message)

    def _case_end(self, message: Message) -> Message:
        self.cases[message["case"]]["state"] = "ended"
        self.busy.pop(self._person(message), None)
        return self._case(message)

    def _start(self, message: Message) -> Message:
        if self.begins:
            run = {"id": "run-000001", "case": message["case"], "verifier": self._person(message)}
            self.change({"run": run})
        return {"run": "run-000001"}

    def _certificate_draft(self, message: Message) -> Message:
        self._person(message)
        draft = f"D{next(self._numbers)}"
        self.drafts.append(
            {"id": draft, "kind": "verification", "run_id": message["run"], "position": message["position"],
             "serial": "SIM-000001", "signatures": []}
        )  # fmt: skip
        return {
            "draft": draft,
            "marks": [{"zh": "模拟", "en": "SIMULATED"}],
            "locks": [],
            "missing": ["verifier", "checker"],
        }

    def _certificate_sign(self, message: Message) -> Message:
        self._require_password(message)
        [draft] = [one for one in self.drafts if one["id"] == message["draft"]]
        role = message.get("as") or ("checker" if draft["signatures"] else "verifier")
        draft["signatures"].append(
            {
                "draft": int(draft["id"][1:]),
                "role": role,
                "person": message["by"],
                "sha256": "0" * 64,
                "wall_time": "2026-11-26T10:00:00+00:00",
            }
        )
        if len(draft["signatures"]) < 2:
            return {
                "draft": draft["id"],
                "by": message["by"],
                "as": role,
                "missing": ["checker"],
                "number": None,
            }
        self.drafts.remove(draft)
        self.certificates.append(
            {"run": draft["run_id"], "number": "2026-00001", "kind": "verification", "verdict": "PASS",
             "issued_on": "2026-11-26", "stands": True, "replaced_by": None, "files": ["pdf", "xml", "label"]}
        )  # fmt: skip
        return {"draft": draft["id"], "by": message["by"], "as": role, "missing": [], "number": "2026-00001"}

    def _part(self, content: bytes, offset: int) -> Message:
        data = content[offset : offset + self.piece_bytes]
        end = offset + len(data)
        return {
            "data": base64.b64encode(data).decode(),
            "next": end if end < len(content) else None,
            "offset": offset,
            "size": len(content),
        }

    def _trial(self, message: Message) -> Message:
        hidden = float(message["error_pct"])
        point = {
            "name": "Imax 1.0", "percentage_error_pct": f"{hidden + 0.01:+.4f}", "expanded_uncertainty_pct": "0.0612",
            "mpe_pct": "1.0", "verdict": "PASS" if abs(hidden) < 1 else "FAIL",
        }  # fmt: skip
        funnel = [["10.0", f"{hidden:+.4f}", "0.4"], ["60.0", point["percentage_error_pct"], "0.0612"]]
        return {
            "error_pct": message["error_pct"], "verdict": point["verdict"], "points": [point], "funnel": funnel,
            "seconds": "2.1",
        }  # fmt: skip
