"""A photo that somebody hands in becomes a picture of ours: decoded, turned upright, made smaller, written anew.

What a telephone puts beside the pixels (the place, the time, its own serial number, a smaller picture of what was cut
off) is not in what is written, and neither is whatever else the bytes were meant to do: only pixels go through.

Before anything is decoded, the number of bytes, the kind of file and the number of pixels are looked at, for some
kilobytes can claim to be a picture of gigabytes. One picture is decoded at a time: it is what costs the memory.
"""

from __future__ import annotations

import io
import struct
import threading
import zlib
from dataclasses import dataclass

from PIL import Image

from web.casework.refused import Refused

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 25_000_000
"""Of a JPEG: what a telephone makes in its full size. Decoded at a fraction of it, that takes some 100 MB."""
MOST_PIXELS_AS_A_WHOLE = 13_000_000
"""Of a PNG or WebP, which can be decoded only whole: 200 MB."""
LONGEST_SIDE = 1600
"""Pixels: the figures of a register that fills a quarter of the width are 30 pixels high."""
MEDIA_TYPE = "image/jpeg"
_KINDS = ("JPEG", "PNG", "WEBP")
_KINDS_SAID = "JPEG / PNG / WebP"
_QUALITY = 82
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings an image upright, by the orientation that the camera noted (EXIF 2.3, tag 274)."""
_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    zlib.error,
)
"""What the decoders raise for bytes that are no picture, or only the beginning of one."""

_ONE_AT_A_TIME = threading.Lock()
# Its own limit warns and raises at other numbers than ours, which is looked at before a pixel is decoded.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG that was written here, with its size in pixels."""

    jpeg: bytes
    width: int
    height: int


def picture_of(handed_in: bytes) -> Picture:
    """The picture in these bytes, at most LONGEST_SIDE on its longer side.

    Errors: Refused photo_too_large (bytes), photo_too_many_pixels, photo_unreadable.
    """
    if len(handed_in) > MOST_BYTES:
        raise Refused("photo_too_large", most_MB=str(MOST_BYTES // 1024 // 1024))
    try:
        with _ONE_AT_A_TIME, Image.open(io.BytesIO(handed_in), formats=_KINDS) as image:
            most = MOST_PIXELS_AS_A_WHOLE if image.format in ("PNG", "WEBP") else MOST_PIXELS
            if image.width * image.height > most:
                raise Refused("photo_too_many_pixels", most_million=str(most // 1_000_000))
            return _rewritten(image)
    except _BROKEN as error:
        raise Refused("photo_unreadable", kinds=_KINDS_SAID) from error


def _rewritten(image: Image.Image) -> Picture:
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded at a fraction of its size
    turn = _TURNS.get(_orientation(image))
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    pixels = _opaque(image)
    upright = pixels if turn is None else pixels.transpose(turn)
    # A new image of the same pixels: it knows nothing of what stood beside them.
    clean = Image.frombytes("RGB", upright.size, upright.tobytes())
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=_QUALITY, optimize=True)
    return Picture(written.getvalue(), clean.width, clean.height)


def _orientation(image: Image.Image) -> int:
    """As the camera noted it; 1, upright, where what stands beside the pixels cannot be read: no fault of theirs."""
    try:
        noted = image.getexif().get(_ORIENTATION)
    except _BROKEN:
        return 1
    return noted if isinstance(noted, int) else 1


def _opaque(image: Image.Image) -> Image.Image:
    """In three colours, on white where one could see through it."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    paper = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(paper, seen).convert("RGB")
