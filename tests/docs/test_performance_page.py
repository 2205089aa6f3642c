"""docs/performance.md is what the program writes: its parts, their rows, what is said of them; not its figures."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.benchmarks import performance
from tests.benchmarks.performance import measure, page, where
from tests.benchmarks.performance_parts import PARTS, READERS, edge_cells
from tests.benchmarks.tables import Cells, Part, Place, times
from tests.hil.edge_cost import READERS as MEASURED_READERS
from tests.hil.edge_cost import Tally

PAGE = (Path(__file__).parents[2] / "docs" / "performance.md").read_text(encoding="utf-8")


def part(name: str, place: Place, cells: Callable[[], list[Cells]]) -> Part:
    return Part(
        name, f"Title of {name}", "Says.", f"./dev bench {name}", ("what", "ours"), ("row",), cells, place
    )


def without_figures(written: str) -> list[str]:
    """Its lines, of rows only what they are, and without the paragraph about machine and day."""
    bare = re.sub(r"(?ms)^Measured on .*?\n\n", "", written)
    return [re.sub(r"^(\| [^|]* \|).*", r"\1", line) for line in bare.splitlines()]


def test_the_page_is_what_the_program_writes_but_for_its_figures() -> None:
    empty = [(part, [["?"] * (len(part.heads) - 1)] * len(part.rows)) for part in PARTS]
    assert without_figures(PAGE) == without_figures(page(empty, where(0.0)))
    assert "?" not in re.sub(r"`[^`]*`", "", PAGE), "every figure is there"


def test_a_busy_machine_is_said() -> None:
    assert "busy" in where(1000.0)
    assert "busy" not in where(0.0)


def test_a_row_with_a_cell_too_few_is_no_table() -> None:
    table = part("n", Place.CPU_TIME, list)
    assert "| row | 1 |" in table.text([["1"]])
    with pytest.raises(ValueError, match="cells"):
        table.text([[]])
    with pytest.raises(ValueError, match="zip"):
        table.text([])


def test_every_study_that_looks_closer_is_there_and_every_part_has_a_name_of_its_own() -> None:
    closer = [re.search(r"(?:bench |-m tests\.)(\S+)", each.closer) for each in PARTS]
    for name in (found[1] for found in closer if found):
        assert find_spec(f"tests.{name}") or find_spec(f"tests.benchmarks.{name}"), name
    assert len({each.name for each in PARTS}) == len(PARTS) == len([found for found in closer if found])


def test_what_is_by_the_clock_is_measured_when_the_virtual_machine_has_ended() -> None:
    has_begun, has_ended = threading.Event(), threading.Event()

    def in_machine() -> list[Cells]:
        assert has_begun.wait(60.0), "CPU time is measured beside it"
        has_ended.set()
        return [["machine"]]

    def cpu_time() -> list[Cells]:
        has_begun.set()
        return [["cpu"]]

    def clock() -> list[Cells]:
        return [["after" if has_ended.is_set() else "beside"]]

    parts = [
        part("clock", Place.CLOCK, clock),
        part("machine", Place.VIRTUAL_MACHINE, in_machine),
        part("cpu", Place.CPU_TIME, cpu_time),
    ]
    assert [(each.name, cells) for each, cells in measure(parts)] == [
        ("clock", [["after"]]),
        ("machine", [["machine"]]),
        ("cpu", [["cpu"]]),
    ]


def test_the_whole_page_is_written_and_a_part_of_it_is_only_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = tuple(part(name, Place.CPU_TIME, lambda: [["7"]]) for name in ("one", "two"))
    monkeypatch.setattr(performance, "PARTS", parts)
    written = tmp_path / "page.md"
    performance.main(["--write", str(written)])
    assert written.read_text().strip() == capsys.readouterr().out.strip()
    assert "## Title of one" in written.read_text()
    performance.main(["--only", "two"])
    assert "## Title of one" not in capsys.readouterr().out
    with pytest.raises(SystemExit):
        performance.main(["--only", "two", "--write", str(written)])


def test_a_reader_that_is_handed_the_kernels_numbers_knows_what_is_missing() -> None:
    tally = Tally()
    tally.edges = 7
    assert tally.known_lost == 0
    tally.last_seqno = 10
    assert tally.known_lost == 3
    assert list(READERS) == list(MEASURED_READERS)


@pytest.mark.parametrize(
    ("ratio", "said"), [(0.553, "0.55 x"), (7.46, "7.5 x"), (99.6, "100 x"), (1234.5, "1,234 x")]
)
def test_a_ratio_has_two_figures(ratio: float, said: str) -> None:
    assert times(ratio) == said


def rate(per_s: float, driven: int, had: int, known: int, cost: float) -> dict[str, float]:
    return {
        "edges_per_s": per_s,
        "driven_per_s": per_s,
        "driven": driven,
        "had": had,
        "known_lost": known,
        "cpu_us_per_edge": cost,
    }


def test_a_reader_is_held_against_ours_by_cost_and_by_the_last_rate_without_a_loss() -> None:
    clean, lossy = rate(1200.0, 4000, 4000, 0, 30.0), rate(2400.0, 4000, 3990, 7, 20.0)
    ours = [rate(1200.0, 4000, 4000, 0, 10.0), rate(2400.0, 4000, 4000, 0, 5.0)]
    report = {name: [clean, lossy] for name in READERS} | {"ours": ours}
    found = dict(zip(READERS, edge_cells(json.loads(json.dumps(report))), strict=True))
    assert found["ours"] == ["10.0 µs", "1 x", "at least 2,400", "1 x", "-"]
    assert found["lgpio"] == ["30.0 µs", "3 x", "1,200", "at most 0.5 x", "10 of 4,000, 7 of them known"]


def test_what_a_guest_that_cannot_drive_so_fast_loses_is_no_limit_of_a_reader() -> None:
    ours = [rate(1200.0, 4000, 4000, 0, 10.0), rate(2400.0, 4000, 10, 0, 5.0) | {"driven_per_s": 2300.0}]
    cells = edge_cells(dict.fromkeys(READERS, ours))[0]
    assert cells[2:] == ["at least 1,200", "1 x", "the guest's processor has nothing left for a reader"]


def test_a_rate_that_was_not_driven_is_nobodys_figure() -> None:
    slower = rate(2400.0, 4000, 4000, 0, 5.0) | {"driven_per_s": 1300.0}
    ours = [rate(1200.0, 4000, 4000, 0, 10.0), slower]
    cells = edge_cells({name: list(ours) for name in READERS} | {"ours": ours})
    assert [found[2:4] for found in cells[:2]] == [["at least 1,200", "1 x"], ["at least 1,200", "-"]]


def test_a_reader_that_loses_at_the_first_rate_has_none_without_a_loss() -> None:
    at_once = rate(1200.0, 4000, 3000, 0, 30.0)
    report = {name: [at_once] for name in READERS}
    for cells in edge_cells(report):
        assert cells == ["30.0 µs", "1 x", "none that was tried", "-", "1,000 of 4,000, 0 of them known"]
