"""What is known of the people a chunk speaks of, and what is to be written of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from contacts.importing.rows.checking import RowProblem
from contacts.importing.words.fields import ColumnField
from contacts.models import SubscriptionStatus, SuppressionReason


class SubscriptionMove(NamedTuple):
    """Where somebody stands with a newsletter from now on. ``at`` None is the import's moment."""

    status: SubscriptionStatus
    at: datetime | None = None
    why: str | None = None


PLAIN = SubscriptionMove(SubscriptionStatus.SUBSCRIBED)


class Stop(NamedTuple):
    """Why an address goes on the do-not-email list."""

    reason: SuppressionReason
    at: datetime | None = None
    detail: str = ""


class GivenConsent(NamedTuple):
    """The last yes of a person: given by themselves on words they saw, or by a file."""

    at: datetime
    own: bool
    by_file: bool


class Difference(NamedTuple):
    """What a row says and was not taken, beside what is here."""

    row: int
    field: ColumnField
    given: str
    held: str = ""
    organisation_id: int | None = None  # whose name is what is held


@dataclass(slots=True, eq=False)
class ImportedOrganisation:
    """An organisation: there already, or to be made when somebody is put into it."""

    key: str
    name: str
    id: int | None = None
    category_id: int | None = None
    wanted: bool = False
    categorised: bool = False


@dataclass(slots=True, eq=False)
class Someone:
    """A person: there already, or to be added."""

    key: str | None
    id: int | None = None
    email: str | None = None
    name: str = ""
    first: str = ""
    last: str = ""
    organisation_id: int | None = None
    own_category_id: int | None = None
    standing: Mapping[int, SubscriptionStatus] | None = None  # by newsletter
    roles: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    place: ImportedOrganisation | None = None  # set by this import, as are those below
    new_roles: dict[str, str] | None = None  # by what is compared -> name
    new_tags: dict[str, str] | None = None
    moves: Mapping[int, SubscriptionMove] | None = None  # by newsletter
    filled: bool = False
    replaced: bool = False  # by a file that is newer, as are the roles
    roles_replaced: bool = False


@dataclass(slots=True)
class Known:
    """What the database holds of a chunk's people, places and addresses to leave alone."""

    people: list[Someone]
    places: dict[str, ImportedOrganisation]
    suppressed: dict[str, str]  # address key -> reason
    consents: dict[
        tuple[int, int | None], GivenConsent
    ]  # by person and newsletter; where a row stops


@dataclass(slots=True)
class Decision:
    """What to write, and what to count."""

    added: list[Someone] = field(default_factory=list)
    changed: dict[int, Someone] = field(default_factory=dict)
    stops: dict[str, Stop] = field(default_factory=dict)  # by address
    problems: list[RowProblem] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
