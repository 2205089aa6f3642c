"""The fingerprints of the bench's keys as one page to be printed or put on a web site, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from bench.admin.words import both, word
from bench.keys.purposes import Purpose
from bench.keys.standing import KeyStanding

_STYLE = """
@page { size: A4; margin: 18mm }
body { font: 10pt/1.5 sans-serif; color: #000; max-width: 180mm; margin: 1em auto; padding: 0 1em }
h1 { font-size: 15pt }
table { border-collapse: collapse; width: 100%; margin: 0 0 1.2em }
th, td { border: 1px solid #444; padding: .3em .5em; text-align: left; vertical-align: top }
th { width: 30% }
.digits { font: 11pt/1.6 monospace; white-space: pre-wrap }
pre { font-size: 8pt; white-space: pre-wrap; overflow-wrap: anywhere }
table { break-inside: avoid }
"""
_GROUPS_A_LINE = 8


def keys_page(
    laboratory: tuple[str, str],
    bench_id: str,
    day: str,
    standings: Sequence[KeyStanding],
    states: Mapping[KeyStanding, tuple[str, str]],
    notes: Mapping[int, str],
) -> str:
    """The whole page.

    laboratory: its name in Chinese and English; day: of printing; states: in both languages, of each key that has one
    to be told; notes: by which a log key was named by the one before.
    """
    tables = [_key(each, states.get(each), notes) for each in standings]
    title = both("keys_page")
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(' / '.join(dict.fromkeys(name for name in laboratory if name)))}<br>",
        f"{escape(both('keys_of', bench=bench_id))}<br>",
        f"{escape(both('keys_printed', day=day))}</p>",
        *(f"<p>{escape(word('keys_how', language))}</p>" for language in ("zh", "en")),
        *tables,
        f"<p>{escape(both('keys_old'))}</p>",
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="zh"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n{chr(10).join(parts)}\n</body></html>\n"
    )


def _key(standing: KeyStanding, state: tuple[str, str] | None, notes: Mapping[int, str]) -> str:
    rows = [
        _row("key_for", escape(both(f"key_{standing.purpose}"))),
        _row("key_number", escape(f"{standing.purpose}-{standing.number}")),
        _row("key_fingerprint", f'<span class="digits">{_lines(standing.fingerprint)}</span>'),
        _row("key_used", escape(" / ".join(used(standing, language) for language in ("zh", "en")))),
    ]
    if state is not None:
        rows.append(_row("key_state", escape(" / ".join(state))))
    note = notes.get(standing.number) if standing.purpose is Purpose.LOG else None
    if note is not None:
        rows.append(_row("keys_followed", f"<pre>{escape(note)}</pre>"))
    return f"<table>{''.join(rows)}</table>"


def used(standing: KeyStanding, language: str) -> str:
    """From when until when a key has signed, in words."""
    key = "key_used_from" if standing.since else "key_used_ever"
    span = word(key, language, since=standing.since)
    return word("key_used_until", language, span=span, until=standing.until) if standing.until else span


def _lines(digits: str) -> str:
    groups = digits.split(" ")
    lines = [" ".join(groups[i : i + _GROUPS_A_LINE]) for i in range(0, len(groups), _GROUPS_A_LINE)]
    return "\n".join(lines)


def _row(key: str, cell: str) -> str:
    return f"<tr><th>{escape(both(key))}</th><td>{cell}</td></tr>"
