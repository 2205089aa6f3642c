"""A thermometer behind the kernel's files: found by name, and what is no temperature of a room is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import InstrumentError
from firmware_io.hwmon import HwmonSensor


def chip(sysfs: Path, number: int, name: str, **files: str) -> Path:
    folder = sysfs / "class/hwmon" / f"hwmon{number}"
    folder.mkdir(parents=True)
    for file, text in {"name": name, **files}.items():
        (folder / file).write_text(text + "\n")
    return folder


def test_a_sensor_is_found_by_the_name_of_its_chip(tmp_path: Path) -> None:
    chip(tmp_path, 0, "cpu_thermal", temp1_input="48312")
    chip(tmp_path, 3, "sht3x", temp1_input="23120", humidity1_input="44875")
    assert HwmonSensor("sht3x", tmp_path).read() == (23.12, 44.875)
    assert HwmonSensor("cpu_thermal", tmp_path).read() == (48.312, None)


def test_an_industrial_io_sensor_is_read_alike(tmp_path: Path) -> None:
    folder = tmp_path / "bus/iio/devices/iio:device0"
    folder.mkdir(parents=True)
    files = {"name": "bme280", "in_temp_input": "-5210", "in_humidityrelative_input": "98765"}
    for file, text in files.items():
        (folder / file).write_text(text)
    assert HwmonSensor("bme280", tmp_path).read() == (-5.21, 98.765)


def test_a_sensor_that_was_put_back_under_another_number_is_found_again(tmp_path: Path) -> None:
    folder = chip(tmp_path, 1, "sht4x", temp1_input="21000")
    sensor = HwmonSensor("sht4x", tmp_path)
    assert sensor.read()[0] == 21.0
    folder.rename(folder.with_name("gone"))
    with pytest.raises(InstrumentError, match="no such chip"):
        sensor.read()
    (tmp_path / "class/hwmon/gone").rename(tmp_path / "class/hwmon/hwmon7")
    assert sensor.read()[0] == 21.0


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"temp1_input": "abc"}, "says 'abc'"),
        ({"temp1_input": ""}, "says ''"),
        ({"temp1_input": "127000"}, "says 127"),
        ({"temp1_input": "-45000"}, "says -45"),
        ({"temp1_input": "23000", "humidity1_input": "103000"}, "says 103"),
        ({"humidity1_input": "40000"}, "no such chip with a temperature (chips found: sht3x)"),
    ],
)
def test_what_is_no_temperature_of_a_room_is_one_line(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    chip(tmp_path, 0, "sht3x", **files)
    with pytest.raises(InstrumentError) as failed:
        HwmonSensor("sht3x", tmp_path).read()
    assert said in str(failed.value)
    assert "\n" not in str(failed.value)


def test_two_of_a_name_are_not_chosen_from(tmp_path: Path) -> None:
    for number in (0, 1):
        chip(tmp_path, number, "sht3x", temp1_input="23000")
    with pytest.raises(InstrumentError, match="2 chips have this name"):
        HwmonSensor("sht3x", tmp_path).read()
