"""How often the analysis of a household's consumption names what was planted.

    ./dev bench consumption                          100 households of each cause
    ./dev bench consumption --quick                  10
    ./dev bench consumption --only "monthly, 3"      one of the tables

Households: tests/household/households.py. Monthly ones have three to four years; a third table has two to three.
"""

from __future__ import annotations

import argparse
from collections import Counter

from calibration.household.analysis import Analysis, analyse
from tests.household.households import Household, Planted, planted
from tests.household.judging import is_found

FIRST_SEED = 1000
YEARS = {
    "daily, 1.4 to 2 years": (1.4, 2.0),
    "monthly, 3 to 4 years": (3.0, 4.0),
    "monthly, 2 to 3 years": (2.1, 3.0),
}


def looked_at(household: Household, is_daily: bool) -> Analysis:
    return analyse(household.daily() if is_daily else household.monthly(), household.tariff)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--households", type=int, default=100)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    count = 10 if asked.quick else asked.households
    for name, years in YEARS.items():
        if not name.startswith(asked.only):
            continue
        print(f"\n{name}: {count} households of each")
        for cause in Planted:
            seeds = range(FIRST_SEED, FIRST_SEED + count)
            found = [looked_at(planted(seed, cause, years), name.startswith("daily")) for seed in seeds]
            first = sum(is_found(cause, one, among=1) for one in found)
            two = sum(is_found(cause, one) for one in found)
            said = Counter(str(one.causes[0].key) if one.causes else "-" for one in found)
            print(
                f"{cause:8}  first two {two:3}  first {first:3}  first named: {dict(said.most_common(4))}",
                flush=True,
            )


if __name__ == "__main__":
    main()
