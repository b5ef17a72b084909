"""An issue as it will look, below the words that ask for its approval. Its links are nobody's, as
in a test, and it counts nothing."""

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from mailer.composition.arranging import language_of
from mailer.composition.composer import Composer
from mailer.composition.letter import Letter, Message, Recipient
from mailer.composition.system_mail import SingleMail, compose_single
from mailer.composition.text.page import COLUMNS

_BODY_BEGINS: Final = re.compile(r"<body[^>]*>")
_BOX: Final = (
    "max-width:568px;margin:16px auto;padding:16px;border:1px solid #767676;border-radius:8px;"
    "background:#FFFFFF;color:#222222;font:16px/24px Arial,sans-serif"
)
_LINK: Final = "color:#0B4F6C;font-weight:bold"


@dataclass(frozen=True, slots=True)
class ReviewWords:
    """What is asked: the subject, paragraphs, where the link leads, and what closes it."""

    subject: str
    paragraphs: tuple[str, ...]
    link_words: str
    url: str
    closing: str


def compose_review(
    composer: Composer,
    letter: Letter,
    reader: Recipient,
    words: ReviewWords,
    *,
    to_name: str,
    to_address: str,
    message_id: str,
    return_path: str,
    date: datetime,
) -> Message:
    """The message, the words first in both of its parts."""
    html = composer.html(reader)
    begins = _BODY_BEGINS.search(html)
    at = begins.end() if begins else 0
    return compose_single(
        SingleMail(
            subject=words.subject,
            text=[_words_of_text(words), composer.text(reader)],
            html=[html[:at], _words_of_html(words), html[at:]],
            sender_name=letter.sender_name,
            sender_address=letter.sender_address,
            to_name=to_name,
            to_address=to_address,
            message_id=message_id,
            return_path=return_path,
            date=date,
            language=language_of(letter),
            reply_to=letter.reply_to or "",
        )
    )


def _words_of_html(words: ReviewWords) -> str:
    said = "".join(f"<p>{escape(each)}</p>" for each in words.paragraphs)
    link = f'<a href="{escape(words.url)}" style="{_LINK}">{escape(words.link_words)}</a>'
    return (
        f'<div lang="en-GB" dir="ltr" style="{_BOX}">{said}<p>{link}</p>'
        f"<p>{escape(words.closing)}</p></div>"
    )


def _words_of_text(words: ReviewWords) -> str:
    said = "\n\n".join([*words.paragraphs, f"{words.link_words}: {words.url}", words.closing])
    return f"{said}\n\n{'-' * COLUMNS}\n\n"
