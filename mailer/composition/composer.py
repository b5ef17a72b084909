"""Copies of one letter: designed once for each variant, composed once for each recipient."""

import re
from dataclasses import dataclass, replace
from email.utils import format_datetime
from functools import lru_cache
from hashlib import blake2b
from threading import Lock
from typing import Final

from mailer.authoring.checks import check_line
from mailer.authoring.document import check
from mailer.authoring.text.characters import one_line
from mailer.authoring.text.merging import MergeField, pieces
from mailer.composition.arranging import arrange, language_of
from mailer.composition.dkim.signing import Signer
from mailer.composition.html.design import design_html
from mailer.composition.letter import Letter, Message, Recipient, attribute_of
from mailer.composition.mime import headers
from mailer.composition.mime.frame import Frame, FramePiece, Own, alternatives, build
from mailer.composition.mime.quoted_printable import encode, encode_value
from mailer.composition.parts import Context, Placed, Slot, Token, escaped, resolve
from mailer.composition.text.design import design_text
from mailer.errors import DocumentError
from mailer.security.tokens import Purpose, Tokens

# Values that are the same in every context, encoded or not, as most names are.
_ALIKE: Final = re.compile(r"(?!From )[A-Za-z0-9](?:[A-Za-z0-9 -]{0,73}[A-Za-z0-9])?")

_ONE_CLICK: Final = headers.raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")

_Variant = tuple[str, ...]  # the ids of the blocks somebody sees


@dataclass(frozen=True, slots=True)
class _Design:
    text: list[Placed]
    html: list[Placed]


class Composer:
    """Composes the copies of one letter; any number of threads may share it.

    A letter that cannot be sent is a DocumentError at once. ``draft`` lets an unfinished one be
    looked at: what cannot be used in it is then left out. In a ``marked`` one each block can be
    found by its id.
    """

    def __init__(
        self,
        letter: Letter,
        *,
        tokens: Tokens,
        signer: Signer | None = None,
        draft: bool = False,
        marked: bool = False,
    ) -> None:
        problems = (
            check(letter.document)
            + check_line(letter.subject, "Subject", "subject", required=True)
            + check_line(letter.preview_text, "Preview text", "preview_text")
        )
        if problems and not draft:
            raise DocumentError(problems)
        events = tokens.seal(Purpose.EVENT, letter.campaign_id)
        self._letter = replace(letter, calendar=f"{letter.public_url}/e/{events}")
        self._tokens = tokens
        self._marked = marked
        self._signer = signer
        self._subject = pieces(one_line(letter.subject))
        self._building = Lock()
        self._designs: dict[_Variant, _Design] = {}
        self._frames: dict[tuple[_Variant, bool], Frame] = {}
        self._frame_of: dict[tuple[str, bool], Frame] = {}

    @property
    def signed(self) -> bool:
        """Whether copies are signed, which is most of the work where they are."""
        return self._signer is not None

    def compose(self, recipient: Recipient) -> Message:
        """The recipient's copy; the same recipient gets the same octets again."""
        key = (recipient.category, recipient.counted)
        frame = self._frame_of.get(key) or self._build(*key)
        delivery, tokens = recipient.delivery_id, self._tokens
        returned = tokens.seal_for_mail(Purpose.RETURN, delivery)
        address = headers.mail_address(recipient.address)
        copy = frame.pieces.copy()
        copy[frame.to] = headers.addressed("To", recipient.name, address)
        _put(copy, frame.returned, returned.encode("ascii"))
        _put(copy, frame.message, tokens.seal_for_mail(Purpose.MESSAGE, delivery).encode("ascii"))
        _put(copy, frame.choices, tokens.seal(Purpose.CHOICES, delivery).encode("ascii"))
        if frame.answer:
            _put(copy, frame.answer, tokens.seal(Purpose.ANSWER, delivery).encode("ascii"))
        if frame.online:
            _put(copy, frame.online, tokens.seal(Purpose.ONLINE, delivery).encode("ascii"))
        if frame.track:
            track = tokens.seal(Purpose.TRACK, delivery, self._letter.campaign_id)
            _put(copy, frame.track, track.encode("ascii"))
        if frame.subject:
            copy[frame.subject] = _subject_field(self.subject(recipient))
        for merge in frame.merges:
            value: str = getattr(recipient, merge.attribute)
            if _ALIKE.fullmatch(value):
                _put(copy, merge.places, value.encode("ascii"))
            else:
                for fallback, context, places in merge.ways:
                    _put(copy, places, _encoded(value, fallback, context))
        return_path = f"b+{returned}@{self._letter.return_domain}"
        content = b"".join(copy)
        if self._signer:
            # As of the letter's own date: a retry has the same signature.
            content = self._signer.sign(content, now=self._letter.date)
        return Message(delivery, return_path, address, content)

    def html(self, recipient: Recipient, *, online: str = "") -> str:
        """The HTML part as the recipient would read it, for previews, tests and the web: nothing
        in it counts, and its unsubscribe, preferences and answer links are nobody's. So is the one
        to view it online, unless there is a token for it."""
        return self._preview(
            self._design(self._variant(recipient.category)).html, recipient, online
        )

    def text(self, recipient: Recipient, *, online: str = "") -> str:
        """The text part, likewise."""
        return self._preview(
            self._design(self._variant(recipient.category)).text, recipient, online
        )

    def subject(self, recipient: Recipient) -> str:
        """The subject as the recipient would read it."""
        return "".join(
            piece if isinstance(piece, str) else _filled(piece, recipient)
            for piece in self._subject
        )

    def _preview(self, designed: list[Placed], recipient: Recipient, online: str) -> str:
        nobody = {
            Token.CHOICES: self._tokens.seal(Purpose.CHOICES, 0),
            Token.ANSWER: self._tokens.seal(Purpose.ANSWER, 0),
            Token.ONLINE: online or self._tokens.seal(Purpose.ONLINE, 0),
        }
        read: list[str] = []
        for piece in resolve(designed, public_url=self._letter.public_url, links={}, counted=False):
            if isinstance(piece, Slot):
                read.append(escaped(_filled(piece.field, recipient), piece.context))
            else:
                read.append(nobody[piece] if isinstance(piece, Token) else piece)
        return "".join(read)

    def _build(self, category: str, counted: bool) -> Frame:
        with self._building:
            variant = self._variant(category)
            frame = self._frames.get((variant, counted))
            if frame is None:
                frame = self._frames[variant, counted] = self._framed(
                    self._design(variant), counted
                )
            self._frame_of[category, counted] = frame
            return frame

    def _variant(self, category: str) -> _Variant:
        return tuple(block.id for block in self._letter.document.blocks if block.is_for(category))

    def _design(self, variant: _Variant) -> _Design:
        """The design of a variant; two threads that ask at once make the same one twice."""
        design = self._designs.get(variant)
        if design is None:
            issue = arrange(self._letter, variant, marked=self._marked)
            design = _Design(design_text(self._letter, issue), design_html(self._letter, issue))
            self._designs[variant] = design
        return design

    def _framed(self, design: _Design, counted: bool) -> Frame:
        letter = self._letter
        text, html = (
            encode(
                resolve(
                    part,
                    public_url=letter.public_url,
                    links=letter.links,
                    counted=counted,
                    unseen_link=letter.unseen_link,
                )
            )
            for part in (design.text, design.html)
        )
        return build([*self._header(), *alternatives(text, html)])

    def _header(self) -> list[FramePiece]:
        letter = self._letter
        sender = headers.mail_address(letter.sender_address)
        domain = sender.rpartition("@")[2]
        before = [
            headers.raw("Date", format_datetime(letter.date)),
            headers.mailbox("From", letter.sender_name, sender),
        ]
        if letter.reply_to:
            before.append(headers.mailbox("Reply-To", "", letter.reply_to))
        plain = not any(isinstance(piece, MergeField) for piece in self._subject)
        subject = headers.unstructured("Subject", "".join(map(str, self._subject)))
        list_name = headers.phrase(letter.newsletter_name, len("List-Id: "))
        list_id = f"<{letter.newsletter}.lists.{domain}>"
        feedback = f"{letter.campaign_id}:{letter.newsletter}:newsletter:{_sender_id(letter)}"
        return [
            b"".join(before),
            Own.TO,
            subject if plain else Own.SUBJECT,
            b"Message-ID: <",
            Own.MESSAGE,
            f"@{domain}>\r\n".encode("ascii"),
            headers.raw("MIME-Version", "1.0"),
            headers.identified("List-Id", list_name, list_id),
            f"List-Unsubscribe: <{letter.public_url}/u/".encode("ascii"),
            Token.CHOICES,
            b">,\r\n <mailto:u+",
            Own.RETURN,
            f"@{letter.return_domain}?subject=unsubscribe>\r\n".encode("ascii"),
            # RFC 8058 section 3.1: one click goes to an https address or is not offered.
            *([_ONE_CLICK] if letter.public_url.startswith("https://") else []),
            headers.raw("Feedback-ID", feedback),
            headers.raw("Precedence", "bulk"),
            headers.raw("X-Auto-Response-Suppress", "OOF, AutoReply"),
            headers.raw("Content-Language", language_of(letter)),
        ]


def _sender_id(letter: Letter) -> str:
    """This installation for the feedback loops of mailbox providers, which want 5 to 15 signs."""
    host = letter.public_url.partition("://")[2].partition("/")[0]
    return blake2b(host.encode(), digest_size=6).hexdigest()


def _put(copy: list[bytes], places: tuple[int, ...], octets: bytes) -> None:
    for place in places:
        copy[place] = octets


def _filled(field: MergeField, recipient: Recipient) -> str:
    value: str = getattr(recipient, attribute_of(field))
    return one_line(value) or field.fallback


@lru_cache(maxsize=8192)
def _encoded(value: str, fallback: str, context: Context) -> bytes:
    """What fills a merge slot: many recipients share a first name, a category, an organisation."""
    return encode_value(escaped(one_line(value) or fallback, context))


@lru_cache(maxsize=1024)
def _subject_field(subject: str) -> bytes:
    return headers.unstructured("Subject", subject)
