"""`bench calc` of budgets, decisions and risks against the worked cases, GTC, the GUM, and what it refuses."""

from __future__ import annotations

from math import erf, inf
from pathlib import Path
from typing import Any

import pytest
from GTC import core
from GTC.reporting import k_factor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bench_process.calc_support import calc, refusal
from tests.unit.worked_cases import items

Case = dict[str, Any]


def written(folder: Path, parts: list[tuple[float, float]]) -> Path:
    path = folder / "budget.csv"
    lines = [
        f'"row {i}, of some",{u!r},{"" if dof == inf else repr(dof)}' for i, (u, dof) in enumerate(parts)
    ]
    path.write_text("\n".join(["name,u,dof", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("given_", "expected"), items("C18"))
def test_budgets_agree_with_the_worked_cases(tmp_path: Path, given_: Case, expected: Case) -> None:
    path = written(tmp_path, [(c["u"], c["nu"] or inf) for c in given_["components"]])
    found = {name: float(figure) for name, figure in calc("budget", path).items()}
    assert found["u"] == pytest.approx(expected["uc"], rel=2e-6)
    assert found["dof"] == pytest.approx(expected["nu_eff"], rel=1e-4)
    assert found["k"] == pytest.approx(expected.get("k_95p45", expected.get("k_95p45_at_nu4")), abs=5e-5)
    assert found["U"] == pytest.approx(expected.get("U_k95p45", expected.get("U")), abs=5e-6)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(1e-6, 10.0), st.one_of(st.just(inf), st.floats(1.0, 1e5))),
        min_size=1,
        max_size=10,
    )
)
def test_random_budgets_agree_with_gtc_to_1e_9(tmp_path: Path, parts: list[tuple[float, float]]) -> None:
    found = calc("budget", written(tmp_path, parts))
    independent = sum((core.ureal(0.0, u, dof) for u, dof in parts), start=core.ureal(0.0, 1e-30))
    assert float(found["u"]) == pytest.approx(core.uncertainty(independent), rel=1e-9)
    assert float(found["dof"]) == pytest.approx(core.dof(independent), rel=1e-9)
    k = k_factor(core.dof(independent), 95.45)
    assert float(found["k"]) == pytest.approx(k, rel=1e-9)
    assert float(found["U"]) == pytest.approx(k * core.uncertainty(independent), rel=1e-9)


def test_the_budget_of_gum_h1_is_reproduced(tmp_path: Path) -> None:
    """JCGM 100:2008, table H.1, in nm: u_c = 32, nu_eff = 16."""
    found = calc("budget", written(tmp_path, [(25.0, 18.0), (9.7, 25.6), (2.9, 50.0), (16.6, 2.0)]))
    assert float(found["u"]) == pytest.approx(32.0, abs=0.5)
    assert int(float(found["dof"])) == 16


def test_a_budget_may_come_from_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "budget.csv"
    path.write_bytes("\ufeffdof, name, u, remark\r\n, 标准表, 0.03, x\r\n9, runs, 0.04,\r\n".encode())
    found = calc("budget", path)
    assert float(found["u"]) == pytest.approx(0.05)
    assert float(found["dof"]) == pytest.approx(9 * (5 / 4) ** 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column name, u, dof"),
        ("name,u\na,1\n", "no column dof"),
        ("name,u,dof\n", "the budget has no rows"),
        ("name,u,dof\na,x,\n", "line 2: u = 'x'"),
        ("name,u,dof\na,0.1,\nb,-0.1,\n", "line 3: u = -0.1"),
        ("name,u,dof\na,nan,\n", "line 2: u = nan"),
        ("name,u,dof\na,inf,\n", "line 2: u = inf"),
        ("name,u,dof\na,0.1,0\n", "line 2: dof = 0"),
        ("name,u,dof\na,0.1,nan\n", "line 2: dof = nan"),
        ("name,u,dof\na\n", "line 2: u = ''"),
        ("name,u,dof\na,0.1,1e-320\n", "dof = 1e-320; degrees of freedom are 1 or more"),
        ("name,u,dof\na,0.1,0.99\n", "line 2: dof = 0.99"),
        ("name,u,u,dof\na,0.1,0.2,\n", "a column is there twice"),
        ("name,u,dof\na,0,1,\n", "line 2: more fields"),
    ],
)
def test_a_budget_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "budget.csv"
    path.write_text(text, encoding="utf-8")
    assert said in refusal("budget", path)


def test_a_budget_may_have_semicolons(tmp_path: Path) -> None:
    path = tmp_path / "budget.csv"
    path.write_text('name;u;dof\n"a;b";0.03;\nc, d;0.04;9\n', encoding="utf-8")
    assert float(calc("budget", path)["u"]) == pytest.approx(0.05)


def test_a_budget_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal("budget", tmp_path / "none.csv")


def decide(error: object, u: object, limit: object, rule: str, *more: object) -> Case:
    return calc(
        "decide", "--error", error, "--standard-uncertainty", u, "--limit", limit, "--rule", rule, *more
    )


@pytest.mark.parametrize(("given_", "expected"), items("C19"))
def test_decisions_agree_with_the_worked_cases(given_: Case, expected: Case) -> None:
    figures = (given_["y"], given_["u"], given_["limit"])
    four_way = decide(*figures, "four-way")
    assert four_way["decision"] == expected["nonbinary_w_eq_U"].lower()
    assert float(four_way["probability_of_conformity"]) == pytest.approx(expected["pc"], abs=5e-6)
    assert float(four_way["acceptance_limit"]) == pytest.approx(expected["AL_w_eq_U"])
    assert float(decide(*figures, "guarded")["acceptance_limit"]) == pytest.approx(expected["AL_w_eq_U"])
    simple = decide(*figures, "simple")
    assert (simple["decision"], simple["acceptance_limit"]) == (expected["simple"], "1")


@pytest.mark.parametrize(
    ("error", "simple", "guarded", "four_way"),
    [
        ("0.90", "pass", "pass", "pass"),
        ("-0.95", "pass", "fail", "conditional pass"),
        ("1.00", "pass", "fail", "conditional pass"),
        ("-1.05", "fail", "fail", "conditional fail"),
        ("1.10", "fail", "fail", "conditional fail"),
        ("-1.11", "fail", "fail", "fail"),
    ],
)
def test_each_rule_draws_its_own_line(error: str, simple: str, guarded: str, four_way: str) -> None:
    found = [decide(error, "0.05", "1", rule)["decision"] for rule in ("simple", "guarded", "four-way")]
    assert found == [simple, guarded, four_way]


def test_the_regulation_rule_judges_the_rounded_error() -> None:
    assert decide("1.05", "0.05", "1.0", "regulation", "--step", "0.1")["decision"] == "pass"
    assert decide("1.0500001", "0.05", "1.0", "regulation", "--step", "0.1")["decision"] == "fail"
    assert "give the rounding step with --step" in refusal(
        "decide", "--error", 1, "--standard-uncertainty", 0.05, "--limit", 1, "--rule", "regulation"
    )


def test_a_guard_band_that_swallows_the_limit_shows_it() -> None:
    found = decide("0", "0.6", "1", "guarded")
    assert (found["decision"], found["acceptance_limit"]) == ("fail", "-0.2")
    assert "1.200" in found["remark"]
    assert decide("0", "0.1", "1", "guarded")["remark"] is None
    assert float(found["probability_of_conformity"]) == pytest.approx(erf(1 / 0.6 / 2**0.5))


def test_risks_fall_and_rise_with_the_acceptance_limit() -> None:
    spread = (
        "risk", "--prior-mean", "-0.1", "--prior-sd", 0.5, "--standard-uncertainty", 0.1, "--limit", 1,
    )  # fmt: skip
    simple = calc(*spread, "--acceptance-limit", 1)
    guarded = calc(*spread, "--acceptance-limit", 0.8)
    assert float(guarded["consumer_risk"]) < float(simple["consumer_risk"])
    assert float(guarded["producer_risk"]) > float(simple["producer_risk"])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "decide --error nan --standard-uncertainty 1 --limit 1 --rule simple",
            "--error: 'nan' is no number",
        ),
        ("decide --error 1 --standard-uncertainty 0 --limit 1 --rule simple", "must be above 0"),
        ("decide --error 1 --standard-uncertainty 1 --limit -1 --rule simple", "must be above 0"),
        (
            "risk --prior-mean 0 --prior-sd 0 --standard-uncertainty 1 --limit 1 --acceptance-limit 1",
            "--prior-sd: 0 must be above 0",
        ),
    ],
)
def test_nonsense_is_refused_in_one_line(line: str, said: str) -> None:
    assert said in refusal(*line.split())
