"""What a letter is made of between its design and its copies.

A designed part is a run of markup, authors' text, merge fields, links and automatic parts. For
one way of sending (counted or not) it resolves to finished text with slots, and only the slots
differ between copies.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from html import escape
from typing import Final

from mailer.authoring.text.merging import MergeField
from mailer.authoring.text.urls import countable, wrong_with


class Context(StrEnum):
    """Where a text stands, and so how it is escaped."""

    PLAIN = "plain"
    HTML = "html"
    ATTRIBUTE = "attribute"


class Token(Enum):  # not a StrEnum: literal text is what a str is
    """A slot for one of the delivery's tokens, 32 characters of ``A-Z a-z 0-9 - _``."""

    TRACK = "track"
    CHOICES = "choices"
    ANSWER = "answer"
    ONLINE = "online"


class Automatic(Enum):
    """Parts that the composer adds, and that no author can remove."""

    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    PIXEL = "pixel"
    ONLINE = "online"


@dataclass(frozen=True, slots=True)
class AuthorLink:
    """An author's link to somewhere."""

    url: str


@dataclass(frozen=True, slots=True)
class AnswerLink:
    """The address at which a recipient gives an answer to a poll."""

    block_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Words:
    """What an author wrote."""

    text: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A merge field at a place where its value is escaped for ``context``."""

    field: MergeField
    context: Context


Designed = str | Words | MergeField | AuthorLink | AnswerLink | Automatic
Placed = tuple[Designed, Context]
Piece = str | Slot | Token


def escaped(text: str, context: Context) -> str:
    """The text, escaped for its context."""
    if context is Context.PLAIN:
        return text
    return escape(text, quote=context is Context.ATTRIBUTE)


UNSEEN_LINK: Final = 99_999  # the number of the link that only machines find


def resolve(
    placed: Iterable[Placed],
    *,
    public_url: str,
    links: Mapping[str, int],
    counted: bool,
    unseen_link: bool = False,
) -> tuple[Piece, ...]:
    """Finished text and slots for one way of sending. Without ``counted`` there is no tracked link
    and no pixel, only the addresses authors wrote. With ``unseen_link`` counted copies have a link
    that people neither see nor hear nor reach by keyboard."""
    pieces: list[Piece] = []
    run: list[str] = []
    for designed, context in placed:
        if designed is Automatic.PIXEL and counted and unseen_link:
            hidden = 'aria-hidden="true" tabindex="-1" style="display:none"'
            run.append(f'<a {hidden} href="{escape(public_url)}/c/')
            pieces += ("".join(run), Token.TRACK)
            run = [f'/{UNSEEN_LINK}"></a>']
        for piece in _resolved(designed, context, public_url, links, counted):
            if isinstance(piece, Slot | Token):
                pieces += ("".join(run), piece)
                run.clear()
            else:
                run.append(piece)
    return (*pieces, "".join(run))


def _resolved(
    designed: Designed,
    context: Context,
    public_url: str,
    links: Mapping[str, int],
    counted: bool,
) -> Iterator[Piece]:
    match designed:
        case Words(text):
            yield escaped(text, context)
        case MergeField():
            yield Slot(designed, context)
        case AuthorLink(url) if counted and url in links and countable(url):
            yield from (f"{escaped(public_url, context)}/c/", Token.TRACK, f"/{links[url]}")
        case AuthorLink(url):
            # Checked before anything is sent; an unfinished draft may be looked at before that.
            yield escaped(url, context) if wrong_with(url) is None else "#"
        case AnswerLink(block_id, number):
            yield from (
                f"{escaped(public_url, context)}/a/",
                Token.ANSWER,
                f"/{block_id}/{number}",
            )
        case Automatic.UNSUBSCRIBE:
            yield from (f"{escaped(public_url, context)}/u/", Token.CHOICES)
        case Automatic.PREFERENCES:
            yield from (f"{escaped(public_url, context)}/p/", Token.CHOICES)
        case Automatic.ONLINE:
            yield from (f"{escaped(public_url, context)}/v/", Token.ONLINE)
        case Automatic.PIXEL:
            if counted:
                # An empty alt: screen readers would read out a file name.
                start = f'<img alt="" width="1" height="1" src="{escape(public_url)}/o/'
                # A block: beside words it would make their line taller than in other copies.
                yield from (start, Token.TRACK, '.gif" style="display:block">')
        case str():
            yield designed
