"""The verifier page's way from results to verdicts, in a real browser: what it recomputes of whole runs, and what it
notices of records that were forged as a whole, with all their hashes anew (which is why none are looked at here)."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import stdev
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from bench.app import open_bench
from bench.configuration.config import parse_config
from bench.evidence.page_builder import verifier_page
from bench.records.journal_reading import JournalReader
from tests.bench_process.support import BENCH, leisurely, plan_of, virtual_bench
from tests.bench_process.support import PLAN as ONE_POINT
from tests.bench_process.test_unbalance import plan_for, results_of
from tests.bench_process.test_verification import verify
from tests.unit.worked_cases import items

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).parents[1] / "golden"
Records = list[dict[str, Any]]

RECOMPUTED = """async ({ records, files }) => {
    const decoded = Object.entries(files).map(([name, text]) => [name, archive_bytes.bytesOfBase64(text)]);
    const all = records.map((fields) => ({ number: fields.number, run: fields.run, kind: fields.kind, fields }));
    const manifest = { runs: [...new Set(all.map(({ run }) => run))] };
    const found = await course_recompute.recomputeRuns({ manifest, records: all, files: new Map(decoded) });
    const verdicts = found.runs.flatMap((run) => run.conclusions.map(({ conclusion }) => conclusion.verdict));
    const drawn = found.runs.flatMap((run) => run.windows.map(({ series }) => series.pulses.length));
    return { ...found, runs: null, verdicts, drawn };
}"""


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page as it is published, opened from a file without network."""
    path = tmp_path_factory.mktemp("page") / "verify.html"
    path.write_bytes(verifier_page())
    context = browser.new_context(offline=True)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(path.as_uri())
    yield page
    context.close()
    assert problems == []


class Run:
    """The records of a journal, to be changed, and its raw files."""

    def __init__(self, records: Records, files: dict[str, bytes]) -> None:
        self.records = records
        self._files = {name: base64.b64encode(content).decode() for name, content in files.items()}

    @staticmethod
    def golden(name: str) -> Run:
        folder = GOLDEN / name
        records = [json.loads(line) for line in (folder / "records.jsonl").read_bytes().splitlines()]
        raw = [path for path in folder.iterdir() if path.name != "records.jsonl"]
        return Run(records, {f"runs/run-000001/{path.name}": path.read_bytes() for path in raw})

    @staticmethod
    def of_journal(state_dir: Path) -> Run:
        journal = JournalReader(state_dir)
        records = [record.fields() for run_id in journal.run_ids() for record in journal.run(run_id)]
        journal.close()
        raw = [path for path in (state_dir / "runs").rglob("*") if path.is_file()]
        return Run(records, {path.relative_to(state_dir).as_posix(): path.read_bytes() for path in raw})

    def copied(self) -> Run:
        run = copy.copy(self)
        run.records = copy.deepcopy(self.records)
        return run

    def of_kind(self, kind: str) -> Records:
        return [fields for fields in self.records if fields["kind"] == kind]

    def without(self, fields: dict[str, Any]) -> None:
        """A record less, and the numbers of all that follow it closed up."""
        self.records.remove(fields)
        for number, each in enumerate(self.records):
            each["number"] = number

    def recomputed(self, page: Page) -> dict[str, Any]:
        found: dict[str, Any] = page.evaluate(RECOMPUTED, {"records": self.records, "files": self._files})
        return found


def places(found: dict[str, Any]) -> list[str]:
    return [difference["where"] for difference in found["differences"]]


# --- whole runs


def test_the_golden_run_is_found_again(page: Page) -> None:
    found = Run.golden("run-2").recomputed(page)
    assert found["differences"] == []
    assert (found["results"], found["findings"]) == (4, [])
    assert found["verdicts"] == ["PASS", "PASS", "INVALID"]
    assert found["ties"] <= 1
    assert found["drawn"] == [
        111,
        111,
        7,
    ]  # windows of 109, 109 and 6 intervals, and what readings do not cover
    assert [taken["key"] for taken in found["taken"]] == ["taken_load"]


def test_what_the_computer_said_of_itself_is_named_and_disturbs_nothing(page: Page) -> None:
    run = Run.golden("run-2")
    at = next(number for number, fields in enumerate(run.records) if fields["kind"] == "window")
    said = {"kind": "machine_read", "run": run.records[at]["run"], "clock": run.records[at]["clock"],
            "at_ns": 1, "temperature_C": "51.0", "is_undervolted": True}  # fmt: skip
    run.records.insert(at, said)
    for number, fields in enumerate(run.records):
        fields["number"] = number
    found = run.recomputed(page)
    assert found["verdicts"] == ["PASS", "PASS", "INVALID"]
    assert [each for each in found["differences"] if "root" not in each["where"]] == []
    assert sorted(taken["key"] for taken in found["taken"]) == ["taken_load", "taken_machine"]


def test_of_a_record_without_its_rule_set_the_windows_are_found_again(page: Page) -> None:
    found = Run.golden("run-1").recomputed(page)
    assert (found["results"], found["differences"], found["verdicts"]) == (2, [], [])
    assert [finding["key"] for finding in found["findings"]] == ["format_without_rules"]


@pytest.mark.parametrize(
    ("tests", "position", "verdict"),
    [
        (("visual", "warm_up", "no_load", "tariff_sum"), "simulated_creep_W = 5.0", "FAIL"),
        (("starting",), "simulated_starts_at_W = 20.0", "FAIL"),
        (("meter_constant",), "simulated_register_error_pct = 3.0", "FAIL"),
        (("meter_constant",), "simulated_constant_imp_per_kWh = 3200.0", "INVALID"),
        (("clock",), "simulated_clock_error_s_per_day = 0.6", "FAIL"),
    ],
)
def test_every_item_is_found_again(
    page: Page, tmp_path: Path, tests: tuple[str, ...], position: str, verdict: str
) -> None:
    verify(tmp_path, tests, position, bench=leisurely(BENCH))
    run = Run.of_journal(tmp_path)
    found = run.recomputed(page)
    assert found["differences"] == []
    assert found["results"] > 0
    assert verdict in found["verdicts"]
    assert found["verdicts"] == [fields["verdict"] for fields in run.of_kind("verdict")]


@pytest.mark.parametrize(
    ("rule", "by"),
    [
        ('decision_rule = "guarded"', "guarded"),
        ('decision_rule = "four-way"', "four-way"),
        ("early_stop = true", "sequential"),
    ],
)
def test_decision_rules_repetitions_and_power_times_time_are_found_again(
    page: Page, tmp_path: Path, rule: str, by: str
) -> None:
    items = 'tests = ["basic_error", "repeatability", "power_time"]\nrepeatability_runs = 3\n'
    with virtual_bench(tmp_path) as bench:
        bench.run(plan_of(f"{rule}\n{items}{ONE_POINT}"))
    run = Run.of_journal(tmp_path)
    found = run.recomputed(page)
    assert found["differences"] == []
    assert found["verdicts"] == ["PASS", "UNJUDGED", "UNJUDGED"]
    assert run.of_kind("verdict")[0]["decision_rule"] == by


def test_a_run_that_went_on_is_found_again_with_the_one_before_it(page: Page, tmp_path: Path) -> None:
    source = ONE_POINT.replace('["Imax 1.0"]', '["Imax 1.0", "Ib 1.0"]\nrepeats_of_invalid = 0')
    for faults, earlier in (('faults = ["lost_edge@12#2"]', None), ("", "run-000001")):
        with virtual_bench(tmp_path, faults) as bench:
            bench.run(plan_of(source), earlier)
    run = Run.of_journal(tmp_path)
    found = run.recomputed(page)
    assert (found["differences"], found["verdicts"]) == ([], ["PASS", "INVALID", "PASS"])

    (taken,) = run.of_kind("run_started")[1]["taken_over"]
    taken["outcome"] = "FAIL"
    assert "run-000002, record 12: taken_over: test point 0, position 1: outcome" in places(
        run.recomputed(page)
    )
    taken["outcome"] = "PASS"
    run.records = [fields for fields in run.records if fields["run"] == "run-000002"]
    (missing,) = run.recomputed(page)["differences"]
    assert missing["recomputed"] == {"key": "earlier_run_missing", "values": {"run": "run-000001"}}


def test_no_fail_by_pulses_stands_where_their_constant_is_in_doubt(page: Page, tmp_path: Path) -> None:
    position = "simulated_constant_imp_per_kWh = 1333.3"
    verify(tmp_path, ("basic_error", "meter_constant"), position, plan='load_points = ["Imax 1.0"]\n')
    run = Run.of_journal(tmp_path)
    found = run.recomputed(page)
    assert (found["differences"], found["verdicts"]) == ([], ["FAIL", "INVALID"])
    (end,) = run.of_kind("run_ended")
    assert end["verdict"] == "INVALID"
    end["verdict"] = end["positions"]["1"] = "FAIL"
    named = [f"run-000001, record {end['number']}: {what}" for what in ("positions: 1", "verdict")]
    assert places(run.recomputed(page)) == named


def test_what_an_instrument_spoilt_is_tried_again_and_a_mean_near_the_limit_gets_further_runs(
    page: Page, tmp_path: Path
) -> None:
    """+0.9 % of 1 %: two runs, and two more; the first attempt loses an edge."""
    plan = 'decision_rule = "regulation"\nrepeats = 2\n' + ONE_POINT
    config = BENCH.format(state_dir=tmp_path, simulation='faults = ["lost_edge@12#1"]')
    config = config.replace("simulated_error_pct = 0.4", "simulated_error_pct = 0.9")
    pooled = "[repeatability]\nsd_pct = 0.01\ndegrees_of_freedom = 30\n"
    with open_bench(parse_config(config + pooled, "bench.toml"), lambda line: None) as bench:
        bench.run(plan_of(plan))
    run = Run.of_journal(tmp_path)
    found = run.recomputed(page)
    assert (found["differences"], found["verdicts"]) == ([], ["INVALID", "PASS"])
    assert [fields["run_number"] for fields in run.of_kind("window")] == [0, 0, 1, 2, 3]
    run.without(run.of_kind("window")[4])
    (missing,) = [each for each in run.recomputed(page)["differences"] if "record" in each["where"]][:1]
    assert missing["recomputed"] == {"key": "run_missing", "values": {"number": "4", "positions": "1"}}


def test_one_phase_loaded_against_balanced_load_is_found_again(page: Page, tmp_path: Path) -> None:
    results_of(tmp_path, plan_for("Ib 1.0", "Ib 1.0 C"))
    run = Run.of_journal(tmp_path)
    found = run.recomputed(page)
    assert (found["differences"], found["verdicts"]) == ([], ["PASS", "FAIL"])
    verdict = run.of_kind("verdict")[1]
    verdict["figures"]["unbalance_pct"] = "-1.4000"
    place = f"run-000001, record {verdict['number']}, position 1: figures: unbalance_pct"
    assert places(run.recomputed(page)) == [place]


# --- forged records, all of whose hashes a forger would make anew


def pass_verdict(run: Run) -> str:
    """INVALID to PASS, and of the position and the run."""
    verdict, end = run.of_kind("verdict")[2], run.of_kind("run_ended")[0]
    verdict["verdict"] = end["verdict"] = end["positions"]["1"] = "PASS"
    return "record 16, position 1: verdict"


def change_error(run: Run) -> str:
    run.of_kind("window")[0]["results"]["1"]["percentage_error_pct"] = "0.010534"
    return "record 8, position 1: percentage_error_pct"


def change_mean(run: Run) -> str:
    run.of_kind("verdict")[1]["mean"]["mean_pct"] = "0.099084"
    return "record 11, position 1: mean: mean_pct"


def change_uncertainty(run: Run) -> str:
    run.of_kind("window")[1]["results"]["1"]["rows"][0]["half_width_pct"] = "0.001155"
    return "record 9, position 1: rows[0]: half_width_pct"


def widen_limit(run: Run) -> str:
    run.of_kind("run_started")[0]["test_points"][1]["mpe_pct"]["1"] = "2.0"
    run.of_kind("verdict")[1]["mpe_pct"] = "2.000000"
    return "record 0: test_points[1]: mpe_pct: 1"


def widen_limit_of_the_rule_set(run: Run) -> str:
    rules = run.of_kind("run_started")[0]["rule_set"]
    rules["text"] = rules["text"].replace(
        '"Imax",  power_factors = ["1.0"],   mpe_pct = { "1" = 1.0',
        '"Imax",  power_factors = ["1.0"],   mpe_pct = { "1" = 9.0',
    )
    return "record 0: rule_set: sha256"


def change_rule(run: Run) -> str:
    run.of_kind("run_started")[0]["decision_rule"] = "simple"
    return "record 0: decision_rule"


def change_rule_of_the_plan(run: Run) -> str:
    started = run.of_kind("run_started")[0]
    started["plan"] = started["plan"].replace("regulation", "simple")
    started["decision_rule"] = "simple"
    return "record 11, position 1: decision_rule"


def drop_run(run: Run) -> str:
    run.without(run.of_kind("window")[1])
    return "record 10, position 1"


def drop_windows(run: Run) -> str:
    run.without(run.of_kind("window")[2])
    return "record 15, position 1"


def drop_verdict(run: Run) -> str:
    run.without(run.of_kind("verdict")[2])
    return "test point 2 (basic_error Ib 0.5L), position 1"


def drop_test_point(run: Run) -> str:
    run.of_kind("run_started")[0]["test_points"].pop()
    for fields in run.records[12:17]:
        run.without(fields)
    return "record 0: test_points"


def add_verdict(run: Run) -> str:
    run.records.insert(-1, copy.deepcopy(run.of_kind("verdict")[1]) | {"number": 17})
    run.records[-1]["number"] = 18
    return "record 17"


def move_window(run: Run) -> str:
    run.of_kind("window")[1]["run_first_ns"] = run.of_kind("window")[0]["run_first_ns"]
    return "record 9, position 1: window: first_ns"


def call_it_official(run: Run) -> str:
    run.of_kind("run_started")[0]["station"]["kind"] = "official"
    return "record 0: station: kind"


def better_reference(run: Run) -> str:
    run.of_kind("run_started")[0]["reference_card"]["calibration_U_pct"] = "0.002"
    return "record 0: reference_card: calibration_U_pct"


FORGERIES = [
    pass_verdict, change_error, change_mean, change_uncertainty, widen_limit, widen_limit_of_the_rule_set, change_rule,
    change_rule_of_the_plan, drop_run, drop_windows, drop_verdict, drop_test_point, add_verdict, move_window,
    call_it_official, better_reference,
]  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_what_was_forged_is_named(page: Page, forge: Callable[[Run], str]) -> None:
    run = Run.golden("run-2").copied()
    named = forge(run)
    assert f"run-000001, {named}" in places(run.recomputed(page))


def test_a_window_that_is_called_one_of_another_load_is_named(page: Page) -> None:
    run = Run.golden("run-2")
    text = (
        json.dumps(run.records)
        .replace("Imax 1.0", "0.5Imax 1.0")
        .replace('"current_A": "60.0"', '"current_A": "30.0"')
    )
    run.records = json.loads(text)
    found = run.recomputed(page)["differences"]
    assert [(each["where"], each["recomputed"]["key"]) for each in found] == [
        (f"run-000001, record {number}: load_point", "power_of_another_load") for number in (8, 9)
    ]
    assert found[0]["recomputed"]["values"]["wanted"] == "6600.0"
    assert float(found[0]["recomputed"]["values"]["read"]) == pytest.approx(13_200.0, rel=2e-3)


def test_a_look_that_had_decided_already_is_named(page: Page, tmp_path: Path) -> None:
    """Whoever counts on until it pleases chooses a later look than the one that counts."""
    with virtual_bench(tmp_path) as bench:
        bench.run(plan_of("early_stop = true\n" + ONE_POINT.replace("20.0", "10.0")))
    run = Run.of_journal(tmp_path)
    assert run.recomputed(page)["differences"] == []
    (window,) = run.of_kind("window")
    assert window["decided_at_ns"]["1"] == window["run_first_ns"] + 10_000_000_000
    window["decided_at_ns"]["1"] = window["run_last_ns"] = window["run_first_ns"] + 20_000_000_000
    named = [each["recomputed"] for each in run.recomputed(page)["differences"] if each["recomputed"] != "—"]
    assert {"key": "look_decided", "values": {"seconds": "10", "outcome": "PASS"}} in named


def test_a_fail_that_was_made_a_pass_is_named(page: Page, tmp_path: Path) -> None:
    verify(tmp_path, ("no_load",), "simulated_creep_W = 5.0", bench=leisurely(BENCH))
    run = Run.of_journal(tmp_path)
    (verdict,), (end,) = run.of_kind("verdict"), run.of_kind("run_ended")
    end["verdict"] = end["positions"]["1"] = verdict["verdict"] = "PASS"
    verdict["findings"] = []
    verdict["figures"]["pulses"] = "1"
    named = places(run.recomputed(page))
    assert any(place.endswith("position 1: verdict") for place in named)
    assert any(place.endswith("position 1: figures: pulses") for place in named)


def test_a_watch_that_was_cut_short_is_named(page: Page, tmp_path: Path) -> None:
    """Silence for a second proves nothing; the records of a good meter's no-load test, as if nobody had waited."""
    verify(tmp_path, ("no_load",), bench=leisurely(BENCH))
    run = Run.of_journal(tmp_path)
    watch = next(fields for fields in run.of_kind("pulses_watched") if fields["step"]["stage"] == "test")
    watch["last_ns"] = watch["first_ns"] + 1_000_000_000
    watch["results"]["1"] |= {"watched_s": "1.0", "pulses_s": []}
    (verdict,) = run.of_kind("verdict")
    verdict["figures"] |= {"watched_s": "1.0", "pulses": "0"}
    (found,) = run.recomputed(page)["differences"]
    assert found["where"].endswith(f"record {watch['number']}, position 1: watched_s")
    assert found["recomputed"]["key"] == "watch_too_short"


# --- arithmetic


def test_halves_are_rounded_to_even_in_exact_decimals(page: Page) -> None:
    """0.15/0.1 is 1.4999999999999998 and 1.15/0.1 is 11.499999999999998 in binary."""
    cases = [
        ("0.15", "0.1", "0.2", "+0.2"),
        ("0.25", "0.1", "0.2", "+0.2"),
        ("1.15", "0.1", "1.2", "+1.2"),
        ("-1.05", "0.1", "-1.0", "-1.0"),
        ("-0.04", "0.1", "-0.0", "-0.0"),
        ("0.05", "0.1", "0.0", "0.0"),
        ("0.1000000000000000000000000001", "0.2", "0.2", "+0.2"),
        ("-0.025", "0.05", "-0.00", "-0.00"),
        ("3e-3", "0.004", "0.004", "+0.004"),
    ]
    worked = [
        (given["value"], given["step"], expected["rounded"])
        for c in ("C01", "C03", "C05")
        for given, expected in items(c)
    ]
    rounded = page.evaluate(
        """(cases) => cases.map(([value, step]) => {
            const { text, signed } = course_fractions.roundedToStep(course_fractions.fractionOf(value), step);
            return [text, signed];
        })""",
        [*([value, step] for value, step, _, _ in cases), *([value, step] for value, step, _ in worked)],
    )
    assert rounded[: len(cases)] == [[text, signed] for _, _, text, signed in cases]
    assert [signed for _, signed in rounded[len(cases) :]] == [signed for _, _, signed in worked]


def test_figures_print_as_they_are_rounded_from_what_they_are(page: Page) -> None:
    """2.5 and 0.125 lie on a tie, 1.005 below one: it is 1.00499999999999989..."""
    printed = page.evaluate(
        """() => {
            const { fixedText, recordedText, generalText, signedFixedText } = course_fractions;
            return [
                fixedText(2.5, 0), fixedText(0.125, 2), fixedText(1.005, 2), recordedText(-1e-9),
                signedFixedText(-1e-9, 4), generalText(12345.678, 4), generalText(Infinity, 4),
                generalText(1e-5, 6), generalText(220, 6),
            ];
        }"""
    )
    assert printed == ["2", "0.12", "1.00", "0.000000", "-0.0000", "1.235e+04", "inf", "1e-05", "220"]


DECIDED = """(cases) => cases.map(([value, u, U, limit, rule, step]) => {
    const decided = course_decisions.decide(value, u, U, course_fractions.fractionOf(limit), rule, step);
    return [decided.outcome, decided.conditional, decided.isTooWide];
})"""


def test_limits_pass_themselves_and_each_rule_decides_as_it_says(page: Page) -> None:
    cases: list[tuple[list[Any], list[Any]]] = [
        ([1.0, 0.1, 0.2, "1.0", "simple", None], ["PASS", False, False]),
        ([1.0000001, 0.1, 0.2, "1.0", "simple", None], ["FAIL", False, False]),
        ([0.8, 0.1, 0.2, "1.0", "guarded", None], ["PASS", False, False]),  # 1 - 0.2 is 0.8 in decimals
        ([0.8000001, 0.1, 0.2, "1.0", "guarded", None], ["FAIL", False, False]),
        ([0.0, 0.5, 1.0, "1.0", "guarded", None], ["PASS", False, True]),
        ([0.8, 0.1, 0.2, "1.0", "four-way", None], ["PASS", False, False]),
        ([-0.9, 0.1, 0.2, "1.0", "four-way", None], ["PASS", True, False]),
        ([1.2, 0.1, 0.2, "1.0", "four-way", None], ["FAIL", True, False]),
        ([1.21, 0.1, 0.2, "1.0", "four-way", None], ["FAIL", False, False]),
        ([1.05, 0.1, 0.2, "1.0", "regulation", "0.1"], ["PASS", False, False]),
        ([1.0500001, 0.1, 0.2, "1.0", "regulation", "0.1"], ["FAIL", False, False]),
        ([1.15, 0.1, 0.2, "1.1", "regulation", "0.1"], ["FAIL", False, False]),  # the half goes up to 1.2
        ([2.5, 0.1, 0.2, "2.5", "regulation", "0.2"], ["PASS", False, False]),
        ([2.5000001, 0.1, 0.2, "2.5", "regulation", "0.2"], ["FAIL", False, False]),
    ]
    for given, expected in items("C06"):
        verdict = expected["verdict"].upper()
        cases.append(
            (
                [float(given["mean"]), 0.1, 0.2, given["limit"], "regulation", given["step"]],
                [verdict, False, False],
            )
        )
    for given, expected in items("C19"):
        limit = repr(given["limit"])
        cases.append(
            (
                [given["y"], given["u"], 2 * given["u"], limit, "simple", None],
                [expected["simple"].upper(), False, False],
            )
        )
        stated = expected["nonbinary_w_eq_U"]
        four_way = ["PASS" if "Pass" in stated else "FAIL", "Conditional" in stated, False]
        cases.append(([given["y"], given["u"], 2 * given["u"], limit, "four-way", None], four_way))
    decided = page.evaluate(DECIDED, [given for given, _ in cases])
    assert list(zip([given for given, _ in cases], decided, strict=True)) == [
        (given, expected) for given, expected in cases
    ]


def test_probabilities_of_conformity_are_those_of_the_worked_cases(page: Page) -> None:
    cases = [(given["y"], given["u"], given["limit"], expected["pc"]) for given, expected in items("C19")]
    # From tables of the normal distribution, 1, 2 and 3 standard uncertainties within and 5 beyond.
    cases += [
        (1 - k * 0.1, 0.1, 1.0, p) for k, p in ((1, 0.841345), (2, 0.977250), (3, 0.998650), (-5, 2.87e-7))
    ]
    found = page.evaluate(
        "(cases) => cases.map(([y, u, limit]) => course_decisions.conformityOf(y, u, limit))",
        [[y, u, limit] for y, u, limit, _ in cases],
    )
    assert found == [pytest.approx(p, abs=6e-7) for _, _, _, p in cases]


def test_further_runs_are_asked_for_near_the_limit_as_in_the_worked_cases(page: Page) -> None:
    cases = [(given["first"], given["limit"], expected["triggered"]) for given, expected in items("C07")]
    found = page.evaluate(
        """(cases) => cases.map(([runs, limit]) => {
            const { fractionOf, meanOf, numberOf } = course_fractions;
            const rules = { remeasure: { lower: "0.8", upper: "1.2", more: 2 }, measurements: { repeats: 2 } };
            const mean = numberOf(meanOf(runs.map(fractionOf)));
            return course_decisions.wantsMoreRuns(rules, 2, mean, fractionOf(limit));
        })""",
        [[runs, limit] for runs, limit, _ in cases],
    )
    assert found == [wanted for _, _, wanted in cases]


def test_the_mean_of_several_runs_has_the_deviation_and_the_budget_of_the_worked_case(page: Page) -> None:
    ((given, expected),) = items("C17")
    mean, sd = page.evaluate(
        """(data) => {
            const runs = data.map((error) => ({ percentage_error_pct: error, rows: [] }));
            const { mean, sd } = course_runs.meanOfRuns(runs, null, null);
            return [mean, sd];
        }""",
        given["data"],
    )
    assert mean == pytest.approx(expected["mean"], abs=5e-5)
    assert sd == pytest.approx(expected["s"], abs=5e-8)


@pytest.mark.parametrize(
    ("ends", "degrees_of_freedom", "scatters"),
    [
        # s = sqrt(F) times the pooled 0.01 %; F(3, infinite) is 3.782 and F(1, 10) 10.04 at 99 % (tables).
        ([-1, -1, 1, 1], 1e6, {0.0194: False, 0.0195: True, 0.5: True}),
        ([-1, 1], 10, {0.0316: False, 0.0318: True, 0.5: True}),
    ],
)
def test_runs_are_called_scattered_beyond_the_quantile_of_f(
    page: Page, ends: list[int], degrees_of_freedom: float, scatters: dict[float, bool]
) -> None:
    of_ends = stdev(ends)
    errors = [[0.3 + end * s / of_ends for end in ends] for s in scatters]
    found = page.evaluate(
        """([errors, degrees_of_freedom]) => errors.map((each) => {
            const runs = each.map((error) => ({ percentage_error_pct: error, rows: [] }));
            return course_runs.meanOfRuns(runs, { sd_pct: 0.01, degrees_of_freedom }, null).findings.length > 0;
        })""",
        [errors, degrees_of_freedom],
    )
    assert found == list(scatters.values())
