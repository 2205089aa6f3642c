"""What the office and customers ask of a bench that is no part of a run: plans, certificates, bundles, trials.

No device is touched. What takes seconds is done by a process of its own (`bench/child_process.py`), so that a run goes
on beside it undisturbed; the lanes of the socket see to it that they do not come all at once.
"""

from __future__ import annotations

import base64
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from bench.app_signing import draft_in_child, sign_in_child, waiting_drafts
from bench.app_source import source_requirement
from bench.before_run.plan_check import PlanReview, PointReview, review
from bench.before_run.plan_making import Chosen, LeftOut, make_plan
from bench.canonical import JsonObject
from bench.certificate.files import delete_handed_out, handed_out
from bench.child_process import ask_child
from bench.configuration.config import Config
from bench.control.asking import SignedIn
from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.dates import day_of, require_day
from bench.errors import InstrumentError, OperatorError
from bench.plans.plan import CheckedPlan, MeterSection, parse_plan
from bench.process import MeasuringProcess
from bench.records.journal_reading import JournalReader
from bench.registry.approvals import why_not_approved
from bench.registry.persons import Role
from bench.registry.standing import registered
from bench.registry.store import glancing
from bench.service_competence import told_of_who_may
from bench.toml_reader import read_table
from bench.words import item_word
from calibration.quantities import Finding
from calibration.reasons import Reason, sentence
from calibration.rule_files import load_rule_set, rule_set_names
from calibration.texts import LANGUAGES

PART_BYTES = 1 << 20
"""Of a file, so much goes into one answer."""
_LARGEST_ERROR_PCT = 20
_ERROR = re.compile(r"[+-]?\d{1,2}(\.\d{1,3})?", re.ASCII)
_TRIAL_PATIENCE_S = 60.0
_BUNDLE_PATIENCE_S = 300.0
_MOST_FETCHED = 4
"""Certificate files of which a part was fetched; an older one is read again."""
_MOST_BUNDLES = 3
"""Bundles that are kept at one time: two customers who fetch theirs at once do not make each other begin anew."""


class OfficeService:
    """Carried out in the threads of their lanes; is_measuring: whether a run is under way."""

    def __init__(self, process: MeasuringProcess, is_measuring: Callable[[], bool]) -> None:
        self._process = process
        self._is_measuring = is_measuring
        self._bundles = _Bundles(process.config.state_dir)
        self._certificates = _Certificates(process.config.state_dir)

    @property
    def _config(self) -> Config:
        return self._process.config

    def _now(self) -> str:
        return self._process.equipment.disk_clock.state().wall_time

    # --- plans

    def rule_sets(self) -> list[JsonObject]:
        """is_provisional: the laboratory has not approved it."""
        rules = [load_rule_set(name) for name in rule_set_names()]
        with glancing(self._config.state_dir) as database:
            return [
                {
                    "name": each.name,
                    "title": f"{each.standard} {each.title}",
                    "is_provisional": why_not_approved(database, each) is not None,
                }
                for each in rules
            ]

    def plan_new(
        self,
        meter: Mapping[str, Any],
        rule_set: str,
        tests: tuple[str, ...] | None,
        load_points: tuple[str, ...] | None,
        repeats: int | None,
    ) -> JsonObject:
        """At the bench's first position. Errors: OperatorError, one line, for a nameplate or a wish that cannot be."""
        config = registered(self._config)
        section = read_table(MeterSection, {**meter, "position": config.position[0].name}, "meter")
        made = make_plan((section,), rule_set, config, Chosen(tests, load_points, repeats))
        left_out = [_in_both(partial(_left_out, each)) for each in made.left_out]
        return {"plan": made.text, **self._told(made.checked, config, left_out)}

    def plan_check(self, plan: str) -> JsonObject:
        config = registered(self._config)
        return self._told(parse_plan(plan, [p.name for p in config.position]), config, [])

    def who_may(self, plan: str, day: str) -> JsonObject:
        require_day(day, "day")
        checked = parse_plan(plan, [p.name for p in self._config.position])
        with glancing(self._config.state_dir) as database:
            return told_of_who_may(database, checked, day)

    def _told(self, checked: CheckedPlan, config: Config, left_out: list[JsonObject]) -> JsonObject:
        found = review(checked, config, day_of(self._now()), source_requirement(config))
        return {
            "title": checked.plan.title,
            "points": [_point(point) for point in found.points],
            "planned_s": round(found.duration_s),
            "kind": found.kind.value,
            "left_out": left_out,
            "warnings": list(_warnings(found)),
        }

    # --- certificates

    def certificate_drafts(self) -> list[JsonObject]:
        return waiting_drafts(self._config.state_dir)

    def certificate_sign(self, draft: str, by: tuple[str, str], role: str | None) -> JsonObject:
        return sign_in_child(self._config, draft, by, role, self._now())

    def certificate_draft(self, by: SignedIn, run_id: str, position: str, request: str) -> JsonObject:
        """For the verifier of the run, for checkers and the office. request: TOML. Takes seconds."""
        if not set(by.roles) & {Role.CHECKER, Role.OFFICE} and self._verifier_of(run_id) != by.person:
            raise RefusedByRuleError(
                Refusal.ROLE_MISSING, person=by.person, roles=[Role.CHECKER, Role.OFFICE]
            )
        return draft_in_child(self._config, run_id, position, request, by.person, self._now())

    def _verifier_of(self, run_id: str) -> str:
        with closing(JournalReader(self._config.state_dir)) as journal:
            first, _ = journal.ends_of(journal.known(run_id))
        return str(first.fields()["station"]["verifier"])

    def certificates(self, run_id: str) -> list[JsonObject]:
        """Issued ones of a run; `files` is empty where they were deleted with the customer's data."""
        from bench.certificate import register

        with glancing(self._config.state_dir) as database:
            found = [entry for entry in register.entries(database) if entry.issued.run_id == run_id]
        return [
            {
                "number": entry.issued.number,
                "kind": entry.issued.kind.value,
                "verdict": entry.issued.verdict.value,
                "issued_on": entry.issued.issued_on,
                "stands": entry.stands,
                "replaced_by": entry.replaced_by or None,
                "files": []
                if entry.is_forgotten
                else ["pdf", "xml"] + ["label"] * bool(entry.issued.label_sha256),
            }
            for entry in found
        ]

    def certificate_read(self, number: str, file: str, offset: int) -> JsonObject:
        """A part of a file of a certificate, as it was issued: pdf, xml or label."""
        return self._certificates.read(number, file, offset)

    # --- bundles

    def bundle_read(self, run_id: str, offset: int) -> JsonObject:
        """A part of the bundle of a run; the first makes it, which takes seconds."""
        issued = [c["number"] for c in self.certificates(run_id) if c["stands"] and c["files"]]
        return self._bundles.read(run_id, offset, issued)

    # --- catch the bench out

    def trial(self, error_pct: str) -> JsonObject:
        """What a bench in virtual time finds of a simulated meter with this error. Takes seconds."""
        if not _ERROR.fullmatch(error_pct) or abs(Decimal(error_pct)) > _LARGEST_ERROR_PCT:
            raise OperatorError(
                f"{error_pct[:20]!r} is no error for a trial; give one from -20 to 20 per cent, such as 1.30"
            )
        if self._is_measuring():
            raise RefusedByRuleError(Refusal.BENCH_BUSY)
        with tempfile.TemporaryDirectory(prefix="bench-trial-") as folder:
            asked = {"error_pct": error_pct, "seed": secrets.randbelow(1 << 31), "state_dir": folder}
            answer = ask_child(
                "bench.app_trial", asked, _TRIAL_PATIENCE_S, "the trial came to no end", self._is_measuring
            )
        if answer is None:  # a run has begun, and has the machine
            raise RefusedByRuleError(Refusal.BENCH_BUSY)
        return answer


class _Certificates:
    """Files of certificates that are being fetched, in pieces. Used by one thread.

    A file is read and held against the register with its first piece, and kept until the last one was taken: nothing
    that names a customer stays longer, but for downloads that nobody finishes, of which there are a few at most.
    """

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._fetched: dict[tuple[str, str], bytes] = {}

    def read(self, number: str, file: str, offset: int) -> JsonObject:
        """Errors: OperatorError where there is no such file, or it is not the one that was issued."""
        key = (number, file)
        content = self._fetched.pop(key, b"") if offset else b""
        content = content or self._checked(number, file)
        part = _part(content[offset : offset + PART_BYTES], offset, len(content))
        if part["next"] is not None:
            while len(self._fetched) >= _MOST_FETCHED:
                self._fetched.pop(next(iter(self._fetched)))
            self._fetched[key] = content
        return part

    def _checked(self, number: str, file: str) -> bytes:
        from bench.certificate import issuing

        _, rendered = issuing.read(self._state_dir, number)
        content = {"pdf": rendered.pdf, "xml": rendered.xml, "label": rendered.label}.get(file, b"")
        if not content:
            raise OperatorError(
                f"{number} has no file {file[:20]!r}; there are pdf, xml and, of a pass, label"
            )
        return content


class _Bundles:
    """The newest bundles that were asked for, in a folder of their own. Used by one thread."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._folder = handed_out(state_dir)
        self._made: dict[tuple[str, ...], Path] = {}
        delete_handed_out(state_dir)  # of a process before this one

    def read(self, run_id: str, offset: int, certificates: list[str]) -> JsonObject:
        """Errors: OperatorError where there can be no bundle, or it changed while it was fetched."""
        key = (run_id, *certificates)
        path = self._made.get(key)
        if path is None:
            if offset:
                raise OperatorError(
                    f"{run_id[:40]}: its bundle is another one now; fetch it from the beginning"
                )
            path = self._make(run_id, key)
        try:
            with path.open("rb") as file:
                file.seek(offset)
                return _part(file.read(PART_BYTES), offset, path.stat().st_size)
        except OSError as error:
            del self._made[key]
            raise OperatorError(f"the bundle cannot be read ({error.strerror}); fetch it again") from error

    def _make(self, run_id: str, key: tuple[str, ...]) -> Path:
        while len(self._made) >= _MOST_BUNDLES:
            oldest = next(iter(self._made))
            self._made.pop(oldest).unlink(missing_ok=True)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise OperatorError(
                f"{self._folder} cannot be made ({error.strerror}); see to the disk"
            ) from error
        path = self._folder / f"{secrets.token_hex(8)}.zip"
        asked = {"state_dir": str(self._state_dir), "run": run_id, "path": str(path)}
        try:
            ask_child("bench.app_bundle", asked, _BUNDLE_PATIENCE_S, "the bundle came to no end")
        except (OperatorError, InstrumentError):
            path.unlink(missing_ok=True)
            raise
        self._made[key] = path
        return path


def _part(data: bytes, offset: int, size: int) -> JsonObject:
    following = offset + len(data)
    return {
        "data": base64.b64encode(data).decode(),
        "next": following if data and following < size else None,
        "size": size,
    }


def _point(found: PointReview) -> JsonObject:
    load = found.point.load_point
    return {
        "item": found.point.item.value,
        "name": load.name if load else "",
        "planned_s": None if found.duration_s is None else round(found.duration_s),
    }


def _left_out(found: LeftOut, language: str) -> str:
    return f"{item_word(found.item, language)}: {found.why(language)}"


def _warnings(found: PlanReview) -> Iterator[JsonObject]:
    """What cannot be decided, what speaks against a load, and what keeps the result from being official.

    That nobody is named who verifies is none: the office plans before somebody is.
    """
    for point in found.points:
        for finding in (*point.cannot.values(), *point.warnings):
            yield _in_both(partial(_of_point, point, finding))
    for finding in found.not_official:
        if finding.reason is not Reason.VERIFIER_UNKNOWN:
            yield _in_both(partial(_said, finding))


def _of_point(point: PointReview, finding: Finding, language: str) -> str:
    return f"{_where(point, language)}: {_said(finding, language)}"


def _where(point: PointReview, language: str) -> str:
    load = point.point.load_point
    return " ".join(filter(None, (item_word(point.point.item, language), load.name if load else "")))


def _said(finding: Finding, language: str) -> str:
    return sentence(finding.reason, finding.values, language)


def _in_both(say: Callable[[str], str]) -> JsonObject:
    return {language: say(language) for language in LANGUAGES}
