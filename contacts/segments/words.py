"""Rules as a sentence, so that a person can see whether they say what was meant."""

from collections.abc import Mapping

from contacts.segments.rules import Group, Rule

_VERBS = {
    ("category", "any_of"): "in {} organisations",
    ("category", "none_of"): "not in {} organisations",
    ("role", "any_of"): "who are {}",
    ("role", "none_of"): "who are not {}",
    ("tag", "any_of"): "tagged {}",
    ("tag", "none_of"): "not tagged {}",
    ("organisation", "any_of"): "at {}",
    ("organisation", "none_of"): "not at {}",
    ("newsletter", "any_of"): "subscribed to {}",
    ("newsletter", "none_of"): "not subscribed to {}",
}


def in_words(group: Group, names: Mapping[tuple[str, str], str]) -> str:
    """A sentence for ``group``; ``names`` maps (field, slug) to the name a person knows."""
    if not group.rules:
        return "Everybody."
    return f"People {_joined(group, names)}."


def _joined(group: Group, names: Mapping[tuple[str, str], str]) -> str:
    word = ", and " if group.match == "all" else ", or "
    return word.join(
        f"({_joined(rule, names)})" if isinstance(rule, Group) else _phrase(rule, names)
        for rule in group.rules
    )


def _phrase(rule: Rule, names: Mapping[tuple[str, str], str]) -> str:
    known = [names.get((rule.field, value), value) for value in rule.values]
    listed = known[0] if len(known) == 1 else f"{', '.join(known[:-1])} or {known[-1]}"
    return _VERBS[rule.field, rule.op].format(listed)
