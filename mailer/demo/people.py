"""The people of the demo network: some of every kind that a real network has."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import cycle, islice, product
from random import Random
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from contacts.membership.categories import ensure_categories
from contacts.models import (
    Consent,
    ConsentAct,
    ConsentPurpose,
    Contact,
    Newsletter,
    Organisation,
    Subscription,
    SubscriptionStatus,
    Suppression,
    SuppressionReason,
    contact_roles,
)
from contacts.names import fold, slugify
from contacts.people.adding import role_called
from contacts.permission.consents import wording

_DEMO: Final = Actor(ActorKind.DEMO)
_SEED: Final = 1844  # the year of the Rochdale principles

# Category: organisations, people who will receive it, of those how many agreed to be counted.
_SHAPE: Final = {
    "full": (34, 612, 433),
    "associate": (22, 214, 152),
    "affiliate": (44, 233, 162),
    "supporter": (39, 145, 102),
}
_UNSUBSCRIBED: Final = 61
_BOUNCED: Final = 19
_NO_EMAIL: Final = 12
_SAME_ADDRESS: Final = 9
_NOT_CONFIRMED: Final = 4
_DO_NOT_EMAIL: Final = 1
_ELSEWHERE: Final = 532  # people of the directory who are not on Members' Update

_PLACES: Final = (
    "Northhaven Aldmor Carrdale Wyeham Millbridge Upper-Larkby Eastmere Stonewick Harrowfield "
    "Brackenford Thornleigh Marlwick Ashcombe Fenmouth Oakdale Ravensby Silverdean Kirkhallow "
    "Westerby Dunmarsh Elmstead Greyford Hollinsea Langmoor Pendrick Saltby Tarnside "
    "Underhill Whitmoor Yarrowby Bexmoor Coldbeck Dalehurst Emberton Foxholme Glenwick "
    "Hartsea Inglewell"
).split()
_BODIES: Final = {
    "full": ("City Council", "Borough Council", "Council", "District Council"),
    "associate": ("Town Council", "Parish Council", "Opposition Group", "Assembly"),
    "affiliate": ("Housing Co-operative", "Community Trust", "Energy Society", "Food Partnership"),
    "supporter": ("Friends Group", "Residents Union", "Reading Circle", "Allotment Society"),
}
_FIRST: Final = (
    "Amina Tom Priya Marcus Eleri Joseph Nia Oluwaseun Grace Hamid Siân Patrick Mei Dafydd "
    "Ruth Kwame Isla Farid Helen Tomasz Anjali Callum Beatriz Noor Gwen Samuel Leila Owen "
    "Yusuf Martha"
).split()
_LAST: Final = (
    "Yusuf Keir Shah Bell Morgan Okafor Downing Kaur Rowe Ford Whitcombe Llewellyn Marsh "
    "Adeyemi Pereira Nowak Hughes Iqbal Sutton Brennan Castell Dunmore Eastwood Fairley "
    "Grantham Holt"
).split()
_ROLES: Final = (
    "Councillor",
    "Leader",
    "Cabinet member",
    "Lead officer",
    "Policy officer",
    "Chief executive",
    "Press contact",
)
_CONSENT: Final = (
    "Send me Members' Update every month. I can stop at any time with one press. Opens and clicks "
    "are counted only if I say so."
)


class People:
    """Organisations, the people at them, and where each of them stands with Members' Update."""

    def __init__(self, session: Session, newsletter: Newsletter, now: datetime) -> None:
        self._session = session
        self._newsletter = newsletter
        self._now = now
        self._chance = Random(_SEED)  # noqa: S311  # the same network every time is the point
        self._categories = ensure_categories(session)
        self._roles = [role_called(session, name).id for name in _ROLES]
        self._wording = wording(session, _CONSENT, now=now)
        names = [f"{first} {last}" for first, last in product(_FIRST, _LAST)]
        self._chance.shuffle(names)
        self._names = cycle(names)
        self._used: set[str] = set()

    def make(self) -> None:
        organisations = self._organisations()
        for slug, (_, will_receive, agreed) in _SHAPE.items():
            places = cycle(organisations[slug])
            people = [self._person(next(places)) for _ in range(will_receive)]
            for contact in people[:agreed]:
                contact["tracking_allowed"] = True
            self._enter(people, SubscriptionStatus.SUBSCRIBED)
        mixed = cycle([each for group in organisations.values() for each in group])
        self._left_out(mixed)
        self._contacts([self._person(next(mixed)) for _ in range(_ELSEWHERE)])

    def _left_out(self, places: Iterator[Organisation]) -> None:
        def take(number: int) -> list[dict[str, Any]]:
            return [self._person(next(places)) for _ in range(number)]

        subscribed = SubscriptionStatus.SUBSCRIBED
        self._enter(take(_UNSUBSCRIBED), SubscriptionStatus.UNSUBSCRIBED)
        self._enter(take(_NOT_CONFIRMED), SubscriptionStatus.PENDING)
        no_email = take(_NO_EMAIL)
        for contact in no_email:
            contact["email"] = contact["address_key"] = None
        self._enter(no_email, subscribed)
        for number, reason in (
            (_BOUNCED, SuppressionReason.BOUNCED),
            (_DO_NOT_EMAIL, SuppressionReason.DO_NOT_EMAIL),
        ):
            people = take(number)
            self._enter(people, subscribed)
            self._suppress(people, reason)
        shared = take(_SAME_ADDRESS)
        owners = self._session.execute(
            select(Contact.email, Contact.address_key).order_by(Contact.id).limit(_SAME_ADDRESS)
        )
        for contact, (email, key) in zip(shared, owners, strict=True):
            contact["email"], contact["address_key"] = email, key
        self._enter(shared, subscribed)

    def _organisations(self) -> dict[str, list[Organisation]]:
        made: dict[str, list[Organisation]] = {}
        for slug, (number, _, _) in _SHAPE.items():
            names = (f"{place} {body}" for body, place in product(_BODIES[slug], _PLACES))
            made[slug] = [
                self._organisation(name.replace("-", " "), slug) for name in islice(names, number)
            ]
        self._session.flush()
        return made

    def _organisation(self, name: str, category: str) -> Organisation:
        organisation = Organisation(
            slug=slugify(name),
            name=name,
            name_key=fold(name),
            category_id=self._categories[category].id,
            member_since=(self._now - timedelta(days=self._chance.randrange(30, 3600))).date(),
            created_at=self._now,
        )
        self._session.add(organisation)
        return organisation

    def _person(self, organisation: Organisation) -> dict[str, Any]:
        name = next(self._names)
        first, _, last = name.partition(" ")
        local = slugify(name).replace("-", ".")
        domain = f"{organisation.slug}.example"
        number = 2
        address = f"{local}@{domain}"
        while address in self._used:
            address, number = f"{local}{number}@{domain}", number + 1
        self._used.add(address)
        return {
            "email": address,
            "address_key": address,
            "name": name,
            "first_name": first,
            "last_name": last,
            "organisation_id": organisation.id,
            "own_category_id": None,
            "tracking_allowed": False,
            "created_at": self._now,
            "updated_at": self._now,
        }

    def _contacts(self, people: Sequence[dict[str, Any]]) -> None:
        made = insert(Contact).returning(Contact.id, sort_by_parameter_order=True)
        ids = self._session.scalars(made, list(people)).all()
        for person, contact_id in zip(people, ids, strict=True):
            person["id"] = contact_id
        self._session.execute(
            insert(contact_roles),
            [
                {"contact_id": person["id"], "role_id": self._chance.choice(self._roles)}
                for person in people
            ],
        )

    def _enter(self, people: Sequence[dict[str, Any]], status: SubscriptionStatus) -> None:
        self._contacts(people)
        here = {"newsletter_id": self._newsletter.id}
        self._session.execute(
            insert(Subscription),
            [
                {"contact_id": person["id"], "status": status, "changed_at": self._now, **here}
                for person in people
            ],
        )
        self._session.execute(insert(Consent), list(self._ledger(people, status)))

    def _ledger(
        self, people: Iterable[Mapping[str, Any]], status: SubscriptionStatus
    ) -> Iterator[dict[str, Any]]:
        acts = {
            SubscriptionStatus.PENDING: [ConsentAct.ASKED],
            SubscriptionStatus.SUBSCRIBED: [ConsentAct.GIVEN],
            SubscriptionStatus.UNSUBSCRIBED: [ConsentAct.GIVEN, ConsentAct.WITHDRAWN],
        }[status]
        for person in people:
            line = {
                "contact_id": person["id"],
                "at": self._now,
                "source": Actor(ActorKind.SIGN_UP_FORM),
            }
            line["wording_id"] = self._wording
            for act in acts:
                yield {
                    **line,
                    "newsletter_id": self._newsletter.id,
                    "purpose": ConsentPurpose.MAILING,
                    "act": act,
                }
            if person["tracking_allowed"]:
                yield {
                    **line,
                    "newsletter_id": None,
                    "purpose": ConsentPurpose.COUNTING,
                    "act": ConsentAct.GIVEN,
                }

    def _suppress(self, people: Sequence[Mapping[str, Any]], reason: SuppressionReason) -> None:
        detail = {SuppressionReason.BOUNCED: "550 5.1.1 No such user here"}.get(reason, "")
        self._session.execute(
            insert(Suppression),
            [
                {
                    "address_key": person["address_key"],
                    "reason": reason,
                    "source": _DEMO,
                    "detail": detail,
                    "at": self._now,
                }
                for person in people
            ],
        )
