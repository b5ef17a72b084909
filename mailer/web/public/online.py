"""The page of one copy on the web: what somebody was sent, or the test of an issue.

It counts nothing, and whoever has the address sees it: so its ways to leave, to choose and to
answer are nobody's, and search engines are asked to leave it out.
"""

from typing import Final

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from mailer.audience.readers import reader_numbered
from mailer.campaigns.archive import reading as archive
from mailer.campaigns.letters import sent_letter
from mailer.composition.composer import Composer
from mailer.composition.web_page import Bar, as_page
from mailer.models import IssueTest
from mailer.notices import issue_test_copies
from mailer.security.tokens import Purpose
from mailer.web import limits
from mailer.web.limits import visits
from mailer.web.policy import public
from mailer.web.public import reader
from mailer.web.security import mail_policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("online", __name__)
_COPY: Final = 0  # what the token of a delivery's page seals beside its number


@blueprint.get("/v/<token>")
@public
@visits("120/minute")
def show(token: str) -> ResponseReturnValue:
    """The copy that the link is from."""
    here = this_mailer()
    found = here.tokens.open(Purpose.ONLINE, token)
    if found is None:
        limits.guessed("link of a mail")
        reader.refuse()
    number, kind = found
    if kind == issue_test_copies.ONLINE:
        return _test(number, token)
    if kind != _COPY:
        reader.refuse()
    return _copy(number) if number else render_template("public/nobodys.html")


def _copy(delivery_id: int) -> ResponseReturnValue:
    """What a person was sent, as the category sees it that they are in."""
    here, who = this_mailer(), reader.who_got(delivery_id)
    if who is None:
        reader.refuse()
    letter = sent_letter(session(), who.delivery.campaign_id, settings=here.settings)
    recipient = reader_numbered(session(), who.contact.id) or archive.ANYBODY
    composer = Composer(letter, tokens=here.tokens, draft=True)
    token = here.tokens.seal(Purpose.ONLINE, delivery_id)
    return shown(as_page(composer.html(recipient, online=token), Bar()))


def _test(number: int, token: str) -> ResponseReturnValue:
    here, test = this_mailer(), session().get(IssueTest, number)
    if test is None:
        reader.refuse()
    if here.clock() - test.at > issue_test_copies.SHOWN_FOR:
        return render_template("public/test_over.html"), 410
    letter = issue_test_copies.letter_of_test(session(), test, settings=here.settings)
    who = issue_test_copies.reader_of(session(), test)
    composer = Composer(letter, tokens=here.tokens, draft=True)
    seen = issue_test_copies.seen_as(session(), test)
    words = f"This is a test of version {test.version}, {seen}. It is shown for 30 days."
    return shown(as_page(composer.html(who, online=token), Bar(words=words)))


def shown(page: str, *, indexed: bool = False) -> Response:
    """A mail as a page of its own, which runs nothing."""
    headers = {"Content-Security-Policy": mail_policy(this_mailer().settings.site)}
    if not indexed:
        headers["X-Robots-Tag"] = "noindex"
    return Response(page, mimetype="text/html", headers=headers)
