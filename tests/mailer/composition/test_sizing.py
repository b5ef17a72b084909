"""Gmail cuts large mails off, and the way to unsubscribe with them: they are measured before."""

from typing import Any

from mailer.authoring.document import parse
from mailer.composition.composer import Composer
from mailer.composition.sizing import largest, sentence
from tests.mailer.composition.letters import (
    PICTURES_AT,
    TOKENS,
    alice,
    bob,
    december_letter,
    letter,
)
from tests.mailer.composition.reading import html_of

STORY = {
    "type": "story",
    "layout": "left",
    "image": f"{PICTURES_AT}market.png",
    "image_alt": "Three stalls of fruit and vegetables in a library yard",
    "kicker": "Carrdale Council",
    "headline": "A food co-operative in every ward by spring",
    "text": "Eleven of Carrdale’s fourteen wards have a buying group that meets in a library. "
    "Together they move four tonnes of vegetables a week, most of it grown within twenty miles.",
    "link": "https://library.coopcouncils.example/case-studies/carrdale-food",
    "link_words": "See Carrdale’s ward plan",
}


def octets(blocks: list[dict[str, Any]]) -> int:
    return largest(letter(parse({"version": 1, "blocks": blocks})))


def test_the_whole_december_issue_is_light() -> None:
    copy = html_of(Composer(december_letter(), tokens=TOKENS).compose(alice()).content)

    assert len(copy.encode()) < 60_000
    assert len(copy.encode()) <= largest(december_letter()) < 61_000
    assert sentence(largest(december_letter())) == ""


def test_twenty_four_pictured_stories_fit() -> None:
    assert octets([STORY] * 24) < 65_000


def test_the_largest_copy_is_measured_whoever_it_is_for() -> None:
    long = {"type": "text", "text": "word " * 18_000, "visible_to": ["full"]}
    short = {"type": "text", "text": "Hello {{first_name|friend}}"}
    made = letter(parse({"version": 1, "blocks": [long, short]}))
    composer = Composer(made, tokens=TOKENS)

    to_alice, to_bob = (
        len(html_of(composer.compose(reader).content).encode()) for reader in (alice(), bob())
    )

    assert to_bob < 20_000
    assert to_alice <= largest(made) < to_alice + 200


def test_what_is_over_by_then_is_measured_too() -> None:
    event = {"title": "An event", "start": "2020-01-01"}
    few, many = (
        octets([{"type": "event_list", "heading": "E", "events": [event] * number}])
        for number in (1, 20)
    )

    assert many > few + 10_000


def test_a_large_mail_is_said_to_be_one() -> None:
    assert sentence(89_999) == ""
    assert sentence(95_400).startswith("The e-mail is 95 kB. Gmail cuts e-mails off at about 102")
