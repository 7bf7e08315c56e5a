"""What docstrings say of types and their fields, put where a reader of the description looks for it."""

import inspect
import re
from typing import Any

_ATTRIBUTES = "\nAttributes:\n"
_NAMED = {"format": "@type"}
"""Fields that are called otherwise in files."""


TEXT = "Text without control, invisible or private characters: docs/formats/types.md."


def portable(schema: Any) -> Any:
    r"""Write schemas as other languages read them. Types bound the depth.

    Patterns are those of ECMA-262, which JSON Schema means: the end of a text is `$`, not `\Z`; a class of characters
    beyond 16 bits is written otherwise, and is said in words here: who reads needs no pattern, and who writes text
    signs it with an SDK. No default is told: what an answer leaves out, its reader's language would make a value of.
    """
    match schema:
        case {"pattern": str(pattern)} if r"\U" in pattern:
            return {"description": TEXT, **{name: each for name, each in schema.items() if name != "pattern"}}
        case {"pattern": str(pattern)}:
            return {**schema, "pattern": re.sub(r"\\Z$", "$", pattern)}
        case dict():
            return {name: portable(each) for name, each in schema.items() if name != "default"}
        case list():
            return [portable(each) for each in schema]
        case _:
            return schema


def spread(schemas: dict[str, Any]) -> None:
    """Give each field the words that its type's docstring has for it, and the type those before them."""
    for schema in schemas.values():
        words = inspect.cleandoc(schema.get("description", ""))
        about, _, section = words.partition(_ATTRIBUTES)
        if about:
            schema["description"] = about.strip()
        for name, said in re.findall(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", section, re.MULTILINE):
            field = schema["properties"].get(_NAMED.get(name, name))
            if field is not None and "$ref" not in field:
                field["description"] = " ".join(said.split())
