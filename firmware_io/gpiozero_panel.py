"""The panel of a bench through gpiozero: contacts, tower lamp, buzzer, and the feed of the contactor's timer.

Every line is optional. Contacts are read when they are asked for, not from edges: what counts is the level now, and a
missed edge must not hide an open cover. A safety contact is closed while all is well and pulled to the other level by
the chip, so that a broken wire reads as open.

The feed toggles its line, so the timer sees an edge at every second turn at least. A process that is killed leaves the
line at the level that it had (a released line of a Raspberry Pi stays driven, raspberrypi/linux#6117): a level holds
nothing, which is why the contactor hangs on edges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from bench.errors import InstrumentError
from bench.ports import Lamp, PanelInputs
from firmware_io.gpio_chips import CHIP_LABELS
from firmware_io.gpiozero_pins import GpiozeroPins

_LIT_FOR: dict[Lamp, tuple[Lamp, ...]] = {
    lamp: (lamp, Lamp.LIVE_VOLTAGE) if lamp is Lamp.MEASURING else (lamp,) for lamp in Lamp
}


@dataclass(frozen=True, slots=True)
class PanelLines:
    """GPIO numbers or names such as GPIO17; empty where a line is not wired."""

    emergency_stop: str = ""
    cover: str = ""
    start_button: str = ""
    stop_button: str = ""
    contactor_feed: str = ""
    buzzer: str = ""
    lamps: Mapping[Lamp, str] = field(default_factory=dict)


class GpiozeroPanel:
    """A `Panel`.

    closed_is_low: a closed contact pulls its line to ground, against the chip's pull-up; else to 3.3 V, against its
    pull-down. lit_is_high: the level that lights a lamp. factory: as of `GpiozeroPins`.
    Errors: InstrumentError (no chip, no such pin, pin in use), also of every method.
    """

    def __init__(
        self,
        lines: PanelLines,
        *,
        chip_labels: Sequence[str] = CHIP_LABELS,
        closed_is_low: bool = True,
        lit_is_high: bool = True,
        factory: Any = None,
    ) -> None:
        import gpiozero

        self._pins = GpiozeroPins(chip_labels, factory)
        self._shown: Lamp | None = None
        self._lamps: dict[Lamp, Any] = {}
        self._devices: list[Any] = []
        self._outputs: list[Any] = []

        def contact(name: str) -> Callable[[], bool] | None:
            line: str = getattr(lines, name)
            if not line:
                return None
            device = self._opened(
                f"{name} on line {line}",
                lambda: gpiozero.InputDevice(line, pull_up=closed_is_low, pin_factory=self._pins.factory),
            )
            return lambda: bool(device.is_active)

        def output(name: str, line: str, is_high: bool) -> Any:
            if not line:
                return None
            device = self._opened(
                f"{name} on line {line}",
                lambda: gpiozero.OutputDevice(line, active_high=is_high, pin_factory=self._pins.factory),
            )
            self._outputs.append(device)
            return device

        self._stop_is_closed, self._cover_is_closed = contact("emergency_stop"), contact("cover")
        self._start_is_closed, self._button_is_closed = contact("start_button"), contact("stop_button")
        self.has_start_button = self._start_is_closed is not None
        self._feed = output("contactor_feed", lines.contactor_feed, True)
        self._buzzer = output("buzzer", lines.buzzer, lit_is_high)
        self._lamps = {
            lamp: output(f"lamp_{lamp}", line, lit_is_high) for lamp, line in lines.lamps.items() if line
        }

    def _opened(self, name: str, make: Callable[[], Any]) -> Any:
        try:
            device = self._pins.open(f"panel, {name}", make)
        except InstrumentError:
            self.close()
            raise
        self._devices.append(device)
        return device

    def read(self) -> PanelInputs:
        with self._failing_as("read"):
            return PanelInputs(
                emergency_stop_pressed=self._stop_is_closed is not None and not self._stop_is_closed(),
                cover_open=self._cover_is_closed is not None and not self._cover_is_closed(),
                start_pressed=self._start_is_closed is not None and self._start_is_closed(),
                stop_pressed=self._button_is_closed is not None and self._button_is_closed(),
            )

    def feed(self) -> None:
        with self._failing_as("feed"):
            if self._feed is not None:
                self._feed.toggle()

    def show(self, lamp: Lamp, sounds: bool) -> None:
        with self._failing_as("show"):
            self._shown = lamp
            # Lit before the others go dark: no instant in which the tower says nothing.
            for each in sorted(self._lamps, key=lambda each: each not in _LIT_FOR[lamp]):
                self._lamps[each].value = each in _LIT_FOR[lamp]
            if self._buzzer is not None:
                self._buzzer.value = sounds

    def close(self) -> None:
        """Everything off, and the lines released; a line that fails keeps no other from it. Twice is once.

        But live voltage, where that was the last word, stays lit as far as the kernel lets it: a load that its source
        did not let go of is on when nobody says so any more.
        """
        is_live = self._shown is not None and Lamp.LIVE_VOLTAGE in _LIT_FOR[self._shown]
        kept = self._lamps.get(Lamp.LIVE_VOLTAGE) if is_live else None
        with self._failing_as("close"), ExitStack() as closing:
            closing.callback(self._pins.close)
            while self._devices:
                closing.callback(self._devices.pop().close)
            while self._outputs:
                if (output := self._outputs.pop()) is not kept:
                    closing.callback(output.off)

    @contextmanager
    def _failing_as(self, what: str) -> Iterator[None]:
        """Whatever the library below gpiozero raises: lgpio has an error of its own, a closed handle another."""
        try:
            yield
        except Exception as error:
            raise InstrumentError(
                f"panel (gpiozero), {what}: {error}; check its GPIO lines and wiring"
            ) from error
