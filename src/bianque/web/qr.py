"""A QR code as a drawing inside the page: it holds a secret, so that no address leads to it."""

from __future__ import annotations

import segno


def svg(text: str) -> str:
    """The code of a text as SVG, without style and script."""
    return str(segno.make(text, error="m").svg_inline(scale=5, border=4, light="#ffffff", dark="#000000"))
