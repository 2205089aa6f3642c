"""What must be done before a witnessed verification may start: the bench refuses a start with one of these unticked.

The web shows them with its own words; here are the names alone, in the order in which they are done.
"""

from __future__ import annotations

from enum import StrEnum


class Check(StrEnum):
    SEALS = "seals"
    """The seals were looked at with the customer, whole or not, before anything is touched."""
    NAMEPLATE_PHOTO = "nameplate_photo"
    """The nameplate is photographed, readable."""
    REGISTER_PHOTO = "register_photo"
    """The register is photographed as it stood when the meter came."""
    SHOE_COVERS = "shoe_covers"
    """Everybody in the room wears them."""
    GLOVES = "gloves"
    """Whoever connects the meter wears insulating gloves."""
    DISTANCE = "distance"
    """The customer stands behind the line."""
    CONSENT = "consent"
    """The customer agrees to what is recorded and shown."""
    REFERENCE_VALID = "reference_valid"
    """The certificate of the reference standard is valid, and was shown."""


EVERY_CHECK: frozenset[str] = frozenset(Check)
