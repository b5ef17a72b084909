"""Steps of a crew in tests: claim the first batch, and carry it to a relay that accepts all."""

from mailer.delivery.claims.timing import Timing
from mailer.delivery.couriers.crew import Crew
from mailer.delivery.routing.slots import RelaySlot
from tests.mailer.delivery.couriers.fake_journal import FakeJournal, accepted


def begun(journal: FakeJournal, slot: RelaySlot, timing: Timing = Timing()) -> Crew:  # noqa: B008
    crew = Crew(journal, slot, timing)
    assert crew.start(1, None)
    return crew


def carry(crew: Crew, most: int = 1000) -> list[int]:
    """Take deliveries from the crew and note each as accepted; their ids."""
    carried: list[int] = []
    while len(carried) < most and (delivery := crew.next()):
        crew.note(delivery, accepted(delivery.key))
        carried.append(delivery.key)
    return carried
