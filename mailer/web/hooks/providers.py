"""Where mail providers report: bounces, complaints and unsubscribes, each proved before it counts.

A provider that is not set up has no page here. What cannot be proved is answered alike whatever is
wrong with it, and changes nothing.
"""

import math
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

import structlog
from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from mailer.models import Lease
from mailer.receipts.consequences import apply
from mailer.receipts.matching import match_event
from mailer.receipts.providers import brevo, mailgun, postmark, sendgrid, ses
from mailer.receipts.providers.model import Confirmation, Forged, ProviderEvent, SubscriptionEnded
from mailer.receipts.providers.reading import MOST_OCTETS
from mailer.web import limits
from mailer.web.auth import csrf
from mailer.web.front import bounds
from mailer.web.hooks.certificates import Certificates
from mailer.web.policy import public
from mailer.web.transactions import session, this_mailer

log = structlog.get_logger(__name__)
blueprint = Blueprint("providers", __name__, url_prefix="/hooks")
_certificates = Certificates()


@blueprint.errorhandler(Forged)
def forged(error: Forged) -> ResponseReturnValue:
    """One answer to everything that is not the provider's."""
    if wait := limits.count_guess("provider's report"):  # nor is there a line in the log for each
        retry = {"Retry-After": str(math.ceil(wait))}
        return Response("Too many tries.\n", 429, retry, mimetype="text/plain")
    log.warning("a report was not believed", provider=request.endpoint, why=str(error))
    return Response("Not accepted.\n", 403, mimetype="text/plain")


@blueprint.post("/ses")
@bounds.largest(MOST_OCTETS)
@csrf.exempt  # type: ignore[untyped-decorator]  # Flask-WTF leaves it unannotated
@public
def ses_reports() -> ResponseReturnValue:
    """Amazon SES, through SNS."""
    topics = this_mailer().settings.ses_topics or abort(404)
    now = this_mailer().clock()
    reported = ses.read(
        *_asked(),
        topics=topics,
        fetch_certificate=_certificates.fetch,
        now=now,
    )
    if isinstance(reported, Confirmation):
        # Nobody's address is fetched because a stranger says so: an operator confirms it.
        log.warning(
            "confirm the SNS topic by opening this address",
            topic=reported.topic,
            confirm_at=reported.url,
        )
    elif isinstance(reported, SubscriptionEnded):
        log.warning("an SNS topic does not report here any more", topic=reported.topic)
    else:
        _take_in("ses", reported, now)
    return _thanks()


@blueprint.post("/sendgrid")
@bounds.largest(MOST_OCTETS)
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def sendgrid_reports() -> ResponseReturnValue:
    """SendGrid."""
    key = this_mailer().settings.sendgrid_public_key or abort(404)
    now = this_mailer().clock()
    _take_in("sendgrid", sendgrid.read(*_asked(), public_key=key, now=now), now)
    return _thanks()


@blueprint.post("/mailgun")
@bounds.largest(MOST_OCTETS)
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def mailgun_reports() -> ResponseReturnValue:
    """Mailgun, whose signature is good for one request only."""
    keys = this_mailer().settings.mailgun_signing_keys or abort(404)
    now = this_mailer().clock()
    reported = mailgun.read(*_asked(), signing_keys=keys, now=now)
    if _first_time(reported.token, now):
        _take_in("mailgun", reported.events, now)
    return _thanks()


@blueprint.post("/postmark")
@bounds.largest(MOST_OCTETS)
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def postmark_reports() -> ResponseReturnValue:
    """Postmark."""
    secrets = this_mailer().settings.postmark_secrets or abort(404)
    now = this_mailer().clock()
    _take_in("postmark", postmark.read(*_asked(), secrets=secrets, now=now), now)
    return _thanks()


@blueprint.post("/brevo")
@bounds.largest(MOST_OCTETS)
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def brevo_reports() -> ResponseReturnValue:
    """Brevo."""
    secrets = this_mailer().settings.brevo_secrets or abort(404)
    now = this_mailer().clock()
    _take_in("brevo", brevo.read(*_asked(), secrets=secrets, now=now), now)
    return _thanks()


def _asked() -> tuple[dict[str, str], bytes]:
    """The request's headers and its body as it came: signatures are over the octets."""
    if (request.content_length or 0) > MOST_OCTETS:
        abort(413)
    return dict(request.headers), request.get_data(cache=False)


def _take_in(provider: str, events: Iterable[ProviderEvent], now: datetime) -> None:
    for event in events:
        apply(
            session(), match_event(event, provider=provider, tokens=this_mailer().tokens), now=now
        )


def _first_time(token: str, now: datetime) -> bool:
    """Whether a token was never seen before; kept in the transaction that acts on it."""
    name = f"mailgun {sha256(token.encode()).hexdigest()[:24]}"
    kind = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    old = delete(Lease).where(Lease.name.startswith("mailgun "), Lease.until < now)
    session().execute(old.execution_options(synchronize_session=False))
    added = session().execute(
        kind.insert(Lease)
        .values(name=name, holder="", until=now + mailgun.FRESH)
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(Lease.name)
    )
    return added.first() is not None


def _thanks() -> ResponseReturnValue:
    return Response("Taken in.\n", mimetype="text/plain")
