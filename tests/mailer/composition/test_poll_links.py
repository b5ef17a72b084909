"""The answers of a poll are a person's own links: in every copy, sealed, and never counted."""

import re

from mailer.authoring.document import parse
from mailer.composition.composer import Composer
from mailer.security.tokens import Purpose
from tests.factories import a_poll
from tests.mailer.composition.letters import TOKENS, alice, bob, letter
from tests.mailer.composition.reading import html_of, text_of

LETTER = letter(parse({"version": 1, "blocks": [a_poll()]}))
COMPOSER = Composer(LETTER, tokens=TOKENS)
_LINK = re.compile(r"https://news\.coopcouncils\.example/a/([\w-]{32})/school/(\d)")


def test_both_parts_of_every_copy_have_the_persons_own_link_for_each_answer() -> None:
    for recipient in (alice(counted=True), alice(counted=False), bob()):
        content = COMPOSER.compose(recipient).content
        own = TOKENS.seal(Purpose.ANSWER, recipient.delivery_id)

        for part in (html_of(content), text_of(content)):
            assert _LINK.findall(part) == [(own, "1"), (own, "2"), (own, "3")]


def test_an_answer_can_neither_unsubscribe_nor_be_counted() -> None:
    content = html_of(COMPOSER.compose(alice(counted=True)).content)

    [(token, _), *_] = _LINK.findall(content)
    assert TOKENS.open(Purpose.ANSWER, token) == (4711, 0)
    assert TOKENS.open(Purpose.CHOICES, token) is None
    assert TOKENS.open(Purpose.TRACK, token) is None
    assert "/c/" not in content


def test_the_answers_of_a_preview_are_nobodys() -> None:
    for part in (COMPOSER.html(alice()), COMPOSER.text(alice())):
        assert {TOKENS.open(Purpose.ANSWER, token) for token, _ in _LINK.findall(part)} == {(0, 0)}
