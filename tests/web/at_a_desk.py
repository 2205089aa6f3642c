"""Somebody at a browser without scripts: opens pages of the service and sends their forms, with the page's token."""

from __future__ import annotations

import re
from html import unescape

from flask import Flask
from werkzeug.test import TestResponse

from tests.web.staff_bench import PASSWORD, StaffBench

_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]+)"')


def with_bare_days(page: str) -> str:
    """A page with its days as they stand in a sentence, without what keeps them on one line."""
    return page.replace("\u2060", "")


class AtADesk:
    """person: an id of `PERSONS`, signed in; None for somebody from the street."""

    def __init__(
        self, app: Flask, bench: StaffBench, person: str | None = None, language: str = "en"
    ) -> None:
        self.client = app.test_client()
        self.language = language
        if person is not None:
            signed_in = bench.answer({"do": "sign_in", "by": person, "password": PASSWORD})
            self.client.set_cookie("staff", signed_in["session"])

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers={"Accept-Language": self.language})

    def text(self, path: str) -> str:
        """What a page says; it must be there."""
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code, response.text)
        return unescape(with_bare_days(response.text))

    def send(self, path: str, page: str | None = None, **fields: object) -> TestResponse:
        """Send a form to an address, with the token of the page that it stands on (the same address if not given)."""
        token = _TOKEN.search(self.get(page or path).text)
        assert token is not None, f"{page or path} has no form"
        return self.client.post(
            path, data={"csrf": token[1], **fields}, headers={"Accept-Language": self.language}
        )

    def sent(self, path: str, page: str | None = None, **fields: object) -> str:
        """The page that a form leads to when it was taken; the test fails where it was not."""
        response = self.send(path, page, **fields)
        assert response.status_code == 303, (response.status_code, unescape(response.text))
        return self.text(response.location)
