"""Can a map be drawn from the file an emergency names?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bianque.model.errors import BadEmergencyFile
from bianque.model.shapes import check_shapes

RING = [[0, 0], [1, 0], [1, 1], [0, 0]]
AREA = {"type": "Polygon", "coordinates": [RING]}


def collection(geometry: object, code: object = "A") -> str:
    feature = {"type": "Feature", "properties": {"code": code, "name": "Alpha"}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature] * 5})


@pytest.mark.parametrize("geometry", [AREA, {"type": "MultiPolygon", "coordinates": [[RING], [RING]]}])
def test_areas_with_codes_are_a_map_with_or_without_a_byte_order_mark(geometry: object, tmp_path: Path) -> None:
    file = tmp_path / "map.json"
    for encoding in ("utf-8", "utf-8-sig"):
        file.write_text(collection(geometry), encoding)
        check_shapes(file)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "No such file"),
        ("code,level\nA,county\n", "Expecting value"),
        ("[" * 100_000, "recursion"),
        ("{}", "features: Field required"),
        ("[1]", "file: Input should be"),
        ('{"features": []}', "features: List should have at least 1 item"),
        (collection(AREA, None), "features.0.properties.code"),
        (collection(None), "features.0.geometry"),
        (collection({"type": "Point", "coordinates": [0, 0]}), "'Polygon', 'MultiPolygon'"),
        (collection({"type": "Polygon", "coordinates": []}), "features.0.geometry.Polygon.coordinates"),
        (collection({"type": "Polygon", "coordinates": [[*RING, [float("nan"), 0]]]}), "finite number; and 2 more"),
    ],
)
def test_a_file_no_map_can_be_drawn_from_is_told_with_its_place(text: str | None, says: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "map.json").write_text(text, "utf-8")
    with pytest.raises(BadEmergencyFile) as error:
        check_shapes(tmp_path / "map.json")
    assert "situation.shapes: " in error.value.what
    assert "map.json" in error.value.what
    assert says in error.value.what
    assert "GeoJSON" in error.value.remedy
