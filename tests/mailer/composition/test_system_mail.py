"""System mails."""

from dataclasses import replace

import pytest

from mailer.composition.letter import SystemMailText
from mailer.composition.system_mail import compose_system_mail
from tests.mailer.composition.letters import letter
from tests.mailer.composition.reading import html_of, parsed, soup, text_of
from tests.mailer.composition.wire import check_wire

NOTICE = SystemMailText(
    subject="Confirm the Members’ Update",
    paragraphs=("Press the button & the next issue comes.", "{{first_name|x}} <b>is plain</b>."),
    button_words="Yes, send it",
    button_url="https://news.coopcouncils.example/confirm/abc?x=1&y=2",
    closing="If it was not you, do nothing.",
)


def compose(notice: SystemMailText = NOTICE, **changes: str) -> bytes:
    addresses = {
        "sender_name": "Co-op Councils Network",
        "sender_address": "news@coopcouncils.example",
        "to_name": "",
        "to_address": "alice@northhaven.example",
        "message_id": "abc@coopcouncils.example",
        "return_path": "",
        **changes,
    }
    return compose_system_mail(notice, **addresses, date=letter().date).content


def test_a_notice_says_that_it_is_automatic_and_belongs_to_no_list() -> None:
    fields = check_wire(compose())

    assert fields[b"auto-submitted"] == b"auto-generated"
    assert not [name for name in fields if name.startswith(b"list-")]
    assert b"precedence" not in fields
    assert fields[b"message-id"] == b"<abc@coopcouncils.example>"
    assert parsed(compose())["To"] == "alice@northhaven.example"


def test_both_parts_have_the_words_and_the_address_whole() -> None:
    content = compose()

    assert NOTICE.button_url in text_of(content)
    assert {str(a["href"]) for a in soup(html_of(content)).find_all("a")} == {NOTICE.button_url}
    for text in (*NOTICE.paragraphs, NOTICE.closing, NOTICE.button_words):
        assert text in soup(html_of(content)).get_text()
        assert text.replace("{{", "{{") in text_of(content)


def test_the_same_notice_is_the_same_message() -> None:
    assert compose() == compose()
    assert compose() != compose(message_id="other@coopcouncils.example")


def test_an_address_that_closes_a_notice_is_a_link_of_its_own() -> None:
    url = "https://news.coopcouncils.example/confirm/abc/not-me"
    content = compose(replace(NOTICE, closing=f"If it was not you, say so: {url}"))

    links = [str(a["href"]) for a in soup(html_of(content)).find_all("a")]
    assert links.count(url) == 1
    assert f"If it was not you, say so: {url}" in soup(html_of(content)).get_text()
    assert url in text_of(content)


@pytest.mark.parametrize("last", ["javascript:alert(1)", "https://", 'https://x"><b>'])
def test_what_closes_a_notice_and_is_no_address_stays_text(last: str) -> None:
    found = soup(html_of(compose(replace(NOTICE, closing=f"It says {last}"))))

    assert last in found.get_text()
    assert not found.find("b")
    assert not [a for a in found.find_all("a") if str(a["href"]).startswith("javascript")]
