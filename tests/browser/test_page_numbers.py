"""The verifier page computes what the records say, from the bytes of the raw files, by arithmetic of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from bench.sim.faults import Fault
from tests.benchmarks import faults
from tests.browser.page_numbers import RecordedRun, evaluated, numbers_page, recomputed
from tests.browser.simulated_windows import of_ensemble, with_fault, with_reference_pulses
from tests.unit.worked_cases import items

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(scope="module")
def numbers(browser: Browser) -> Iterator[Page]:
    with numbers_page(browser) as page:
        yield page


@pytest.mark.parametrize("name", sorted(path.name for path in GOLDEN.glob("run-*")))
def test_a_golden_run_is_recomputed_to_the_last_digit_of_its_records(numbers: Page, name: str) -> None:
    run = RecordedRun.of(GOLDEN / name)

    assert recomputed(numbers, run) == run.results


@pytest.mark.parametrize(
    ("module", "before", "after"),
    [
        ("estimators", "1 / 60", "1 / 40"),
        ("estimators", "METER_LAG_U_S), energy_Wh)", "0.5), energy_Wh)"),
        ("gates", "SLOPES = 65", "SLOPES = 64"),
        ("budget", "0.9545", "0.95"),
        ("pulse_energy", "20e-6", "25e-6"),
        ("raw", "at + 8, true", "at + 12, true"),
        ("profile", "Number(n / common)", "Number(n)"),
        ("edge_screening", "step - 1", "step"),
    ],
)
def test_a_constant_that_is_wrong_shows_in_a_golden_run(
    browser: Browser, module: str, before: str, after: str
) -> None:
    run = RecordedRun.of(GOLDEN / "run-2")

    with numbers_page(browser, {module: (before, after)}) as page:
        assert recomputed(page, run) != run.results


# JCGM 100:2008 (GUM), table G.2: degrees of freedom -> t at 95 %, 95.45 %, 99 %, 99.73 %.
GUM_G2 = {
    1: (12.71, 13.97, 63.66, 235.80),
    2: (4.30, 4.53, 9.92, 19.21),
    4: (2.78, 2.87, 4.60, 6.62),
    10: (2.23, 2.28, 3.17, 3.96),
    20: (2.09, 2.13, 2.85, 3.42),
    50: (2.01, 2.05, 2.68, 3.16),
    100: (1.984, 2.025, 2.626, 3.077),
    1e6: (1.960, 2.000, 2.576, 3.000),
}


@pytest.mark.parametrize("degrees_of_freedom", GUM_G2)
def test_coverage_factors_are_those_of_the_gum_table(numbers: Page, degrees_of_freedom: float) -> None:
    probabilities = (0.95, 0.954499736, 0.99, 0.997300204)
    found = numbers.evaluate(
        "([dof, wanted]) => wanted.map((p) => globalThis.numbers.coverageFactor(dof, p))",
        [degrees_of_freedom, probabilities],
    )

    digits = 3 if degrees_of_freedom >= 100 else 2
    assert found == [pytest.approx(t, abs=0.51 * 10.0**-digits) for t in GUM_G2[degrees_of_freedom]]


def test_an_incomplete_beta_function_has_its_closed_forms(numbers: Page) -> None:
    """I_x(a, 1) = x^a; I_x(1/2, 1/2) = 2/pi asin(sqrt x) (DLMF 8.17)."""
    found = numbers.evaluate(
        """() => [
          [3.5, 1, 0.3], [3.5, 1, 0.9], [0.5, 0.5, 0.25], [0.5, 0.5, 0.75], [2, 5, 0], [2, 5, 1],
        ].map((at) => globalThis.numbers.incompleteBeta(...at))"""
    )

    assert found == pytest.approx([0.3**3.5, 0.9**3.5, 1.0 / 3.0, 2.0 / 3.0, 0.0, 1.0], rel=1e-12)


def test_budgets_combine_as_in_the_worked_cases(numbers: Page) -> None:
    for inputs, expected in items("C18"):
        found = numbers.evaluate(
            """(rows) => {
              const made = rows.map(({ name, u, nu }) => ({
                ...globalThis.numbers.budgetRow(name, u), degrees_of_freedom: nu === null ? Infinity : nu,
              }));
              return globalThis.numbers.combineRows(made);
            }""",
            inputs["components"],
        )
        U_pct = expected["U_k95p45"] if "U_k95p45" in expected else expected["U"]
        assert found["u"] == pytest.approx(expected["uc"], rel=1e-5)
        assert found["dof"] == pytest.approx(expected["nu_eff"], rel=1e-4)
        assert found["U"] == pytest.approx(U_pct, rel=1e-4)


def test_lines_between_bounds_fill_a_known_polygon(numbers: Page) -> None:
    """Two gates of width 2 at x = 0 and 1: the admissible slopes have a triangular density from -2 to 2, whose standard
    deviation is 2/sqrt(6); 65 slopes know that to a part in 500."""
    found = numbers.evaluate("() => globalThis.numbers.linesBetween([0, 1], [-1, 9], [1, 11])")

    assert found["slope"] == pytest.approx(10.0, abs=1e-9)
    assert found["intercept"] == pytest.approx(0.0, abs=1e-9)
    assert found["u"] == pytest.approx(2.0 / 6**0.5, rel=2e-3)


def test_no_line_passes_gates_that_contradict_each_other(numbers: Page) -> None:
    assert numbers.evaluate("() => globalThis.numbers.linesBetween([0, 1, 2], [0, 5, 0], [1, 6, 1])") is None


def test_the_narrowest_strip_lies_along_an_edge_of_the_points(numbers: Page) -> None:
    """Along y = x/2 with one point a whole unit above, and steeper than a strip may be."""
    found = numbers.evaluate(
        """() => [
          globalThis.numbers.narrowestStrip([0, 2, 4, 6, 3], [0, 1, 2, 3, 2.5]),
          globalThis.numbers.narrowestStrip([0, 1], [0, 3]),
          globalThis.numbers.stripWithoutHighest([0, 2, 4, 6, 3], [0, 1, 2, 3, 2.5]),
        ]"""
    )

    assert found == [pytest.approx(1.0), pytest.approx(2.0), {"width": pytest.approx(0.0), "highest": 4}]


@pytest.mark.parametrize(("reading_Wh", "step_Wh"), [(1e6, 0.0625), (1e7, 1.0), (1e8, 8.0)])
def test_a_float32_register_in_kWh_grows_coarser(numbers: Page, reading_Wh: float, step_Wh: float) -> None:
    """docs/metrology.md, "A float32 register": 0.06 Wh at 1 MWh, 1 Wh at 10 MWh, 8 Wh at 100 MWh."""
    card = {"energy_step_Wh": 0, "energy_is_float32": True, "energy_register_unit_Wh": 1000}
    found = numbers.evaluate(
        "([card, reading]) => globalThis.numbers.energyStepAt(card, reading)", [card, reading_Wh]
    )

    # Between 8192 and 16384 units neighbours are 2^-10 apart, so 0.98 Wh.
    assert found == pytest.approx(step_Wh, rel=0.03)


@pytest.mark.parametrize("name", ["fused", "guessed"])
def test_a_version_of_the_arithmetic_that_the_page_has_not_is_named_and_not_recomputed(
    numbers: Page, name: str
) -> None:
    run = RecordedRun.of(GOLDEN / "run-2")
    run.records[0]["computation"]["estimators"][name] = 99

    refused: list[dict[str, Any]] = [result["1"] for result in recomputed(numbers, run)]
    assert {result["percentage_error_pct"] for result in refused} == {None}
    assert refused[0]["findings"][0] == {"reason": "unknown_version", "values": {"versions": f"{name} 99"}}

    whole = numbers.evaluate(
        """async (records) => {
          const { recomputeRuns } = await import("/course/recompute.js");
          const all = records.map((fields) => ({ number: fields.number, run: fields.run, kind: fields.kind, fields }));
          return recomputeRuns({ manifest: { runs: [all[0].run] }, records: all, files: new Map() });
        }""",
        run.records,
    )
    values = {"run": run.records[0]["run"], "versions": f"{name} 99"}
    assert whole["findings"] == [{"key": "arithmetic_unknown", "values": values}]
    assert (whole["results"], whole["differences"]) == (0, [])


@pytest.mark.parametrize("fault", faults.RIGHT)
def test_the_page_finds_every_fault_of_the_input_side_with_the_same_figures(
    numbers: Page, fault: Fault
) -> None:
    window = with_fault(fault, seed=1)

    assert window.reasons
    assert evaluated(numbers, window.given) == window.recorded


@pytest.mark.parametrize("seed", range(12))
def test_windows_of_all_kinds_have_the_same_figures(numbers: Page, seed: int) -> None:
    window = of_ensemble(seed)

    assert evaluated(numbers, window.given) == window.recorded


def test_a_float32_register_has_the_same_figures(numbers: Page) -> None:
    window = of_ensemble(3, energy_is_float32=True, energy_register_unit_Wh=1000.0)

    assert evaluated(numbers, window.given) == window.recorded


@pytest.mark.parametrize("seed", [1, 5])
def test_pulses_of_the_reference_have_the_same_figures(numbers: Page, seed: int) -> None:
    window = with_reference_pulses(seed)

    assert window.recorded["estimator"] == "reference_pulses"
    assert evaluated(numbers, window.given) == window.recorded


PROFILE = """
[profile]
maker = "-"
model = "-"
source = "-"
max_gap_registers = 0
invalid_integers = ["all_ones", "largest_signed"]

[registers.energy_import]
address = 0
type = "u32"
unit = "kWh"
scale = "0.01"
word_order = "little"

[registers.active_power]
address = 2
type = "f32"
unit = "kW"

[registers.frequency]
address = 4
type = "i16"
unit = "Hz"
"""
POLLS = {
    # 0x00010002 hundredths of a kWh, low word first; 1.5 kW; a frequency that is none is no fault.
    "0002" "0001" "3fc00000" "7fff": ("energy", 655_380.0, 1500.0),
    "ffff" "ffff" "3fc00000" "0032": ("fault", "reference_not_a_number", "energy_Wh"),
    "0002" "0001" "7fc00000" "0032": ("fault", "reference_not_a_number", "power_W"),
    "0002" "0001" "ff800000" "0032": ("fault", "reference_over_range", "power_W"),
}  # fmt: skip


@pytest.mark.parametrize("data", POLLS)
def test_a_reply_is_decoded_as_its_profile_says(numbers: Page, data: str) -> None:
    found = _decoded(numbers, [[10, 20, 3, 0, data]], {"text": PROFILE, "energy": "import"})

    kind, one, other = POLLS[data]
    if kind == "energy":
        assert (found["energy"], found["power"], found["faults"]) == ([one], [other], [])
    else:
        finding = {"reason": one, "values": {"field": other}}
        assert (found["energy"], found["power"]) == ([], [])
        assert found["faults"] == [{"at_ns": 20, "finding": finding}]


def test_ratios_of_transformers_and_the_sign_of_exported_power_are_in_the_values(numbers: Page) -> None:
    recorded = {
        "text": PROFILE.replace("energy_import", "energy_export"),
        "energy": "export",
        "export_is_negative": True,
        "ct_ratio": "40.0",
        "vt_ratio": "2.5",
    }
    found = _decoded(numbers, [[10, 20, 3, 0, "00020001bfc000000032"]], recorded)

    assert (found["energy"], found["power"]) == ([65_538_000.0], [150_000.0])


@pytest.mark.parametrize(("address", "data"), [(1, "000200013fc000000032"), (0, "0002"), (0, "zz" * 10)])
def test_a_reply_that_is_none_of_the_profile_s_is_refused(numbers: Page, address: int, data: str) -> None:
    assert _decoded(numbers, [[10, 20, 3, address, data]], {"text": PROFILE}) is None


def _decoded(numbers: Page, replies: list[list[Any]], profile: dict[str, Any]) -> Any:
    """Energies (Wh), powers (W) and faults of one poll; None where it is refused."""
    line = json.dumps({"fault": None, "replies": replies}) + "\n"
    return numbers.evaluate(
        """([line, profile]) => {
          try {
            const found = globalThis.numbers.decodeSamples(new TextEncoder().encode(line), profile);
            return { energy: [...found.energy.value], power: [...found.power.value], faults: found.faults };
          } catch (error) {
            if (error instanceof RangeError) return null;
            throw error;
          }
        }""",
        [line, profile],
    )
