"""The task door: every actor is a line or two, and its arguments are ids."""

from typing import Final

import dramatiq

from contacts.importing import run as run_import
from mailer.audience import kept as of_audiences
from mailer.bootstrap import Mailer
from mailer.campaigns.checks import asking as checked_addresses
from mailer.campaigns.freezing import freeze as freeze_audience
from mailer.campaigns.sender_gate import vet_before_launch
from mailer.counts import keeping
from mailer.delivery.claims.dispatching import send_jobs
from mailer.gathering.feeds import polling
from mailer.queue.broker import CHORES, MAIL
from mailer.queue.jobs import QueuedJobs
from mailer.reports import kept as of_reports
from mailer.worker.carriers import Carriers
from mailer.worker.isolation import campaign_alone

COUNTS: Final = (*of_audiences.KINDS, *of_reports.KINDS)


def declare(broker: dramatiq.Broker, mailer: Mailer, carriers: Carriers) -> None:
    """Declare the actors on ``broker``; this is what a worker can be asked to do."""

    @dramatiq.actor(broker=broker, queue_name=MAIL)
    def deliver(campaign_id: int, first_id: int, last_id: int) -> None:
        carriers.courier.carry(campaign_id, first_id, last_id)

    @dramatiq.actor(broker=broker, queue_name=CHORES)
    def freeze(campaign_id: int) -> None:
        with campaign_alone(mailer.database, campaign_id, clock=mailer.clock):
            freeze_audience(mailer.database, campaign_id, clock=mailer.clock)
        # The sweep would come to it within a second; the first copies need not wait for that.
        send_jobs(mailer.database, QueuedJobs(broker), campaign_id, now=mailer.clock())

    @dramatiq.actor(broker=broker, queue_name=CHORES)
    def notify(notice_id: int) -> None:
        carriers.notices.carry(notice_id)

    @dramatiq.actor(broker=broker, queue_name=CHORES)
    def take_in(import_id: int) -> None:
        run_import(mailer.database, import_id, clock=mailer.clock)

    @dramatiq.actor(broker=broker, queue_name=CHORES)
    def vet(campaign_id: int) -> None:
        vet_before_launch(mailer, campaign_id)

    @dramatiq.actor(broker=broker, queue_name=CHORES)
    def ask_addresses(campaign_id: int) -> None:
        checked_addresses.ask_addresses(mailer, campaign_id)

    @dramatiq.actor(broker=broker, queue_name=CHORES)
    def look_at_feed(feed_id: int) -> None:
        polling.look(mailer, feed_id)

    @dramatiq.actor(broker=broker, queue_name=CHORES)
    def recount(kept_id: int) -> None:
        keeping.recount(mailer.database, COUNTS, kept_id, clock=mailer.clock)
