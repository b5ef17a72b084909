"""What a chunk of checked rows does to the people who are there, worked out row after row.

Nothing here touches the database: ``Known`` is what was looked up for the chunk, and ``Decision``
what is to be written. Rows are taken in the file's order, so a person who stands in the file twice
is found by the second row just as if the first were in the database already. An import fills in
blanks; it replaces only where a person said that the file is newer, and never widens a consent:
people who unsubscribed, have not confirmed or whose address is suppressed are left as they are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import lru_cache

from contacts.importing.applying.decision import Decision, Difference, Known, Someone
from contacts.importing.applying.same_person import may_be_one
from contacts.importing.applying.standing import REASONS, StandingRules
from contacts.importing.rows.checking import ImportedPerson, RowProblem
from contacts.importing.words.consent import Says
from contacts.importing.words.fields import ColumnField
from contacts.models import SuppressionReason
from contacts.names import fold, label_key


class Decider:
    """Takes rows one after another and keeps what they come to in ``decision``."""

    def __init__(
        self, known: Known, *, newsletter_id: int | None, by_name: bool, newer: bool = False
    ) -> None:
        self._known = known
        self._newer = newer
        self._matches_names = by_name  # some row of the chunk has no address
        self._by_address: dict[str, list[Someone]] = defaultdict(list)
        self._by_name: dict[tuple[str, str], Someone] = {}
        self._place_of = {place.id: place for place in known.places.values() if place.id}
        self.decision = Decision()
        self._standing = StandingRules(known, self.decision, self._by_address, newsletter_id)
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
        if reason := self._standing.why_skip(person, someone):
            decision.skipped[reason] += 1
            return
        for address in person.other_addresses:
            self._differs("second_address", person, ColumnField.EMAIL, address)
        if someone is None:
            self._add(person)
            decision.outcomes["added"] += 1
        elif self._fill(someone, person) | self._standing.settle(someone, person):
            if someone.id is not None:
                decision.changed[someone.id] = someone
            decision.outcomes["updated"] += 1
        else:
            decision.outcomes["unchanged"] += 1

    def take_as_do_not_email(self, person: ImportedPerson) -> None:
        """Decide one row of a list of addresses that get nothing."""
        decision, said = self.decision, person.permission
        given = said is not None and said.says.stops and said.says is not Says.NO
        reason = REASONS[said.says] if said and given else SuppressionReason.DO_NOT_EMAIL
        changed = self._standing.stop(person.key, reason, said)
        for other in person.other_addresses:
            changed |= self._standing.stop(other.lower(), reason, said)
        decision.outcomes["added" if changed else "unchanged"] += 1

    def _find(self, person: ImportedPerson) -> Someone | None:
        if person.key is None:
            return self._by_name.get((person.organisation_key, fold(person.name)))
        found = self._by_address.get(person.key)
        if not found:
            return None
        if len(found) == 1 and found[0].name == person.name:
            return found[0]
        wanted = fold(person.name)
        if named := [each for each in found if fold(each.name) == wanted]:
            return named[0]
        meant = [each for each in found if may_be_one(each.name, person.name)]
        if len(meant) > 1:
            *most, last = [f"“{each.name}”" for each in meant[:5]]
            names = f"{', '.join(most)} and {last}"
            raise _Ambiguous(
                f"Several people share this address: {names}. Use one of these names in this row."
            )
        if not meant:
            self.decision.notes["shared_mailbox"] += 1
            return None
        return meant[0]

    def _add(self, person: ImportedPerson) -> None:
        someone = Someone(person.key, email=person.email)
        self._fill(someone, person)
        self.decision.added.append(someone)
        if person.key is not None:
            self._by_address[person.key].append(someone)
        self._standing.settle(someone, person)
        if self._matches_names:
            self._enter_name(someone)

    def _fill(self, someone: Someone, person: ImportedPerson) -> bool:
        changed = bool(person.name) and self._call(someone, person)
        elsewhere = False
        if person.organisation_key:
            moved = self._put_in_place(someone, person)
            elsewhere = moved is None
            changed |= bool(moved)
        if person.category_id is not None:
            changed |= self._categorise(someone, person)
        if person.roles:
            changed |= self._give_roles(someone, person, elsewhere=elsewhere)
        if person.tags and (tags := _missing(person.tags, someone.tags, someone.new_tags)):
            someone.new_tags = {**(someone.new_tags or {}), **tags}
            changed = True
        return changed

    def _call(self, someone: Someone, person: ImportedPerson) -> bool:
        if someone.name == person.name:
            return False
        if someone.name and not self._newer:
            if fold(someone.name) != fold(person.name):
                self._differs("name_kept", person, ColumnField.NAME, person.name, someone.name)
            return False
        if someone.name:
            someone.replaced = True
        someone.name, someone.first, someone.last = person.name, person.first, person.last
        someone.filled = True
        return True

    def _put_in_place(self, someone: Someone, person: ImportedPerson) -> bool | None:
        """True when they are put there, None when they stay elsewhere."""
        place = self._known.places[person.organisation_key]
        if someone.place is place:
            return False
        if someone.place is not None or someone.organisation_id is not None:
            if not self._newer:
                held = someone.place.name if someone.place else ""
                number = someone.organisation_id
                self.decision.differences.append(
                    Difference(
                        person.row, ColumnField.ORGANISATION, person.organisation, held, number
                    )
                )
                self.decision.notes["organisation_kept"] += 1
                return None
            someone.replaced = True
        someone.place = place
        someone.filled = place.wanted = True
        if someone.id is not None and self._matches_names:
            self._enter_name(someone)
        return True

    def _give_roles(self, someone: Someone, person: ImportedPerson, *, elsewhere: bool) -> bool:
        roles = _missing(person.roles, someone.roles, someone.new_roles)
        if elsewhere:
            if roles:
                given = "; ".join(roles.values())
                self._differs("role_kept", person, ColumnField.ROLE, given)
            return False
        if self._newer and someone.roles and not someone.roles_replaced:
            wanted = _missing(person.roles, (), None)
            if someone.roles == wanted.keys():
                return False
            someone.new_roles, someone.roles, someone.roles_replaced = wanted, frozenset(), True
            return True
        if roles:
            someone.new_roles = {**(someone.new_roles or {}), **roles}
        return bool(roles)

    def _categorise(self, someone: Someone, person: ImportedPerson) -> bool:
        wanted = person.category_id
        if someone.place is None and someone.organisation_id is None:
            held = someone.own_category_id
            if held is None or (self._newer and held != wanted):
                someone.own_category_id = wanted
                someone.filled = True
                someone.replaced |= held is not None
                return True
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
            self._differs("category_kept", person, ColumnField.CATEGORY, str(wanted), str(held))
        return False

    def _differs(
        self, note: str, person: ImportedPerson, field: ColumnField, given: str, held: str = ""
    ) -> None:
        self.decision.notes[note] += 1
        self.decision.differences.append(Difference(person.row, field, given, held))

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
    keys: dict[str, str] = {}
    for name in names:
        keys.setdefault(_key(name), name)
    return {key: name for key, name in keys.items() if key not in held and key not in (new or ())}


_key = lru_cache(maxsize=20_000)(label_key)
