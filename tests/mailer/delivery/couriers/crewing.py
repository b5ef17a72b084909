"""Crews that have something in hand, and relays that take all of it."""

from mailer.delivery.couriers.crews import Crew
from mailer.delivery.routing.pool import Place
from tests.mailer.delivery.claims.booking import Books, accepted


def begun(books: Books, place: Place) -> Crew:
    crew = Crew(books, place)
    assert crew.start(1, None)
    return crew


def carry(crew: Crew, most: int = 1000) -> list[int]:
    """Hand over whatever there is and have it accepted."""
    carried: list[int] = []
    while len(carried) < most and (parcel := crew.next()):
        crew.note(parcel, accepted(parcel.key))
        carried.append(parcel.key)
    return carried
