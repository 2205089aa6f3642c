"""Every canned state by its name: for the tests that look at all of them, and for pictures."""

from tests.web import canned, canned_verification

ALL = canned.ALL | canned_verification.ALL
