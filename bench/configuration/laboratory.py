"""`[laboratory]` of bench.toml: who issues certificates, their numbers, who approves them, how long they hold."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

from bench.errors import OperatorError
from bench.toml_reader import setting

_PATTERN = re.compile(r"(?:[\w.-]|\{bench\}|\{year\}|\{number(?::0[1-9])?\})+")
_NUMBER = re.compile(r"\w[\w.-]*")
LONGEST_NUMBER_BYTES = 30
"""Of a certificate's number as UTF-8: so that the QR code stays small enough for a label."""
_LOGOS = (".png", ".svg")


@dataclass(frozen=True)
class ValiditySection:
    """How long a verification of meters of one class holds."""

    accuracy_class: str = setting("accuracy class of the meter, as a plan writes it")
    years: int = setting("so many years its verification holds", low=1, high=30)


@dataclass(frozen=True)
class LaboratorySection:
    """The letterhead of certificates and the laboratory's own ways with them."""

    name_zh: str = setting(
        "the laboratory's name in Chinese; without a name nothing is issued, drafts apart", ""
    )
    name_en: str = setting("its name in English; one of both is enough, and stands for both", "")
    address_zh: str = setting("its address in Chinese", "")
    address_en: str = setting("its address in English", "")
    contact: str = setting("telephone, mail or web address, for the letterhead", "")
    authorisation: str = setting("number of its authorisation to verify (计量授权证书号)", "")
    accreditation: str = setting("number of its accreditation, such as CNAS L0000", "")
    logo_file: str = setting(
        "its logo, a PNG or SVG file; a relative path is relative to the configuration's folder", ""
    )
    number_pattern: str = setting(
        "how certificates are numbered: {bench} the bench's id, {year} of issue, {number} counting up in its year, "
        "with zeros in front as in {number:05}; otherwise letters, digits, dot, dash, underscore; 30 bytes at most",
        "{year}-{number:05}",
    )
    years_of_validity: int = setting(
        "so many years a verification holds, where [[laboratory.validity]] does not say it for the meter's class; "
        "0: certificates state no last day. Periods are the laboratory's to set, by the regulation that it works to: "
        "bench plan check shows what a rule set says of them, and no certificate takes it from there",
        0,
        low=0,
        high=30,
    )
    validity: tuple[ValiditySection, ...] = setting("the same for meters of one class", ())
    approvers: tuple[str, ...] = setting(
        "ids of the persons who may approve certificates (批准人); none: verifier and checker are enough", ()
    )
    smallest_uncertainty_pct: float = setting(
        "smallest expanded uncertainty of an error that the laboratory may state (its CMC): no certificate shows less; "
        "0: none is laid down",
        0.0,
        low=0,
        high=10,
    )
    fingerprints_published_at: str = setting(
        "where anybody finds the fingerprints of the laboratory's keys, beside the certificate itself: a web address, "
        "a notice board",
        "",
    )
    watch_folder: str = setting(
        "folder into which each issued certificate is put for the laboratory's own system; empty: none. A relative "
        "path is relative to the configuration's folder",
        "",
    )

    @property
    def is_named(self) -> bool:
        return bool(self.name_zh or self.name_en)

    def years_for(self, accuracy_class: str) -> int:
        """How long a verification of such a meter holds; 0 where the laboratory has not said it."""
        by_class = {each.accuracy_class: each.years for each in self.validity}
        return by_class.get(accuracy_class, self.years_of_validity)

    def located(self, folder: Path) -> LaboratorySection:
        """With its relative paths in the configuration's folder."""
        return dataclasses.replace(
            self,
            logo_file=self.logo_file and str(folder / self.logo_file),
            watch_folder=self.watch_folder and str(folder / self.watch_folder),
        )


def certificate_number(pattern: str, bench: str, year: int, number: int) -> str:
    """The number of a certificate by the laboratory's pattern. Errors: OperatorError for a pattern that gives none."""
    if not _PATTERN.fullmatch(pattern):
        raise OperatorError(
            f"[laboratory] number_pattern is {pattern[:60]!r}; it has letters, digits, dot, dash, underscore, and "
            "{bench}, {year}, {number} or {number:05}"
        )
    written = pattern.format(bench=bench, year=year, number=number)
    if not _NUMBER.fullmatch(written) or len(written.encode()) > LONGEST_NUMBER_BYTES:
        raise OperatorError(
            f"[laboratory] number_pattern gives {written[:60]!r}; a number begins with a letter or digit, has only "
            f"those, dot, dash and underscore, and {LONGEST_NUMBER_BYTES} bytes at most"
        )
    return written


def check_laboratory(laboratory: LaboratorySection, bench: str, where: str) -> None:
    """Errors: OperatorError where two certificates would get one number, a class stands twice, a logo is no image."""
    try:
        numbers = {
            certificate_number(laboratory.number_pattern, bench, year, number)
            for year, number in ((2026, 1), (2026, 2), (2027, 1))
        }
    except OperatorError as error:
        raise OperatorError(f"{where}: {error}") from error
    if len(numbers) != 3:
        raise OperatorError(
            f"{where}: [laboratory] number_pattern gives two certificates one number; use {{year}} and {{number}}"
        )
    classes = [each.accuracy_class for each in laboratory.validity]
    if twice := [each for each in classes if classes.count(each) > 1]:
        raise OperatorError(f"{where}: [[laboratory.validity]] has class {twice[0]} twice; leave one out")
    if laboratory.logo_file and Path(laboratory.logo_file).suffix.lower() not in _LOGOS:
        raise OperatorError(f"{where}: [laboratory] logo_file must be a PNG or SVG file")
