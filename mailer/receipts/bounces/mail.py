"""A message parsed once, for the readers that look for reports in it."""

from dataclasses import dataclass, replace

from mailer.receipts.bounces.parts.entities import Entity, parse
from mailer.receipts.bounces.parts.fields import Fields
from mailer.receipts.bounces.prose.notices import BounceNotice, notice_in
from mailer.receipts.bounces.report import Traces
from mailer.receipts.bounces.traces import traces_in


@dataclass(frozen=True, slots=True)
class Mail:
    """The octets, their tree, the notice in them, and to whom they were sent if that is known."""

    octets: bytes
    entity: Entity
    notice: BounceNotice
    sent_to: str

    @property
    def fields(self) -> Fields:
        """The header of the message itself."""
        return self.entity.fields

    def wrapped(self) -> "Mail | None":
        """The message that is returned, as if it had come with this header before its own.

        A gateway may return a bounce rather than what bounced.
        """
        part = next((part for part in self.entity.leaves() if part.is_message), None)
        if part is None:
            return None
        inner = part.children[0]
        header = Fields(self.fields.pairs + inner.fields.pairs)
        return Mail(self.octets, replace(inner, fields=header), notice_in(inner), self.sent_to)

    def traces(self, *reported: Fields) -> Traces:
        """What may name the delivery; ``reported`` are the fields of reports inside."""
        return traces_in(self.fields, self.notice, self.sent_to, reported=reported)


def mail_of(octets: bytes, sent_to: str) -> Mail:
    """Parse a message."""
    entity = parse(octets)
    return Mail(octets, entity, notice_in(entity), sent_to)
