"""What somebody hands in as a photo comes out as pixels of ours, or is refused; nothing else comes through."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from web.casework.picture import LONGEST_SIDE, MOST_BYTES, picture_of
from web.casework.refused import Refused

PLACE = b"31 deg 13 min N"
SECRET = b"<script>alert(1)</script>"


def written(image: Image.Image, kind: str, **options: object) -> bytes:
    into = io.BytesIO()
    image.save(into, kind, **options)
    return into.getvalue()


def halves(width: int = 400, height: int = 200) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    return image


def shown(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg))


def is_red(pixel: tuple[int, int, int]) -> bool:
    return pixel[0] > 200 and pixel[2] < 60


def exif(orientation: int = 1) -> Image.Exif:
    beside = Image.Exif()
    beside[0x0112] = orientation
    beside[0x010E] = PLACE.decode()
    return beside


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_three_kinds_become_a_jpeg_of_the_same_picture(kind: str) -> None:
    picture = picture_of(written(halves(), kind))
    image = shown(picture.jpeg)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (400, 200))
    assert (picture.width, picture.height) == (400, 200)
    assert is_red(image.getpixel((50, 100)))
    assert not is_red(image.getpixel((350, 100)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_stood_beside_the_pixels_is_gone(kind: str) -> None:
    options = {"comment": SECRET} if kind == "JPEG" else {}
    handed_in = written(halves(), kind, exif=exif(), icc_profile=b"profile" + SECRET, **options) + SECRET
    assert PLACE in handed_in
    picture = picture_of(handed_in)
    assert PLACE not in picture.jpeg
    assert SECRET not in picture.jpeg
    image = shown(picture.jpeg)
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [
        (1, (400, 200), (50, 100)),
        (2, (400, 200), (350, 100)),
        (3, (400, 200), (350, 100)),
        (4, (400, 200), (50, 100)),
        (5, (200, 400), (100, 50)),
        (6, (200, 400), (100, 50)),
        (7, (200, 400), (100, 350)),
        (8, (200, 400), (100, 350)),
    ],
)
def test_a_picture_is_upright(orientation: int, size: tuple[int, int], red_at: tuple[int, int]) -> None:
    image = shown(picture_of(written(halves(), "JPEG", exif=exif(orientation))).jpeg)
    assert image.size == size
    assert is_red(image.getpixel(red_at))


def test_the_largest_jpeg_is_taken() -> None:
    assert picture_of(written(Image.new("L", (5000, 5000)), "JPEG")).width == LONGEST_SIDE


def test_a_large_picture_is_made_smaller_in_its_shape() -> None:
    picture = picture_of(written(halves(4000, 3000), "JPEG"))
    assert (picture.width, picture.height) == (LONGEST_SIDE, LONGEST_SIDE * 3 // 4)


def test_what_one_can_see_through_stands_on_white() -> None:
    clear = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    assert min(shown(picture_of(written(clear, "PNG")).jpeg).getpixel((30, 30))) > 250


def a_claim_of(width: int, height: int) -> bytes:
    """A PNG of some bytes that claims to be this large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(100)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("handed_in", "key"),
    [
        (a_claim_of(65_000, 65_000), "photo_too_many_pixels"),
        (a_claim_of(13_001, 1000), "photo_too_many_pixels"),
        (a_claim_of(13_000, 1000), "photo_unreadable"),
        (written(Image.new("L", (5001, 5000)), "JPEG"), "photo_too_many_pixels"),
        (b"\xff" * (MOST_BYTES + 1), "photo_too_large"),
        (a_claim_of(500, 500), "photo_unreadable"),
        (b"", "photo_unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "photo_unreadable"),
        (written(halves(), "GIF"), "photo_unreadable"),
        (written(halves(), "TIFF"), "photo_unreadable"),
        (written(halves(), "BMP"), "photo_unreadable"),
        (written(halves(), "JPEG")[:700], "photo_unreadable"),
    ],
)
def test_what_is_no_photo_is_refused(handed_in: bytes, key: str) -> None:
    with pytest.raises(Refused) as refused:
        picture_of(handed_in)
    assert refused.value.key == key


PHOTOS = [
    written(halves(64, 48), kind, exif=exif(6), **options)
    for kind, options in [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
    ]
]


# The decoder says in the log what is odd about the bytes beside the pixels, which we do not keep.
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PHOTOS), st.data())
def test_whatever_is_handed_in_is_a_picture_or_refused(photo: bytes, data: st.DataObject) -> None:
    bent = bytearray(photo)
    for _ in range(data.draw(st.integers(1, 8))):
        bent[data.draw(st.integers(0, len(bent) - 1))] = data.draw(st.integers(0, 255))
    cut = bent[: data.draw(st.integers(0, len(bent)))] if data.draw(st.booleans()) else bent
    picture = None
    with contextlib.suppress(Refused):
        picture = picture_of(bytes(cut))
    assert picture is None or shown(picture.jpeg).size == (picture.width, picture.height)
