"""The components of docs/wiring.md, computed: `python docs/wiring/values.py` prints the table of that page.

Each row says what was chosen, by which formula, and what comes out. Properties of parts (forward voltages, transfer
ratios, thresholds) are typical figures of their kind and marked *assumed*: check them against the parts you have.
"""

from __future__ import annotations

from dataclasses import dataclass

PI_V, LOGIC_V, BENCH_V = 3.3, 5.0, 24.0
"""The Pi's lines, the timer's logic, and the supply of contacts, lamps and coils."""
OPTO_LED_V, OPTO_LEAST_RATIO = 1.2, 0.5
"""Assumed of a PC817: forward voltage, and least current transfer ratio at some milliamperes."""
OUTPUT_ON_V = 1.0
"""Assumed: what a meter's transistor output leaves across itself."""
PULL_UP_OHM = 10e3
DIODE_V = 0.7


@dataclass(frozen=True)
class Row:
    """One component: its name in the drawings, its value, and what follows from it."""

    name: str
    value: str
    why: str


def led_current_A(supply_V: float, dropped_V: float, resistor_ohm: float) -> float:
    return (supply_V - OPTO_LED_V - dropped_V) / resistor_ohm


def saturation(led_A: float) -> float:
    """How many times more current the opto-coupler's output could take than the pull-up gives."""
    return OPTO_LEAST_RATIO * led_A / (PI_V / PULL_UP_OHM)


def series_row(name: str, value: str, supply_V: float, dropped_V: float, resistor_ohm: float) -> Row:
    current_A = led_current_A(supply_V, dropped_V, resistor_ohm)
    drop = f" − {dropped_V:g}" if dropped_V else ""
    return Row(
        name,
        value,
        f"({supply_V:g} − {OPTO_LED_V:g}{drop}) V / {resistor_ohm:g} Ω = {1e3 * current_A:.1f} mA; "
        f"{1e3 * current_A**2 * resistor_ohm:.0f} mW in the resistor; saturated {saturation(current_A):.0f} times over",
    )


TIMER_OHM, TIMER_F, TIMER_FACTOR, TIMER_TOLERANCE = 680e3, 1e-6, 0.7, 0.17
"""74HCT4538: t = 0.7 R C (assumed); capacitor 10 %, factor 5 %, resistor 1 %, summed up."""
FEED_PERIOD_S = 2 * 0.02
"""The program toggles its line once a turn of 20 ms, and every second toggle is a rising edge."""


def drop_out_s() -> tuple[float, float, float]:
    """Nominal, least, most."""
    nominal_s = TIMER_FACTOR * TIMER_OHM * TIMER_F
    return nominal_s, nominal_s * (1 - TIMER_TOLERANCE), nominal_s * (1 + TIMER_TOLERANCE)


BIAS_OHM, TERMINATION_OHM = 680.0, 120.0


def idle_V(terminations: int) -> float:
    """Between A and B while nobody drives the bus."""
    load_ohm = TERMINATION_OHM / terminations
    return LOGIC_V * load_ohm / (load_ohm + 2 * BIAS_OHM)


RELAY_A, BASE_OHM, LEAST_GAIN = 0.017, 4.7e3, 100.0
"""Assumed: a relay of 24 V and 1.4 kΩ; a BC337 amplifies at least a hundredfold."""
HEAD_OHM, HEAD_RISES_V, HEAD_FALLS_V = 47e3, 2.0, 0.8
"""Assumed of a 74LVC1G14 at 3.3 V: it has switched at 2.0 V going up and at 0.8 V going down."""
DIVIDES_BY, REFERENCE_HZ = 256, 200e3
FAST_LED_V, FAST_OHM = 1.5, 330.0
"""Assumed of a 6N137: forward voltage."""


def rows() -> tuple[Row, ...]:
    """In the order of the page."""
    return (*input_rows(), *timer_rows(), *bus_rows(), *divider_rows())


def input_rows() -> tuple[Row, ...]:
    """Pulse inputs, contacts and the optical head."""
    return (
        series_row("R1 at 24 V", "1.8 kΩ ½ W", BENCH_V, OUTPUT_ON_V, 1.8e3),
        series_row("R1 at 12 V", "2.2 kΩ", 12.0, OUTPUT_ON_V, 2.2e3),
        series_row("R1 at 5 V", "820 Ω", 5.0, OUTPUT_ON_V, 820.0),
        Row("R2, R5", "10 kΩ", f"{PI_V:g} V / 10 kΩ = {1e3 * PI_V / PULL_UP_OHM:.2f} mA through the coupler"),
        Row("R3", "1 kΩ", f"at most {PI_V:g} mA, should the line ever be an output by mistake"),
        series_row("R4", "3.3 kΩ ½ W", BENCH_V, 0.0, 3.3e3),
        Row("C1", "100 nF", f"with R5 {1e3 * PULL_UP_OHM * 100e-9:g} ms: far below a turn of 20 ms"),
        Row(
            "R6",
            "47 kΩ, or 10 kΩ and a trimmer of 100 kΩ",
            f"the lamp must give {1e6 * HEAD_RISES_V / HEAD_OHM:.0f} µA, daylight less than "
            f"{1e6 * HEAD_FALLS_V / HEAD_OHM:.0f} µA",
        ),
    )


def timer_rows() -> tuple[Row, ...]:
    """The contactor's timer."""
    nominal_s, least_s, most_s = drop_out_s()
    base_A = (0.9 * LOGIC_V - DIODE_V) / BASE_OHM
    return (
        Row(
            "R7, C2",
            "680 kΩ 1 %, 1 µF film",
            f"t = {TIMER_FACTOR:g} · R · C = {nominal_s:.2f} s ({least_s:.2f} to {most_s:.2f} s); "
            f"{nominal_s / FEED_PERIOD_S:.0f} rising edges of the feed in it, {least_s / FEED_PERIOD_S:.0f} at least",
        ),
        Row(
            "R8",
            "4.7 kΩ",
            f"(0.9 · {LOGIC_V:g} − {DIODE_V:g}) V / 4.7 kΩ = {1e3 * base_A:.2f} mA of base current for "
            f"{1e3 * RELAY_A:.0f} mA of relay current: {base_A * LEAST_GAIN / RELAY_A:.1f} times what is needed",
        ),
        Row("R9, C3", "100 kΩ, 1 µF", "0.1 s of reset after power-up, in which no edge does anything"),
        Row("R10", "100 kΩ", "holds the timer's input low while the Pi starts or is unplugged"),
    )


def bus_rows() -> tuple[Row, ...]:
    """RS-485."""
    bias_V, one_end_V = idle_V(2), idle_V(1)
    return (
        Row(
            "R11, R12",
            "680 Ω",
            f"{LOGIC_V:g} V · 60 / (60 + 2 · 680) = {1e3 * bias_V:.0f} mV between A and B at rest (200 mV are needed); "
            f"{1e3 * one_end_V:.0f} mV with one termination",
        ),
        Row(
            "R13, R14",
            "120 Ω",
            "the impedance of the cable, at its two ends; below some 100 m at 9600 Bd none is needed",
        ),
    )


def divider_rows() -> tuple[Row, ...]:
    """The reference standard's own pulses."""
    return (
        Row(
            "R15",
            "330 Ω",
            f"({LOGIC_V:g} − {FAST_LED_V:g}) V / 330 Ω = {1e3 * (LOGIC_V - FAST_LED_V) / FAST_OHM:.1f} mA",
        ),
        Row(
            "74HC4040, pin 13",
            "÷ 256",
            f"{REFERENCE_HZ / 1e3:g} kHz / {DIVIDES_BY} = {REFERENCE_HZ / DIVIDES_BY:.0f} Hz",
        ),
    )


def table() -> str:
    lines = ["| part | value | computed |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {row.name} | {row.value} | {row.why} |" for row in rows())])


def value_of(name: str) -> str:
    """Of a part, as it stands in the drawings."""
    (found,) = [row.value for row in rows() if name in row.name.split(", ") or row.name == name]
    return found


if __name__ == "__main__":
    print(table())
