"""Finds in a mail server's log the messages that the server had accepted, by their Message-ID.

Two log formats are known. Postfix names a message by its queue id; its ``cleanup`` line, which has
the Message-ID, is written while the content comes in, so it proves nothing before the queue manager
or a delivery agent has logged the same id. Exim writes its ``<=`` line, with ``id=``, only once it
has taken the message. Lines of any other kind are passed over.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

MOST: Final = 200_000  # lines read at once
_LONGEST: Final = 4_000  # characters of a line that are looked at
_OURS: Final = r"<?([0-9a-f]{40})@[^\s>,]{1,255}>?"
_POSTFIX_NAMES: Final = re.compile(
    r"cleanup\[\d+\]: ([0-9A-Za-z]{6,20}): (?:resent-)?message-id=" + _OURS, re.IGNORECASE
)
_POSTFIX_HAS: Final = re.compile(
    r"(?:qmgr\[\d+\]: ([0-9A-Za-z]{6,20}): from=<[^>]*>, .*queue active"
    r"|\[\d+\]: ([0-9A-Za-z]{6,20}): to=<[^>]*>,.* status=(?:sent|deferred|bounced|expired))"
)
_EXIM_HAS: Final = re.compile(
    r" ([0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}) <= .* id=" + _OURS, re.IGNORECASE
)


def queue_ids_in(lines: Iterable[str]) -> dict[str, str]:
    """The queue id of each message that the server had accepted, by the token of its Message-ID."""
    names: dict[str, str] = {}
    has: set[str] = set()
    found: dict[str, str] = {}
    for whole in islice(lines, MOST):
        line = whole[:_LONGEST]
        if match := _POSTFIX_NAMES.search(line):
            names[match[1]] = match[2].lower()
        elif match := _POSTFIX_HAS.search(line):
            has.add(match[1] or match[2])
        elif match := _EXIM_HAS.search(line):
            found[match[2].lower()] = match[1]
    found.update((names[queue_id], queue_id) for queue_id in has if queue_id in names)
    return found
