"""The queue holds a few jobs, however long a campaign takes."""

from datetime import timedelta
from pathlib import Path

import pytest

from contacts.database import Database
from mailer.clock import now
from mailer.delivery.claims.dispatching import send_jobs
from mailer.queue.broker import make_broker
from mailer.queue.jobs import QueuedJobs
from mailer.worker.carriers import carriers
from mailer.worker.tasks import declare
from tests.factories import a_mailer
from tests.running import launched


@pytest.mark.parametrize("scaled_out", [False, True], ids=["embedded", "redis"])
def test_a_queue_that_nobody_reads_does_not_grow(
    database: Database,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    scaled_out: bool,
) -> None:
    mailer = a_mailer(database, tmp_path)
    campaign_id = launched(mailer, 200)  # twenty batches
    broker = make_broker(request.getfixturevalue("redis_server") if scaled_out else "")
    broker.flush_all()
    declare(broker, mailer, carriers(mailer))
    jobs = QueuedJobs(broker)
    lengths = []
    for second in range(0, 30, 3):
        send_jobs(database, jobs, campaign_id, now=now() + timedelta(seconds=second), most=7)
        lengths.append(jobs.waiting("deliver"))
    broker.flush_all()
    broker.close()

    assert lengths == [7] * 10
