"""The block of one question, answered by one press and one button on the page it opens."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import ClassVar

from mailer.authoring.blocks.base import Block, HtmlPart, Item, Shelf, TextPart
from mailer.authoring.blocks.fields import date, items, line, tick
from mailer.authoring.text import dates
from mailer.authoring.text.merging import for_everybody


@dataclass(frozen=True, slots=True, kw_only=True)
class PollAnswer(Item):
    """One way to answer."""

    named_by: ClassVar[str] = "words"

    words: str = line("Answer", required=True, soft_limit=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll(Block):
    """A question. Programs that follow every link can't vote: an answer is only chosen by it."""

    type: ClassVar[str] = "poll"
    type_title: ClassVar[str] = "Poll"
    position: ClassVar[int] = 70
    shelf: ClassVar[Shelf] = Shelf.MEMBERS
    drawing: ClassVar[str] = "poll"
    about: ClassVar[str] = "one question"
    named_by: ClassVar[str] = "question"

    label: str = line("Kicker", soft_limit=40, help="Left empty, it says “One question for you”.")
    question: str = line("Question", required=True, soft_limit=90)
    answers: tuple[PollAnswer, ...] = items(
        "Answers", of=PollAnswer, noun="answer", most=5, least=2, required=True
    )
    closes: str = date("Closes", help="11 Dec.")
    show_results: bool = tick(
        "Show the results",
        help="To whoever has answered, and when it has closed to everybody it was sent to.",
    )
    thanks: str = line("Thanks", soft_limit=140, help="Shown to whoever has answered.")

    @property
    def asks(self) -> str:
        """The question as a page shows it."""
        return for_everybody(self.question)

    @property
    def choices(self) -> Sequence[tuple[int, str]]:
        """Number and words of each answer, as a page shows them."""
        return [
            (number, for_everybody(each.words)) for number, each in enumerate(self.answers, start=1)
        ]

    @property
    def thanked(self) -> str:
        """The words of thanks, as a page shows them."""
        return for_everybody(self.thanks)

    def has_closed(self, at: datetime) -> bool:
        """Whether it takes no more answers. A day ends when it ends in the zone of ``at``."""
        end = dates.read(self.closes, at.tzinfo or UTC)
        return end is not None and dates.is_before(end, dates.seen(at))

    def closing_words(self, zone: tzinfo) -> str:
        """When it closes, as a page says it; "" for a poll that stays open."""
        end = dates.read(self.closes, zone)
        return dates.span_words(end, None, zone=zone) if end else ""

    def listed_as(self) -> str:
        return self.question

    def problems_at(self, at: datetime) -> Iterator[tuple[str, str]]:
        if self.has_closed(at):
            yield "closes", "Choose a later day, or remove the poll: it has closed."

    def links(self) -> Iterator[tuple[str, str]]:
        return iter(())  # its addresses are a recipient's own and are not counted

    def write(self, part: TextPart) -> None:
        part.heading(f"{self._label(part)}: {self.question}")
        part.answers(self.id, [each.words for each in self.answers])
        part.paragraph(self._below(part))

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        return {
            "label": part.line(self._label(part)),
            "choices": [
                (part.answer(self.id, number), part.line(each.words))
                for number, each in enumerate(self.answers, start=1)
            ],
            "below": part.words(self._below(part)),
        }

    def _label(self, part: TextPart | HtmlPart) -> str:
        return self.label or part.say("One question for you")

    def _below(self, part: TextPart | HtmlPart) -> str:
        end = dates.read(self.closes, part.zone)
        opens = part.say("An answer opens a page where you send it with one button.")
        if end is None:
            return opens
        day = dates.span_words(end, None, part.language, part.zone)
        closes = part.say("Closes on {date}; you can change your mind until then.", date=day)
        return f"{opens} {closes}"
