"""The description says every route there is, and no other."""

import re
from typing import Any

from flask import Flask

from tests.mailer.web.api.conftest import Program
from tests.mailer.web.api.openapi import faults


def test_every_route_is_described_and_the_other_way_round(app: Flask, stranger: Program) -> None:
    described = stranger.description
    routed = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/"):
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            routed |= {(method, path) for method in methods for path in _paths(rule.rule)}

    documented = {
        (method.upper(), path)
        for path, item in described["paths"].items()
        for method in item
        if method != "parameters"
    }

    assert documented == routed
    names = [
        item[method]["operationId"]
        for item in described["paths"].values()
        for method in item
        if method != "parameters"
    ]
    assert len(set(names)) == len(names)


def test_every_parameter_of_a_path_is_described(stranger: Program) -> None:
    described = stranger.description
    for path, item in described["paths"].items():
        named = {each["name"] for each in item.get("parameters", ()) if each["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path)), path


def test_the_check_can_fail() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer"}, "at": {"type": ["string", "null"]}},
    }

    assert faults(schema, {"id": 1, "at": None}, {}) == []
    assert faults(schema, {"id": True}, {}) == ["/id is a bool"]
    assert faults(schema, {"at": 3}, {}) == ["/id is missing", "/at is a int"]
    assert faults(schema, {"id": 1, "more": 2}, {}) == ["/more is not described"]


def _paths(rule: str) -> list[str]:
    """A rule as OpenAPI writes it, once for each word where one of several stands."""
    if found := re.search(r"<any\(([^)]*)\):\w+>", rule):
        words = [word.strip() for word in found[1].split(",")]
        return [path for word in words for path in _paths(rule.replace(found[0], word))]
    return [re.sub(r"<(?:[^:<>]*:)?(\w+)>", r"{\1}", rule)]
