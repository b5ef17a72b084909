"""Passwords of operators: what is asked before another is set, and what ends with it."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from mailer.accounts import sessions, sign_in_links
from mailer.models import Operator, OperatorSession

SHORTEST: Final = 12  # length is what makes a password hard to guess; nothing else is asked of it
LONGEST: Final = 200


def is_proved_by_link(held: OperatorSession, *, now: datetime) -> bool:
    """Whether a link signed this person in so lately that no old password need be asked."""
    return held.by_link and now - held.begun_at <= sessions.LINK_PROVES


def keep(
    session: Session, hashed: str, *, within: OperatorSession, actor: Actor, now: datetime
) -> str:
    """Keep the hash of the password that somebody set ``within`` a session of theirs.

    Their other sessions and their unused links end; the answer is the new secret of this session.
    The audit names who set it, and not the hash.
    """
    operator_id = within.operator_id
    session.get_one(Operator, operator_id).password = hashed
    sessions.end_all(session, operator_id, but=within, now=now)
    sign_in_links.end_all(session, operator_id)
    audit.write(session, "password set", "operator", operator_id, actor=actor, now=now)
    return sessions.replace_secret(session, within)
