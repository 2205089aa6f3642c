"""The bricks of a DCC: elements, texts in two languages, numbers with units. One door to lxml for what is written.

What people have typed may hold anything. Characters that XML cannot hold become U+FFFD; white space is one space each,
since the schema takes no text that begins or ends with it; what is empty is a dash where the schema asks for a text.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from lxml import etree

from bench.certificate.model import Bilingual
from calibration.texts import LANGUAGES

Element: TypeAlias = Any
"""Of lxml, which has no types."""

DCC = "https://ptb.de/dcc"
SI = "https://ptb.de/si"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NAMESPACES = {"dcc": DCC, "si": SI, "xsi": _XSI}
_SCHEMA = "https://ptb.de/dcc https://ptb.de/dcc/v3.3.0/dcc.xsd"
NOTHING = "—"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECIMAL = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_LINK = "_"
"""Between the words of one label in a list of labels, which spaces part."""

Said = str | Bilingual


def root_of(version: str, *children: Element) -> Element:
    """The outermost element."""
    root = etree.Element(f"{{{DCC}}}digitalCalibrationCertificate", nsmap=_NAMESPACES)
    root.set("schemaVersion", version)
    root.set(f"{{{_XSI}}}schemaLocation", _SCHEMA)
    root.extend(children)
    return root


def written(root: Element) -> bytes:
    """The bytes of a document that has just been built."""
    etree.indent(root, " ")
    return written_as_is(root)


def written_as_is(root: Element) -> bytes:
    """The bytes of a document whose white space stands: these and no others (`xml_reading.py` holds it to them)."""
    document: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return document + b"\n"


def dcc(
    tag: str, *children: Element | None, ref: str = "", text: str | None = None, ident: str = ""
) -> Element:
    """An element with its children, those that are None left out. ref: its refType; ident: its id."""
    return _made(DCC, tag, children, ref, text, ident)


def si(tag: str, *children: Element | None, text: str | None = None) -> Element:
    return _made(SI, tag, children, "", text, "")


def _made(
    namespace: str, tag: str, children: tuple[Element | None, ...], ref: str, text: str | None, ident: str
) -> Element:
    element = etree.Element(f"{{{namespace}}}{tag}", nsmap=_NAMESPACES)
    if ident:
        element.set("id", ident)
    if ref:
        element.set("refType", ref)
    element.text = text
    element.extend(child for child in children if child is not None)
    return element


def typed(text: str) -> str:
    """A text as a document can hold it; a dash where there is none."""
    return " ".join(_NO_XML.sub("\ufffd", text).split()) or NOTHING


def plain(tag: str, text: str) -> Element:
    """An element with a text that the schema wants not to be empty."""
    return dcc(tag, text=typed(text))


def plain_if(tag: str, text: str) -> Element | None:
    return plain(tag, text) if text.strip() else None


def says(tag: str, said: Said, ref: str = "") -> Element:
    """An element with a text in each language."""
    return dcc(tag, *_contents(said), ref=ref)


def says_if(tag: str, said: Said) -> Element | None:
    zh = said if isinstance(said, str) else said.zh
    return says(tag, said) if zh.strip() else None


def _contents(said: Said) -> list[Element]:
    both = Bilingual(said, said) if isinstance(said, str) else said
    found = []
    for language in LANGUAGES:
        content = dcc("content", text=typed(both.in_language(language)))
        content.set("lang", language)
        found.append(content)
    return found


def identification(ref: str, value: str, name: Said, issuer: str = "calibrationLaboratory") -> Element:
    return dcc("identification", plain("issuer", issuer), plain("value", value), says("name", name), ref=ref)


def is_decimal(text: str) -> bool:
    return _DECIMAL.fullmatch(text) is not None


def decimal(text: str) -> str:
    """A number as D-SI writes it; NaN where there is none."""
    return text if is_decimal(text) else "NaN"


def real(value: str, unit: str) -> Element:
    """si:real. Errors: ValueError where it is no decimal number."""
    if not is_decimal(value):
        raise ValueError(f"{value!r} is no decimal number")
    return si("real", si("value", text=decimal(value)), si("unit", text=unit))


def real_list(
    values: list[str], unit: str, *more: Element | None, labels: list[str] | None = None
) -> Element:
    """si:realListXMLList: each value with the unit of all, then what is known of their uncertainty."""
    named = None if labels is None else si("labelXMLList", text=label_list(labels))
    number = si("valueXMLList", text=" ".join(decimal(value) for value in values))
    return si("realListXMLList", named, number, si("unitXMLList", text=" ".join([unit] * len(values))), *more)


def label_list(labels: list[str]) -> str:
    """Labels parted by spaces, so that the spaces within one are underscores."""
    return " ".join(typed(label).replace(" ", _LINK) for label in labels)


def quantity(ref: str, name: Said, value: Element, *more: Element | None) -> Element:
    return dcc("quantity", says("name", name), value, *more, ref=ref)


def words_of(said: Said) -> Element:
    """A value that is no number."""
    return says("noQuantity", said)
