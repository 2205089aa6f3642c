"""One example of each command of `bench calc`, as the help has it: the call, a line of the result, units and signs."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, str, str]] = {
    "error": (
        "--pulses 10 --constant 1200 --energy-Wh 8.4",
        "percentage_error_pct: -0.7937",
        "100 x (meter - reference) / reference + gamma0, in %: a slow meter is negative. --ct and --vt multiply the "
        "reference's energy, where it is behind transformers. A certificate's correction is minus gamma0.",
    ),
    "power-time": (
        "--power-W 2200 --constant 1200 --pulses 10 --time-s 13.7",
        "percentage_error_pct: -0.4645",
        "100 x (nominal time - time) / time, in %: a slow meter takes longer and is negative.",
    ),
    "clock": (
        "--period-s 0.99999",
        "error_s_per_day: 0.864008640082",
        "Seconds a day; a clock that gains is positive.",
    ),
    "power": (
        "--wiring 3p4w --voltage 220 --current 5 --power-factor 0.5L",
        "active_power_W: 1650",
        "Of all phases, W and var.",
    ),
    "pulses": ("--constant 1200 --power-W 2200 --minimum-time-s 30", "pulses: 22", "Hz, s and W."),
    "register": (
        "--method reference --before 100.00 --after 110.00 --reference-kWh 10.02 --class 1",
        "percentage_error_pct: -0.1996",
        "100 x (meter - reference) / reference + gamma0, in %; kWh.",
    ),
    "statistics": ("0.35 0.41 -0.02", "mean: 0.246666666667", "In the unit of the values."),
    "round": ("--step 0.1 -0.35", "rounded_pct: -0.4", "In the unit of the value; halves to even."),
    "limit": (
        "--rules jjg596-2012 --class 1 --connection direct --load balanced --current 0.05Ib --power-factor 1.0",
        "mpe_pct: 1.5",
        "%, on either side of zero.",
    ),
    "load-points": (
        "--rules jjg596-2012 --class 1 --connection direct --imax-over-ib 6",
        "load_points: Imax 1.0, Imax 0.5L, Imax 0.8C, 0.5Imax 1.0, ...",
        "Without --imax-over-ib: those that depend on it are left out.",
    ),
    "no-load": (
        "--rules jjg596-2012 --class 1 --voltage 220 --constant 1200 --elements 1 --imax 60",
        "duration_min: 37.8787878788",
        "Minutes and V.",
    ),
    "starting": (
        "--rules jjg596-2012 --class 1 --connection direct --voltage 220 --constant 1200 --elements 1 --ib 10",
        "starting_current_A: 0.04",
        "A, s between pulses, minutes.",
    ),
    "unbalance": ("--class 1 --balanced 0.1 --phases 0.3 0.2 -0.1", "difference_pct: +0.2000", "All in %."),
    "verdict": (
        "--rules jjg596-2012 --class 1 --limit 1.0 0.5 0.6",
        "verdict: pass",
        "Errors in %, a slow meter's negative; where remeasure is true: two more runs, then judge.",
    ),
    "budget": (
        "FILE",
        "",
        "A row is such as: reference,0.03,  or  runs,0.04,9. The unit is that of the column u.",
    ),
    "decide": (
        "--error 0.95 --standard-uncertainty 0.05 --limit 1 --rule guarded",
        "decision: fail",
        "All in one unit; a slow meter's error is negative.",
    ),
    "risk": (
        "--prior-mean 0 --prior-sd 0.5 --standard-uncertainty 0.1 --limit 1 --acceptance-limit 0.8",
        "consumer_risk: 0.000160700236036",
        "Shares of all meters.",
    ),
}


def epilog(name: str) -> str:
    """What stands below the options."""
    call, shows, units = EXAMPLES[name]
    result = f" gives {shows}." if shows else "."
    return f"Example: bench calc {name} {call}{result} {units}"
