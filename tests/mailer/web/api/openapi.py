"""Holds an answer against the description of the API, as far as that one goes."""

from datetime import datetime
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
KNOWN = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "format"),
    *("minimum", "maximum", "description", "default"),
}


def faults(
    schema: dict[str, Any], value: object, document: dict[str, Any], at: str = ""
) -> list[str]:
    """Where a value is not as described: "/relays/0/id is a string". An empty list is praise."""
    if "$ref" in schema:
        return faults(target(schema, document), value, document, at)
    assert set(schema) <= KNOWN, f"the check does not know {set(schema) - KNOWN}"
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(_is(value, name) for name in wanted):
        return [f"{at} is a {type(value).__name__}"]
    found: list[str] = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at} is {value!r}")
    if schema.get("format") == "date-time" and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        found += [] if moment.tzinfo else [f"{at} has no zone"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        found += [] if low <= value <= high else [f"{at} is {value}"]
    if isinstance(value, dict):
        members = schema.get("properties", {})
        # What is not described is a fault even where the description would let it pass.
        found += [f"{at}/{name} is not described" for name in value if name not in members]
        found += [
            f"{at}/{name} is missing" for name in schema.get("required", ()) if name not in value
        ]
        for name, inner in members.items():
            if name in value:
                found += faults(inner, value[name], document, f"{at}/{name}")
    if isinstance(value, list):
        for place, each in enumerate(value):
            found += faults(schema["items"], each, document, f"{at}/{place}")
    return found


def target(reference: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """What a reference within the document points to."""
    found: dict[str, Any] = document
    for name in reference["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def _is(value: object, name: str) -> bool:
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))
