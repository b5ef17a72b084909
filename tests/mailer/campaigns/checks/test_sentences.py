"""What each rule says, and when it says nothing."""

from dataclasses import replace
from typing import Any

import pytest

from mailer.campaigns.checks.facts import Measured
from mailer.campaigns.checks.finding import CheckFinding, FindingState
from mailer.campaigns.checks.running import fine, summary
from mailer.fetching.asking import Answered
from mailer.settings.environment import Gate
from tests.mailer.campaigns.checks.issues import (
    PICTURE,
    URL,
    asked,
    call,
    codes,
    events,
    facts_of,
    found_in,
    image,
    last,
    link,
    masthead,
    open_in,
    said,
    story,
    text,
)

HEADLINE = "Retrofit, street by street"
BOOK = f"[Book now]({URL})"
BUTTON = {"type": "button", "words": "Join us", "link": URL}
COLUMNS = {"type": "two_columns", "columns": [{"text": "### Small"}, {"text": "Words"}]}
LONG = "The network " * 61
HARD = (
    "Notwithstanding considerable organisational transformation, participating municipalities "
    "collaboratively established comprehensive interdisciplinary accountability arrangements "
    "facilitating sustainable neighbourhood regeneration alongside community organisations "
    "representing disadvantaged populations across administrative geographies, institutional "
    "responsibilities and increasingly complicated intergovernmental relationships."
)


@pytest.mark.parametrize(
    ("code", "sentence", "block"),
    [
        (
            "ALT1",
            "Describe the picture in Image (block 1), or tick “This picture is decoration”.",
            image(),
        ),
        ("LNK1", "“Read how Aldmor did it” has no address.", story(link="")),
        ("LNK3", "This link still has a placeholder (#).", story(link="#")),
        ("FLD1", "Chair’s message is empty. Write it, ask for it, or remove it.",
         {"type": "chairs_message"}),
        ("TXT1", "“TBC” found in Text \"Retrofit\".", text("TBC")),
        ("EVT1", "“Webinar 1” will be over before this goes out.", events("2026-12-01")),
        ("DATE1", "The masthead says November 2026; this goes out on 8 December 2026.",
         masthead("November 2026")),
        ("DATE2", 'The deadline in Call "Warm homes" (4 December) is before this goes out.',
         call("2026-12-04")),
    ],
)  # fmt: skip
def test_the_sentences(code: str, sentence: str, block: dict[str, Any]) -> None:
    assert said(code, block) == sentence


def test_a_link_without_a_usable_scheme_is_told_once_and_where_it_is() -> None:
    (found,) = open_in(facts_of(text(), story(link="ftp://a.example/x")))

    assert (found.code, found.block, found.field) == ("LNK4", "b2", "link")
    assert found.message.endswith("Use https:, http:, mailto: or tel: for this link.")


def test_what_the_document_itself_finds_keeps_its_sentence() -> None:
    facts = facts_of(
        {"type": "button", "link": URL}, {"type": "button", "words": "Join us", "link": "x y"}
    )
    found = {(each.code, each.block, each.message) for each in open_in(facts)}

    assert ("FLD1", "b1", "Fill in “Words”.") in found
    assert {code for code, block, _ in found if block == "b2"} == {"LNK4"}


def test_a_document_that_cannot_be_read_is_told_as_such() -> None:
    facts = facts_of({"type": "carousel"}, text())

    assert [each.code for each in open_in(facts)] == ["DOC1"]


def test_the_frame_alone_is_nothing_to_read() -> None:
    (found,) = open_in(facts_of(masthead("December 2026")))

    assert (found.code, found.field) == ("DOC1", "blocks")


def test_the_masthead_of_a_month_to_come_is_wrong_only_with_a_time_long_before_it() -> None:
    january = masthead("January 2027")

    assert codes(january, text()) == []
    assert codes(january, text(), wall="2026-12-10T10:00") == ["DATE1"]
    assert codes(january, text(), wall="2026-12-29T10:00") == []


def test_dates_are_compared_with_the_planned_time() -> None:
    issue = (events("2026-12-09"), call("2026-12-10"))

    assert codes(*issue) == []
    assert codes(*issue, wall="2026-12-12T10:00") == ["DATE2", "EVT1"]


def test_how_many_people_lack_the_name_is_said() -> None:
    counted = Measured(True, 1, lacking={"first_name": 37})

    assert said("MRG1", text("Dear {{first_name}},"), measured=counted) == (
        "{First name} has no fallback words. 37 people have no first name."
    )


def test_the_same_link_at_the_same_place_as_last_month() -> None:
    (place,) = {each.place for each in facts_of(story()).reading.links}

    assert said("LNK8", story(), last=last(links=[(place, URL)])) == (
        "This link was also in November’s issue at the same place. Still right?"
    )
    assert codes(story(), last=last(links=[(place, f"{URL}/2")])) == []


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Join us on 9 December at noon.", "9 December"),
        ("The call closes on Friday.", "Friday"),
        ("Ymunwch â ni ar 9 Rhagfyr.", "9 Rhagfyr"),
        ("As we said last month.", "last month"),
        ("By 4/12/2026.", "4/12/2026"),
    ],
)
def test_dated_words_of_last_month_are_asked_about_until_somebody_touches_them(
    words: str, day: str
) -> None:
    assert said("DATE3", text(words), last=last(texts=[words])) == (
        f"“{day}” is from November’s issue. Still right?"
    )
    assert "DATE3" not in codes(text(words), last=last(texts=["Other words."]))
    assert "DATE3" not in codes(
        text(text="We may march on."), last=last(texts=["We may march on."])
    )


def test_a_category_that_sees_little_is_named() -> None:
    hidden: dict[str, Any] = {"visible_to": ["full", "associate"]}

    assert said("VIS1", text(), text(), text(**hidden)) == "Supporters see only 2 blocks."
    assert codes(text(), text(), text(), text(**hidden)) == []
    assert codes(text()) == []


def test_an_address_that_does_not_work_is_said_with_when_that_was_asked() -> None:
    broken = asked(Answered.BROKEN, "404 Page not found.")

    assert said("LNK2", story(), addresses=broken) == (
        "This address doesn’t work: 404 Page not found. (checked 3 min ago)"
    )
    assert codes(story(), addresses=asked(Answered.FINE)) == []


def test_a_picture_that_is_gone_is_found_like_a_link() -> None:
    broken = asked(Answered.BROKEN, "404 Page not found.", PICTURE)
    found = open_in(facts_of(image(alt="A map"), addresses=broken))

    assert [(each.code, each.field) for each in found] == [("LNK2", "image")]


def test_sites_that_block_checkers_have_not_passed_and_are_not_broken() -> None:
    blocked = asked(Answered.BLOCKED, "403 Forbidden.")
    both = blocked | asked(Answered.BLOCKED, "", f"{URL}/2")

    assert codes(story(), addresses=blocked) == ["LNK7"]
    assert said("LNK7", story(), addresses=blocked) == (
        f"We couldn’t check {URL}: its site blocks checkers. Open it from your test, and say here "
        "that it’s fine if it works."
    )
    again = [story(), link("the plan", f"{URL}/2"), link("the same plan", f"{URL}/2")]
    found = [each for each in open_in(facts_of(*again, addresses=both)) if each.code == "LNK7"]
    assert [each.about for each in found] == [URL, f"{URL}/2"]
    assert len({each.key for each in found}) == 2


def test_what_was_not_asked_yet_is_not_checked_and_holds_nothing_back() -> None:
    (found,) = [each for each in found_in(facts_of(story())) if not each.is_open]

    assert (found.code, found.state) == ("LNK2", FindingState.UNCHECKED)
    assert not found.holds_back


def test_an_unchecked_rule_is_not_counted_as_fine() -> None:
    nothing_counted = found_in(facts_of(text(), measured=None, last=last()))

    assert {each.code for each in nothing_counted} == {"AUD1", "AUD2", "SIZ1"}
    assert fine(nothing_counted) == 32
    assert summary(nothing_counted) == "0 to fix, 0 to look at, 32 fine, 3 not checked yet"


def test_the_summary_counts() -> None:
    found = open_in(facts_of(text("TBC"), link("here"), preview_text=""))

    assert summary(found) == "1 to fix, 2 to look at, 32 fine"


def test_a_sender_who_is_only_warned_of_is_to_look_at() -> None:
    facts = facts_of(text(), gate=Gate.WARN, obstacle="No SPF.", domain_checked=True)
    (found,) = open_in(facts)

    assert (found.code, found.level.value) == ("SND1", "look")


def test_a_sender_that_was_never_checked_has_not_passed() -> None:
    facts = facts_of(text(), gate=Gate.ENFORCE, obstacle="Never checked.")
    (found,) = found_in(facts)

    assert (found.code, found.state) == ("SND1", FindingState.UNCHECKED)


def test_hard_text_is_measured_in_english_only() -> None:
    assert "TXT3" in codes(text(HARD))
    assert "TXT3" not in codes(text(HARD, language="cy"))


def test_a_finding_changes_its_key_with_the_words_it_is_about() -> None:
    def key(words: str) -> str:
        found: list[CheckFinding] = open_in(facts_of(link(words)))
        return next(each.key for each in found if each.code == "LNK5")

    assert key("here") == key("here")
    assert key("here") != key("click here")
    assert replace(open_in(facts_of(link("here")))[0], block="b9").key != key("here")
