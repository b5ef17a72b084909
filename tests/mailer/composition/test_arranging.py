"""What a copy consists of, where one block depends on the others or on the day it goes out."""

from datetime import UTC, datetime
from typing import Any

from mailer.authoring.document import parse
from mailer.composition.composer import Composer
from tests.mailer.composition.letters import TOKENS, alice, bob, december_letter, letter
from tests.mailer.composition.reading import soup

STORY = {"type": "story", "headline": "A story", "text": "Words.", "layout": "none"}
LINKED = {"link": "https://a.example/", "link_words": "Read it all"}


def composer(*blocks: dict[str, Any], **changes: Any) -> Composer:
    return Composer(letter(parse({"version": 1, "blocks": list(blocks)}), **changes), tokens=TOKENS)


def filled_buttons(made: Composer) -> list[str]:
    page = soup(made.html(bob()))
    return [a.get_text() for a in page.select("a.btn") if "quiet" not in str(a.get("class"))]


def test_an_issue_has_one_filled_button_and_it_is_the_lead_storys() -> None:
    button = {"type": "button", "words": "Join us", "link": "https://b.example/"}
    lead = {**STORY, **LINKED, "layout": "lead"}

    assert filled_buttons(composer(button, STORY, lead)) == ["Read it all"]
    assert filled_buttons(composer(button, {**button, "words": "Give"})) == ["Join us"]
    assert filled_buttons(composer({**lead, "link": ""}, button)) == ["Join us"]


def test_the_contents_lead_to_every_heading_that_is_there() -> None:
    made = Composer(december_letter(), tokens=TOKENS)

    for reader, listed in ((alice(), True), (bob(), False)):
        page = soup(made.html(reader))
        anchors = [str(a["href"])[1:] for a in page.select("li a[href^='#']")]
        assert len(anchors) > 8
        for anchor in anchors:
            (cell,) = page.find_all(id=anchor)
            assert cell.find("h2") is not None
        assert ("policy-lab" in anchors) is listed
        assert ("Policy Lab call" in made.text(reader).partition("\nFrom the Chair\n")[0]) is listed


def test_blocks_can_stay_out_of_the_contents_which_need_three_entries() -> None:
    blocks = [{**STORY, "headline": f"Story {number}"} for number in range(3)]

    three = composer({"type": "contents"}, *blocks).text(bob())
    two = composer({"type": "contents"}, *blocks[1:], {**STORY, "unlisted": True}).text(bob())

    assert "In this issue\n-------------\n- Story 0\n- Story 1\n- Story 2\n" in three
    assert "In this issue" not in two
    assert " id=" not in composer(*blocks).html(bob())


def events(*starts: str) -> dict[str, Any]:
    return {
        "type": "event_list",
        "heading": "Coming up",
        "events": [{"title": f"On {start}", "start": start} for start in starts],
    }


def test_what_is_over_when_the_issue_goes_out_is_left_out() -> None:
    at = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)

    some = composer(events("2026-12-07", "2026-12-08", "2026-12-08T11:00"), STORY, date=at)
    none = composer(events("2026-12-07", "2026-12-08T09:00"), STORY, date=at)

    assert "On 2026-12-07" not in some.html(bob()) + some.text(bob())
    assert "On 2026-12-08" in some.text(bob())
    assert "On 2026-12-08T11:00" in some.text(bob())
    assert "Coming up" not in none.html(bob()) + none.text(bob())


def test_a_call_says_how_long_it_is_open() -> None:
    call = {
        "type": "call",
        "what": "A call",
        "deadline": "2026-12-18T12:00",
        "contact": "us",
        **LINKED,
    }

    for day, words in (
        (9, "Closes in 9 days"),
        (17, "Closes tomorrow"),
        (18, "Closes today"),
        (19, "Closed"),
    ):
        made = composer(call, date=datetime(2026, 12, day, 11, 0, tzinfo=UTC))
        assert words in soup(made.html(bob())).get_text()
        assert f"{words}: Friday 18 December 2026, 12:00 UK time" in made.text(bob())


def test_a_note_says_for_whom_it_is() -> None:
    note = {"type": "note", "text": "Vote.", "visible_to": ["full", "associate"]}

    made = composer(note, STORY)

    assert "Only for Full and Associate members\n------" in made.text(alice())
    assert "Only for" not in made.text(bob())


def test_without_a_preview_text_mail_programs_show_the_first_words() -> None:
    def hidden(made: Composer) -> str:
        found = soup(made.html(alice())).select_one("div[style^='display:none']")
        return found.get_text() if found else ""

    chair = {
        "type": "chairs_message",
        "name": "A",
        "role": "Chair",
        "text": f"Dear {{{{first_name|friend}}}}, **this** is the first. {'More words. ' * 30}",
    }

    assert hidden(composer(chair)).startswith("Dear Alice, this is the first. More words. More")
    assert 100 < len(hidden(composer(chair))) <= 145
    assert hidden(composer(chair)).endswith("…")
    assert hidden(composer({"type": "divider"})) == ""
    assert hidden(composer(chair, preview_text="Chosen words")).startswith("Chosen words\u034f")
