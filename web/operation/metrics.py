"""The figures of the appliance as OpenMetrics, for a collector such as Prometheus. The names are in docs/operation.md.

A counter begins with the process that counts. Where the bench is away, `bench_answers` is 0 and its figures are
missing: a last value that is shown again and again looks like a bench that stands still.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from prometheus_client.core import (
    CollectorRegistry,
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from web.operation.rows import Seen

CONTENT_TYPE = CONTENT_TYPE_LATEST
_BYTES_A_MB = 1_000_000


def exposition(seen: Seen) -> bytes:
    """The whole text of an answer."""
    registry = CollectorRegistry()
    registry.register(_Seen(seen))
    return bytes(generate_latest(registry))


class _Seen(Collector):
    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    def collect(self) -> Iterator[Metric]:
        seen = self._seen
        yield _gauge("bench_answers", "Whether the measuring process answers.", seen.bench is not None)
        yield InfoMetricFamily("bench_web", "The pages' process.", {"version": seen.version})
        yield _gauge("bench_web_viewers", "Live viewers now.", seen.viewers)
        yield _gauge("bench_web_viewers_most", "Live viewers at one time, at most.", seen.most_viewers)
        if seen.age_s is not None:
            yield _gauge("bench_state_age_seconds", "Since the bench last said how it is.", seen.age_s)
        latency_ms = ((seen.state or {}).get("reference") or {}).get("latency_ms")
        if latency_ms is not None and seen.bench is not None and seen.is_connected:
            yield _gauge(
                "bench_reference_latency_seconds",
                "From a request to the reference's reply, newest poll.",
                float(latency_ms) / 1000,
            )
        if seen.certificate_until is not None:
            yield _gauge(
                "bench_https_certificate_end_seconds",
                "When the certificate of https expires, in Unix time.",
                seen.certificate_until.timestamp(),
            )
        if seen.bench is not None:
            yield from _of_bench(seen.bench)


def _of_bench(said: Mapping[str, Any]) -> Iterator[Metric]:
    software = said["software"]
    hashes = {f"sha256_{name}": digest for name, digest in software["packages"].items()}
    yield InfoMetricFamily(
        "bench_software",
        "The measuring process.",
        {"version": software["version"], "python": software["python"], **hashes},
    )
    yield _gauge("bench_up_seconds", "Since the measuring process started.", float(said["up_s"]))
    yield _gauge("bench_run_under_way", "Whether a run is under way.", said["is_run_under_way"])
    yield from _loops(said)
    yield _counters("bench_edges", "Edges of pulses that came.", "line", _each(said["lines"], "edges"))
    yield _counters(
        "bench_edges_lost",
        "Edges that the kernel counted and did not deliver.",
        "line",
        _each(said["lines"], "lost"),
    )
    yield _counters("bench_line_faults", "Faults of a pulse line.", "line", _each(said["lines"], "faults"))
    reference = said["reference"]
    yield CounterMetricFamily("bench_polls", "Polls of the reference standard.", value=reference["polls"])
    yield _counters(
        "bench_polls_failed", "Polls that gave no good value, by the reason.", "reason", reference["failed"]
    )
    yield from _journal(said["journal"])
    yield from _machine(said)
    yield from _backup(said.get("backup", {}))


def _loops(said: Mapping[str, Any]) -> Iterator[Metric]:
    loops = said["loops"]
    yield _counters("bench_loop_turns", "Turns of a loop.", "loop", _each(loops, "turns"))
    yield _gauges("bench_loop_period_seconds", "Its declared period.", "loop", _each(loops, "period_s"))
    yield _gauges(
        "bench_loop_late_seconds",
        "How late its worst turn of this window was.",
        "loop",
        _each(loops, "late_s"),
    )
    silent = dict.fromkeys(loops, 0) | dict.fromkeys(said["silent"], 1)
    yield _gauges("bench_loop_silent", "Whether it should have turned by now.", "loop", silent)


def _journal(journal: Mapping[str, Any]) -> Iterator[Metric]:
    yield _gauge("bench_journal_waiting", "What waits to be written.", journal["waiting"])
    yield _gauge("bench_journal_room", "How much may wait.", journal["room"])
    yield CounterMetricFamily(
        "bench_journal_refused", "Raw material that found no room.", value=journal["refused"]
    )
    if "is_failing" in journal:
        yield _gauge(
            "bench_journal_failing",
            "Whether its disk took something not, and nothing since.",
            journal["is_failing"],
        )
    yield SummaryMetricFamily(
        "bench_journal_commit_seconds",
        "Time of a record until it is safe on disk.",
        count_value=journal["commits"],
        sum_value=float(journal["commits_s"]),
    )
    yield _gauge(
        "bench_journal_longest_commit_seconds", "The longest of them.", float(journal["longest_commit_s"])
    )


def _machine(said: Mapping[str, Any]) -> Iterator[Metric]:
    clock, machine, disk = said["clock"], said["machine"], said["disk"]
    yield _gauge("bench_clock_disciplined", "Whether the kernel calls its time so.", clock["is_disciplined"])
    yield _gauge(
        "bench_clock_frequency_ppm",
        "Rate correction of the kernel to its clock.",
        float(clock["frequency_ppm"]),
    )
    yield _gauge("bench_machine_up_seconds", "Since the computer started.", float(clock["up_s"]))
    if "temperature_C" in machine:
        yield _gauge(
            "bench_machine_temperature_celsius", "Of the processor.", float(machine["temperature_C"])
        )
    if "is_undervolted" in machine:
        yield _gauge(
            "bench_machine_undervolted",
            "Whether the supply of the computer is too low.",
            machine["is_undervolted"],
        )
    yield _gauge("bench_disk_free_bytes", "Of the state folder.", float(disk["free_MB"]) * _BYTES_A_MB)
    yield _gauge(
        "bench_disk_needed_bytes", "With less no run begins.", float(disk["needed_MB"]) * _BYTES_A_MB
    )


def _backup(last: Mapping[str, str]) -> Iterator[Metric]:
    if "made" in last:
        made = datetime.fromisoformat(last["made"]).timestamp()
        yield _gauge("bench_backup_made_seconds", "When the last back-up was made, in Unix time.", made)
    yield _gauge("bench_backup_failed", "Whether one has failed since.", "failed" in last)


def _each(table: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, Any]:
    return {key: values[name] for key, values in table.items()}


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value=float(value))


def _gauges(name: str, said: str, label: str, values: Mapping[str, Any]) -> Metric:
    family = GaugeMetricFamily(name, said, labels=[label])
    for of, value in values.items():
        family.add_metric([of], float(value))
    return family


def _counters(name: str, said: str, label: str, values: Mapping[str, Any]) -> Metric:
    family = CounterMetricFamily(name, said, labels=[label])
    for of, value in values.items():
        family.add_metric([of], float(value))
    return family
