"""QR codes for pages: the web's one door to segno."""

from __future__ import annotations

import segno
from markupsafe import Markup

QUIET_MODULES = 4
"""ISO/IEC 18004 wants an empty border of four modules; without it some telephones do not read the code."""


def qr_svg(content: str, label: str) -> Markup:
    """The code as SVG that stretches with its box, always black on white; label: its text equivalent."""
    matrix = segno.make(content, error="m", micro=False).matrix
    size = len(matrix) + 2 * QUIET_MODULES
    squares = "".join(
        f"M{column + QUIET_MODULES} {row + QUIET_MODULES}h1v1h-1z"
        for row, line in enumerate(matrix)
        for column, is_dark in enumerate(line)
        if is_dark
    )
    return Markup(
        '<svg class="qr" viewBox="0 0 {size} {size}" role="img" aria-label="{label}" shape-rendering="crispEdges">'
        '<rect width="{size}" height="{size}" fill="#fff"/><path fill="#000" d="{squares}"/></svg>'
    ).format(size=size, label=label, squares=squares)


def qr_file(content: str) -> bytes:
    """The same as a file of its own, for what is printed (`web/printing.py`)."""
    return (
        str(qr_svg(content, ""))
        .replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
        .encode("utf-8")
    )
