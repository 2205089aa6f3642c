"""The chips of a machine and a driven line, against a stand-in for libgpiod."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import gpiod
import pytest

from bench.errors import InstrumentError
from bench.ports import GpioChip
from firmware_io import gpio_chips, gpio_edges, gpio_output
from firmware_io.gpio_chips import find_offset
from firmware_io.gpio_edges import GpioLine
from firmware_io.gpio_output import GpioOutput

VALUES = gpiod.line.Value


class FakeRequest:
    def __init__(self, log: list[Any]) -> None:
        self._log = log
        self._is_open = True

    fd = os.open(os.devnull, os.O_RDONLY)

    def __bool__(self) -> bool:
        return self._is_open

    def set_value(self, offset: int, value: object) -> None:
        if not Path(self._log[0]).exists():
            raise OSError(errno.ENODEV, "No such device")
        self._log.append((offset, value))

    def reconfigure_lines(self, settings: dict[int, gpiod.LineSettings]) -> None:
        self._log.append({offset: s.direction for offset, s in settings.items()})

    def release(self) -> None:
        if not self._is_open:
            raise gpiod.RequestReleasedError
        self._is_open = False
        self._log.append("released")


class FakeChip:
    """Four lines, of which the second is used by a driver."""

    log: ClassVar[list[Any]] = []

    def __init__(self, path: str) -> None:
        if path.endswith("9"):
            raise PermissionError(errno.EACCES, "Permission denied")
        self.path = path

    def __enter__(self) -> FakeChip:
        return self

    def __exit__(self, *unused: object) -> None: ...

    def get_info(self) -> SimpleNamespace:
        return SimpleNamespace(label="pinctrl-rp1", num_lines=4)

    def get_line_info(self, offset: int) -> SimpleNamespace:
        used = offset in (1, 2)
        return SimpleNamespace(
            offset=offset,
            name=f"GPIO{offset}" if offset != 2 else "",
            used=used,
            consumer="uart" if used else "",
        )

    def request_lines(
        self, settings: dict[int, gpiod.LineSettings], consumer: str, event_buffer_size: int | None = None
    ) -> FakeRequest:
        ((offset, asked),) = settings.items()
        if offset == 1:
            raise OSError(errno.EBUSY, "Device or resource busy")
        FakeChip.log = [self.path, (offset, asked.direction, asked.output_value)]
        return FakeRequest(FakeChip.log)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "gpiochip0").write_text("")
    monkeypatch.setattr(gpiod, "Chip", FakeChip)
    monkeypatch.setattr(gpiod, "is_gpiochip_device", lambda path: True)
    for driver in (gpio_output, gpio_edges):
        monkeypatch.setattr(driver, "find_chip", lambda labels: str(tmp_path / "gpiochip0"))
    return tmp_path


def test_chips_are_listed_with_who_uses_their_lines(folder: Path) -> None:
    (folder / "gpiochip9").write_text("")
    first, closed = gpio_chips.gpio_chips(str(folder))
    assert first == GpioChip(
        str(folder / "gpiochip0"), "pinctrl-rp1", 4, used=(("GPIO1", "uart"), ("2", "uart"))
    )
    assert closed.trouble == "Permission denied"


def test_a_machine_without_chips_has_none(tmp_path: Path) -> None:
    assert gpio_chips.gpio_chips(str(tmp_path)) == ()


def test_an_output_begins_and_ends_inactive_and_is_no_output_any_more(folder: Path) -> None:
    line = GpioOutput(3)
    line.set(is_active=True)
    line.close()
    line.close()
    assert FakeChip.log[1:] == [
        (3, gpiod.line.Direction.OUTPUT, VALUES.INACTIVE),
        (3, VALUES.ACTIVE),
        (3, VALUES.INACTIVE),
        {3: gpiod.line.Direction.INPUT},
        "released",
    ]


def test_a_pulse_line_that_is_closed_twice_is_released_once(folder: Path) -> None:
    line = GpioLine(3)
    line.close()
    line.close()
    assert FakeChip.log[1:] == [(3, gpiod.line.Direction.INPUT, VALUES.INACTIVE), "released"]
    with pytest.raises(InstrumentError, match="read after close"):
        line.read()


def test_a_line_that_is_used_cannot_be_driven(folder: Path) -> None:
    with pytest.raises(InstrumentError, match=r"output line 1 of .*: Device or resource busy; choose a line"):
        GpioOutput(1)


def test_a_chip_that_has_gone_is_an_instrument_error(folder: Path) -> None:
    line = GpioOutput(3)
    (folder / "gpiochip0").unlink()
    with pytest.raises(InstrumentError, match="is the device still there"):
        line.set(is_active=True)


@pytest.mark.parametrize(("line", "why"), [("9", "no line 9 on .*lines 0 to 3"), ("X", "no line 'X'")])
def test_a_line_the_chip_has_not_is_one_line(line: str, why: str) -> None:
    def offset_of(name: str) -> int:  # as gpiod's own
        if not name.isdecimal():
            raise OSError(errno.ENOENT, "No such file or directory")
        raise ValueError("line offset of out range")

    chip = FakeChip("/dev/gpiochip0")
    chip.line_offset_from_id = offset_of  # type: ignore[attr-defined]
    with pytest.raises(InstrumentError, match=why):
        find_offset(chip, line)  # type: ignore[arg-type]
