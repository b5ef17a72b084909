"""Languages: which way they are written, and what the mail says by itself in them."""

import ast
import re

import pytest
from babel.messages.pofile import read_po

from mailer.authoring.blocks import labs
from mailer.authoring.text import dates
from mailer.authoring.text.languages import ENGLISH, LANGUAGES, direction, is_said_in, say
from tests.test_architecture import OURS, ROOT

WORDS = ROOT / "templates" / "email" / "words"


def said() -> set[str]:
    """Every sentence that code or a template hands to ``say``."""
    found = {words for _, words in labs._STAGES} | {"Policy Lab", "Prototype", "From the Chair"}
    found |= {"{number} more", "{number} fewer"}
    for path in (each for each in OURS if {"authoring", "composition"} & set(each.parts)):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(
                node.func, "attr", getattr(node.func, "id", "")
            ) in ("say", "marked"):
                texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
                found |= {text for text in texts if isinstance(text, str)}
    for template in (ROOT / "templates/email/blocks").glob("*.mjml"):
        found |= set(re.findall(r'say\("([^"]+)"\)', template.read_text()))
    return found - {""}


@pytest.mark.parametrize("language", ["cy", "ar"])
def test_whatever_the_mail_says_is_translated_with_the_same_values(language: str) -> None:
    wanted = said()

    assert len(wanted) > 40
    assert [sentence for sentence in wanted if not is_said_in(language, sentence)] == []
    with (WORDS / f"{language}.po").open("rb") as file:
        for message in read_po(file):
            if message.id:
                assert message.id in wanted, "said nowhere"
                values = re.findall(r"\{\w+\}", str(message.id))
                assert sorted(re.findall(r"\{\w+\}", str(message.string))) == sorted(values)


def test_what_is_not_translated_is_said_in_english() -> None:
    assert say("pl", "Unsubscribe") == "Unsubscribe"
    assert not is_said_in("pl", "Unsubscribe")
    assert is_said_in(ENGLISH, "Unsubscribe")


def test_some_languages_are_written_from_right_to_left() -> None:
    assert {each for each in LANGUAGES if direction(each) == "rtl"} == {"ar", "fa", "he", "ur"}
    assert direction("tlh") == "ltr"


def test_dates_are_said_in_their_language_and_times_stay_those_of_the_uk() -> None:
    start, end = dates.read("2026-12-09T10:00"), dates.read("2026-12-09T11:30")
    assert start

    assert dates.span_words(start, end, "cy") == (
        "Dydd Mercher 9 Rhagfyr 2026, 10:00 i 11:30 amser y DU"
    )
    assert dates.short_month(start.day, "cy") == "Rhag"
