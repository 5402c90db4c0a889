"""The pages of emergency.toml and situation.json, from the JSON Schema of their models."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from reference_markdown import NOTE, anchor, cell, table

from bianque.model import regions
from bianque.model.situation import SCHEMA_VERSION

Schema = dict[str, Any]

EMERGENCY = f"""{NOTE}
# emergency.toml

One file describes an emergency and its feeds. It is TOML in UTF-8. An unknown key is an error, not a setting that is
silently ignored. Worked files: [the national bulletins](../../examples/china-2020-bulletins/emergency.toml),
[China 2020](../../examples/china-2020/emergency.toml). How to write one:
[describe a foreign file](../how-to/describe-a-foreign-file.md).

A *text in two languages* is `{{ zh = "…", en = "…" }}`. Dates are written `2020-01-24`, without quotation
marks, and lie in the years 1800 to 2199.
"""
TERMS = f"""{NOTE}
# authority.toml

The terms of an emergency: what it is for, who acts in it, which data it may use and how it ends. TOML in UTF-8, read
by `bianque emergency draft`; two persons of the command body declare it. An unknown key is an error. The same file
says nothing about feeds: those are in [emergency.toml](emergency-toml.md).

A *text in two languages* is `{{ zh = "…", en = "…" }}`. Dates are written `2020-01-24`, without quotation marks.

## The file
"""
REGION_FILE = """## The region file

`regions` names a CSV file in UTF-8, one line a region. A feed may write a region as its code or as any of its names;
a text that is a code means that region, whatever else is called so.
"""
SITUATION = f"""{NOTE}
# situation.json

The picture of one day, schema version {SCHEMA_VERSION}. The same for a program:
[situation.schema.json](situation.schema.json) (JSON Schema 2020-12). `GET /index.json` of the command centre answers
with the same.

All series share one list of `dates` and are as long as it; `null` is unknown. A `reason` and a `method` are stable
keys; their text is on the pages.

## Situation
"""
TEXT = "Text"  # a text in both languages is a value, not a table of its own
REGION_COLUMNS = {
    "code": "code of the region, as the feeds and the map use it; needed, given once, without `/` or `#`, "
    "not ending in `.json`",
    "parent": "code of the region it lies in",
    "level": "its level, such as `province`, `prefecture` or `county`; needed",
    "name_zh": "full Chinese name; needed",
    "short_zh": "short Chinese name",
    "name_en": "English name; needed",
    "iso_3166_2": "ISO 3166-2 code",
    "population": "residents; empty where unknown",
}


def emergency_page(schema: Schema) -> str:
    """Every key of emergency.toml, one section a table."""
    places = _places(schema)
    parts = [EMERGENCY]
    for name, paths in places.items():
        parts += [f"## {_heading(paths)}", "", schema["$defs"][name]["description"], ""]
        parts += [*_fields(schema["$defs"][name], {n: _heading(p) for n, p in places.items()}), ""]
    parts += [
        REGION_FILE,
        *table(["column", "meaning"], [[f"`{column}`", REGION_COLUMNS[column]] for column in regions.COLUMNS]),
        "",
    ]
    return "\n".join(parts)


def terms_page(schema: Schema) -> str:
    """Every key of authority.toml: those of the file itself, then one section a table."""
    schema = _enums_in_place(schema, schema["$defs"])
    headings = {name: _heading(paths) for name, paths in _places(schema).items()}
    parts = [TERMS, *_fields(schema, headings), ""]
    for name, heading in headings.items():
        model = schema["$defs"][name]
        parts += [f"## {heading}", "", model["description"], "", *_fields(model, headings), ""]
    return "\n".join(parts)


def _enums_in_place(part: Any, models: Schema) -> Any:
    """A schema with each closed list of values where it is used: in a file it is a text, not a table of its own."""
    if isinstance(part, list):
        return [_enums_in_place(one, models) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part and "enum" in (model := models[part["$ref"].rsplit("/", 1)[1]]):
        return {**{key: value for key, value in part.items() if key != "$ref"}, "enum": model["enum"]}
    return {key: _enums_in_place(value, models) for key, value in part.items()}


def _places(schema: Schema) -> dict[str, list[str]]:
    """Model → where it stands in the file, in reading order: `[situation]`, `[[feed]]`, …"""
    found: dict[str, list[str]] = defaultdict(list)

    def walk(owner: Schema, path: str) -> None:
        for key, field in owner["properties"].items():
            name, many = _model(field)
            if name is None or name == TEXT:
                continue
            place = f"{path}.{key}" if path else key
            found[name].append(f"[[{place}]]" if many else f"[{place}]")
            walk(schema["$defs"][name], place)

    walk(schema, "")
    return found


def _heading(paths: list[str]) -> str:
    return ", ".join(dict.fromkeys(paths))


def _model(field: Schema) -> tuple[str | None, bool]:
    """The model a field refers to, and whether it holds several of them."""
    for part in (field, *field.get("anyOf", ())):
        if "$ref" in part:
            return part["$ref"].rsplit("/", 1)[1], False
        if "$ref" in part.get("items", {}):
            return part["items"]["$ref"].rsplit("/", 1)[1], True
    return None, False


def situation_page(schema: Schema) -> str:
    """Every field of situation.json, one section a record."""
    names = {name: name for name in schema["$defs"]}
    parts = [SITUATION, schema["description"], "", *_fields(schema, names, written=True), ""]
    for name in sorted(names):
        model = schema["$defs"][name]
        parts += [f"## {name}", "", model["description"], "", *_fields(model, names, written=True), ""]
    return "\n".join(parts)


def _fields(model: Schema, headings: dict[str, str], *, written: bool = False) -> list[str]:
    """The table of a record. `written` says that Bianque writes it: then every key is there."""
    required = set(model.get("required", ()))
    rows = []
    for key, field in model["properties"].items():
        default = [] if written else ["needed" if key in required else _default(field)]
        rows.append([f"`{key}`", type_of(field, headings, written=written), *default, cell(field["description"])])
    return table(["key", "type", "meaning"] if written else ["key", "type", "default", "meaning"], rows)


def _default(field: Schema) -> str:
    default = field.get("default")
    if default in (None, "", [], {}) or isinstance(default, dict):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def type_of(field: Schema, headings: dict[str, str], *, written: bool = False) -> str:
    """The type of a field in words, with a link to the section of a record."""
    if "anyOf" in field:
        parts = [part for part in field["anyOf"] if written or part.get("type") != "null"]
        return " or ".join(type_of(part, headings, written=written) for part in parts)
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[1]
        if name == TEXT:
            return "text in two languages"
        return f"[{name if written else 'table'}](#{anchor(headings[name])})"
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if field["type"] == "array":
        return f"list of {type_of(field['items'], headings, written=written)}"
    if field["type"] == "object":
        return f"table: text → {type_of(field['additionalProperties'], headings, written=written)}"
    if field.get("format") == "date":
        return "date"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"} | {
        "null": "null"
    }
    limits = [f"{word} {field[key]:,.15g}" for key, word in _LIMITS.items() if key in field]
    pattern = [f"form `{cell(field['pattern'])}`"] if "pattern" in field else []
    return ", ".join([words[field["type"]], *limits, *pattern])


_LIMITS = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
