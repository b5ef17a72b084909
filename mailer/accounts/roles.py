"""Roles: the one table of what each may do. Pages, commands, programs and mail all go by it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mailer.models import Power


@dataclass(frozen=True, slots=True)
class RoleWords:
    """What a role is called, what it may do, and which roles it includes beside itself."""

    name: str
    several: str
    may: str  # on the page of people and rights
    you_can: str  # in the mail that lets somebody in
    includes: frozenset[Power]


_V, _C, _E, _A = Power.VIEWER, Power.CONTRIBUTOR, Power.EDITOR, Power.APPROVER

ROLES: Final = {
    Power.VIEWER: RoleWords(
        "Viewer",
        "people with a role here",
        "Looks at everything, changes nothing.",
        "you can look at everything",
        frozenset(),
    ),
    Power.CONTRIBUTOR: RoleWords(
        "Contributor",
        "contributors",
        "Writes in issues and comments on them, adds pictures. Sends nothing, changes no people.",
        "you can write in issues and comment on them",
        frozenset({_V}),
    ),
    Power.EDITOR: RoleWords(
        "Editor",
        "editors",
        "Makes, tests, plans and sends issues, changes people, imports. Others approve.",
        "you can write, plan and send issues that were approved, and change people",
        frozenset({_V, _C}),
    ),
    Power.APPROVER: RoleWords(
        "Approver",
        "approvers",
        "What an editor may, and approves issues or asks for changes.",
        "you can approve issues, and do all that editors can",
        frozenset({_V, _C, _E}),
    ),
    Power.ADMIN: RoleWords(
        "Admin",
        "admins",
        "Everything, and these settings.",
        "you can do everything, settings included",
        frozenset({_V, _C, _E, _A}),
    ),
}


def allows(held: Power | None, wanted: Power) -> bool:
    """Whether who has the role ``held`` may do what ``wanted`` may."""
    return held is not None and (held is wanted or wanted in ROLES[held].includes)


def highest(names: Iterable[str]) -> Power | None:
    """The role, of those with these names, that includes most; None where there is none."""
    held = [Power(name) for name in names]
    return max(held, key=lambda power: len(ROLES[power].includes), default=None)


def allowing(wanted: Power) -> list[Power]:
    """The roles that may do what ``wanted`` may."""
    return [power for power in Power if allows(power, wanted)]


def only(wanted: Power, names: Sequence[str]) -> str:
    """Who can do what somebody may not: "Only approvers can do this. Marc Bell can."."""
    said = f"Only {ROLES[wanted].several} can do this."
    return f"{said} {listed(names)} can." if names else f"{said} There is none yet."


def listed(names: Sequence[str], *, most: int = 5) -> str:
    """ "Marc Bell, Priya Shah and Jo Perry"; of many, the first few and how many more."""
    shown = list(names[:most])
    if len(names) > most:
        shown.append(f"{len(names) - most} more")
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))
