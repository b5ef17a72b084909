"""Who sees what, and how often a design is made."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from mailer.authoring.document import parse, read
from mailer.composition.composer import Composer
from mailer.errors import DocumentError
from tests.mailer.composition.letters import TOKENS, alice, bob, composed, december_letter, letter
from tests.mailer.composition.reading import html_of, soup, text_of


def test_a_block_for_some_categories_is_in_no_part_of_anybody_elses_copy() -> None:
    composer = Composer(december_letter(), tokens=TOKENS)

    for recipient, sees in [(alice(), True), (alice(category="associate"), True), (bob(), False)]:
        content = composer.compose(recipient).content
        assert ("Policy Lab call" in text_of(content)) is sees
        assert ("Policy Lab call" in html_of(content)) is sees


def test_categories_that_see_the_same_share_one_frame() -> None:
    composer = Composer(december_letter(), tokens=TOKENS)
    categories = ("full", "associate", "affiliate", "supporter", "", "unheard-of")

    for category in categories:
        for counted in (True, False):
            composer.compose(alice(category=category, counted=counted))

    assert len(composer._designs) == 3  # for Full, for Associate, for all the others
    assert len(composer._frames) == 6


def test_threads_share_a_composer_and_agree() -> None:
    composer = Composer(december_letter(), tokens=TOKENS)
    recipients = [
        alice(delivery_id=n, category=("full", "")[n % 2], counted=n % 3 == 0) for n in range(60)
    ]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(composer.compose, recipients))

    assert together == [composer.compose(recipient) for recipient in recipients]


def test_without_masthead_and_footer_they_come_from_the_letter() -> None:
    content = composed(letter(), bob(counted=True)).content

    page = soup(html_of(content))

    assert [h1.get_text() for h1 in page.find_all("h1")] == ["Members' Update"]
    footer = page.select_one(".foot")
    assert footer is not None
    assert "Town Hall, 1 Market Place, Millbridge" in footer.get_text()
    assert "Hello friend" in text_of(content)
    assert "Unsubscribe:\n" in text_of(content)


def test_settings_have_no_merge_fields() -> None:
    made = letter(newsletter_name="The {{first_name|x}} news", organisation_name="{{")

    assert "<h1" in html_of(composed(made).content)
    assert "The { {first_name|x}} news" in html_of(composed(made).content)


def test_a_footer_only_some_see_leaves_the_automatic_one_to_the_others() -> None:
    blocks = [
        {"type": "text", "text": "Hello"},
        {
            "type": "footer",
            "visible_to": ["full"],
            "legal_name": "Only Full",
            "postal_address": "P",
            "why": "Because",
        },
    ]
    composer = Composer(letter(parse({"version": 1, "blocks": blocks})), tokens=TOKENS)

    assert "Only Full" in composer.text(alice())
    assert "Only Full" not in composer.text(bob())
    assert "/u/" in composer.text(bob())
    assert composer.html(bob()).count(">Unsubscribe<") == 1


def test_a_letter_that_cannot_be_sent_is_refused_when_it_is_made() -> None:
    for made, field in [
        (letter(subject=""), "subject"),
        (letter(subject="Hello {{first_name}}"), "subject"),
        (letter(preview_text="{{"), "preview_text"),
    ]:
        with pytest.raises(DocumentError) as raised:
            Composer(made, tokens=TOKENS)
        assert [problem.field for problem in raised.value.problems] == [field]


def test_an_unfinished_draft_can_be_looked_at_and_holds_nothing_unsafe() -> None:
    document, _ = read(
        {
            "version": 1,
            "blocks": [
                {"type": "masthead"},
                {"type": "story", "image": "javascript:x", "link": "javascript:alert(1)"},
                {"type": "text", "text": "[x](javascript:alert(1)) {{nonsense}} {{"},
                {"type": "event_list", "events": [{"start": "soon", "link": "data:x"}]},
                {"type": "image"},
                {"type": "button", "link": "vbscript:x"},
                {"type": "divider"},
                {"type": "footer", "privacy_link": "javascript:x"},
            ],
        }
    )
    composer = Composer(letter(document, subject="", links={}), tokens=TOKENS, draft=True)

    html = composer.html(bob())

    assert "{{nonsense}} {{" in soup(html).get_text()
    assert not [a for a in soup(html).find_all("a") if "script" in str(a["href"])]
    assert composer.text(bob())


def test_the_subject_may_name_the_recipient() -> None:
    composer = Composer(letter(subject="For {{first_name|you}}, from us"), tokens=TOKENS)

    assert composer.subject(alice()) == "For Alice, from us"
    assert b"\r\nSubject: For Alice, from us\r\n" in composer.compose(alice()).content
    assert b"\r\nSubject: For you, from us\r\n" in composer.compose(bob()).content
