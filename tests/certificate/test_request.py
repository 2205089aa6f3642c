"""The request: read strictly, every mistake in one line that names its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.certificate.model import Bilingual, CertificateKind
from bench.certificate.request import load_request
from bench.errors import OperatorError
from tests.certificate.requested import REQUEST, request


def test_a_request_is_read(tmp_path: Path) -> None:
    path = tmp_path / "request.toml"
    path.write_text('kind = "calibration"\n' + REQUEST, "utf-8")
    read = load_request(path)
    assert read.kind is CertificateKind.CALIBRATION
    assert read.customer_facts().name == "王芳 Wang Fang"
    assert (read.meter.manufacturer, read.received_on) == ("Example Meters", "2026-01-01")


def test_the_pattern_can_be_read() -> None:
    load_request(Path(__file__).parents[2] / "bench/sim/demo-request.toml")


def test_of_a_text_in_one_language_both_are_it() -> None:
    place = request(REQUEST.replace('deviations = ""', 'place = { zh = "杭州" }')).place
    assert place.bilingual() == Bilingual("杭州", "杭州")


def test_texts_are_kept_with_single_spaces_and_composed() -> None:
    read = request(REQUEST.replace("Example Meters", "  Me\\u0301ters   SA "))
    assert read.meter.manufacturer == "M\u00e9ters SA"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('received_on = "2026-01-01"', "", "request.toml: received_on is missing"),
        ('"2026-01-01"', '"1.1.2026"', "request.toml: received_on: '1.1.2026' is no date"),
        ('manufacturer = "Example Meters"', "", "request.toml: meter: manufacturer is missing"),
        (
            'manufacturer = "Example Meters"',
            'manufacturer = " "',
            "request.toml: meter: manufacturer is empty",
        ),
        ('name = "王芳 Wang Fang"', 'nane = "X"', "unknown key 'nane'; did you mean 'name'?"),
        ("DDS-1", "DDS\\u0007", "request.toml: meter: model has a character that cannot be shown"),
        ("DDS-1", "x" * 201, "request.toml: meter: model has 201 characters; at most 200 are kept"),
        ('deviations = ""', 'kind = "verdict"', "kind is 'verdict'; allowed are 'verification'"),
        ('deviations = ""', "place = 3", "request.toml: place must be a table"),
    ],
)
def test_a_mistake_is_one_line_that_names_its_place(old: str, new: str, said: str) -> None:
    assert old in REQUEST
    with pytest.raises(OperatorError) as refused:
        request(REQUEST.replace(old, new))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
