"""The whole service on the simulated bench (`bench demo --full`): a laboratory with its staff, the bench, the web.

The laboratory is made in the state folder on the first start. It is called a demonstration wherever it is named, and
its approvals and authorisations are there so that every step can be tried; what it measures stays SIMULATED. The
passwords are said once and kept nowhere in clear; who has lost them takes another folder, or gives one for all.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bench.commands.demo import demo_config, demo_plan
from bench.configuration.config import Config
from bench.configuration.laboratory import LaboratorySection
from bench.configuration.lines import PulseLineSection
from bench.configuration.station import DeskSection, EnvironmentSection
from bench.errors import OperatorError
from bench.registry import equipment, persons, trainings, witnessed
from bench.registry.approvals import approve
from bench.registry.authorisations import Scope, authorise
from bench.registry.cards import CardFile, CardKind, Certificate
from bench.registry.persons import Name, Role
from bench.registry.store import reading
from calibration.texts import Texts

LABORATORY = LaboratorySection(
    name_zh="演示计量室 (模拟)",
    name_en="Demonstration Laboratory (simulated)",
    address_zh="演示用, 并无此地址",
    address_en="for demonstration, no such address",
)
_STAFF = (
    (Role.ADMINISTRATOR, Name("赵敏", "Zhao Min")),
    (Role.OFFICE, Name("孙丽", "Sun Li")),
    (Role.VERIFIER, Name("李伟", "Li Wei")),
    (Role.VERIFIER, Name("陈静", "Chen Jing")),
    (Role.CHECKER, Name("王芳", "Wang Fang")),
    (Role.CHECKER, Name("周强", "Zhou Qiang")),
)
"""Two of each that a retest asks others of."""
_TRAININGS = (
    ("P3", "JJG 596 演示培训 / demo course", "演示培训中心 / Demo training centre", False, 200, 730),
    ("P4", "JJG 596 演示培训 / demo course", "演示培训中心 / Demo training centre", False, 715, 730),
    ("P5", "JJG 596 演示培训 / demo course", "演示培训中心 / Demo training centre", False, 760, 730),
    ("P3", "DEMO-B2", "演示制造厂甲 / Demo maker A", True, 30, 1095),
    ("P6", "DEMO-B2", "演示制造厂甲 / Demo maker A", True, 30, 1095),
)
"""Person, subject, who held it, whether that is a maker, how many days ago, for how many days it is valid."""
CASEWORK = "casework.sqlite"
"""The web's file in the state folder."""
_CARD = "RS-DEMO"
_FIRST_DAY, _LAST_DAY = "2020-01-01", "2999-12-31"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another."""
_GROUPS, _GROUP = 4, 4
_LONGEST_PATIENCE_S = 86_400.0
"""Bench time: a person does not answer faster because the simulated bench runs faster."""

_WORDS = {
    "staff": (
        "演示人员和密码, 只在这里显示一次:",
        "The staff of the demonstration with their passwords, shown this once:",
    ),
    "staff_again": (
        "人员与第一次启动时相同; 忘记密码时换一个 --state-dir, 或用 --staff-password",
        "The staff is that of the first start; for forgotten passwords take another --state-dir, or --staff-password",
    ),
    "administrator": ("管理员", "administrator"),
    "office": ("业务", "office"),
    "verifier": ("检定员", "verifier"),
    "checker": ("核验员", "checker"),
}
word = Texts(_WORDS)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the staff, with the password as it was just set."""

    id: str
    name: Name
    role: Role
    password: str


def full_config(state_dir: Path, meter_error_pct: float | None, speed: float, seed: int) -> Config:
    """The demonstration's bench, with a registered reference standard, and a person who looks at the meter.

    Errors: OperatorError for speed 0.
    """
    if speed == 0.0:
        raise OperatorError("--full waits for people, which takes a --speed: give one, such as 20")
    config = demo_config(state_dir, meter_error_pct, speed, seed)
    position = dataclasses.replace(
        config.position[0], meter_port="ask", clock_output=PulseLineSection(driver="sim")
    )
    patience_s = min(config.desk.answer_within_s * speed, _LONGEST_PATIENCE_S)
    card = dataclasses.replace(
        config.reference.card, model="", serial="", accuracy_class_pct=None,
        calibration_U_pct=0.0, drift_pct=0.0, stability_pct=0.0, certificate="",
    )  # fmt: skip
    return dataclasses.replace(
        config,
        position=(position,),
        environment=EnvironmentSection(driver="sim"),
        desk=DeskSection(driver="open", answer_within_s=patience_s),
        reference=dataclasses.replace(config.reference, card=card, card_id=_CARD),
        laboratory=LABORATORY,
    )


def furnish(config: Config, password: str | None, now: str) -> tuple[Member, ...]:
    """The laboratory of the demonstration, made where there is none yet.

    password: for everybody, also of a laboratory that was there; None: everybody gets one of their own, once. Returns
    whose password was set just now. now: wall time. Errors: OperatorError where the folder is somebody else's.
    """
    state_dir = config.state_dir
    with reading(state_dir) as database:
        there = tuple(persons.all_persons(database).values())
    if not there:
        return _founded(config, password, now)
    if tuple(p.name for p in there[: len(_STAFF)]) != tuple(name for _, name in _STAFF):
        raise OperatorError(
            f"{state_dir} has a laboratory that is no demonstration; give another --state-dir"
        )
    if password is None:
        return ()
    known = [Member(p.id, name, role, password) for p, (role, name) in zip(there, _STAFF, strict=False)]
    for member in known:
        persons.set_password(state_dir, member.id, member.id, password, now)
    return tuple(known)


def _founded(config: Config, password: str | None, now: str) -> tuple[Member, ...]:
    state_dir = config.state_dir
    staff: list[Member] = []
    for role, name in _STAFF:
        secret = password or _new_password()
        person = (
            persons.add(state_dir, staff[0].id, name, (role,), secret, now)
            if staff
            else persons.first_administrator(state_dir, name, secret, now)
        )
        staff.append(Member(person.id, name, role, secret))
    administrator = staff[0].id
    verifiers, checkers = (_of(staff, role) for role in (Role.VERIFIER, Role.CHECKER))
    for verifier in verifiers:
        anything = Scope((), (), (), (), (), _FIRST_DAY, _LAST_DAY)
        authorise(state_dir, administrator, verifier, anything, now)
    approve(state_dir, demo_plan(config).rules, checkers[0], now)
    _register_reference(config, administrator, checkers[0], verifiers[0], now)
    return tuple(staff)


def make_up_a_year(state_dir: Path, now: str) -> None:
    """Fill the new file of cases, in a process of the web's own, and name here the persons of those that are planned;
    with some trainings of the staff, of which one has run out and one does so soon.

    Errors: OperatorError where it fails.
    """
    command = [sys.executable, "-m", "web.demonstration", "--casework", str(state_dir / CASEWORK)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["it ended without a word"]
        raise OperatorError(
            f"the cases of the demonstration were not made: {last[0]}; take another --state-dir"
        )
    with reading(state_dir) as database:
        there = persons.all_persons(database).values()
    administrator, office = (
        next(p.id for p in there if role in p.roles) for role in (Role.ADMINISTRATOR, Role.OFFICE)
    )
    today = date.fromisoformat(now[:10])
    for person, subject, held_by, is_maker, days_ago, valid_days in _TRAININGS:
        held_on = today - timedelta(days=days_ago)
        until = (held_on + timedelta(days=valid_days)).isoformat()
        held = trainings.Held(
            subject, held_by, is_maker, held_on.isoformat(), "演示 demonstration", True, until
        )
        trainings.add(state_dir, administrator, person, held, now)
    for line in done.stdout.splitlines():
        planned = json.loads(line)
        if not planned["retest_of"]:  # of a case that the bench never had it can have no retest
            case = witnessed.Case(planned["case"], planned["serial"], planned["verifier"], planned["checker"])
            witnessed.assign(state_dir, office, case, now)


def _of(staff: list[Member], role: Role) -> list[str]:
    return [member.id for member in staff if member.role is role]


def _register_reference(config: Config, administrator: str, custodian: str, user: str, now: str) -> None:
    """What the demonstration's own configuration says of its reference standard, as a card."""
    said = demo_config(config.state_dir, None, 1.0, 0).reference.card
    card = CardFile(
        CardKind.REFERENCE_STANDARD, _CARD, said.model, said.serial, custodian, user, said.accuracy_class_pct
    )
    certificate = Certificate(
        said.certificate, LABORATORY.name_en, _FIRST_DAY, _LAST_DAY,
        calibration_U_pct=said.calibration_U_pct, drift_pct=said.drift_pct, stability_pct=said.stability_pct,
    )  # fmt: skip
    equipment.add(config.state_dir, administrator, card, now)
    equipment.certify(config.state_dir, custodian, _CARD, certificate, now)


def _new_password() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))


def staff_lines(staff: tuple[Member, ...]) -> Iterator[str]:
    """For the terminal, in both languages."""
    for language in ("zh", "en"):
        yield word("staff" if staff else "staff_again", language)
    for member in staff:
        role = f"{word(member.role, 'zh')} {word(member.role, 'en')}"
        yield f"  {member.id}  {member.name.zh} {member.name.latin}  {role}  {member.password}"
