"""The mail to an approver: what is asked, the numbers, and below them the issue as it will look."""

from dataclasses import replace

from sqlalchemy.orm import Session

from mailer.campaigns.drafts.versions import version_of
from mailer.campaigns.editing import find
from mailer.campaigns.letters import letter_of
from mailer.campaigns.previews import invented_reader
from mailer.composition.composer import Composer
from mailer.composition.letter import Message
from mailer.composition.review_copy import ReviewWords, compose_review
from mailer.models import ReviewCopy, SystemMail
from mailer.security.tokens import Tokens
from mailer.settings.environment import Settings


def compose_review_copy(
    session: Session,
    notice: SystemMail,
    copy: ReviewCopy,
    *,
    message_id: str,
    return_path: str,
    tokens: Tokens,
    settings: Settings,
) -> Message:
    """The mail, with the version that was to be approved as people without a category see it."""
    campaign = find(session, copy.campaign_id)
    version = version_of(session, copy.campaign_id, copy.version)
    letter = letter_of(session, campaign, version, links={}, settings=settings, finished=False)
    letter = replace(letter, date=notice.created_at)
    return compose_review(
        Composer(letter, tokens=tokens, draft=True),
        letter,
        invented_reader(session, ""),
        ReviewWords(
            notice.subject,
            tuple(notice.paragraphs.split("\n\n")),
            notice.button_words,
            notice.button_url,
            notice.closing,
        ),
        to_name=notice.to_name,
        to_address=notice.to_address,
        message_id=message_id,
        return_path=return_path,
        date=notice.created_at,
    )
