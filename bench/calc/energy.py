"""`bench calc` of energies, times and pulses: error, power-time, clock, power, pulses, register, statistics."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, sqrt
from statistics import fmean, stdev

import click

from bench.calc.fields import output_options, print_fields, refuse
from bench.calc.numbers import COUNT, NEGATIVE_VALUES, NUMBER, POSITIVE, REGISTER, Whole
from bench.errors import OperatorError
from calibration.clock_error import error_from_frequency_s_per_day, error_from_period_s_per_day
from calibration.conformity import round_to_step, signed_text
from calibration.load_points import LoadPoint, split_power_factor
from calibration.nameplate import Wiring
from calibration.percentage_error import (
    meter_energy_Wh,
    nominal_time_s,
    percentage_error_pct,
    power_time_error_pct,
    primary_energy_Wh,
    pulse_comparison_error_pct,
)
from calibration.quantities import WS_PER_KWH
from calibration.registers import (
    expected_pulses,
    last_digit_is_small_enough,
    minimum_energy_kWh,
    register_error_pct,
)

_CLOCK_STEP_S_PER_DAY = Decimal("0.01")
_S0_HIGHEST_HZ = Fraction(1000, 60)
"""Pulses of 30 ms and pauses of 30 ms at least (IEC 62053-31)."""

constant_option = click.option("--constant", required=True, type=POSITIVE, help="Meter constant, imp/kWh.")
correction_option = click.option(
    "--correction",
    default=0.0,
    type=NUMBER,
    help="gamma0, the reference's error of indication in %, added to the result.",
)


@click.command()
@click.option("--pulses", required=True, type=COUNT, help="Whole pulse intervals of the meter.")
@constant_option
@click.option("--energy-Wh", "energy_Wh", type=POSITIVE, help="Energy of the reference, Wh.")
@click.option("--reference-pulses", type=POSITIVE, help="Pulses of the reference meanwhile.")
@click.option("--reference-constant", type=POSITIVE, help="Its constant, imp/kWh.")
@click.option(
    "--ct", default=1.0, type=POSITIVE, help="Ratio of the current transformers before the reference."
)
@click.option("--vt", default=1.0, type=POSITIVE, help="Ratio of the voltage transformers before it.")
@correction_option
@output_options
def error(
    pulses: int,
    constant: float,
    energy_Wh: float | None,
    reference_pulses: float | None,
    reference_constant: float | None,
    ct: float,
    vt: float,
    correction: float,
) -> None:
    """Percentage error from pulses, against an energy or against the reference's pulses."""
    if energy_Wh is not None and reference_pulses is None and reference_constant is None:
        reference_Wh = primary_energy_Wh(energy_Wh, ct, vt)
        error_pct = percentage_error_pct(meter_energy_Wh(pulses, constant), reference_Wh) + correction
    elif energy_Wh is None and reference_pulses is not None and reference_constant is not None:
        error_pct = pulse_comparison_error_pct(
            pulses, constant, reference_pulses, reference_constant, ct, vt, correction
        )
    else:
        raise OperatorError("give either --energy-Wh, or --reference-pulses with --reference-constant")
    print_fields({"percentage_error_pct": error_pct})


@click.command("power-time")
@click.option("--power-W", "power_W", required=True, type=POSITIVE, help="Power, W.")
@constant_option
@click.option("--pulses", required=True, type=COUNT, help="Whole pulse intervals of the meter.")
@click.option("--time-s", "time_s", required=True, type=POSITIVE, help="Time that they took, s.")
@output_options
def power_time(power_W: float, constant: float, pulses: int, time_s: float) -> None:
    """Percentage error by power and time, and how long a meter without error takes."""
    print_fields(
        {
            "percentage_error_pct": power_time_error_pct(pulses, constant, power_W, time_s),
            "nominal_time_s": nominal_time_s(pulses, constant, power_W),
        }
    )


@click.command()
@click.option("--period-s", "period_s", type=POSITIVE, help="Mean period of the 1 Hz output, s.")
@click.option("--frequency-Hz", "frequency_Hz", type=POSITIVE, help="Frequency, Hz.")
@click.option("--nominal-Hz", "nominal_Hz", type=POSITIVE, help="Its nominal value, Hz.")
@output_options
def clock(period_s: float | None, frequency_Hz: float | None, nominal_Hz: float | None) -> None:
    """Daily error of a clock in s/d, positive where it gains."""
    if period_s is not None and frequency_Hz is None and nominal_Hz is None:
        error_s_per_day = error_from_period_s_per_day(period_s)
    elif period_s is None and frequency_Hz is not None and nominal_Hz is not None:
        error_s_per_day = error_from_frequency_s_per_day(frequency_Hz, nominal_Hz)
    else:
        raise OperatorError("give either --period-s, or --frequency-Hz with --nominal-Hz")
    rounded = round_to_step(error_s_per_day, _CLOCK_STEP_S_PER_DAY)
    print_fields({"error_s_per_day": error_s_per_day, "rounded_s_per_day": signed_text(rounded)})


@click.command()
@click.option(
    "--wiring", required=True, type=click.Choice([w.value for w in Wiring]), help="Connection of the meter."
)
@click.option(
    "--voltage",
    required=True,
    type=POSITIVE,
    help="V; of three wires the line voltage, else the phase voltage.",
)
@click.option("--current", required=True, type=POSITIVE, help="Current of each phase, A.")
@click.option("--power-factor", required=True, help="Such as 1.0, 0.5L or 0.8C.")
@output_options
def power(wiring: str, voltage: float, current: float, power_factor: str) -> None:
    """Active and reactive power of a balanced load; reactive is negative where it is capacitive."""
    try:
        factor, side = split_power_factor(power_factor)
    except ValueError as wrong:
        raise refuse(wrong) from wrong
    active = LoadPoint("", voltage, current, float(factor), side, Wiring(wiring))
    apparent_VA = LoadPoint("", voltage, current, 1.0, "", Wiring(wiring)).compared_power
    reactive_factor = sqrt(1 - factor**2) * (-1.0 if side == "C" else 1.0)
    print_fields(
        {"active_power_W": active.compared_power, "reactive_power_var": apparent_VA * reactive_factor}
    )


@click.command()
@constant_option
@click.option("--power-W", "power_W", required=True, type=POSITIVE, help="Power, W.")
@click.option("--minimum-time-s", "minimum_time_s", required=True, type=POSITIVE, help="Shortest time, s.")
@output_options
def pulses(constant: float, power_W: float, minimum_time_s: float) -> None:
    """Pulses to count so that it takes the minimum time, and the highest power an S0 output can show."""
    # Exact: 4.4 Hz for 10 s are 44 pulses and not 45.
    rate_Hz = _exact(constant) * _exact(power_W) / int(WS_PER_KWH)
    count = ceil(rate_Hz * _exact(minimum_time_s))
    print_fields(
        {
            "pulse_rate_Hz": float(rate_Hz),
            "pulses": count,
            "time_s": float(count / rate_Hz),
            "s0_highest_power_W": float(_S0_HIGHEST_HZ * int(WS_PER_KWH) / _exact(constant)),
        }
    )


def _exact(value: float) -> Fraction:
    """What was typed, and not the binary number next to it."""
    return Fraction(repr(value))


@click.command()
@click.option("--method", required=True, type=click.Choice(["count", "reference"]), help="Against what.")
@click.option("--constant", type=POSITIVE, help="count: meter constant, imp/kWh.")
@click.option("--digits", type=COUNT, help="count: last digits that the register moves by.")
@click.option("--multiplier", default=1.0, type=POSITIVE, help="count: kWh in one kWh of the register.")
@click.option("--decimals", type=Whole(least=0), help="Decimals of the register; reference: as it was typed.")
@click.option("--before", type=REGISTER, help="reference: register before, kWh.")
@click.option("--after", type=REGISTER, help="reference: register after, kWh.")
@click.option("--reference-kWh", "reference_kWh", type=POSITIVE, help="reference: its energy, kWh.")
@click.option("--class", "accuracy_class", help="reference: accuracy class of the meter, such as 1 or 0.5S.")
@correction_option
@output_options
def register(
    method: str,
    constant: float | None,
    digits: int | None,
    multiplier: float,
    decimals: int | None,
    before: Decimal | None,
    after: Decimal | None,
    reference_kWh: float | None,
    accuracy_class: str | None,
    correction: float,
) -> None:
    """The meter constant test: pulses of a register's movement, or its error against the reference.

    sufficient: the register moved so far that one last digit is at most a tenth of the class of it.
    """
    try:
        if method == "count":
            if constant is None or digits is None or decimals is None:
                raise OperatorError("--method count needs --constant, --decimals and --digits")
            print_fields({"expected_pulses": expected_pulses(constant, digits, decimals, multiplier)})
            return
        if before is None or after is None or reference_kWh is None or accuracy_class is None:
            raise OperatorError("--method reference needs --before, --after, --reference-kWh and --class")
        shown = max(_decimals(before), _decimals(after)) if decimals is None else decimals
        print_fields(
            {
                "percentage_error_pct": register_error_pct(before, after, reference_kWh, correction),
                "sufficient": last_digit_is_small_enough(accuracy_class, shown, after - before),
                "minimum_energy_kWh": float(minimum_energy_kWh(accuracy_class, shown)),
            }
        )
    except ValueError as wrong:
        raise refuse(wrong) from wrong


def _decimals(register_kWh: Decimal) -> int:
    exponent = register_kWh.as_tuple().exponent
    assert isinstance(exponent, int)  # finite, by its type
    return max(-exponent, 0)


@click.command(context_settings=NEGATIVE_VALUES)
@click.argument("values", metavar="VALUE...", nargs=-1, required=True, type=NUMBER)
@output_options
def statistics(values: tuple[float, ...]) -> None:
    """Mean and standard deviation (n - 1) of runs."""
    print_fields(
        {
            "mean": fmean(values),
            "standard_deviation": stdev(values) if len(values) > 1 else None,
            "n": len(values),
        }
    )


COMMANDS: tuple[click.Command, ...] = (error, power_time, clock, power, pulses, register, statistics)
"""What this module adds to `bench calc`."""
