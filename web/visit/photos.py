"""Photos of the customer's own meter, and of the self-checks. Another case's are not there for it."""

from __future__ import annotations

from flask import Blueprint, Response, g

from web.access import visit
from web.casework import photos, self_check_photos
from web.casework.picture import MEDIA_TYPE
from web.casework.refused import Refused
from web.site import Site


def add_routes(pages: Blueprint, site: Site) -> None:
    @pages.get("/visit/photo/<int:photo_id>")
    @visit
    def photo(photo_id: int) -> Response:
        if photo_id not in {kept.id for kept in photos.photos(site.casework, g.visit.case_id)}:
            raise Refused("foreign_case")
        return Response(photos.jpeg(site.casework, photo_id), mimetype=MEDIA_TYPE)

    @pages.get("/visit/self-check-photo/<int:photo_id>")
    @visit
    def self_check_photo(photo_id: int) -> Response:
        found = self_check_photos.jpeg_of_case(site.casework, g.visit.case_id, photo_id)
        return Response(found, mimetype=MEDIA_TYPE)


def newest_photo(site: Site, case_id: str) -> photos.Photo | None:
    """The photo that stands for the meter: of its nameplate, else the last of any kind."""
    kept = photos.photos(site.casework, case_id)
    nameplates = [one for one in kept if one.kind is photos.PhotoKind.NAMEPLATE]
    return next(reversed(nameplates or kept), None)
