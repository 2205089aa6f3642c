"""A bundle verified: is it what the bench signed, and does every figure come out again from the raw data in it.

The first half looks at bytes (`bundle_reading.py`, `integrity.py`). The second is the replay that `bench replay` makes
of a journal, on the runs of the bundle: the same methods carried out again on the same raw data. What is hostile in a
bundle can only make the verification say that it does not hold.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bench.errors import OperatorError
from bench.evidence.bundle_reading import Bundle, read_bundle
from bench.evidence.certificate_check import CERTIFICATE, check_figures, check_in_bundle, check_seals
from bench.evidence.checks import Report
from bench.evidence.integrity import check_integrity
from bench.evidence.remarks import Remark, UnsoundError, remark
from bench.records.differences import DAMAGED, damage
from bench.records.kinds import RUN_ENDED
from bench.records.raw_reading import ReaderFor
from bench.records.versions import is_known
from bench.replay.audited_replay import audited_replay
from bench.replay.replay import Replay
from calibration.quantities import Kind, Outcome

BUNDLE = "bundle"


def verify_files(
    files: Mapping[str, bytes], published: Collection[str], reader_for: ReaderFor
) -> dict[str, Report]:
    """The report of each file, by the same names; a certificate is held against the bundle of its run among them.

    Errors: OperatorError for what is neither a bundle nor a certificate.
    """
    reports: dict[str, Report] = {}
    bundles: list[tuple[Bundle, Report]] = []
    for name, data in files.items():
        if _looks_like_bundle(data):
            report, bundle = verify_bundle(data, published, reader_for)
            bundles += [] if bundle is None else [(bundle, report)]
        elif _looks_like_certificate(data):
            report = Report(CERTIFICATE)
        else:
            raise OperatorError(
                f"{name} is neither a bundle nor a certificate; give a .bundle.zip, a PDF or an XML"
            )
        reports[name] = report
    for name, report in reports.items():
        if report.kind == CERTIFICATE:
            _check_certificate(name, files[name], published, bundles, report)
    return reports


def _looks_like_bundle(data: bytes) -> bool:
    return data.startswith(b"PK")


def _looks_like_certificate(data: bytes) -> bool:
    return data.startswith(b"%PDF") or data.lstrip()[:1] == b"<"


def _check_certificate(
    name: str,
    document: bytes,
    published: Collection[str],
    bundles: Sequence[tuple[Bundle, Report]],
    report: Report,
) -> None:
    figures = check_seals(document, published, report)
    if figures is None:
        return
    if not bundles:
        report.note("certificate", remark("certificate_alone", run=figures.run_id))
        return
    of_run = [each for each in bundles if each[0].manifest.run == figures.run_id]
    bundle, found = (of_run or bundles)[0]
    check_figures(name, figures, bundle, found.fingerprints, report)


def verify_bundle(
    data: bytes, published: Collection[str], reader_for: ReaderFor
) -> tuple[Report, Bundle | None]:
    """The report, and the bundle where it could be taken to pieces.

    published: fingerprints of the laboratory's keys, as they were published; none where they are not known.
    """
    report = Report(BUNDLE)
    try:
        bundle = read_bundle(data)
    except UnsoundError as error:
        report.add("archive", [error.why], remark("archive_holds", count=0), remark("archive_differs"))
        return report, None
    report.run_id = bundle.manifest.run
    files = len(bundle.files) + 2
    report.add("archive", [], remark("archive_holds", count=files), remark("archive_differs"))
    check_integrity(bundle, published, report)
    _check_figures(bundle, reader_for, report)
    check_in_bundle(bundle, report)
    return report, bundle


def _check_figures(bundle: Bundle, reader_for: ReaderFor, report: Report) -> None:
    records = bundle.run(bundle.manifest.run)
    others = _other_versions(bundle)
    if others:
        report.skip("figures", remark("other_version", runs=", ".join(others)))
        return
    try:
        found = audited_replay(bundle, records, reader_for)
    except OperatorError as error:
        report.add(
            "figures", [remark("detail", why=error)], remark("figures_hold", count=0), remark("no_figures")
        )
        return
    except Exception as error:  # noqa: BLE001 - whatever a forged record makes the arithmetic do, it does not hold
        why = remark("detail", why=damage(error))
        report.add("figures", [why], remark("figures_hold", count=0), remark("no_figures"))
        return
    if not found.results and not found.differences and len(bundle.runs) > 1:
        report.add("figures", (), remark("all_taken_over"), remark("no_figures"))
    elif not found.results and not found.differences:
        report.skip("figures", remark("nothing_recomputed"))
    else:
        holds = remark("figures_hold", count=found.results)
        differs = remark("figures_differ", count=len(found.differences), results=found.results)
        report.add("figures", (), holds, differs, found.differences)
    for verdict in _verdicts(bundle, found):
        report.note("verdict", verdict)


def _other_versions(bundle: Bundle) -> list[str]:
    """The runs that a version of the arithmetic has computed that is not known here."""
    others = []
    for run_id, records in bundle.runs.items():
        try:
            if not is_known(records[0].fields().get("computation")):
                others.append(run_id)
        except DAMAGED:  # the replay names the record
            continue
    return others


def _verdicts(bundle: Bundle, found: Replay) -> list[Remark]:
    """Of each position and of the run, as they were recorded: whether they come out again is the check above."""
    first, *_, last = bundle.run(bundle.manifest.run)
    if last.kind != RUN_ENDED:
        return [remark("run_interrupted", run=found.run_id)]
    try:
        started, ended = first.fields(), last.fields()
        verdict = Outcome(ended["verdict"])
        worth = Kind(ended.get("worth", started["station"]["kind"]))
        meters = [
            remark(
                "verdict_of_position",
                position=position,
                serial=started["meters"][position]["serial"],
                verdict=Outcome(outcome).value,
            )
            for position, outcome in ended["positions"].items()
        ]
        key = "verdict_of_run" if len(meters) == 1 else "verdict_of_all"
        return [*meters, remark(key, run=found.run_id, verdict=verdict.value, worth=worth.value)]
    except DAMAGED:
        return []
