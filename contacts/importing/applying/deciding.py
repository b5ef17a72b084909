"""What a chunk of checked rows does to the people who are there, worked out row after row.

Nothing here touches the database: ``Known`` is what was looked up for the chunk, and ``Decision``
what is to be written. Rows are taken in the file's order, so a person who stands in the file twice
is found by the second row just as if the first were in the database already. An import fills in
blanks; it never replaces, and never widens a consent: people who unsubscribed, have not confirmed
or whose address is suppressed are left as they are.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from contacts.importing.rows.checking import ImportedPerson, RowProblem
from contacts.models import SubscriptionStatus
from contacts.names import fold, slugify

_SKIPS = {
    SubscriptionStatus.UNSUBSCRIBED: "unsubscribed",
    SubscriptionStatus.PENDING: "not_confirmed",
}


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
    standing: SubscriptionStatus | None = None
    roles: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    place: ImportedOrganisation | None = None  # set by this import, as are the three below
    new_roles: dict[str, str] | None = None  # slug -> name
    new_tags: dict[str, str] | None = None
    subscribes: bool = False
    filled: bool = False


@dataclass(slots=True)
class Known:
    """What the database holds of a chunk's people, places and addresses to leave alone."""

    people: list[Someone]
    places: dict[str, ImportedOrganisation]
    suppressed: Mapping[str, str]  # address key -> reason


@dataclass(slots=True)
class Decision:
    """What to write, and what to count."""

    added: list[Someone] = field(default_factory=list)
    changed: dict[int, Someone] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)


class Decider:
    """Takes rows one after another and keeps what they come to in ``decision``."""

    def __init__(self, known: Known, *, subscribing: bool, by_name: bool) -> None:
        self._known = known
        self._subscribing = subscribing
        self._matches_names = by_name  # some row of the chunk has no address
        self._by_address: dict[str, list[Someone]] = defaultdict(list)
        self._by_name: dict[tuple[str, str], Someone] = {}
        self._place_of = {place.id: place for place in known.places.values() if place.id}
        self.decision = Decision()
        for someone in known.people:
            if someone.organisation_id is not None:
                someone.place = self._place_of.get(someone.organisation_id)
            self._enter(someone)

    def take(self, person: ImportedPerson) -> None:
        """Decide one row."""
        decision = self.decision
        try:
            someone = self._find(person)
        except _Ambiguous as ambiguous:
            decision.problems.append(RowProblem(person.row, "", person.key or "", str(ambiguous)))
            decision.outcomes["failed"] += 1
            return
        if self._subscribing and (reason := self._why_skip(person, someone)):
            decision.skipped[reason] += 1
            return
        if someone is None:
            self._add(person)
            decision.outcomes["added"] += 1
        elif self._fill(someone, person):
            if someone.id is not None:
                decision.changed[someone.id] = someone
            decision.outcomes["updated"] += 1
        else:
            decision.outcomes["unchanged"] += 1

    def _find(self, person: ImportedPerson) -> Someone | None:
        if person.key is None:
            return self._by_name.get((person.organisation_key, fold(person.name)))
        found = self._by_address.get(person.key)
        if not found:
            return None
        if len(found) == 1:
            return found[0]
        wanted = fold(person.name)
        named = [each for each in found if fold(each.name) == wanted]
        if not named:
            names = " and ".join(f"“{each.name}”" for each in found[:5])
            raise _Ambiguous(
                f"Several people share this address: {names}. Use one of these names in this row."
            )
        return named[0]

    def _why_skip(self, person: ImportedPerson, someone: Someone | None) -> str:
        key = person.key or (someone.key if someone else None)
        if key is not None and key in self._known.suppressed:
            return self._known.suppressed[key]
        if someone is None:
            return ""
        if someone.standing is not None:
            return _SKIPS.get(someone.standing, "")
        # Whoever else reads this mailbox may have left: a second copy would come to them.
        others = self._by_address.get(key, []) if key is not None else []
        reasons = [_SKIPS.get(each.standing, "") for each in others if each.standing]
        return next(filter(None, reasons), "")

    def _add(self, person: ImportedPerson) -> None:
        someone = Someone(person.key, email=person.email)
        self._fill(someone, person)
        self.decision.added.append(someone)
        if person.key is not None:
            self._by_address[person.key].append(someone)
        if self._matches_names:
            self._enter_name(someone)

    def _fill(self, someone: Someone, person: ImportedPerson) -> bool:
        changed = False
        if not someone.name and person.name:
            someone.name, someone.first, someone.last = person.name, person.first, person.last
            someone.filled = changed = True
        if person.organisation_key:
            changed |= self._put_in_place(someone, person)
        if person.category_id is not None:
            changed |= self._categorise(someone, person)
        if person.roles and (roles := _missing(person.roles, someone.roles, someone.new_roles)):
            someone.new_roles = {**(someone.new_roles or {}), **roles}
            changed = True
        if person.tags and (tags := _missing(person.tags, someone.tags, someone.new_tags)):
            someone.new_tags = {**(someone.new_tags or {}), **tags}
            changed = True
        if self._subscribing and someone.standing is None:
            someone.standing = SubscriptionStatus.SUBSCRIBED
            someone.subscribes = changed = True
        return changed

    def _put_in_place(self, someone: Someone, person: ImportedPerson) -> bool:
        place = self._known.places[person.organisation_key]
        if someone.place is place:
            return False
        if someone.place is not None or someone.organisation_id is not None:
            self.decision.notes["organisation_kept"] += 1
            return False
        someone.place = place
        someone.filled = place.wanted = True
        if someone.id is not None and self._matches_names:
            self._enter_name(someone)
        return True

    def _categorise(self, someone: Someone, person: ImportedPerson) -> bool:
        wanted = person.category_id
        if someone.place is None and someone.organisation_id is None:
            if someone.own_category_id is None:
                someone.own_category_id = wanted
                someone.filled = True
                return True
            held = someone.own_category_id
        else:
            place = someone.place
            if place is None or place.key != person.organisation_key:
                return False  # the row speaks of another organisation than theirs
            if place.category_id is None:
                place.category_id = wanted
                place.categorised = True
                return True
            held = place.category_id
        if held != wanted:
            self.decision.notes["category_kept"] += 1
        return False

    def _enter(self, someone: Someone) -> None:
        if someone.key is not None:
            self._by_address[someone.key].append(someone)
        if self._matches_names:
            self._enter_name(someone)

    def _enter_name(self, someone: Someone) -> None:
        # Without an organisation a name alone would match strangers: it stands for somebody only
        # among those who have no address either.
        if someone.place is not None:
            self._by_name.setdefault((someone.place.key, fold(someone.name)), someone)
        elif someone.organisation_id is None and someone.key is None:
            self._by_name.setdefault(("", fold(someone.name)), someone)


class _Ambiguous(Exception):
    """Several people may be meant."""


def _missing(
    names: Iterable[str], held: Collection[str], new: Collection[str] | None
) -> dict[str, str]:
    slugs = {label_slug(name): name for name in names}
    return {
        slug: name for slug, name in slugs.items() if slug not in held and slug not in (new or ())
    }


@lru_cache(maxsize=20_000)
def label_slug(name: str) -> str:
    """A role's or tag's slug; names without Latin letters get one from their digest."""
    return slugify(name) or f"x-{sha256(fold(name).encode()).hexdigest()[:10]}"
