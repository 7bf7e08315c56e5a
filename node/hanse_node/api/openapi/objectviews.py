"""How objects are described: each kind by its own fields, so that whoever knows the kind knows them.

What an object's class says of its bytes is of MessagePack; here they are hexadecimal text, as `schemas.object_view`
writes them.
"""

from typing import Any

import msgspec

from hanse_ledger.kinds import OBJECTS

REF = "#/components/schemas/"
HIDDEN = ("id", "seed", "type")
"""Fields of an object that are no aspects: the id stands beside them, and the seed nobody gets."""

_BYTES = {"type": "string", "pattern": "^([0-9a-f]{2})*$"}


def object_schemas(view: dict[str, Any]) -> dict[str, Any]:
    """Describe what `ObjectView` has, by kind.

    Args:
        view: the schema of `ObjectView`, whose `value` is anything.

    Returns:
        Schemas by name: one for each kind of object, the types of their fields, and `ObjectView`, which is one of them.
    """
    _, found = msgspec.json.schema_components([row.state for row in OBJECTS], ref_template=REF + "{name}")
    schemas: dict[str, Any] = {name: _as_text(schema) for name, schema in found.items()}
    kinds: dict[str, str] = {}
    for row in OBJECTS:
        aspects = schemas[row.state.__name__]
        aspects["properties"] = {name: each for name, each in aspects["properties"].items() if name not in HIDDEN}
        aspects["required"] = [name for name in aspects["required"] if name not in HIDDEN]
        name = f"{row.state.__name__}View"
        fields = {
            **view["properties"],
            "kind": {"type": "string", "const": row.name},
            "value": {"$ref": REF + row.state.__name__},
        }
        schemas[name] = {**view, "title": name, "properties": fields}
        kinds[row.name] = REF + name
    schemas["ObjectView"] = {
        "title": "ObjectView",
        "description": view["description"],
        "oneOf": [{"$ref": each} for each in kinds.values()],
        "discriminator": {"propertyName": "kind", "mapping": kinds},
    }
    return schemas


def _as_text(schema: Any) -> Any:
    """Describe bytes as hexadecimal text, wherever they stand. Types bound its depth."""
    match schema:
        case {"contentEncoding": "base64"}:
            kept = {name: each for name, each in schema.items() if name in ("title", "description")}
            return {**kept, **_BYTES}
        case dict():
            return {name: _as_text(each) for name, each in schema.items()}
        case list():
            return [_as_text(each) for each in schema]
        case _:
            return schema
