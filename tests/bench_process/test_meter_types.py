"""Meter types and batches: a type and a serial number make a whole nameplate; a mistake is one line that names it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import OperatorError
from bench.plans.meter_types import MeterTypes, load_batch, load_meter_types, type_named
from calibration.nameplate import Connection, Wiring

TYPES = """
[[type]]
name = "A"
maker = "Sunrise"
model = "DDS1"
accuracy_class = "1"
meter_constant_imp_per_kWh = 1600
nominal_voltage_V = 220
basic_current_A = 5
maximum_current_A = 60
test_output_edge = "falling"

[[type]]
name = "B"
maker = "Sunrise"
model = "DTZ2"
accuracy_class = "0.5S"
meter_constant_imp_per_kWh = 20000
nominal_voltage_V = 57.7
basic_current_A = 1.5
maximum_current_A = 6
connection = "ct"
wiring = "3p4w"
"""


@pytest.fixture
def types(tmp_path: Path) -> MeterTypes:
    path = tmp_path / "types.toml"
    path.write_text(TYPES, encoding="utf-8")
    return load_meter_types(path)


def batch(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "batch.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_type_and_a_serial_number_make_a_nameplate(types: MeterTypes) -> None:
    meter = types["B"].mounted("7", "SN-1")
    assert (meter.position, meter.serial, meter.meter_type) == ("7", "SN-1", "Sunrise DTZ2")
    assert (meter.connection, meter.wiring) == (Connection.CT, Wiring.FOUR_WIRE)
    assert (meter.nominal_voltage_V, meter.maximum_current_A) == (57.7, 6.0)
    assert types["A"].mounted("1", "x").test_output_edge == "falling"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "B"', 'name = "A"', "two types 'A'"),
        ('maker = "Sunrise"\nmodel = "DTZ2"', 'model = "DTZ2"', "type 2 (B): maker is missing"),
        ('model = "DTZ2"', 'model = " "', "type 2 (B): model is empty"),
        ("nominal_voltage_V = 57.7", "nominal_voltag_V = 57.7", "did you mean 'nominal_voltage_V'"),
        ("nominal_voltage_V = 57.7", "", "type 2 (B): nominal_voltage_V is missing"),
        ("maximum_current_A = 6\n", 'maximum_current_A = 6\nserial = "1"\n', "serial is of one meter"),
        ("maximum_current_A = 6\n", "maximum_current_A = 0\n", "allowed is 1e-06 to 1e+06 A"),
        (TYPES, "", "has [[type]] tables"),
        ("\n[[type]]", 'title = "x"\n[[type]]', "has [[type]] tables"),
        (TYPES, "type = [1]", "type 1 must be a table"),
    ],
)
def test_a_mistake_in_the_library_is_one_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TYPES
    path = tmp_path / "types.toml"
    path.write_text(TYPES.replace(old, new, 1))
    with pytest.raises(OperatorError) as refused:
        load_meter_types(path)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_unknown_type_names_the_nearest(types: MeterTypes) -> None:
    with pytest.raises(OperatorError, match="no meter type 'C'; known are A, B"):
        type_named(types, "C", "batch.csv")


@pytest.mark.parametrize(
    "content",
    [
        "position,serial,type\n1,S1,A\n2,S2,A\n",
        "\ufeffposition;serial;type\r\n1;S1;A\r\n2;S2;A\r\n",
        "表位,出厂编号,型号\n1,S1,A\n2,S2,A\n",
        'type, serial, position\n"A","S1","1"\n\n A , S2 , 2 \n,,\n',
    ],
)
def test_a_batch_is_read_as_spreadsheets_write_it(types: MeterTypes, tmp_path: Path, content: str) -> None:
    meters = load_batch(batch(tmp_path, content), types)
    assert [(m.position, m.serial, m.meter_type) for m in meters] == [
        ("1", "S1", "Sunrise DDS1"),
        ("2", "S2", "Sunrise DDS1"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "there are no meters"),
        ("position,serial,type\n", "there are no meters"),
        ("1,S1,A\n", "line 1: the header is '1,S1,A'; it must be position,serial,type (表位,出厂编号,型号)"),
        ("position,serial,type,colour\n1,S1,A,red\n", "line 1: the header"),
        ("position,serial,type\n1,S1\n", "line 2: has 2 values; give 3"),
        ("position,serial,type\n1,S1,A,\n", "line 2: has 4 values"),
        ("position,serial,type\n1,,A\n", "line 2: serial is empty"),
        ("position,serial,type\n1,S1,A\n1,S2,A\n", "line 3: position '1' is on line 2 already"),
        ("position,serial,type\n1,S1,A\n2,S1,A\n", "line 3: serial 'S1' is on line 2 already"),
        ("position,serial,type\n1,S1,AA\n", "line 2: there is no meter type 'AA'; did you mean 'A'?"),
        ('position,serial,type\n1,"S1,A\n', "line 2: is not CSV"),
        (
            "position,serial,type\n1,表,A\n".encode("gb18030"),
            "is not UTF-8 (a spreadsheet in Chinese writes GBK)",
        ),
        ("表位,出厂编号,型号\n1,S1,A\n".encode("gb18030"), "请另存为 CSV UTF-8"),
        (
            "position;serial;type\n1;1,23457E+13;A\n",
            "line 2: serial '1,23457E+13' is what a spreadsheet made",
        ),
        ("position,serial,type\n1,2E+13,A\n", "format the column as text"),
    ],
)
def test_a_mistake_in_a_batch_names_its_line(
    types: MeterTypes, tmp_path: Path, content: str | bytes, said: str
) -> None:
    with pytest.raises(OperatorError) as refused:
        load_batch(batch(tmp_path, content), types)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_batch_that_is_not_there_is_said(types: MeterTypes, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="give the path of a CSV file"):
        load_batch(tmp_path / "none.csv", types)


@given(st.lists(st.text(min_size=0, max_size=12), max_size=8))
def test_no_text_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    """Any content gives meters or an OperatorError."""
    folder = tmp_path_factory.mktemp("batch")
    (folder / "types.toml").write_text(TYPES)
    path = folder / "batch.csv"
    path.write_bytes("\n".join(["position,serial,type", *lines]).encode(errors="replace"))
    said = "a batch of meters"
    try:
        meters = load_batch(path, load_meter_types(folder / "types.toml"))
    except OperatorError as error:
        said, meters = str(error), ()
    assert "\n" not in said
    assert meters or said.startswith(str(path))
