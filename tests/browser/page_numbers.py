"""The verifier page's arithmetic in a browser: its modules as they lie in the repository, applied to a run."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route

PARTS = Path(__file__).parents[2] / "bench/evidence/page"
_ORIGIN = "http://127.0.0.1:1"
"""Nobody listens there: every request is answered out of the folder."""
_START = """
async (names) => {
  const modules = await Promise.all(names.map((name) => import(`/numbers/${name}.js`)));
  globalThis.numbers = Object.assign({}, ...modules);
}
"""
_MODULES = ["budget", "evaluate", "gates", "raw", "reference_standard", "strips"]
_RUN = """
({ files, started, windows }) => {
  const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const { decodeEdges, decodeSamples, evaluateWindow } = globalThis.numbers;
  const edges = (line) => decodeEdges(bytesOf(files[`edges-${line}.bin`]));
  const samples = decodeSamples(bytesOf(files["reference.jsonl"]), started.station.reference_profile);
  return windows.map((window) => {
    const positions = Object.keys(window.results);
    const results = evaluateWindow({
      edges: Object.fromEntries(positions.map((position) => [position, edges(position)])),
      referenceEdges: files["edges-reference.bin"] ? edges("reference") : null,
      samples,
      meters: started.meters,
      card: started.reference_card,
      loadPoint: window.load_point,
      stabilityPct: window.stability_pct,
      runNs: [window.run_first_ns, window.run_last_ns],
      clockSlewPpm: window.clock_slew_ppm,
      lineFindings: Object.fromEntries(positions.map((p) => [p, window.line_faults[p].map((fault) => fault.finding)])),
      computation: started.computation,
    });
    for (const position of positions) delete results[position].exact;
    return results;
  });
}
"""


@dataclass(frozen=True)
class RecordedRun:
    """A run without declared looks: its records, and the bytes of its raw files."""

    records: list[dict[str, Any]]
    files: dict[str, bytes]

    @staticmethod
    def of(folder: Path) -> RecordedRun:
        """A folder with records.jsonl and the raw files, as the golden runs have them."""
        lines = (folder / "records.jsonl").read_bytes().splitlines()
        raw = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "records.jsonl"}
        return RecordedRun([json.loads(line) for line in lines], raw)

    @property
    def windows(self) -> list[dict[str, Any]]:
        return [record for record in self.records if record["kind"] == "window"]

    @property
    def results(self) -> list[dict[str, Any]]:
        """Figures by position, window by window."""
        return [window["results"] for window in self.windows]


@contextmanager
def numbers_page(browser: Browser, changed: dict[str, tuple[str, str]] | None = None) -> Iterator[Page]:
    """A page that holds the functions of the modules in `numbers`.

    changed: by the name of a module what is replaced in its text, to see that it is noticed.
    """

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(_ORIGIN).lstrip("/")
        if not path:
            route.fulfill(body="<!doctype html><title>numbers</title>", content_type="text/html")
            return
        text = (PARTS / path).read_text("utf-8")
        if (change := (changed or {}).get(Path(path).stem)) is not None:
            assert text.count(change[0]) == 1, change[0]
            text = text.replace(*change)
        route.fulfill(body=text, content_type="text/javascript")

    context = browser.new_context()
    context.route(f"{_ORIGIN}/**", answer)
    page = context.new_page()
    page.goto(_ORIGIN)
    page.evaluate(_START, _MODULES)
    yield page
    context.close()


def recomputed(page: Page, run: RecordedRun) -> list[dict[str, Any]]:
    """The same as `RecordedRun.results`, from the bytes of the raw files."""
    files = {name: base64.b64encode(data).decode() for name, data in run.files.items()}
    found = page.evaluate(_RUN, {"files": files, "started": run.records[0], "windows": run.windows})
    assert isinstance(found, list)
    return found


def evaluated(page: Page, given: dict[str, Any]) -> dict[str, Any]:
    """What `evaluateWindow` makes of position 1."""
    found = page.evaluate(
        """(given) => {
          const figures = globalThis.numbers.evaluateWindow(given)["1"];
          delete figures.exact;
          return figures;
        }""",
        given,
    )
    assert isinstance(found, dict)
    return found
