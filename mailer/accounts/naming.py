"""Actors as people know them: operators by their names, a delivery by its issue."""

from typing import Final

from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from contacts.models import Contact
from mailer.models import Campaign, Delivery, Operator, StoryAsk, SystemMail

_WORDS: Final = {
    ActorKind.COMMAND: "the command line",
    ActorKind.SCHEDULE: "the schedule",
    ActorKind.POLICY: "the issue’s own rule",
    ActorKind.THRESHOLD: "a limit on what comes back",
    ActorKind.COURIER: "the end of the sending",
    ActorKind.CLOCK: "the clock",
    ActorKind.SYSTEM: "the system",
    ActorKind.DEMO: "the demo network",
    ActorKind.SIGN_UP_FORM_WITH_COUNTING: ActorKind.SIGN_UP_FORM.value,
}


def name_of(session: Session, actor: Actor) -> str:
    """Who ``actor`` is, in words for a page."""
    match actor:
        case Actor(ActorKind.OPERATOR, id=int(number)):
            operator = session.get(Operator, number)
            return operator.name if operator else "somebody who has left"
        case Actor(ActorKind.DELIVERY, id=int(number)):
            delivery = session.get(Delivery, number)
            campaign = session.get(Campaign, delivery.campaign_id) if delivery else None
            return f"the sending of {campaign.name}" if campaign else "a sending"
        case Actor(ActorKind.NOTICE, id=int(number)):
            notice = session.get(SystemMail, number)
            return f"the email “{notice.subject}”" if notice else "an email of the system"
        case Actor(ActorKind.STORY_FORM, id=int(number)):
            ask = session.get(StoryAsk, number)
            person = session.get(Contact, ask.contact_id) if ask else None
            return (
                f"{person.name or person.email} by the form" if person else "the form for stories"
            )
        case Actor(ActorKind.FEED, id=int()):
            return "its feed"
    return _WORDS.get(actor.kind, str(actor))
