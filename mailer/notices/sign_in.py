"""The link that signs an operator in once, mailed to them on the word of an admin."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.permission.newsletters import listing
from mailer.accounts import operators, roles, sign_in_links
from mailer.accounts.naming import name_of
from mailer.errors import NotAllowed
from mailer.models import Operator, Power
from mailer.network import details
from mailer.notices import posting

SIGN_IN: Final = "sign_in_asked"  # the mail, by its folder of templates


def mail_link(
    session: Session, operator_id: int, *, site: str, actor: Actor, now: datetime
) -> Operator:
    """Mail an operator a link; those they have not used end. NotAllowed without a sender."""
    operator = operators.get(session, operator_id)
    newsletters = listing(session)
    if not newsletters:
        raise NotAllowed(
            "There is no newsletter yet whose address a mail could come from. Add one first, or "
            f"run 'flask operators link {operator.email}'."
        )
    kept = details.find(session)
    secret = sign_in_links.make(session, operator, actor=actor, now=now)
    posting.post(
        session,
        SIGN_IN,
        to_address=operator.email,
        to_name=operator.name,
        sender=newsletters[0],
        now=now,
        who=name_of(session, actor),
        network=(kept and kept.network_name) or newsletters[0].from_name,
        role=roles.ROLES[
            roles.highest(each.name for each in operator.roles) or Power.VIEWER
        ].you_can,
        link=f"{site}/login/{secret}",
    )
    return operator
