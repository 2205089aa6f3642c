"""Fifty simulated runs, exported as a customer gets them: the page agrees with the program on every figure."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bench.app import open_bench
from bench.configuration.config import parse_config
from bench.evidence.bundle import Signers, bundle_of
from bench.evidence.page_builder import verifier_page
from bench.keys.log_key import all_log_publics, open_log_key
from bench.plans.plan import parse_plan
from bench.records.journal_reading import JournalReader
from calibration.quantities import Outcome
from tests.bench_process.support import BENCH, leisurely

pytestmark = pytest.mark.browser

RUNS, GROUPS = 50, 5
POINTS = (
    "Imax 1.0",
    "Imax 0.5L",
    "0.5Imax 1.0",
    "Ib 1.0",
    "Ib 0.5L",
    "0.2Ib 0.5L",
    "0.1Ib 1.0",
    "0.05Ib 1.0",
)
RULES = ("simple", "guarded", "four-way", "regulation")
FAULTS = (
    "lost_edge@6",
    "missing_pulse@8",
    "doubled_pulse@9",
    "early_pulse@7",
    "queue_overflow@6",
    "unplugged_line@5+8",
    "reference_silent@6+3",
    "reference_stalled@6+4",
    "reference_late@7",
    "energy_reset@8",
    "energy_jump@6",
    "range_change@5+2",
)
ITEMS = (
    ("warm_up", "no_load", "basic_error"),
    ("starting", "basic_error"),
    ("meter_constant", "basic_error"),
    ("basic_error", "repeatability"),
    ("basic_error", "power_time"),
    ("clock", "visual", "tariff_sum", "basic_error"),
)
"""Every fifth run has more than errors."""

CARDS = (
    "",
    "drift_pct = 0.01\nstability_pct = 0.005\nindication_error_pct = 0.03\n",
    'reference_pulse_constant_imp_per_Wh = 20.0\n\n[reference.pulses]\ndriver = "sim"\n',
    "".join(
        f"\n[[reference.card.corrections]]\ncurrent_A = {current}\npower_factor = {factor}\n{side}"
        f"indication_error_pct = {error}\nU_pct = {U}\n"
        for current, factor, side, error, U in (
            (0.1, 1.0, "", 0.02, 0.03),
            (100.0, 1.0, "", -0.01, 0.02),
            (0.1, 0.5, 'phase_side = "L"\n', 0.04, 0.05),
            (100.0, 0.5, 'phase_side = "L"\n', -0.03, 0.04),
        )
    ),
)
"""What else the card of the reference standard says: nothing, influences, pulses of its own, a table of corrections."""

PLAN = """
tests = [{tests}]
decision_rule = "{rule}"
load_points = [{points}]
repeats = {repeats}
early_stop = {early}
repeats_of_invalid = {again}
minimum_time_s = {seconds}
minimum_pulses = 3
longest_time_s = 400.0
warm_up_s = 10.0
clock_warm_up_s = 10.0

[[meter]]
position = "1"
serial = "M-{number}"
accuracy_class = "{accuracy}"
meter_constant_imp_per_kWh = {constant}
nominal_voltage_V = 220.0
basic_current_A = 5.0
maximum_current_A = {maximum}
register_decimals = 4
"""


@dataclass(frozen=True)
class Setup:
    """One of the fifty, drawn by its number: the same on every machine."""

    number: int

    def draw(self) -> tuple[str, str]:
        """The configuration (state_dir is left open) and the plan."""
        rng = random.Random(self.number)
        more = self.number % 5 == 0
        tests = ITEMS[self.number // 5 % len(ITEMS)] if more else ("basic_error",)
        constant = rng.choice((800.0, 1200.0, 1600.0, 3200.0))
        fault = f'faults = ["{rng.choice(FAULTS)}#{rng.randint(1, 2)}"]' if self.number % 3 == 1 else ""
        bench = (leisurely(BENCH) if more else BENCH).replace("seed = 7", f"seed = {self.number}")
        bench = bench.replace(
            "simulated_error_pct = 0.4",
            f"simulated_error_pct = {rng.uniform(-1.6, 1.6):.2f}\nsimulated_constant_imp_per_kWh = {constant}\n"
            f'meter_port = "sim"\nsimulated_register_error_pct = {rng.choice((0.0, 0.0, 0.7))}\n'
            '\n[position.clock_output]\ndriver = "sim"',
        )
        bench = bench.replace('driver = "simulated"', 'driver = "simulated"\nfrequency_U_ppm = 0.2')
        bench = bench.replace(
            "calibration_U_pct = 0.02", f"calibration_U_pct = {rng.choice((0.01, 0.02, 0.05))}"
        )
        bench = bench.replace("\n[load_source]", CARDS[self.number // 3 % len(CARDS)] + "\n[load_source]")
        bench = bench.replace("{simulation}", fault) + '[desk]\ndriver = "sim"\n'
        is_early = not more and self.number % 7 == 3
        plan = PLAN.format(
            early=str(is_early).lower(),
            number=self.number,
            tests=", ".join(f'"{test}"' for test in tests),
            rule="simple" if is_early else rng.choice(RULES),
            points=", ".join(f'"{point}"' for point in rng.sample(POINTS, 1 if more else rng.randint(1, 3))),
            repeats=1 if is_early else rng.randint(1, 3),
            again=rng.randint(0, 1),
            seconds=rng.choice((10.0, 15.0, 20.0)),
            accuracy=rng.choice(("1", "2")),
            constant=constant,
            maximum=rng.choice((20.0, 40.0, 60.0)),
        )
        return bench, plan

    def bundle(self, state_dir: Path) -> tuple[Outcome, bytes]:
        """The verdict of the run, and its bundle."""
        bench, plan = self.draw()
        config = parse_config(bench.format(state_dir=state_dir), "bench.toml")
        with open_bench(config, lambda line: None) as process:
            summary = process.run(parse_plan(plan, ["1"]))
        journal = JournalReader(state_dir)
        by = Signers(open_log_key(state_dir), all_log_publics(state_dir))
        archive = bundle_of(journal, summary.run_id, by, {}, verifier_page())
        journal.close()
        return summary.verdict, archive


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    path = tmp_path_factory.mktemp("page") / "verify.html"
    path.write_bytes(verifier_page())
    context = browser.new_context(offline=True, locale="en-GB")
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(path.as_uri())
    yield page
    context.close()
    assert problems == []


FOUND = """async (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    const bundle = await archive_integrity.checkBundle(bytes, async () => {});
    const { results, ties, differences, findings, failure } = await ui_figures.computeFigures(bundle, async () => {});
    return { problems: bundle.steps.flatMap((step) => step.problems.map(({ key, values }) => [key, values])),
        results, ties, differences, findings, failure };
}"""


@pytest.mark.parametrize("group", range(GROUPS))
def test_fifty_runs_agree_to_the_last_digit(page: Page, tmp_path: Path, group: int) -> None:
    verdicts: dict[str, int] = {}
    results = ties = 0
    wrong = {}
    for number in range(group, RUNS, GROUPS):
        verdict, archive = Setup(number).bundle(tmp_path / str(number))
        verdicts[verdict.value] = verdicts.get(verdict.value, 0) + 1
        found = page.evaluate(FOUND, base64.b64encode(archive).decode())
        results, ties = results + found["results"], ties + found["ties"]
        said = {key: found[key] for key in ("problems", "differences", "findings", "failure") if found[key]}
        if said or not found["results"]:
            wrong[number] = said
    print(f"{results} results, {ties} figures on a tie, verdicts {verdicts}")
    assert wrong == {}
    assert results > 2 * RUNS / GROUPS
    assert len(verdicts) > 1, "the runs of a group are not as varied as they should be"
