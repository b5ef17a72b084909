"""What a link in a mail stops: for certain before it is answered, with or without the database."""

from contacts.actors import ActorKind
from contacts.models import Newsletter
from mailer.errors import NotFound
from mailer.receipts.withdrawals.folder import Withdrawal
from mailer.receipts.withdrawals.withdrawals import Withdrawals
from mailer.web.public import reader
from mailer.web.transactions import this_mailer


def withdraw(token: str, how: ActorKind, *, everything: bool = False) -> Newsletter | None:
    """Stop the newsletter of the mail that the token is from, or everything.

    The newsletter, or None when it is kept for the database and its name cannot be said. NotFound
    for a token that is none of ours.
    """
    here, delivery_id = this_mailer(), reader.delivery_of(token)
    if delivery_id is None:
        raise NotFound("That link is not one of ours.")
    return Withdrawals(here).take(Withdrawal(delivery_id, everything, how, here.clock()))
