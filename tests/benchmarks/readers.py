"""What the readers of files, forms and messages make of hostile ones: a value or their own refusal, no crash, no hang.

    ./dev fuzz [--minutes M] [--inputs N] [--seed N] [--reader NAME]

Each input is random, or a valid one that was mutated: bits, insertions of what readers stumble over, deletions,
truncation, splices, lines that are doubled or gone. Rounds of N inputs a reader go on until M minutes are over, each
with a seed of its own that is printed, so that it can be repeated. The codecs of devices have a study of their own:
`./dev bench codecs`.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import random
import secrets
import time
import tracemalloc
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from bench.certificate.request import parse_request
from bench.configuration.config import parse_config
from bench.errors import OperatorError
from bench.evidence.bundle_reading import read_bundle, read_records
from bench.evidence.canonical_zip import read_archive, write_archive
from bench.evidence.remarks import UnsoundError
from bench.plans.plan import parse_plan
from bench.transparency.notes import known_keys, open_note, sign_note
from calibration.rule_files import read_rule_set, rule_set_text
from firmware_io.recording import decode_poll
from tests.bench_process.support import PLAN
from tests.certificate.requested import REQUEST
from web.casework.picture import picture_of
from web.casework.refused import Refused
from web.casework.strokes import read_strokes
from web.consumption import csv_layouts

ROOT = Path(__file__).parents[2]
LONGEST_S = 5.0
"""For one input; none of these readers takes a hundredth of it."""
_TRACED_INPUTS, _MOST_KEPT_BYTES = 40, 4_000_000
_AWKWARD = (
    b"\x00", b"\xff", b"\xed\xa0\x80", b"[" * 3000, b"{" * 3000, b"9" * 400, b"1e400", b"-0", b"nan", b"inf", b'"',
    b"'''", b"\n", b"\r", b"=", b"#", b"\\u0000", b"\\U0010ffff", b"9999-12-31", b"0001-01-01T00:00:00Z", b"../",
    b"\xe2\x80\xae", b"0x" + b"f" * 300,
)  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """read: raises nothing but what is in refuses. valid: what it understands."""

    name: str
    read: Callable[[bytes], object]
    refuses: tuple[type[Exception], ...]
    valid: tuple[bytes, ...]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _picture(kind: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), (90, 100, 110)).save(made, kind)
    return made.getvalue()


def _take_picture(data: bytes) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # as the tests run: a warning of the decoder is not to come out either
        return picture_of(data)


_LISTS = (
    "date,kWh\n2025-01-30,3.5\n2025-01-31,4.25\n2025-02-01,4\n",
    "日期;用电量（千瓦时）\n2025/1/1;3,5\n2025/1/2;4\n",
)
_RECORDS = b'{"kind":"x","n":1,"number":0,"run":"r"}\n{"kind":"y","number":1,"run":"r"}\n'
_POLLS = (
    b'{"replies":[[1,2,3,19000,"43680000"]],"fault":null}',
    b'{"replies":[],"fault":{"at_ns":5,"reason":"reference_stalled","values":{}}}',
)
_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_PUBLIC = _KEY.public_key().public_bytes_raw()
_KEYS = known_keys("a/b", [_PUBLIC])
_NOTE = sign_note("a/b\n1\nAAAA\n", "a/b", _KEY.sign, _PUBLIC)
_STROKES = json.dumps([[[k * 9, k * 7] for k in range(12)]]).encode()

READERS = (
    Reader("plan", lambda data: parse_plan(_text(data), ["1"]), (OperatorError,),
           (PLAN.encode(), (ROOT / "bench/sim/demo-plan.toml").read_bytes())),
    Reader("configuration", lambda data: parse_config(_text(data), "bench.toml"), (OperatorError,),
           ((ROOT / "systemd/bench.toml").read_bytes(), (ROOT / "bench/sim/demo-bench.toml").read_bytes())),
    Reader("rule set", lambda data: read_rule_set(data, "rules.toml"), (ValueError,),
           (rule_set_text("jjg596-2012").encode(),)),
    Reader("certificate request", lambda data: parse_request(_text(data), "request.toml"), (OperatorError,),
           (REQUEST.encode(),)),
    Reader("archive", lambda data: read_archive(data) and read_bundle(data), (UnsoundError,),
           (write_archive([("manifest.json", b"{}"), ("manifest.sig", bytes(64)), ("records.jsonl", _RECORDS)]),)),
    Reader("records", read_records, (UnsoundError,), (_RECORDS,)),
    Reader("poll of a recording", decode_poll, (ValueError,), _POLLS),
    Reader("note", lambda data: open_note(_text(data), _KEYS), (ValueError,),
           (_NOTE.encode(),)),
    Reader("list of consumption", lambda data: csv_layouts.read(csv_layouts.decoded(data)), (csv_layouts.CsvError,),
           tuple(text.encode() for text in _LISTS)),
    Reader("signature", lambda data: read_strokes(_text(data)), (Refused,), (_STROKES,)),
    Reader("photo", _take_picture, (Refused,), tuple(_picture(kind) for kind in ("JPEG", "PNG", "WEBP"))),
)  # fmt: skip


def hostile(chance: random.Random, valid: Sequence[bytes]) -> bytes:
    if chance.random() < 0.1:
        return chance.randbytes(chance.randrange(300))
    data = chance.choice(valid)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 4, 8))):
        data = _mutated(chance, data, chance.choice(valid))
    return data


def _mutated(chance: random.Random, data: bytes, other: bytes) -> bytes:
    at, to = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
    match chance.randrange(7):
        case 0 if at < len(data):
            return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
        case 1:
            return data[:at] + chance.choice(_AWKWARD) + data[at:]
        case 2:
            return data[:at] + data[min(to, at + chance.choice((1, 2, 30))) :]
        case 3:
            return data[:at]
        case 4:
            return data[:at] + other[chance.randrange(len(other)) :]
        case 5:  # a figure or a word is another one
            return data[:at] + chance.choice(_AWKWARD) + data[min(to, at + 6) :]
    lines = data.split(b"\n")
    line = chance.randrange(len(lines))
    return b"\n".join([*lines[:line], *([lines[line]] * chance.choice((0, 2))), *lines[line + 1 :]])


@dataclass
class Found:
    """inputs: how many; understood: of which a value was made; worst_s: the longest that one took."""

    inputs: int = 0
    understood: int = 0
    worst_s: float = 0.0


def study(reader: Reader, inputs: int, chance: random.Random) -> Found:
    """Errors: AssertionError with the input that a reader has not refused in its own way, or took too long for."""
    found = Found()
    for _ in range(inputs):
        data = hostile(chance, reader.valid)
        first_s = time.perf_counter()
        try:
            reader.read(data)
            found.understood += 1
        except reader.refuses:
            pass
        except Exception as error:
            raise AssertionError(f"{reader.name}: {error!r} from {data!r}") from error
        took_s = time.perf_counter() - first_s
        assert took_s < LONGEST_S, f"{reader.name}: {took_s:.1f} s for {data!r}"
        found.worst_s = max(found.worst_s, took_s)
        found.inputs += 1
    return found


def kept_bytes(reader: Reader, chance: random.Random, inputs: int = _TRACED_INPUTS) -> int:
    """How much memory is held after so many inputs that was not before."""
    study(reader, 20, chance)  # what is built once is built
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        study(reader, inputs, chance)
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=0.0, help="rounds go on for so long; 0: one round")
    parser.add_argument("--inputs", type=int, default=2_000, help="inputs of each reader in a round")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32), help="of the first round")
    parser.add_argument("--reader", choices=[reader.name for reader in READERS], help="one of them alone")
    options = parser.parse_args(arguments)
    logging.disable()
    seed, end_s = options.seed, time.monotonic() + 60 * options.minutes
    totals = {reader.name: Found() for reader in READERS if options.reader in (None, reader.name)}
    while True:
        print(f"round of seed {seed}", flush=True)
        for reader in READERS:
            if reader.name in totals:
                found, total = study(reader, options.inputs, random.Random(seed)), totals[reader.name]
                total.inputs += found.inputs
                total.understood += found.understood
                total.worst_s = max(total.worst_s, found.worst_s)
        if time.monotonic() >= end_s:
            break
        seed += 1
    print(f"{'reader':22}{'inputs':>10}{'understood':>12}{'worst ms':>10}{'kept kB':>10}")
    for reader in READERS:
        if reader.name in totals:
            total, kept = totals[reader.name], kept_bytes(reader, random.Random(seed))
            worst_ms = total.worst_s * 1e3
            print(
                f"{reader.name:22}{total.inputs:>10}{total.understood:>12}{worst_ms:>10.1f}{kept / 1e3:>10.0f}"
            )
            assert kept < _MOST_KEPT_BYTES, f"{reader.name} keeps {kept} bytes"


if __name__ == "__main__":
    main()
