"""A whole copy: its header, its octets, and the golden files a person can open."""

import os
import re
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from mailer.composition.composer import Composer
from mailer.composition.letter import Recipient
from mailer.security.tokens import Purpose
from tests.mailer.composition.letters import TOKENS, alice, bob, composed, december_letter, letter
from tests.mailer.composition.reading import html_of, parsed, text_of
from tests.mailer.composition.samples import PICTURE, SIZE, sample_document
from tests.mailer.composition.wire import check_wire

SNAPSHOTS = Path(__file__).parents[2] / "snapshots"
DECEMBER = Composer(december_letter(), tokens=TOKENS)


@pytest.mark.parametrize(
    ("name", "recipient"),
    [("december-alice-full-counted", alice()), ("december-bob-supporter", bob())],
)
def test_the_december_issue_is_what_was_looked_at(name: str, recipient: Recipient) -> None:
    """Look at the files in a mail program after UPDATE_SNAPSHOTS=1 has written them anew."""
    golden = SNAPSHOTS / f"{name}.eml"

    content = DECEMBER.compose(recipient).content

    if os.environ.get("UPDATE_SNAPSHOTS"):
        golden.write_bytes(content)
    assert content == golden.read_bytes()


@pytest.mark.parametrize("part", ["html", "txt"])
def test_every_form_of_every_block_is_what_was_looked_at(part: str) -> None:
    """Look at the HTML in a browser, wide and narrow, light and dark."""
    golden = SNAPSHOTS / f"every-block.{part}"
    made = letter(sample_document(), pictures={PICTURE: SIZE})
    composer = Composer(made, tokens=TOKENS, draft=True)

    shown = composer.html(alice()) if part == "html" else composer.text(alice())

    if os.environ.get("UPDATE_SNAPSHOTS"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


def test_a_copy_keeps_every_rule_of_the_wire() -> None:
    for recipient in (alice(), bob()):
        fields = check_wire(DECEMBER.compose(recipient).content)

        assert fields[b"content-language"] == b"en-GB"
        assert fields[b"precedence"] == b"bulk"


def test_a_retry_is_the_same_message_octet_for_octet() -> None:
    again = Composer(december_letter(), tokens=TOKENS)

    assert again.compose(alice()) == DECEMBER.compose(alice())
    assert DECEMBER.compose(alice()) == DECEMBER.compose(alice())


def test_the_header_says_who_to_whom_and_when() -> None:
    message = parsed(DECEMBER.compose(alice()).content)

    assert message["From"] == "Co-op Councils Network <news@coopcouncils.example>"
    assert message["To"] == "Alice Yusuf <alice@northhaven.example>"
    assert message["Reply-To"] == "comms@coopcouncils.example"
    assert message["Subject"] == "Winter labs, 7 events and a welcome to Wyeham"
    assert parsedate_to_datetime(message["Date"]) == december_letter().date


def test_one_click_unsubscribe_is_as_rfc_8058_wants_it() -> None:
    copy = DECEMBER.compose(alice())

    fields = check_wire(copy.content)

    choices = TOKENS.seal(Purpose.CHOICES, 4711)
    returned = TOKENS.seal_for_mail(Purpose.RETURN, 4711)
    assert fields[b"list-unsubscribe-post"] == b"List-Unsubscribe=One-Click"
    assert fields[b"list-unsubscribe"].decode() == (
        f"<https://news.coopcouncils.example/u/{choices}>, "
        f"<mailto:u+{returned}@bounce.coopcouncils.example?subject=unsubscribe>"
    )
    assert copy.return_path == f"b+{returned}@bounce.coopcouncils.example"


def test_one_click_is_offered_only_where_it_goes_to_an_https_address() -> None:
    fields = check_wire(composed(letter(public_url="http://localhost:5000")).content)

    assert b"list-unsubscribe-post" not in fields
    assert fields[b"list-unsubscribe"].startswith(b"<http://localhost:5000/u/")


def test_the_feedback_loop_tells_installations_apart() -> None:
    one, other = (
        check_wire(composed(letter(public_url=f"https://{host}")).content)[b"feedback-id"]
        for host in ("news.one.example", "news.other.example")
    )

    assert one.rpartition(b":")[0] == other.rpartition(b":")[0]
    assert one != other


def test_ids_are_of_the_senders_domain_and_open_again() -> None:
    fields = check_wire(DECEMBER.compose(alice()).content)

    token, _, domain = fields[b"message-id"].decode().strip("<>").partition("@")
    assert domain == "coopcouncils.example"
    assert TOKENS.open_from_mail(Purpose.MESSAGE, token) == (4711, 0)
    assert fields[b"list-id"] == b"Members' Update <members-update.lists.coopcouncils.example>"
    assert re.fullmatch(rb"12:members-update:newsletter:[0-9a-f]{12}", fields[b"feedback-id"])


def test_two_copies_differ_in_id_boundary_return_path_and_links() -> None:
    one, other = DECEMBER.compose(alice()), DECEMBER.compose(alice(delivery_id=4713))

    assert one.return_path != other.return_path
    for name in (b"message-id", b"content-type", b"list-unsubscribe"):
        assert check_wire(one.content)[name] != check_wire(other.content)[name]


def test_both_parts_say_the_same_words() -> None:
    copy = DECEMBER.compose(alice()).content

    assert "MEMBERS’ UPDATE" in text_of(copy)
    for text in ("Dear Alice", "Retrofit, street by street", "Guildhall"):
        assert text in text_of(copy)
        assert text in html_of(copy)


def test_a_domain_goes_as_a_labels_and_a_letter_may_have_no_reply_address() -> None:
    made = letter(sender_address="news@rhydfelen-gŵyl.example", reply_to=None)

    copy = composed(made, alice(address="x@gŵyl.example"))

    fields = check_wire(copy.content)
    assert b"@xn--" in fields[b"from"]
    assert fields[b"message-id"].endswith(b".example>")
    assert copy.recipient == "x@xn--gyl-b2a.example"
    assert b"reply-to" not in fields
