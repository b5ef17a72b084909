"""The task door: a worker process with its couriers, its sweep, its drain, intake and fetcher.

``flask serve`` starts one. More may run on other hosts, with ``python worker.py`` or, where every
worker shares one Redis, with ``dramatiq worker:broker``.
"""

import sys

from mailer.errors import MailerError
from mailer.worker import process


def broker() -> None:
    """Make the broker: Dramatiq's command calls this in each of its processes."""
    try:
        process.offer_to_dramatiq()
    except MailerError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    try:
        process.run()
    except MailerError as error:
        sys.exit(str(error))
