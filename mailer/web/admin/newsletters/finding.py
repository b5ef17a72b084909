"""Issues by the names people see: /issues/<newsletter>/<slug>."""

from flask import url_for
from sqlalchemy import select

from contacts.models import Newsletter
from mailer.audience import counting as audience
from mailer.audience.counting import AudienceCount
from mailer.campaigns import sending as campaigns
from mailer.errors import NotFound
from mailer.models import Campaign
from mailer.web.transactions import session, this_mailer


def issue_of(newsletter: str, slug: str) -> Campaign:
    """The issue a URL names."""
    found = session().scalar(
        select(Campaign.id)
        .join(Newsletter)
        .where(Newsletter.slug == newsletter, Campaign.slug == slug)
    )
    if found is None:
        raise NotFound(f"There is no issue {slug} of {newsletter}.")
    return campaigns.find(session(), found)


def link(endpoint: str, issue: Campaign, **more: object) -> str:
    """The URL of one of an issue's pages."""
    return url_for(endpoint, newsletter=issue.newsletter.slug, slug=issue.slug, **more)  # type: ignore[arg-type]  # url_for takes anything it can turn into text


def audience_of(issue: Campaign) -> AudienceCount:
    """The numbers of an issue's audience as it stands now; the same function counts the send."""
    rules = audience.rules_of(issue.segment.rules if issue.segment else None)
    return audience.count(session(), issue.newsletter_id, rules, now=this_mailer().clock())


REASONS = {
    "no_email": "no email address",
    "do_not_email": "on do-not-email",
    "bounced": "address bounced before",
    "unsubscribed": "unsubscribed",
    "not_confirmed": "not confirmed yet",
    "paused": "taking a break",
    "same_address": "same address as another person",
}
STATUSES = {
    "pending": "waiting",
    "claimed": "waiting, next in line",
    "sending": "being handed over",
    "accepted": "accepted by the mail server",
    "deferred": "will be tried again",
    "refused": "refused",
    "uncertain": "in doubt",
    "stopped": "not sent, it was stopped",
}
# The field's vocabulary of bounces, as people say it.
BOUNCES = {
    "userunknown": "no such person there",
    "hostunknown": "no such domain",
    "hasmoved": "they have moved",
    "notaccept": "the domain takes no mail",
    "mailboxfull": "mailbox full",
    "suspend": "account closed or suspended",
    "expired": "given up after many tries",
    "networkerror": "their mail system could not be reached",
    "systemerror": "their mail system had a fault",
    "systemfull": "their mail system is full",
    "mesgtoobig": "too big for them",
    "exceedlimit": "over a limit of theirs",
    "spamdetected": "taken for spam",
    "virusdetected": "taken for a virus",
    "blocked": "we are blocked there",
    "badreputation": "our sender's reputation is too low there",
    "rejected": "our sender was refused",
    "authfailure": "our sender could not be verified",
    "requireptr": "our server's name could not be verified",
    "norelaying": "their mail system does not serve this address",
    "policyviolation": "against a policy of theirs",
    "securityerror": "against a security rule of theirs",
    "filtered": "filtered on arrival",
    "contenterror": "something in the message was not to their liking",
    "notcompliantrfc": "something in the message was not to their liking",
    "speeding": "we sent too fast",
    "toomanyconn": "we sent too much at once",
    "onhold": "no clear reason was given",
    "undefined": "no reason was given",
    "notmade": "their copy could not be made here",
}
