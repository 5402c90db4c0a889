"""The shapes file of an emergency: can a map be drawn from it?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bianque.model.errors import BadEmergencyFile

TOLD = 3  # problems told at once; a file that is wrong is wrong in every feature

Position = Annotated[list[float], Field(min_length=2)]
Ring = Annotated[list[Position], Field(min_length=4)]
Rings = Annotated[list[Ring], Field(min_length=1)]


class _Part(BaseModel):
    """A part of GeoJSON (RFC 7946): what the map needs of it, whatever else is there."""

    model_config = ConfigDict(allow_inf_nan=False)


class _Polygon(_Part):
    type: Literal["Polygon"]
    coordinates: Rings


class _MultiPolygon(_Part):
    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Rings], Field(min_length=1)]


class _Properties(_Part):
    code: str | int


class _Feature(_Part):
    properties: _Properties
    geometry: _Polygon | _MultiPolygon = Field(discriminator="type")


class _FeatureCollection(_Part):
    features: Annotated[list[_Feature], Field(min_length=1)]


def check_shapes(path: Path) -> None:
    """Whether a file is GeoJSON of areas that each have a region's code.

    raises  BadEmergencyFile  with the features that are not
    """
    try:
        _FeatureCollection.model_validate(json.loads(path.read_bytes()))
    except ValidationError as cause:
        told = [f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in cause.errors()]
        more = f"; and {len(told) - TOLD} more" if len(told) > TOLD else ""
        raise _unusable(path, "; ".join(told[:TOLD]) + more) from cause
    except (OSError, ValueError, RecursionError) as cause:
        raise _unusable(path, str(cause)) from cause


def _unusable(path: Path, why: str) -> BadEmergencyFile:
    return BadEmergencyFile(
        f"situation.shapes: {path}: {why}",
        remedy="give a GeoJSON file of Polygon and MultiPolygon features, each with the property `code`",
    )
