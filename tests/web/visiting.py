"""A customer's and a staff member's way through the pages, for tests."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.casework import stories
from tests.web.staff_bench import PASSWORD
from web.casework import invitations
from web.casework.store import Casework
from web.site import Site

CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


def site_of(app: Flask) -> Site:
    site: Site = app.extensions["site"]
    return site


def casework_of(app: Flask) -> Casework:
    return site_of(app).casework


def csrf_on(page: TestResponse) -> str:
    """The hidden token of the first form of a page."""
    found = CSRF.search(page.text)
    assert found is not None, f"no form on {page.request.path}"
    return found[1]


def post(browser: FlaskClient, page: str, action: str | None = None, **fields: str) -> TestResponse:
    """Open a page, fill in its form and send it, to another address where `action` says so."""
    token = csrf_on(browser.get(page))
    return browser.post(action or page, data={"csrf": token, **fields})


def visitor(app: Flask, case_id: str) -> FlaskClient:
    """A browser of a customer who has come in."""
    browser = app.test_client()
    token = invitations.invite(casework_of(app), case_id, stories.VERIFIER)
    assert post(browser, f"/join/{token}").status_code == 303
    return browser


def signed_in(app: Flask, person: str) -> FlaskClient:
    """A browser with the session of somebody of the staff."""
    browser = app.test_client()
    browser.set_cookie("staff", site_of(app).link.sign_in(person, PASSWORD)["session"])
    return browser


def photo_bytes(folder: Path) -> bytes:
    """A picture that a telephone could have taken."""
    from PIL import Image

    path = folder / "photo.jpg"
    Image.new("RGB", (320, 240), (120, 130, 140)).save(path, "JPEG")
    return path.read_bytes()
