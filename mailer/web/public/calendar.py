"""The file of an event, for whoever has its address: it is everybody's, and counts nobody.

Before the issue is sent only officers get one, as the draft has it now.
"""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from mailer.authoring.text.calendar import write
from mailer.errors import NotFound
from mailer.models import Power
from mailer.reports.events import drafted_event, sent_event
from mailer.security.tokens import Purpose
from mailer.web import limits
from mailer.web.network import zone
from mailer.web.policy import may, public
from mailer.web.public import reader
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("calendar", __name__)


@blueprint.get("/e/<token>/<key>.ics")
@public
def show(token: str, key: str) -> ResponseReturnValue:
    """One event's file."""
    ids = this_mailer().tokens.open(Purpose.EVENT, token)
    if ids is None:
        limits.guessed("link of a mail")
        reader.refuse()
    try:
        event = sent_event(session(), ids[0], key, zone=zone())
    except NotFound:
        if not may(Power.VIEWER):
            reader.refuse()
        event = drafted_event(session(), ids[0], key, zone=zone())
    answer = Response(write(event), content_type="text/calendar; charset=utf-8; method=PUBLISH")
    answer.headers["Content-Disposition"] = f'attachment; filename="event-{key}.ics"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
