"""One campaign never stops another: what is wrong with it sets it aside, with a reason."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog

from contacts.database import AWAY, Database
from mailer.campaigns import sending

log = structlog.get_logger(__name__)


@contextmanager
def campaign_alone(
    database: Database, campaign_id: int, *, clock: Callable[[], datetime]
) -> Iterator[None]:
    """Whatever fails inside pauses this campaign, says so on its page, and goes no further.

    A database that is away is no campaign's fault: that is for the caller to wait for.
    """
    try:
        yield
    except AWAY:
        raise
    except Exception as fault:  # whatever it is, it is about this campaign only
        log.exception("a campaign cannot be carried", campaign=campaign_id)
        with database.writing() as session:
            sending.set_aside(session, campaign_id, fault, now=clock())
