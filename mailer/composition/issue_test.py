"""The test of an issue: the mail that somebody would get, with a line that says it is a test.

It counts nothing: its links lead straight to where they go, and those to leave, to choose or to
answer are nobody's. It has no header of a list.
"""

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from mailer.composition.arranging import language_of
from mailer.composition.composer import Composer
from mailer.composition.letter import Letter, Message, Recipient
from mailer.composition.system_mail import SingleMail, compose_single
from mailer.composition.text.page import COLUMNS

_BODY_ENDS: Final = "</body>"
_BOX: Final = (
    "max-width:536px;margin:0 auto 24px;padding:12px 16px;border:1px solid #767676;"
    "border-radius:8px;background:#FFFFFF;color:#222222;font:14px/20px Arial,sans-serif"
)


@dataclass(frozen=True, slots=True)
class AsTested:
    """What a test says of itself: the version, as whom it is seen ("as Full members see it"), and
    the page of the issue. ``online`` is the token of its own page on the web."""

    version: int
    seen: str
    page: str
    online: str


def subject_of(subject: str, version: int) -> str:
    """What stands in the inbox of a tester."""
    return f"[Test v{version}] {subject or '(no subject yet)'}"


def compose_issue_test(
    composer: Composer,
    letter: Letter,
    reader: Recipient,
    tested: AsTested,
    *,
    to_address: str,
    message_id: str,
    return_path: str,
    date: datetime,
) -> Message:
    """The message, to ``to_address``: whose copy it is plays no part in where it goes."""
    html = composer.html(reader, online=tested.online)
    before, _, after = html.rpartition(_BODY_ENDS)
    text = composer.text(reader, online=tested.online)
    return compose_single(
        SingleMail(
            subject=subject_of(composer.subject(reader), tested.version),
            text=[text, _panel_of_text(tested)],
            html=[before, _panel_of_html(tested), _BODY_ENDS, after],
            sender_name=letter.sender_name,
            sender_address=letter.sender_address,
            to_name="",
            to_address=to_address,
            message_id=message_id,
            return_path=return_path,
            date=date,
            language=language_of(letter),
            reply_to=letter.reply_to or "",
        )
    )


def sentence_of(tested: AsTested) -> str:
    return f"This is a test of version {tested.version}, {tested.seen}."


def _panel_of_html(tested: AsTested) -> str:
    ways = " · ".join(
        f'<a href="{escape(address)}" style="color:#0B4F6C">{words}</a>'
        for words, address in _ways_on(tested)
    )
    return (
        f'<div lang="en-GB" dir="ltr" style="{_BOX}">{escape(sentence_of(tested))} Nothing in it '
        f"counts. Looks right? {ways}</div>"
    )


def _panel_of_text(tested: AsTested) -> str:
    said = f"{sentence_of(tested)}\nNothing in it counts. Looks right?"
    ways = "".join(f"{words}: {address}\n" for words, address in _ways_on(tested))
    return f"\n{'-' * COLUMNS}\n\n{said}\n{ways}"


def _ways_on(tested: AsTested) -> tuple[tuple[str, str], ...]:
    """What a tester answers: words and address. Both pages only ask."""
    return (
        ("Everything’s fine", f"{tested.page}/test/read?version={tested.version}"),
        ("Something’s wrong", f"{tested.page}/compose"),
        ("Open the issue", tested.page),
    )
