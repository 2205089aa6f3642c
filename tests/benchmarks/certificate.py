"""How long a certificate takes, from the records of a run to the finished file.

    ./dev bench certificate [--repeat N]

A simulated run is in the journal, as is its checkpoint. Timed is what follows a request: reading what the run has
found, the signed QR code, the pages with the XML attached. Each has another number and customer, so that nothing that
typst remembers of the one before it helps more than it does on a bench. The first certificate of a process reads the
font and is told apart. The seals are not in it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from bench.app import open_bench
from bench.certificate.marks import marks_of
from bench.certificate.measured import anchor, measured, nameplate
from bench.certificate.model import Customer
from bench.certificate.pdf import certificate_pdf
from bench.certificate.qr import signed_payload
from bench.commands.demo import demo_config, demo_plan
from bench.keys.log_key import all_log_publics, open_log_key
from bench.records.journal_reading import JournalReader
from tests.certificate import samples

RUN = "run-000001"


def made(state_dir: Path, number: int) -> bytes:
    """A certificate of the run, from its records."""
    journal = JournalReader(state_dir)
    try:
        found = measured(journal, RUN, "1")
        tied = anchor(journal, RUN, all_log_publics(state_dir))
        meter = nameplate(journal, RUN, "1", "maker", "")
    finally:
        journal.close()
    key = open_log_key(state_dir)
    certificate = samples.certificate(
        number=f"DN-2026-{number:05}",
        customer=Customer(f"customer {number}", "address"),
        measured=found,
        anchor=tied,
        meter=meter,
        marks=marks_of(found, keys_are_official=False),
    )
    qr = signed_payload(
        certificate.number, samples.XML, bytes.fromhex(tied.root_sha256), key.public, key.sign
    )
    return certificate_pdf(certificate, samples.XML, "certificate.xml", qr.to_text())


def timed(state_dir: Path, number: int) -> float:
    first = time.perf_counter()
    made(state_dir, number)
    return time.perf_counter() - first


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=20, help="certificates after the first one")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = demo_config(Path(folder), None, 0.0, 1)
        with open_bench(config, lambda line: None) as process:
            process.run(demo_plan(config))
        first_s = timed(Path(folder), 0)
        times_s = [timed(Path(folder), number) for number in range(1, wanted.repeat + 1)]
    print(f"first certificate of a process  {first_s * 1000:7.0f} ms")
    print(f"median of {len(times_s):3d} further ones      {statistics.median(times_s) * 1000:7.0f} ms")
    print(f"slowest of them                 {max(times_s) * 1000:7.0f} ms")


if __name__ == "__main__":
    main()
