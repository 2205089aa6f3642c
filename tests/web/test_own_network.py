"""A customer whose telephone is not on the bench's own network gets a second code, with which it joins."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.web import console_case as made
from tests.web.test_console_pages import post, signed_in
from tests.web.test_pages import said
from web.casework.store import Casework
from web.staff.own_network import OwnNetwork, own_network

PASSWORD = "k7mp-x2ab-9qrs-tuvw"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_code_that_joins_stands_beside_the_customers_own(
    service: Flask, casework: Casework, tmp_path: Path, language: str
) -> None:
    case, client = made.ready(casework), signed_in(service)
    client.get(f"/staff?lang={language}")
    without = post(client, f"/staff/case/{case.id}/invite").text
    assert without.count('<svg class="qr"') == 1
    (tmp_path / "join-network").write_text(f"Meter bench 1\n{PASSWORD}\n")
    page = post(client, f"/staff/case/{case.id}/invite").text
    assert page.count('<svg class="qr"') == 2
    assert PASSWORD in said(page)
    assert "Meter bench 1" in said(page)
    assert PASSWORD not in without
    before = client.get(f"/staff/case/{case.id}/invite").text
    assert PASSWORD not in before, "with the customer's own code, and not before"


def test_what_a_telephone_reads_is_escaped_as_it_wants_it() -> None:
    code = OwnNetwork("Bench", r"a b\c;d=e#f,1:" + '"').code()
    assert code == r"WIFI:T:WPA;S:Bench;P:a b\\c\;d=e#f\,1\:\";;"


@pytest.mark.parametrize("content", [None, "", "name alone\n", "one\ntwo\nthree\n"])
def test_a_file_that_says_nothing_is_no_network(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "join-network"
    if content is not None:
        path.write_text(content)
    assert own_network(path) is own_network(None) is None
