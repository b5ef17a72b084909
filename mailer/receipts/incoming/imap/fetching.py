"""The fetcher: mail that came back to a mailbox is kept where the listener keeps what it takes.

A message is on the disk, under a name made of its UID, before it is moved away on the server. So a
kill in between has it fetched twice, under the same name, and reading it twice changes nothing.
Where nothing can be moved, messages stay, and the database remembers how far they have been read.
"""

import threading
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from mailer.bootstrap import Mailer
from mailer.errors import MailboxUnavailable
from mailer.loops import Loop
from mailer.models import Mailbox
from mailer.queue.leases import hold_lease
from mailer.receipts.incoming import folder
from mailer.receipts.incoming.imap.conversation import (
    Conversation,
    ListedMessage,
    OpenedFolder,
    ServerFolder,
)
from mailer.receipts.matching import match_report
from mailer.settings.mailbox_address import MailboxAddress

log = structlog.get_logger(__name__)

_BEGINNING: Final = 256 * 1024  # octets that are read of a message larger than any we keep
_BATCH: Final = 50  # messages that are kept before they are moved
_BATCHES: Final = 10  # of one conversation
_LOOK: Final = 2.0  # seconds between two tries to hold the lease
_LONGEST_WAIT: Final = 1800.0  # seconds


class Fetcher:
    """One process's share of the fetching; ``name`` is the process's, and one at a time fetches."""

    def __init__(self, mailer: Mailer, mailbox: MailboxAddress, *, name: str) -> None:
        self._mailbox = mailbox
        self._name = name
        self._database = mailer.database
        self._tokens = mailer.tokens
        self._clock = mailer.clock
        self._folder = mailer.settings.incoming_dir
        self._every = mailer.settings.bounce_mailbox_every

    def run(
        self, stopping: threading.Event, *, look: float = _LOOK, loop: Loop = Loop("fetcher")
    ) -> None:
        """Fetch until ``stopping``; wait while the mailbox or the database is away."""
        due, failures = 0.0, 0
        while not stopping.wait(look):
            loop.turned(None)
            if failures and time.monotonic() < due:
                continue  # meanwhile another process may take the lease
            try:
                if not self._holds_lease() or time.monotonic() < due:
                    continue
                more = self.fetch_all(stopping)
            except Exception as fault:  # whatever it is, this process has other things to do
                failures += 1
                due = time.monotonic() + wait_after(failures, self._every)
                log.warning("no bounces are fetched for now", why=_why(fault), times=failures)
            else:
                failures = 0
                due = 0.0 if more else time.monotonic() + self._every

    def fetch_all(self, stopping: threading.Event | None = None) -> bool:
        """One conversation: keep what has come, and move it away. True if there may be more."""
        folder.clear_parts(self._folder)
        with Conversation(self._mailbox) as conversation:
            first = opened = conversation.open()
            # Messages in front that are not looked at: read before, or impossible to move or read.
            passed = 0 if conversation.moves else self._read_before(conversation, opened)
            done: set[int] = set()
            for _ in range(_BATCHES):
                if (stopping is not None and stopping.is_set()) or not self._holds_lease():
                    return False
                last = min(passed + _BATCH, opened.messages)
                listed = conversation.listing(passed + 1, last)
                if not listed:
                    return False
                fresh = [each for each in listed if each.uid not in done]
                moved = self._take(conversation, opened.validity, fresh)
                passed += len(listed) - moved
                done.update(each.uid for each in fresh)
                opened = conversation.open()
                if opened.validity != first.validity:
                    raise MailboxUnavailable(f"The mailbox at {self._mailbox} was renumbered.")
        return True

    def _take(
        self, conversation: Conversation, validity: int, listed: Sequence[ListedMessage]
    ) -> int:
        """Keep these messages, then move them, or remember them; how many went away."""
        kept: defaultdict[ServerFolder, list[int]] = defaultdict(list)
        for each in listed:
            if place := self._keep(conversation, validity, each):
                kept[place].append(each.uid)
        uids = [uid for place in kept for uid in kept[place]]
        if conversation.moves:
            for place in kept:
                conversation.move(kept[place], place)
            return len(uids)
        if uids:
            self._remember(validity, max(uids))
            conversation.mark_seen(uids)
        return 0

    def _keep(
        self, conversation: Conversation, validity: int, listed: ListedMessage
    ) -> ServerFolder | None:
        """Put one message on the disk; gives its next folder on the server, None to leave it."""
        huge = listed.size > folder.LARGEST
        octets = conversation.fetch(listed.uid, most=_BEGINNING if huge else 0)
        if octets is None:
            log.warning("a message in the mailbox cannot be fetched", uid=listed.uid)
            return None
        name = f"mailbox-{self._mailbox.key}-{validity:010d}-{listed.uid:010d}"
        if not folder.was_set_aside(self._folder, name):
            folder.put(self._folder, octets, sent_to="", sent_from="", name=name)
        try:
            reports = match_report(octets, tokens=self._tokens)
        except Exception:  # a fault of ours about this one, which is kept: others are fetched
            log.exception("a message in the mailbox cannot be read", uid=listed.uid)
            return ServerFolder.TO_LOOK_AT
        whole = not huge and all(report.is_settled for report in reports)
        return ServerFolder.PROCESSED if whole else ServerFolder.TO_LOOK_AT

    def _holds_lease(self) -> bool:
        duty = f"mailbox {self._mailbox.key}"
        with self._database.writing() as session:
            return hold_lease(session, duty, self._name, now=self._clock())

    def _read_before(self, conversation: Conversation, opened: OpenedFolder) -> int:
        """How many messages, all of them in front, are known to have been read."""
        with self._database.reading() as session:
            known = session.get(Mailbox, self._mailbox.key)
            through = known.read_through if known and known.validity == opened.validity else 0
        places = range(1, opened.messages + 1) if through else range(0)
        return bisect_right(places, through, key=conversation.uid_at)

    def _remember(self, validity: int, uid: int) -> None:
        now = self._clock()
        with self._database.writing() as session:
            session.merge(
                Mailbox(name=self._mailbox.key, validity=validity, read_through=uid, changed_at=now)
            )


def wait_after(failures: int, every: float) -> float:
    """Seconds to wait after so many failures in a row, at least one."""
    return min(every * 2.0 ** min(failures - 1, 20), max(every, _LONGEST_WAIT))


def _why(fault: Exception) -> str:
    match fault:
        case MailboxUnavailable():
            return str(fault)
        case SQLAlchemyError():
            return "The database is away."
        case OSError():
            return f"They cannot be kept: {fault.strerror}."
    return type(fault).__name__
