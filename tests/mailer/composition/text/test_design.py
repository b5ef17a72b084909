"""The text part reads like a letter."""

import re

from mailer.authoring.document import parse
from mailer.composition.composer import Composer
from tests.mailer.composition.letters import (
    TOKENS,
    alice,
    bob,
    december_letter,
    letter,
    text_document,
)


def text_of(markdown: str) -> str:
    return Composer(letter(text_document(markdown)), tokens=TOKENS).text(bob())


def test_headings_are_underlined_to_their_length() -> None:
    text = Composer(december_letter(), tokens=TOKENS).text(alice())

    assert text.startswith("MEMBERS’ UPDATE\n===============\n")
    assert "\nFrom the Chair\n--------------\n" in text


def test_lines_keep_to_72_columns_except_for_an_address() -> None:
    text = Composer(december_letter(), tokens=TOKENS).text(alice(organisation=""))

    for line in text.split("\n"):
        assert len(line) <= 72 or re.match(r"(\[\d+\] )?https://", line.strip())


def test_an_address_is_never_broken_and_has_its_words_before_it() -> None:
    url = "https://example.org/" + "path-" * 30

    text = text_of(f"Please read [the whole of it]({url}), all of you.")

    assert f"Please read the whole of it [1], all of you.\n[1] {url}\n" in text


def test_a_paragraph_that_is_only_a_link_has_its_text_once() -> None:
    assert "\nRead it: https://a.example\n\n" in text_of("[Read it](https://a.example)")
    assert "\nhttps://a.example\n\n" in text_of("[https://a.example](https://a.example)")


def test_mail_addresses_and_numbers_are_written_as_people_write_them() -> None:
    text = text_of(
        "Ask [Jo](mailto:jo@a.example?subject=x), [k@a.example](mailto:k@a.example) "
        "or [020 7946 0123](tel:+442079460123), or [ring us](tel:+442079460124)."
    )

    assert (
        "Ask Jo (jo@a.example), k@a.example or 020 7946 0123, or ring us\n(+442079460124).\n\n"
    ) in text


def test_lists_keep_their_bullets_numbers_and_depth() -> None:
    text = text_of(
        "Before\n\n- one\n- two\n  - three " + "long " * 20 + "\n\n3. four\n4. five\n\nEnd"
    )

    assert "\n\n- one\n- two\n  - three long" in text
    assert "\n    long long" in text
    assert "\n\n3. four\n4. five\n\nEnd\n" in text


def test_line_breaks_stay_and_emphasis_goes() -> None:
    assert "**" not in text_of("**a**\n*b*")
    assert "=\na\nb\n\n" in text_of("**a**\n*b*")


def test_pictures_say_what_they_show_unless_they_are_decoration() -> None:
    picture = {"type": "image", "image": "https://img.example/p.png"}
    blocks = [{**picture, "alt": "A mill"}, {**picture, "decoration": True, "caption": "Old"}]

    text = Composer(letter(parse({"version": 1, "blocks": blocks})), tokens=TOKENS).text(bob())

    assert "=\n[Picture: A mill]\n\nOld\n\n" in text


def test_the_links_of_a_list_stand_below_it_and_are_numbered_through_the_mail() -> None:
    text = text_of(
        "- [one](https://a.example) day\n- two\n\n[Three](https://b.example) and "
        "[four](https://c.example)"
    )

    assert "- one [1] day\n- two\n\n[1] https://a.example\n\nThree [2] and four [3]\n" in text
    assert "\n[2] https://b.example\n[3] https://c.example\n\n" in text


def test_a_quotation_is_indented() -> None:
    assert "\n\n    said\n    twice\n\nEnd" in text_of("Start\n\n> said\n> twice\n\nEnd")
