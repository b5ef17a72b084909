"""Reads mail that came back. Pure: no database, no network, no clock; octets in, reports out."""

from mailer.receipts.bounces.parts.plain import PlainMessage, plain_message
from mailer.receipts.bounces.reading import read_mail
from mailer.receipts.bounces.report import BounceKind, Report, Traces

__all__ = ["BounceKind", "PlainMessage", "Report", "Traces", "plain_message", "read"]


def read(message: bytes, *, sent_to: str = "") -> tuple[Report, ...]:
    """One report a recipient; exactly one of kind NONE when it says nothing about a delivery.

    ``sent_to`` is the envelope recipient, if whoever received the message knows it. The recipient
    of a report is the address that we wrote to where the report gives it (Original-Recipient), else
    the one that failed (Final-Recipient), else the one that the returned message was sent to.
    Never raises, whatever the octets: a listener has other mail to read.
    """
    try:
        return read_mail(message, sent_to)
    except Exception:  # the tests read through ``read_mail``, so that this hides nothing from them
        return (Report(BounceKind.NONE, "", "", "", "", Traces()),)
