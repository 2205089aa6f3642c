"""Reading the XML of a certificate that comes from anywhere: first whether it is one, then what it says.

A document is taken only in the form in which the bench writes it, byte for byte: UTF-8, this declaration, no document
type (so no entities, neither external nor nested), no comments, no processing instructions, and nothing that another
spelling of the same content could hide. Signatures are over a canonical form that leaves some of that out; here the
bytes of the file and what they say are one thing.

The paths are in `docs/certificate-xml.md`; the page that verifies without Python follows them too.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from bench.certificate.dcc_elements import DCC, SI, Element, written_as_is
from bench.certificate.seal_errors import SealRefusedError

_MOST_BYTES = 4_000_000
_DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>\n"
_NAMESPACES = {"dcc": DCC, "si": SI}
_RESULTS = "dcc:measurementResults/dcc:measurementResult/dcc:results"
_UNCERTAINTY = "si:realListXMLList/si:measurementUncertaintyUnivariateXMLList/si:expandedMUXMLList/si:"


@dataclass(frozen=True, slots=True)
class ErrorFigures:
    """A result as the XML states it, each figure to the digit. limit_pct: of both sides, without sign; None: none.

    conformity: "pass", "fail", "conditionalPass", "conditionalFail", or "" where nothing is stated.
    """

    item: str
    load_point: str
    error_pct: str
    expanded_uncertainty_pct: str
    coverage_factor: str
    coverage_probability: str
    limit_pct: str | None
    rounded_pct: str | None
    conformity: str


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """An item with one outcome. figures: by the names of `bench/methods/`."""

    item: str
    load_point: str
    conformity: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What can be compared with a recomputation. number: of the certificate, or "draft-..."; conformity: of all."""

    number: str
    kind: str
    run_id: str
    position: str
    bench_id: str
    serial: str
    root_sha256: str
    tree_size: int
    key_fingerprint: str
    replaces: str
    marks: tuple[str, ...]
    conformity: str
    errors: tuple[ErrorFigures, ...]
    items: tuple[ItemFigures, ...]


def parsed(xml: bytes) -> Element:
    """The outermost element. Errors: SealRefusedError."""
    if len(xml) > _MOST_BYTES:
        raise SealRefusedError("xml_too_long")
    if not xml.startswith(_DECLARATION):
        raise SealRefusedError("xml_no_document")
    if b"<!" in xml or b"<?" in xml[len(_DECLARATION) :]:
        raise SealRefusedError("xml_not_plain")
    # Nothing is loaded, nothing is expanded, whatever the text above has let through.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError:
        raise SealRefusedError("xml_no_document") from None
    if root.tag != f"{{{DCC}}}digitalCalibrationCertificate":
        raise SealRefusedError("xml_no_certificate")
    if written_as_is(root) != xml:
        raise SealRefusedError("xml_not_plain")
    return root


def figures_of(xml: bytes) -> Figures:
    """What the XML of a certificate states, signed or not; nothing is verified here.

    Errors: SealRefusedError where it is none that the bench has written.
    """
    root = parsed(xml)
    try:
        return _figures(root)
    except (AttributeError, ValueError, IndexError):
        raise SealRefusedError("xml_no_certificate") from None


def _figures(root: Element) -> Figures:
    core, item = (
        _one(root, "dcc:administrativeData/dcc:coreData"),
        _one(root, "dcc:administrativeData/dcc:items/dcc:item"),
    )
    own = {
        each.get("refType", "").removeprefix("bench_"): _text(each, "dcc:value")
        for each in _all(core, "dcc:identifications/dcc:identification")
    }
    statements = _all(root, "dcc:administrativeData/dcc:statements/dcc:statement")
    marks = [
        ref.split()[1] for each in statements if (ref := each.get("refType", "")).startswith("bench_mark ")
    ]
    overall = next(each for each in statements if each.get("refType") == "basic_conformity")
    return Figures(
        _text(core, "dcc:uniqueIdentifier"),
        own["kind"],
        own["run"],
        own["position"],
        own["bench"],
        _text(item, "dcc:identifications/dcc:identification[@refType='basic_serialNumber']/dcc:value"),
        own["root"],
        int(own["size"]),
        own["key"],
        core.findtext("dcc:reportAmendedSubstituted/dcc:replacedUniqueIdentifier", "", _NAMESPACES),
        tuple(mark.removeprefix("bench_") for mark in marks),
        overall.findtext("dcc:conformity", "", _NAMESPACES),
        *results_of(_one(root, _RESULTS)),
    )


def results_of(results: Element) -> tuple[tuple[ErrorFigures, ...], tuple[ItemFigures, ...]]:
    """What the element `results` states: the errors, and the items with one outcome."""
    found = _all(results, "dcc:result")
    return (
        tuple(row for each in found if _is(each, "bench_errors") for row in _errors(each)),
        tuple(_item(each) for each in found if _is(each, "bench_item")),
    )


def _errors(result: Element) -> list[ErrorFigures]:
    listed = _one(result, "dcc:data/dcc:list")
    error = _one(listed, "dcc:quantity[@refType='basic_measurementError']")
    conformity = error.findtext(
        "dcc:measurementMetaData/dcc:metaData[@refType='basic_conformity']/dcc:conformityXMLList",
        "",
        _NAMESPACES,
    )
    limits = error.findtext(
        "dcc:measurementMetaData/dcc:metaData[@refType='basic_acceptanceLimitUpper']/dcc:data/dcc:quantity/"
        "si:realListXMLList/si:valueXMLList",
        "",
        _NAMESPACES,
    )
    rounded = listed.findtext(
        "dcc:quantity[@refType='bench_roundedError']/si:realListXMLList/si:valueXMLList", "", _NAMESPACES
    )
    columns = [
        _labels(_text(listed, "dcc:quantity[@refType='bench_loadPoint']/dcc:charsXMLList")),
        _text(error, "si:realListXMLList/si:valueXMLList").split(" "),
        _text(error, f"{_UNCERTAINTY}valueExpandedMUXMLList").split(" "),
        _text(error, f"{_UNCERTAINTY}coverageFactorXMLList").split(" "),
        _text(error, f"{_UNCERTAINTY}coverageProbabilityXMLList").split(" "),
    ]
    count = len(columns[0])
    columns_that_may_be_missing = [
        limits.split(" ") if limits else [None] * count,
        rounded.split(" ") if rounded else [None] * count,
        conformity.split(" ") if conformity else [""] * count,
    ]
    item = result.get("refType").split()[1].removeprefix("bench_")
    rows = zip(*columns, *columns_that_may_be_missing, strict=True)
    return [ErrorFigures(item, *row) for row in rows]


def _item(result: Element) -> ItemFigures:
    data = _one(result, "dcc:data")
    found = {each.get("refType", "").removeprefix("bench_"): each for each in _all(data, "dcc:quantity")}
    load_point = found.pop("loadPoint", None)
    conformity = found.pop("outcome").findtext(
        "dcc:measurementMetaData/dcc:metaData[@refType='basic_conformity']/dcc:conformity", "", _NAMESPACES
    )
    found.pop("reason", None)
    return ItemFigures(
        result.get("refType").split()[1].removeprefix("bench_"),
        "" if load_point is None else _labels(_text(load_point, "dcc:charsXMLList"))[0],
        conformity,
        tuple((name, _value(quantity)) for name, quantity in found.items()),
    )


def _value(quantity: Element) -> str:
    number: str | None = quantity.findtext("si:real/si:value", None, _NAMESPACES)
    return _text(quantity, "dcc:noQuantity/dcc:content[@lang='en']") if number is None else number


def _labels(listed: str) -> list[str]:
    return [label.replace("_", " ") for label in listed.split(" ")]


def _is(result: Element, ref: str) -> bool:
    return ref in result.get("refType", "").split()


def _one(element: Element, path: str) -> Element:
    (found,) = element.findall(path, _NAMESPACES)
    return found


def _all(element: Element, path: str) -> list[Element]:
    found: list[Element] = element.findall(path, _NAMESPACES)
    return found


def _text(element: Element, path: str) -> str:
    text: str | None = _one(element, path).text
    if text is None:
        raise ValueError(f"{path} is empty")
    return text
