"""The drain: hits from the spool become receipts in the database, each exactly once.

How far a file has been taken is kept in the transaction that takes it, so it does not matter when
this process or the database dies. Consent is checked now, not when the mail was written: a hit
of a contact who has withdrawn it is dropped.
"""

import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import BigInteger, Integer, String, and_, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from contacts.bulk import among, rows_of
from contacts.database import AWAY, Instant
from contacts.models import Contact
from mailer.bootstrap import Mailer
from mailer.loops import Loop
from mailer.models import OPEN, Delivery, Receipt, ReceiptKind, Spool, Verdict
from mailer.receipts.consequences import prove_carried
from mailer.receipts.tracking import spool
from mailer.receipts.tracking.classifying import MOST, judge_copies
from mailer.receipts.tracking.grounds import Ground, in_words, of_letters, of_words
from mailer.security.tokens import Purpose, Tokens

log = structlog.get_logger(__name__)

_TRY_AGAIN: Final = 60.0  # seconds until a file that has a fault is looked at again
_OUTCOME_WITHIN: Final = 30.0  # seconds from the end of a copy's content until the outcome is here
_MOST_EARLY: Final = 20_000  # copies that are remembered for that
_JUDGED_AT_ONCE: Final = 500

_COLUMNS: Final[dict[str, TypeEngine[Any]]] = {
    "campaign_id": BigInteger(),
    "delivery_id": BigInteger(),
    "kind": String(12),
    "verdict": String(12),
    "link": Integer(),
    "at": Instant(),
    "grounds": String(160),
    "source": String(16),
}


class Drain:
    """Takes the spool of this host into the database."""

    def __init__(self, mailer: Mailer) -> None:
        self._database = mailer.database
        self._tokens = mailer.tokens
        self._folder = mailer.settings.spool_dir
        self._clock = mailer.clock
        self._failing: dict[str, float] = {}  # files that have a fault: until when they wait
        self._early: dict[int, float] = {}  # copies requested before their outcome was written

    def run(
        self, stopping: threading.Event, *, every: float = 0.5, loop: Loop = Loop("drain")
    ) -> None:
        """Take the hits until ``stopping``, and once more at the end."""
        more = True
        while more or not stopping.is_set():
            more = False
            with loop.turn():
                taken = self.take_all()
                self.judge_early_ones()
                more = taken > 0 and not stopping.is_set()
            if not more:
                stopping.wait(every)

    def take_all(self) -> int:
        """Take the hits of every file; gives the octets. A faulty file keeps no other back."""
        taken = 0
        now = time.monotonic()
        for path in spool.files(self._folder):
            if self._failing.get(path.name, 0.0) > now:
                continue
            try:
                taken += self._take(path)
            except AWAY:
                raise
            except Exception:  # whatever it is, it is about this file only
                log.exception("a file of hits waits, others are taken", file=path.name)
                self._failing[path.name] = now + _TRY_AGAIN
            else:
                self._failing.pop(path.name, None)
        return taken

    def judge_early_ones(self) -> None:
        """Judge requests again that came while their copy was on its way, once it has arrived."""
        now = time.monotonic()
        due = [copy for copy, at in self._early.items() if at <= now]
        for start in range(0, len(due), _JUDGED_AT_ONCE):
            copies = due[start : start + _JUDGED_AT_ONCE]
            with self._database.writing() as session:
                judge_copies(session, copies)
            for each in copies:
                del self._early[each]

    def _take(self, path: Path) -> int:
        with spool.finished(path) as is_finished:
            with self._database.reading() as session:
                start = session.scalar(select(Spool.taken).where(Spool.name == path.name)) or 0
            found = spool.read(path, start)
            end = found.end
            if end > start:
                with self._database.writing() as session:
                    moved = self._advance(session, path.name, start, end)
                    if moved:
                        self._write(session, found.hits)
                if moved and found.unreadable:
                    log.warning("lines that are no hits are kept", number=len(found.unreadable))
                    spool.keep_unreadable(self._folder, found.unreadable)
            elif is_finished:
                # The file goes first: a row without a file is harmless, the reverse counts twice.
                path.unlink(missing_ok=True)
                with self._database.writing() as session:
                    session.execute(delete(Spool).where(Spool.name == path.name))
            return end - start

    def _advance(self, session: Session, name: str, start: int, end: int) -> bool:
        kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        now = self._clock()
        session.execute(
            kind.insert(Spool)
            .values(name=name, taken=0, changed_at=now)
            .on_conflict_do_nothing(index_elements=["name"])
        )
        moved = session.execute(
            update(Spool)
            .where(Spool.name == name, Spool.taken == start)
            .values(taken=end, changed_at=now)
            .returning(Spool.name)
        ).first()
        return moved is not None

    def _write(self, session: Session, hits: list[spool.Hit]) -> None:
        rows = [row for hit in hits if (row := _row(hit, self._tokens)) is not None]
        _mark_floods(rows)
        if not rows:
            return
        hit_rows = rows_of(session, rows, _COLUMNS)
        allowed = (
            select(*(hit_rows.c[name] for name in _COLUMNS))
            .join(
                Delivery,
                and_(
                    Delivery.id == hit_rows.c.delivery_id,
                    Delivery.campaign_id == hit_rows.c.campaign_id,
                ),
            )
            .join(Contact, and_(Contact.id == Delivery.contact_id, Contact.tracking_allowed))
        )
        session.execute(
            insert(Receipt).from_select(list(_COLUMNS), allowed, include_defaults=False)
        )
        # An opened copy has arrived, also where the reply of its relay was lost.
        opened = Delivery.id.in_(allowed.with_only_columns(hit_rows.c.delivery_id))
        why = "It was opened, so the relay had taken it."
        prove_carried(session, opened, why, now=self._clock())
        copies = {row["delivery_id"] for row in rows}
        judge_copies(session, copies)
        self._note_early_ones(session, copies)

    def _note_early_ones(self, session: Session, copies: set[int]) -> None:
        on_their_way = session.scalars(
            select(Delivery.id).where(
                among(session, Delivery.id, copies), Delivery.status.in_(OPEN)
            )
        )
        again_at = time.monotonic() + _OUTCOME_WITHIN
        for each in on_their_way:
            if len(self._early) < _MOST_EARLY:
                self._early.setdefault(each, again_at)


def _mark_floods(rows: list[dict[str, Any]]) -> None:
    # Judged are the newest of a copy; what lies behind them in one batch is a machine's anyway.
    numbers = Counter(row["delivery_id"] for row in rows)
    for row in rows:
        if numbers[row["delivery_id"]] > MOST:
            row["grounds"] = in_words(of_words(row["grounds"]) | {Ground.BURST})
            row["verdict"] = Verdict.AUTOMATIC


def _row(hit: spool.Hit, tokens: Tokens) -> dict[str, Any] | None:
    ids = tokens.open(Purpose.TRACK, hit.token)
    if ids is None:
        return None
    delivery_id, campaign_id = ids
    grounds = of_letters(hit.letters)
    return {
        "campaign_id": campaign_id,
        "delivery_id": delivery_id,
        "kind": ReceiptKind.CLICKED if hit.link else ReceiptKind.OPENED,
        "verdict": Verdict.AUTOMATIC if grounds else Verdict.PERSON,
        "link": hit.link or None,
        "at": datetime.fromtimestamp(hit.at_ms / 1000, UTC),
        "grounds": in_words(grounds),
        "source": hit.source or None,
    }
