"""Who did something, and what it was done to: values, kept in the database as short lines.

An actor is a person ("operator 3"), a page on which the owner of an address acted ("preference
page"), or what the system went by ("import 12", "delivery 812", "schedule"). Nobody but this module
reads or writes these lines.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Self

from sqlalchemy import Dialect, String
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

_LONGEST: Final = 998
_ACTOR: Final = re.compile(r"(.+?)(?: ([0-9]{1,18}))?(?:( via token)(?: ([0-9]{1,18}))?)?")
_SUBJECT: Final = re.compile(r"(\w[\w ]*?) ([0-9]{1,18})")


class ActorKind(StrEnum):
    """Who or what can do something; the value is the word under which it is kept."""

    OPERATOR = "operator"
    COMMAND = "cli"
    SCHEDULE = "schedule"
    POLICY = "policy"  # what an issue says is done about copies in doubt
    THRESHOLD = "threshold"  # too much of an issue came back
    COURIER = "courier"  # whoever carries an issue, and finds that all of it is carried
    CLOCK = "clock"  # a moment that was set has come
    SYSTEM = "system"  # what had a fault of its own, and was set aside
    DEMO = "demo"
    IMPORT = "import"
    DELIVERY = "delivery"  # what a relay or a receiver said of it
    NOTICE = "notice"  # the same of a mail of the system
    STORY_FORM = "story form"  # whoever was asked for a story, by the number of that ask
    FEED = "feed"
    SIGN_UP_FORM = "sign-up form"
    SIGN_UP_FORM_WITH_COUNTING = "sign-up form, counting"
    CONFIRMATION = "confirmation"
    PREFERENCE_PAGE = "preference page"
    UNSUBSCRIBE_PAGE = "unsubscribe page"
    ONE_CLICK = "one-click"
    UNSUBSCRIBE_MAIL = "mail to the unsubscribe address"
    SPAM_BUTTON = "marked as spam"
    OTHER = "other"  # a line that an earlier version or another program wrote


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something. ``id`` is that of the operator, import, delivery or notice.

    ``token_id`` is the number of the token by which an operator's program acted, 0 where it was
    not written down. ``text`` is the whole line of an OTHER.
    """

    kind: ActorKind
    id: int | None = None
    token_id: int | None = None
    text: str = ""

    def __str__(self) -> str:
        if self.kind is ActorKind.OTHER:
            return self.text
        line = self.kind.value if self.id is None else f"{self.kind.value} {self.id}"
        if self.token_id is None:
            return line
        return f"{line} via token {self.token_id}" if self.token_id else f"{line} via token"

    @classmethod
    def parse(cls, line: str) -> Self:
        """The actor that is kept as ``line``."""
        found = _ACTOR.fullmatch(line)
        if found is None or found[1] not in _KINDS:
            return cls(ActorKind.OTHER, text=line)
        token_id = int(found[4] or 0) if found[3] else None
        return cls(ActorKind(found[1]), int(found[2]) if found[2] else None, token_id)

    @classmethod
    def operator(cls, operator_id: int, *, token_id: int | None = None) -> Self:
        """A person who works in the admin, or their program with a token."""
        return cls(ActorKind.OPERATOR, operator_id, token_id)


_KINDS: Final = frozenset(kind.value for kind in ActorKind if kind is not ActorKind.OTHER)

COMMAND: Final = Actor(ActorKind.COMMAND)
SCHEDULE: Final = Actor(ActorKind.SCHEDULE)


@dataclass(frozen=True, slots=True)
class Subject:
    """What something was done to: "campaign 12"."""

    kind: str
    id: int

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @classmethod
    def parse(cls, line: str) -> Self:
        """The subject that is kept as ``line``."""
        found = _SUBJECT.fullmatch(line)
        return cls(found[1], int(found[2])) if found else cls(line, 0)


class ActorText(TypeDecorator[Actor]):
    """A column of actors."""

    impl = String(_LONGEST)
    cache_ok = True

    def process_bind_param(self, value: Actor | None, _: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, _: Dialect) -> Actor | None:
        return None if value is None else Actor.parse(value)


class SubjectText(TypeDecorator[Subject]):
    """A column of subjects."""

    impl = String(_LONGEST)
    cache_ok = True

    def process_bind_param(self, value: Subject | None, _: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, _: Dialect) -> Subject | None:
        return None if value is None else Subject.parse(value)


ActorLine = Annotated[Actor, mapped_column(ActorText)]
SubjectLine = Annotated[Subject, mapped_column(SubjectText)]
