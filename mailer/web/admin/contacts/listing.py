"""What the list of people is narrowed and sorted by, in words and as links that change it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, TypedDict

from flask import url_for

from contacts.models import Category, Newsletter, Role, Tag
from contacts.people.finding import SORTS, Wanted
from mailer.web.admin.contacts.standing import FILTER

_DIRECTIONS: Final = {"name": "ascending", "organisation": "ascending", "changed": "descending"}


class PeopleChoices(TypedDict):
    """What people can be narrowed to."""

    categories: Sequence[Category]
    roles: Sequence[Role]
    tags: Sequence[Tag]
    newsletters: Sequence[Newsletter]


@dataclass(frozen=True, slots=True)
class Sorting:
    """A column to sort by: where a press leads, and the direction in which the rows stand now."""

    url: str
    now: str


def understood(wanted: Wanted, choices: PeopleChoices) -> Wanted:
    """What can be looked for of what a link asks.

    Where people stand is a question about one newsletter: the first, if none is named.
    """
    standing = wanted.standing if wanted.standing in FILTER else ""
    newsletter = wanted.newsletter
    if standing and not newsletter and choices["newsletters"]:
        newsletter = choices["newsletters"][0].slug
    sort = wanted.sort if wanted.sort in SORTS[1:] else ""
    return replace(wanted, standing=standing, newsletter=newsletter, sort=sort)


def is_narrowed(wanted: Wanted) -> bool:
    """Whether anybody may be missing from the list."""
    return wanted != Wanted(sort=wanted.sort)


def url(wanted: Wanted, **more: Any) -> str:
    """The list of these people."""
    return url_for("people.show_all", **kept(wanted), **more)


def kept(wanted: Wanted) -> dict[str, Any]:
    """What a link or a form has to say to come to these people."""
    return {name: value for name, value in asdict(wanted).items() if value}


def chips(wanted: Wanted, choices: PeopleChoices) -> list[tuple[str, str, str]]:
    """What the list is narrowed by: what, which, and the list without it."""
    rows: tuple[tuple[str, str, str, dict[str, str]], ...] = (
        ("Category", "category", _name(choices["categories"], wanted.category), {}),
        ("Role", "role", _name(choices["roles"], wanted.role), {}),
        ("Tag", "tag", _name(choices["tags"], wanted.tag), {}),
        ("Newsletter", "newsletter", _newsletter(wanted, choices), {"standing": ""}),
    )
    return [
        (what, which, url(replace(wanted, **{name: ""}, **more)))
        for what, name, which, more in rows
        if getattr(wanted, name)
    ]


def sorts(wanted: Wanted) -> Mapping[str, Sorting]:
    """How each column is sorted by."""
    now = wanted.sort or SORTS[0]
    return {
        each: Sorting(
            url(replace(wanted, sort="" if each == SORTS[0] else each)),
            _DIRECTIONS[each] if each == now else "",
        )
        for each in SORTS
    }


def _newsletter(wanted: Wanted, choices: PeopleChoices) -> str:
    name = _name(choices["newsletters"], wanted.newsletter)
    return f"{name}, {FILTER[wanted.standing].lower()}" if wanted.standing else name


def _name(things: Sequence[Category | Role | Tag | Newsletter], slug: str) -> str:
    return next((each.name for each in things if each.slug == slug), slug)
