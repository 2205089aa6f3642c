"""What does a household with one known load find, and how often is it wrong?

    ./dev bench household [--households N] [--seed N]

Simulated households (tests/household/loads_at_home.py): load within its tolerance, wandering mains, background,
register or pulses. For each, the smallest error that it can find is stated first; then a meter counts there that is

    correct     within what is allowed, either way
    beyond      off by more than the stated size, up to half as much again, fast or slow
    below       off by less than that, and more than is allowed; the customer asks about that size
    asked       off by more than the size that the customer asks about, whatever can be found there

and `edge`: correct meters again, with every lamp, background and mains voltage at the end of its interval.

Fresh seeds unless one is given.
"""

from __future__ import annotations

import argparse
import secrets
from collections import Counter
from collections.abc import Sequence

import numpy as np

from calibration.household.known_load import Found, known_load_found, resolution
from tests.household.loads_at_home import Household, draw_household

GROUPS = ("correct", "beyond", "below", "asked", "edge")
ASKED_PCT = (5.0, 10.0, 20.0, 30.0, 50.0, 100.0)


def outcome_of(household: Household, group: str, rng: np.random.Generator) -> Found | None:
    """What this household says of a meter of the group; None where it has no such meter."""
    stated = household.stated
    can = resolution(stated, household.duration_s)
    asked_pct = float(rng.choice(ASKED_PCT))
    is_fast = rng.random() < 0.5 or not np.isfinite(can.slow_pct)
    size = can.fast_pct if is_fast else can.slow_pct
    if group in ("correct", "edge"):
        error_pct = float(rng.uniform(-stated.allowed_pct, stated.allowed_pct))
    elif group == "beyond":
        error_pct = size * float(rng.uniform(1.0, 1.5))
    elif group == "below":
        error_pct = asked_pct = float(rng.uniform(stated.allowed_pct, min(can.fast_pct, can.slow_pct)))
    else:
        error_pct = asked_pct * float(rng.uniform(1.0, 1.5))
    if group not in ("correct", "edge") and not is_fast:
        error_pct = -error_pct
    if error_pct < -100.0:
        return None
    counted = household.counted_kWh(error_pct)
    return known_load_found(stated, household.duration_s, counted, asked_pct).outcome


def study(households: int, seed: int) -> dict[str, Counter[Found]]:
    """How often each group got each answer."""
    answers: dict[str, Counter[Found]] = {group: Counter() for group in GROUPS}
    for number in range(households):
        rng = np.random.default_rng([seed, number])
        usual, at_the_edge = draw_household(rng), draw_household(rng, at_the_edge=True)
        for group in GROUPS:
            outcome = outcome_of(at_the_edge if group == "edge" else usual, group, rng)
            if outcome is not None:
                answers[group][outcome] += 1
    return answers


def share(answers: Counter[Found], found: Found) -> float:
    return answers[found] / answers.total()


def stated_sizes(households: int, seed: int) -> np.ndarray:
    """The smallest error (%) that each household is told beforehand."""
    drawn = (draw_household(np.random.default_rng([seed, number])) for number in range(households))
    return np.array([resolution(one.stated, one.duration_s).smallest_pct for one in drawn])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--households", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args(arguments)
    seed = secrets.randbits(32) if options.seed is None else options.seed
    print(f"seed {seed}")
    sizes = stated_sizes(options.households, seed)
    low, middle, high = np.quantile(sizes, [0.05, 0.5, 0.95])
    print(
        f"smallest error that is stated: {low:.0f} % ... {middle:.0f} % ... {high:.0f} % (5, 50, 95 of 100)"
    )
    print(f"{'meters':10}{'households':>12}" + "".join(f"{found.value:>16}" for found in Found))
    for group, answers in study(options.households, seed).items():
        shares = "".join(f"{100 * share(answers, found):14.1f} %" for found in Found)
        print(f"{group:10}{answers.total():>12}{shares}")


if __name__ == "__main__":
    main()
