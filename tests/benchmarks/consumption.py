"""How often the analysis of a household's consumption names what was planted.

    ./dev bench consumption                          100 households of each cause
    ./dev bench consumption --quick                  10
    ./dev bench consumption --only "monthly, 3"      one of the tables
    ./dev bench consumption --first-seed N           other households

Households: tests/household/households.py. The models were chosen on the households TUNED_ON; those that are reported
begin at FIRST_SEED and nobody had looked at them before. Columns:

    two      the planted cause has one of the first two places; of nothing planted, nothing is said
    alone    the same, where two causes that share a place count as two
    first    it has the first place
    shared   the place it has is shared: "either ..., or ...; this list cannot tell"
    hidden   (months, no tier) what the cause adds to the rows of the list is below what their scatter lets anybody see
    second   a second change is said where there is none

and two causes one after the other: both are the likeliest reasons of the two changes, or one is named.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np

from calibration.household.analysis import Analysis, analyse
from calibration.household.series import Series
from tests.household.households import Household, Planted, planted
from tests.household.judging import WANTED, are_both_found, is_found

TUNED_ON = (range(5000, 5100), range(6000, 6080))
FIRST_SEED = 70_000
YEARS = {
    "daily, 1.4 to 2 years": (1.4, 2.0),
    "monthly, 3 to 4 years": (3.0, 4.0),
    "monthly, 2 to 3 years": (2.1, 3.0),
}
EARLIER = (
    (Planted.VACANCY, Planted.STANDBY),
    (Planted.VACANCY, Planted.FAST),
    (Planted.VACANCY, Planted.HEATER),
    (Planted.STANDBY, Planted.VACANCY),
    (Planted.FAST, Planted.HEATER),
)
SEEN = 3.3
"""How often its scatter a change must be, over all rows together: 3 of BIC and two parameters of 40 rows."""


def looked_at(household: Household, is_daily: bool) -> Analysis:
    return analyse(household.daily() if is_daily else household.monthly(), household.tariff)


def answer(
    name: str, earlier: Planted | None, cause: Planted, seed: int
) -> tuple[list[tuple[str, ...]], dict[str, bool]]:
    """The places of the causes, and what is counted."""
    household = planted(seed, cause, YEARS[name], earlier)
    found = looked_at(household, name.startswith("daily"))
    wanted = WANTED.get(cause, set())
    place = next((one for one in found.causes[:2] if wanted & set(one.keys)), None)
    counted = {
        "two": is_found(cause, found),
        "alone": is_found(cause, found, alone=True),
        "first": is_found(cause, found, among=1),
        "shared": place is not None and place.same is not None,
        "second": bool(found.second),
    }
    if earlier is not None:
        either = WANTED[earlier] | wanted
        said = [one for one in (*found.causes[:1], *found.second[:1]) if set(one.keys) & either]
        counted |= {"both": are_both_found(earlier, cause, found), "one": bool(said)}
    if name.startswith("monthly") and cause not in (Planted.NOTHING, Planted.TIER):
        counted["hidden"] = _is_hidden(household, found.series)
    return [tuple(map(str, one.keys)) for one in found.causes], counted


def _is_hidden(household: Household, listed: Series) -> bool:
    changed, without = _energies(listed), _energies(household.monthly_without())
    scatter = np.std(np.log(without[12:] / without[:-12])) / np.sqrt(2)
    return float(np.sqrt(np.sum(np.log(changed / without) ** 2)) / scatter) < SEEN


def _energies(months: Series) -> np.ndarray:
    return np.array([float(row.energy_kWh) for row in months.rows])


def _said(answers: Sequence[tuple[list[tuple[str, ...]], dict[str, bool]]], keys: Sequence[str]) -> str:
    return "  ".join(f"{key} {sum(counted.get(key, False) for _, counted in answers):3}" for key in keys)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--households", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    count = 10 if asked.quick else asked.households
    seeds = range(asked.first_seed, asked.first_seed + count)
    columns = ("two", "alone", "first", "shared", "hidden", "second")
    with ProcessPoolExecutor() as workers:
        for name in YEARS:
            if not name.startswith(asked.only):
                continue
            print(f"\n{name}: {count} households of each, from seed {asked.first_seed}")
            for cause in Planted:
                answers = list(workers.map(partial(answer, name, None, cause), seeds))
                first = Counter("/".join(places[0]) if places else "-" for places, _ in answers)
                print(
                    f"{cause:8}  {_said(answers, columns)}  first named: {dict(first.most_common(4))}",
                    flush=True,
                )
            for earlier, later in EARLIER if name.startswith(("daily", "monthly, 3")) else ():
                answers = list(workers.map(partial(answer, name, earlier, later), seeds))
                print(f"{earlier}, later {later}:  {_said(answers, ('both', 'one', 'second'))}", flush=True)


if __name__ == "__main__":
    main()
