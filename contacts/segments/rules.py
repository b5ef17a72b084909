"""The rules of a segment: a small document, checked before it is trusted.

``{"match": "all", "rules": [{"field": "category", "op": "any_of", "values": ["full"]}, …]}``; a
rule may itself be such a group, one level deep.
"""

from dataclasses import dataclass
from typing import Any, Final

from contacts.errors import BadRules

FIELDS: Final = {
    "category": "Category",
    "role": "Role",
    "tag": "Tag",
    "organisation": "Organisation",
    "newsletter": "Newsletter",
}
OPS: Final = {"any_of": "is any of", "none_of": "is none of"}
MATCHES: Final = ("all", "any")
_MOST_RULES: Final = 50
MOST_VALUES: Final = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """``values`` are slugs of what ``field`` names."""

    field: str
    op: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rules joined by one word. An empty group lets everybody through."""

    match: str
    rules: tuple["Rule | Group", ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "match": self.match,
            "rules": [
                rule.to_json()
                if isinstance(rule, Group)
                else {"field": rule.field, "op": rule.op, "values": list(rule.values)}
                for rule in self.rules
            ],
        }


EVERYONE: Final = Group("all", ())


def parse(data: object, *, depth: int = 0) -> Group:
    """The rules in ``data``; BadRules says which one cannot be understood."""
    if not isinstance(data, dict) or data.get("match") not in MATCHES:
        raise BadRules("A group of rules says whether all or any of them must match.")
    rules = data.get("rules")
    if not isinstance(rules, list) or len(rules) > _MOST_RULES:
        raise BadRules(f"A group holds a list of at most {_MOST_RULES} rules.")
    return Group(data["match"], tuple(_parse_one(rule, depth) for rule in rules))


def _parse_one(data: object, depth: int) -> Rule | Group:
    if isinstance(data, dict) and "rules" in data:
        if depth:
            raise BadRules("A group cannot hold another group inside a group.")
        return parse(data, depth=depth + 1)
    if not isinstance(data, dict) or data.get("field") not in FIELDS:
        raise BadRules(f"A rule is about one of: {', '.join(FIELDS)}.")
    name = FIELDS[data["field"]]
    if data.get("op") not in OPS:
        raise BadRules(f"{name}: choose “is any of” or “is none of”.")
    values = data.get("values")
    if isinstance(values, list) and len(values) > MOST_VALUES:
        raise BadRules(f"{name}: choose at most {MOST_VALUES}, there are {len(values):,}.")
    if (
        not isinstance(values, list)
        or not values
        or not all(isinstance(value, str) and 0 < len(value) <= 200 for value in values)
    ):
        raise BadRules(f"{name}: choose at least one.")
    return Rule(data["field"], data["op"], tuple(dict.fromkeys(values)))
