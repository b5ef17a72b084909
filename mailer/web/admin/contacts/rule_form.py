"""The rules of a segment as rows of a form: read from it, put into it, made into a group."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from contacts.errors import BadRules
from contacts.models import Organisation
from contacts.segments import FIELDS, Group, Rule, parse
from contacts.segments.library import organisations_called
from contacts.segments.rules import MOST_VALUES
from mailer.authoring.text.characters import many_lines, one_line
from mailer.web import forms

_MOST: Final = 20
_LONGEST_NAME: Final = 400  # more than is taken, so that the page can say so
_BY_NAME: Final = "organisation"  # too many to tick: their names are written, one a line


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule as it stands in the form, finished or not."""

    field: str
    op: str = "any_of"
    values: tuple[str, ...] = ()
    written: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """The whole form."""

    name: str
    match: str
    rows: tuple[RuleRow, ...]


FRESH: Final = Rows("", "all", (RuleRow("category"),))


def read(form: MultiDict[str, str]) -> Rows:
    """What was posted, with the row added or removed that its button says."""
    number = forms.count(form, "rules", most=_MOST)
    rows = [_row(form, f"rule-{place}") for place in range(1, number + 1)]
    do = form.get("do", "")
    if do == "add" and len(rows) < _MOST:
        rows.append(RuleRow("category"))
    elif (gone := re.fullmatch(r"remove-(\d{1,2})", do)) and 1 <= int(gone[1]) <= len(rows):
        del rows[int(gone[1]) - 1]
    match = "any" if form.get("match") == "any" else "all"
    return Rows(one_line(form.get("name", ""))[:_LONGEST_NAME], match, tuple(rows))


def _row(form: MultiDict[str, str], prefix: str) -> RuleRow:
    field = form.get(f"{prefix}-field", "")
    field = field if field in FIELDS else "category"
    row = RuleRow(field, form.get(f"{prefix}-op", ""))
    if form.get(f"{prefix}-was") != field:  # what was ticked is about something else
        return row
    return replace(
        row,
        values=tuple(map(one_line, form.getlist(f"{prefix}-values"))),
        written=many_lines(form.get(f"{prefix}-names", "")),
    )


def understand(session: Session, rows: Rows) -> tuple[Group, list[tuple[str, str]]]:
    """The rules that can be understood, and what is in the way of the others."""
    rules: list[Rule | Group] = []
    problems = []
    for place, row in enumerate(rows.rows, 1):
        try:
            data = {"field": row.field, "op": row.op, "values": _values(session, row)}
            rules += parse({"match": "all", "rules": [data]}).rules
        except BadRules as error:
            problems.append((f"rule-{place}", f"Rule {place}. {error}"))
    return Group(rows.match, tuple(rules)), problems


def from_group(session: Session, name: str, group: Group) -> Rows | None:
    """A kept segment as rows; None for one of too many, or with groups, which no row can show."""
    rules = [rule for rule in group.rules if isinstance(rule, Rule)]
    if len(rules) != len(group.rules) or len(rules) > _MOST:
        return None
    return Rows(name, group.match, tuple(_shown(session, rule) for rule in rules))


def _shown(session: Session, rule: Rule) -> RuleRow:
    if rule.field != _BY_NAME:
        return RuleRow(rule.field, rule.op, rule.values)
    named = select(Organisation.slug, Organisation.name).where(Organisation.slug.in_(rule.values))
    known = {row.slug: row.name for row in session.execute(named)}
    return RuleRow(
        rule.field, rule.op, (), "\n".join(known.get(slug, slug) for slug in rule.values)
    )


def _values(session: Session, row: RuleRow) -> list[str]:
    if row.field != _BY_NAME:
        return list(row.values)
    wanted: Sequence[str] = [line.strip() for line in row.written.splitlines() if line.strip()]
    if len(wanted) > MOST_VALUES:
        raise BadRules(f"Organisation: name at most {MOST_VALUES}, there are {len(wanted):,}.")
    known = organisations_called(session, wanted)
    if unknown := [name for name in wanted if name not in known]:
        raise BadRules(f"No organisation is called {unknown[0][:200]}.")
    return [known[name] for name in wanted]
