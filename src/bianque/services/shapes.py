"""The shapes of a picture's map: the lake's own, or the vendored provinces of China."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from bianque.model.situation import Situation

Shapes = dict[str, Any]


def of(situation: Situation, own: Shapes | None) -> Shapes | None:
    """GeoJSON whose features carry `code` and `name`; None where there is no map to draw.

    own  the shapes the emergency names, if any
    """
    if situation.own_shapes:
        return own
    return china() if situation.region_system == "cn" else None


@cache
def china() -> Shapes | None:
    """The 34 provinces by GB/T 2260 code with the South China Sea inset; None where the build has not put them there.

    The file lies among the browser's, which is where the build puts everything it takes from npm; it is data, and
    nothing of the web is imported for it.
    """
    file = files("bianque").joinpath("web", "static", "vendor", "china.json")
    if not file.is_file():
        return None
    shapes: Shapes = json.loads(file.read_text("utf-8"))
    return shapes
