"""Texts of system mails: a folder each, whole, and safe from whatever fills them."""

from pathlib import Path

import pytest
from jinja2 import Environment, meta

from mailer.composition.system_mail import compose_system_mail
from mailer.composition.system_texts import system_text
from tests.mailer.composition.letters import letter
from tests.mailer.composition.reading import html_of, text_of
from tests.test_architecture import ROOT

TEMPLATES = ROOT / "templates" / "email"
FOLDERS = sorted(path.parent for path in TEMPLATES.glob("*/text.txt"))
PARTS = {"subject.txt", "text.txt", "mail.mjml"}


def asked_for(folder: Path) -> set[str]:
    """The names of the values that a mail's templates ask for."""
    parse = Environment(autoescape=False).parse
    texts = (folder / name for name in ("subject.txt", "text.txt"))
    return {
        name for text in texts for name in meta.find_undeclared_variables(parse(text.read_text()))
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_mail_is_whole_and_says_what_fills_it(folder: Path) -> None:
    values = {name: f"value{name}" for name in asked_for(folder)}
    values["link"] = "https://news.example/page?x=1&y=2"

    text = system_text(folder.name, **values)
    message = compose_system_mail(
        text,
        sender_name="Network",
        sender_address="news@network.example",
        to_name="",
        to_address="alice@northhaven.example",
        message_id="abc@network.example",
        return_path="",
        date=letter().date,
    )

    assert {path.name for path in folder.iterdir()} == PARTS
    assert text.subject
    assert text.paragraphs
    assert text.button_url == values["link"]
    written = f"{message.content.decode()} {text_of(message.content)}"
    assert all(value in written for value in values.values())
    assert "{{" not in written
    assert text.button_words in html_of(message.content)


def test_every_folder_of_mail_is_a_system_mail_or_the_blocks() -> None:
    folders = {path for path in TEMPLATES.iterdir() if path.is_dir()}

    assert folders - {TEMPLATES / "blocks", TEMPLATES / "words"} == set(FOLDERS)


@pytest.mark.parametrize(
    "hostile",
    ["x\n\n[Free money](https://evil.example)\n\ny", "[Win](https://evil.example)", "{{ link }}"],
)
def test_a_value_makes_no_button_and_no_paragraph(hostile: str) -> None:
    link = "https://news.example/x"
    text = system_text("subscription_asked", newsletter=hostile, link=link, not_me=f"{link}/not-me")

    assert text.button_url == "https://news.example/x"
    assert text.button_words == "Confirm"
    assert len(text.paragraphs) == 2
    assert "\n" not in text.subject + "".join(text.paragraphs)


def test_a_missing_value_is_an_internal_fault() -> None:
    with pytest.raises(Exception, match="newsletter"):
        system_text("subscription_asked", link="https://news.example/x")
