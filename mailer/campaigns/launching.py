"""Launching from pages, commands and the API: DNS is asked first, then the issue is launched."""

from dataclasses import dataclass

from contacts.actors import Actor
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.approval import obstacle
from mailer.campaigns.editing import find, size
from mailer.campaigns.sender_gate import vet_before_launch
from mailer.composition import sizing
from mailer.domains.routes import gate_of
from mailer.errors import NotAllowed
from mailer.models import Campaign
from mailer.settings.environment import Gate


@dataclass(frozen=True, slots=True)
class Launched:
    """The campaign that is being sent, and the warning about its sender or its size, if any."""

    campaign: Campaign
    warning: str | None


def launch(
    mailer: Mailer,
    campaign_id: int,
    *,
    actor: Actor,
    revision: int | None = None,
    approves: bool = True,
) -> Launched:
    """Send a campaign now; its audience is frozen by whoever comes next, a worker or a command.

    It opens transactions of its own, and none is open while DNS is asked, which may take ten
    seconds. ``revision`` is what the person was looking at. NotAllowed when the campaign has
    moved on since, or may not be sent; DocumentError when there is something to mend in it.
    Without ``approves`` it is sent only if somebody has approved it as it is now.
    """
    vet_before_launch(mailer, campaign_id)
    with mailer.database.reading() as session:
        octets = size(find(session, campaign_id))  # kept: it takes too long for a transaction
    now = mailer.clock()
    with mailer.database.writing() as session:
        if revision not in (None, find(session, campaign_id, lock=True).revision):
            raise NotAllowed("This issue has changed since you opened the page: look at it again.")
        gate = gate_of(session, mailer.settings)
        campaign = sending.launch(
            session, campaign_id, actor=actor, gate=gate, now=now, approves=approves
        )
        warning = obstacle(session, campaign, now=now) if gate is Gate.WARN else None
    warning = " ".join(filter(None, (warning, sizing.sentence(octets)))) or None
    return Launched(campaign, warning)
