"""System mail: pages and commands write it to the database, and workers send it one by one.

After a crash an attempt without an outcome is repeated: a confirmation or a sign-in link that comes
twice does no harm, but one that never comes does.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.composition.letter import Message
from mailer.composition.letter import SystemMailText as NoticeText
from mailer.composition.system_mail import compose_system_mail
from mailer.delivery.claims.process import CourierProcess
from mailer.delivery.routing.pool import NoRelay, Relays
from mailer.delivery.smtp.envelopes import Envelope, Fate, Outcome
from mailer.delivery.verdicts.judging import VerdictKind, judge
from mailer.delivery.verdicts.retry_policy import RetryPolicy
from mailer.domains.signing_keys import signer_of
from mailer.models import DeliveryStatus, ReviewCopy, SystemMail
from mailer.notices.approvals import TO_APPROVE
from mailer.notices.issue_test_copies import compose_copy
from mailer.notices.issue_tests import ISSUE_TEST
from mailer.notices.review_copies import compose_review_copy
from mailer.notices.sign_in import SIGN_IN
from mailer.security.tokens import Purpose, Tokens
from mailer.security.vault import Vault
from mailer.settings.environment import Settings

log = structlog.get_logger(__name__)
_RELAY_WAIT: Final = timedelta(seconds=15)
_DUE = (DeliveryStatus.PENDING, DeliveryStatus.DEFERRED)


def due(session: Session, *, now: datetime, most: int = 100) -> list[int]:
    """The ids of system mails that are due, the longest waiting first."""
    return list(
        session.scalars(
            select(SystemMail.id)
            .where(SystemMail.status.in_(_DUE), SystemMail.due_at <= now)
            .order_by(SystemMail.due_at)
            .limit(most)
        )
    )


class SystemMailCarrier:
    """Sends one system mail at a time."""

    def __init__(
        self,
        process: CourierProcess,
        *,
        relays: Relays,
        tokens: Tokens,
        vault: Vault,
        retries: RetryPolicy,
        settings: Settings,
    ) -> None:
        self._process = process
        self._relays = relays
        self._tokens = tokens
        self._vault = vault
        self._retries = retries
        self._settings = settings

    def carry(self, notice_id: int) -> None:
        """Claim this mail, send it and write its result; does nothing when it cannot be claimed.

        After any fault the mail waits again: that is written here, or, where nothing can be
        written, the sweep releases the claim because no thread holds it.
        """
        held = self._process.held.notices
        held.add(notice_id)
        try:
            notice = self._claim(notice_id)
            if notice is not None:
                self._hand_over(notice)
        finally:
            held.remove(notice_id)

    def _claim(self, notice_id: int) -> SystemMail | None:
        now = self._process.clock()
        with self._process.database.writing() as session:
            claimed = session.scalar(
                update(SystemMail)
                .where(
                    SystemMail.id == notice_id,
                    SystemMail.status.in_(_DUE),
                    SystemMail.due_at <= now,
                )
                .values(
                    status=DeliveryStatus.SENDING,
                    courier_id=self._process.name,
                    attempts=SystemMail.attempts + 1,
                    changed_at=now,
                )
                .returning(SystemMail.id)
            )
            return session.get(SystemMail, notice_id) if claimed else None

    def _hand_over(self, notice: SystemMail) -> None:
        try:
            envelope = _envelope(self._signed(notice))
            # System mail waits for no slot and no permit: a newsletter may have 100,000 copies.
            with self._relays.slot(urgent=True) as slot:
                assert slot
                with self._relays.connection(slot) as connection:
                    (outcome,) = connection.send([envelope])
                self._note(notice, outcome)
                broke_off = None if connection.usable else outcome.text
                self._relays.note_use(slot, carried=int(outcome.answered), broke_off=broke_off)
        except NoRelay as error:
            log.warning("system mail waits", notice=notice.id, why=str(error))
            due_at = self._process.clock() + _RELAY_WAIT
            self._write(notice, DeliveryStatus.DEFERRED, str(error), due_at)
        except Exception as error:
            # Any fault: this process holds the claim, so no other would send this mail.
            self._later(notice, f"It could not be handed over: {type(error).__name__}.")
            raise

    def _signed(self, notice: SystemMail) -> Message:
        with self._process.database.reading() as session:
            signer = signer_of(session, notice.from_address, vault=self._vault)
            message = self._message(session, notice)
        if signer is None:
            return message
        return message._replace(content=signer.sign(message.content, now=notice.created_at))

    def _note(self, notice: SystemMail, outcome: Outcome) -> None:
        reply = outcome.text
        if outcome.fate is Fate.ACCEPTED:
            self._write(notice, DeliveryStatus.ACCEPTED, reply)
            return
        verdict = judge(outcome)
        if verdict is not None and verdict.kind is VerdictKind.REFUSED:
            self._write(notice, DeliveryStatus.REFUSED, reply)
            return
        self._later(notice, reply)

    def _later(self, notice: SystemMail, reply: str) -> None:
        due_at = self._retries.next_try(
            notice.attempts, key=notice.id, started_at=notice.created_at, now=self._process.clock()
        )
        status = DeliveryStatus.DEFERRED if due_at else DeliveryStatus.REFUSED
        self._write(notice, status, reply, due_at)

    def _write(
        self, notice: SystemMail, status: DeliveryStatus, reply: str, due_at: datetime | None = None
    ) -> None:
        now = self._process.clock()
        # Whoever reads a copy of the database later is signed in by nothing in it.
        forgets = notice.template == SIGN_IN and status is not DeliveryStatus.DEFERRED
        with self._process.database.writing() as session:
            session.execute(
                update(SystemMail)
                .where(SystemMail.id == notice.id, SystemMail.courier_id == self._process.name)
                .values(
                    status=status,
                    text=reply,
                    due_at=due_at or now,
                    changed_at=now,
                    courier_id=None,
                    button_url="" if forgets else notice.button_url,
                )
            )

    def _message(self, session: Session, notice: SystemMail) -> Message:
        domain = notice.from_address.rpartition("@")[2]
        token = self._tokens.seal_for_mail(Purpose.MESSAGE, notice.id, 1)
        message_id = f"{token}@{domain}"
        return_path = f"n+{token}@{self._settings.bounce_domain or domain}"
        if notice.template == ISSUE_TEST:
            return compose_copy(
                session,
                notice,
                message_id=message_id,
                return_path=return_path,
                tokens=self._tokens,
                settings=self._settings,
            )
        if notice.template == TO_APPROVE and (copy := session.get(ReviewCopy, notice.id)):
            return compose_review_copy(
                session,
                notice,
                copy,
                message_id=message_id,
                return_path=return_path,
                tokens=self._tokens,
                settings=self._settings,
            )
        return compose_system_mail(
            NoticeText(
                subject=notice.subject,
                paragraphs=tuple(notice.paragraphs.split("\n\n")),
                button_words=notice.button_words,
                button_url=notice.button_url,
                closing=notice.closing,
                template=notice.template,
            ),
            sender_name=notice.from_name,
            sender_address=notice.from_address,
            to_name=notice.to_name,
            to_address=notice.to_address,
            message_id=message_id,
            return_path=return_path,
            date=notice.created_at,
        )


def _envelope(message: Message) -> Envelope:
    return Envelope(
        key=message.delivery_id,
        return_path=message.return_path,
        recipient=message.recipient,
        content=message.content,
        wire_ready=True,
    )
