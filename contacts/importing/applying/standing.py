"""Where people of a file stand from now on: a yes never widens, and a no always counts.

A no beats every yes that a file gave, whichever came first, for everybody at the mailbox. What a
person confirmed here themselves is ended only by a no that is dated later.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from contacts.importing.applying.decision import (
    PLAIN,
    Decision,
    Known,
    Someone,
    Stop,
    SubscriptionMove,
)
from contacts.importing.rows.checking import ImportedPerson
from contacts.importing.rows.permission import Permission
from contacts.importing.words.consent import Says
from contacts.models import SubscriptionStatus, SuppressionReason

_SKIPS: Final = {
    SubscriptionStatus.UNSUBSCRIBED: "unsubscribed",
    SubscriptionStatus.PENDING: "not_confirmed",
}
REASONS: Final = {
    Says.NO: SuppressionReason.UNSUBSCRIBED,
    Says.EVERYTHING: SuppressionReason.UNSUBSCRIBED,
    Says.NEVER: SuppressionReason.DO_NOT_EMAIL,
    Says.GONE: SuppressionReason.BOUNCED,
    Says.COMPLAINT: SuppressionReason.COMPLAINED,
}
_WEIGHT: Final = {
    reason.value: weight
    for weight, reason in enumerate(
        (
            SuppressionReason.UNSUBSCRIBED,
            SuppressionReason.DO_NOT_EMAIL,
            SuppressionReason.BOUNCED,
            SuppressionReason.COMPLAINED,
        )
    )
}
_NOTES: Final = {Says.PENDING: "said_pending", Says.NO: "said_no"}


class StandingRules:
    """Decides permission for the rows of one chunk."""

    def __init__(
        self,
        known: Known,
        decision: Decision,
        by_address: Mapping[str, list[Someone]],
        newsletter_id: int | None,
    ) -> None:
        self._known = known
        self._decision = decision
        self._by_address = by_address
        self._newsletter_id = newsletter_id
        # Shared by everybody whose row says nothing else: they are replaced and never changed.
        self._plain_moves = {newsletter_id or 0: PLAIN}
        self._plain_standing = {newsletter_id or 0: SubscriptionStatus.SUBSCRIBED}

    def why_skip(self, person: ImportedPerson, someone: Someone | None) -> str:
        """Why a row that would subscribe somebody is left alone; "" when it is not."""
        newsletter_id, said = self._newsletter_id, person.permission
        if newsletter_id is None or (said and (said.says.stops or said.newsletters)):
            return ""
        key = person.key or (someone.key if someone else None)
        if key is not None and key in self._known.suppressed:
            return self._known.suppressed[key]
        if someone is None:
            return ""
        if someone.standing is not None and newsletter_id in someone.standing:
            return _SKIPS.get(someone.standing[newsletter_id], "")
        return self._others_left(someone, key, newsletter_id)

    def settle(self, someone: Someone, person: ImportedPerson) -> bool:
        """What a row says of permission, done to ``someone``; True when it changes anything."""
        said, newsletter_id = person.permission, self._newsletter_id
        if said is None:
            return newsletter_id is not None and self._join(someone, newsletter_id, None)
        self._note(said)
        changed = False
        stopped = said.says.stops
        unlisted = newsletter_id is None and not said.newsletters
        if stopped and (said.says is not Says.NO or unlisted):
            changed |= self.stop(someone.key, REASONS[said.says], said)
        if unlisted and said.says is Says.NO:
            changed |= self._leave_all(someone, said)
        for number, says in self._wanted(said).items():
            alone = bool(said.newsletters) and said.says is not Says.NO
            if says.stops:
                changed |= self._leave(someone, number, said, alone=alone)
            elif says is Says.PENDING:
                changed |= self._wait(someone, number)
            else:
                changed |= self._join(someone, number, said.agreed_at, alone=alone, stopped=stopped)
        return changed

    def stop(self, key: str | None, reason: SuppressionReason, said: Permission | None) -> bool:
        """Put an address on the do-not-email list; False where it is already, or is none."""
        if key is None:
            return False
        at = said.stopped_at if said else None
        if said and at and self._confirmed_since(key, at):
            self._decision.notes["own_consent_kept"] += 1
            return False
        held = self._known.suppressed.get(key)
        if held is not None and _WEIGHT[held] >= _WEIGHT[reason.value]:
            return False
        if held not in (None, SuppressionReason.UNSUBSCRIBED.value) and (
            key not in self._decision.stops
        ):
            return False  # it is there for good already, and why stays as it was
        self._known.suppressed[key] = reason.value
        self._decision.stops[key] = Stop(reason, at, said.why if said else "")
        return True

    def _wanted(self, said: Permission) -> dict[int, Says]:
        wanted = dict(said.newsletters)
        if self._newsletter_id is not None and self._newsletter_id not in wanted:
            wanted[self._newsletter_id] = Says.NO if said.says.stops else said.says
        if said.says is Says.NO:
            return dict.fromkeys(wanted, Says.NO)
        return wanted

    def _note(self, said: Permission) -> None:
        note = _NOTES.get(said.says) or ("said_stop" if said.says.stops else "")
        if note:
            self._decision.notes[note] += 1

    def _join(
        self,
        someone: Someone,
        newsletter_id: int,
        agreed_at: datetime | None,
        *,
        alone: bool = False,
        stopped: bool = False,
    ) -> bool:
        held = someone.standing
        if held is not None and newsletter_id in held:
            return False
        if alone and not stopped and someone.key in self._known.suppressed:
            self._decision.notes["standing_kept"] += 1
            return False
        if not alone and self._others_left(someone, someone.key, newsletter_id):
            self._decision.notes["mailbox_left"] += 1
            return False
        if agreed_at is None and held is None and newsletter_id == self._newsletter_id:
            someone.standing, someone.moves = self._plain_standing, self._plain_moves
        else:
            self._put(
                someone, newsletter_id, SubscriptionMove(SubscriptionStatus.SUBSCRIBED, agreed_at)
            )
        return True

    def _wait(self, someone: Someone, newsletter_id: int) -> bool:
        if someone.standing is not None and newsletter_id in someone.standing:
            return False
        self._put(someone, newsletter_id, SubscriptionMove(SubscriptionStatus.PENDING))
        return True

    def _leave_all(self, someone: Someone, said: Permission) -> bool:
        """A no that names no newsletter is from each that anybody at the mailbox has."""
        everyone = self._by_address[someone.key] if someone.key is not None else []
        numbers = {number for each in (someone, *everyone) for number in each.standing or ()}
        left = [self._leave(someone, number, said, alone=False) for number in sorted(numbers)]
        return any(left)

    def _leave(
        self, someone: Someone, newsletter_id: int, said: Permission, *, alone: bool
    ) -> bool:
        left = SubscriptionMove(SubscriptionStatus.UNSUBSCRIBED, said.stopped_at, said.why or None)
        everyone = [someone] if alone or someone.key is None else self._by_address[someone.key]
        changed = False
        for each in {id(each): each for each in (someone, *everyone)}.values():
            held = (each.standing or {}).get(newsletter_id)
            if held is SubscriptionStatus.UNSUBSCRIBED or (held is None and each is not someone):
                continue
            if held is SubscriptionStatus.SUBSCRIBED and not self._ends(
                each, newsletter_id, said.stopped_at
            ):
                self._decision.notes["own_consent_kept"] += 1
                continue
            self._put(each, newsletter_id, left)
            if each.id is not None:
                self._decision.changed[each.id] = each
            changed |= each is someone
        return changed

    def _ends(self, someone: Someone, newsletter_id: int, at: datetime | None) -> bool:
        if someone.id is None or newsletter_id in (someone.moves or ()):
            return True  # subscribed by this very file
        given = self._known.consents.get((someone.id, newsletter_id))
        if given is None or given.by_file:
            return True
        if at is None:
            return not given.own
        return at > given.at

    def _confirmed_since(self, key: str, at: datetime) -> bool:
        people = {each.id for each in self._by_address.get(key, ())}
        return any(
            given.own and given.at >= at and number in people
            for (number, _), given in self._known.consents.items()
        )

    def _others_left(self, someone: Someone, key: str | None, newsletter_id: int) -> str:
        # Whoever else reads this mailbox may have left: a second copy would come to them.
        others = self._by_address.get(key, ()) if key is not None else ()
        reasons = (
            _SKIPS.get(each.standing[newsletter_id], "")
            for each in others
            if each is not someone and each.standing and newsletter_id in each.standing
        )
        return next(filter(None, reasons), "")

    def _put(self, someone: Someone, newsletter_id: int, move: SubscriptionMove) -> None:
        someone.standing = {**(someone.standing or {}), newsletter_id: move.status}
        someone.moves = {**(someone.moves or {}), newsletter_id: move}
