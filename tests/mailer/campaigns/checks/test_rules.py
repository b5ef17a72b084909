"""Each rule, firing and not firing."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from mailer.campaigns.checks.dated import BeforeAnElection
from mailer.campaigns.checks.facts import LastIssue, Measured
from mailer.campaigns.checks.finding import CheckFinding, FindingState
from mailer.campaigns.checks.running import RULES, fine, summary
from mailer.demo.content import PREVIEW_TEXT, SUBJECT, december_issue
from mailer.fetching.asking import Answered
from mailer.models import CheckedAddress, ElectionPeriod
from mailer.settings.environment import Gate
from tests.factories import NOW
from tests.mailer.campaigns.checks.issues import (
    codes,
    events,
    facts_of,
    found_in,
    link,
    open_in,
    said,
    story,
    text,
)

URL = "https://www.aldmor.example/retrofit"
PICTURE = "https://pictures.example/street.png"
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


def image(**more: Any) -> dict[str, Any]:
    return {"type": "image", "image": PICTURE, **more}


def masthead(day: str) -> dict[str, Any]:
    return {"type": "masthead", "title": "Update", "date": day}


def call(deadline: str) -> dict[str, Any]:
    return {
        "type": "call",
        "what": "Warm homes",
        "deadline": deadline,
        "contact": "us",
        "link": URL,
        "link_words": "Apply to Warm homes",
    }


def last(**more: Any) -> LastIssue:
    return LastIssue(
        id=7,
        month="November",
        subject=more.get("subject", "Autumn labs"),
        links=frozenset(more.get("links", ())),
        texts=frozenset(more.get("texts", ())),
    )


def asked(answered: Answered, sentence: str = "", url: str = URL) -> dict[str, CheckedAddress]:
    kept = CheckedAddress(
        digest="",
        url=url,
        answered=answered.value,
        status=None,
        sentence=sentence,
        checked_at=NOW - timedelta(minutes=3),
    )
    return {url: kept}


OF_BLOCKS = [
    ("ALT1", image(), image(decoration=True)),
    ("ALT1", story(image=PICTURE), story(image=PICTURE, image_alt="A street of terraces")),
    ("ALT1", story(image=PICTURE), story(image=PICTURE, layout="none")),
    ("ALT2", image(alt="A map", link=URL), image(alt="A map", link=URL, link_words="See the map")),
    ("ALT3", image(alt="Image of a street"), image(alt="A street with solar roofs")),
    ("ALT3", image(alt="Llun o stryd"), image(alt="Stryd gyda phaneli haul")),
    ("ALT3", image(alt="IMG_2041.jpg"), image(alt="Amrit Kaur")),
    ("ALT3", image(alt="A street " * 16), image(alt="A street " * 15)),
    (
        "ALT3",
        story(image=PICTURE, headline=HEADLINE, image_alt=HEADLINE),
        story(image=PICTURE, headline=HEADLINE, image_alt="Solar roofs"),
    ),
    ("LNK1", story(link=""), story()),
    ("LNK1", BUTTON | {"link": ""}, BUTTON),
    ("LNK1", text("See [the plan]()."), text(f"See [the plan]({URL}).")),
    ("LNK3", link("the plan", "https://example.com/plan"), link("the plan", "https://example.org/plan")),
    ("LNK3", link("the plan", "https://www.example.com"), link("the plan", "https://a.example/")),
    ("LNK3", story(link="https://a.org/TBC"), story(link="https://a.org/t?id=q-XX-tbc_TBC")),
    ("LNK3", story(link="#"), story(link="https://a.example/#top")),
    ("LNK3", story(link="TBC"), story(link="https://tbc.example/")),
    ("LNK3", story(link="https://"), story()),
    ("LNK4", story(link="ftp://a.example/x"), story(link="mailto:us@a.example")),
    ("LNK4", link("the plan", "javascript:alert(1)"), link("the plan", "tel:+441632960000")),
    ("LNK5", link("here"), link("Read how Aldmor did it")),
    ("LNK5", link("Click here"), link("Click and collect")),
    ("LNK5", link("Read more…"), link("Read more about retrofit")),
    ("LNK5", link("yma"), link("Gweld sut y gwnaeth Aldmor")),
    ("LNK5", link("Darllen mwy"), link("Darllen am Aldmor")),
    ("LNK5", text(f"See {URL}"), text("Write to us@a.example")),
    ("LNK5", link("www.aldmor.example"), link("Aldmor’s site")),
    ("LNK6", text(f"{BOOK} [Book now]({URL}/2)"), text(f"{BOOK} {BOOK}")),
    ("TXT1", text("The date is TBC."), text("The date is known.")),
    ("TXT1", text("Ask TK."), text("Ask tk-maxx or McTKay.")),
    ("TXT1", text("[insert name] wrote"), text("Please insert names")),
    ("TXT1", text("Lorem ipsum dolor"), text("Ipsum alone")),
    ("TXT1", text("It costs £XX."), text("The XXIst issue")),
    ("TXT1", story(link_words="TBC"), story()),
    ("TXT1", image(alt="TBC"), image(alt="A street")),
    ("FLD1", {"type": "chairs_message"}, text()),
    ("FLD1", {"type": "button", "link": URL}, {"type": "button", "words": "Join us", "link": URL}),
    ("TXT2", text(LONG), text(LONG[: len(LONG) // 2])),
    ("TXT3", text(HARD), text("Homes are warm. " * 12)),
    ("CAP1", text("BOOK YOUR PLACE TODAY"), text("The BBC and the NHS")),
    ("CAP1", text("LLEOEDD YN BRIN IAWN"), text("CCIN AGM")),
    ("DATE1", masthead("November 2026"), masthead("December 2026")),
    ("DATE1", masthead("Tachwedd 2026"), masthead("Rhagfyr 2026")),
    ("DATE1", masthead("November 2026"), masthead("Issue 12")),
    ("DATE2", call("2026-12-04"), call("2026-12-18")),
    ("EVT1", events("2026-12-01"), events("2026-12-09")),
    ("MRG1", text("Dear {{first_name}},"), text("Dear {{first_name|member}},")),
    ("HDG1", COLUMNS, text("### Small\n\nWords")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "bad", "good"), OF_BLOCKS)
def test_a_rule_finds_what_it_is_for_and_nothing_else(
    code: str, bad: dict[str, Any], good: dict[str, Any]
) -> None:
    assert code in codes(bad)
    assert code not in codes(good)


AROUND: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("SUB1", {"subject": " "}, {}),
    ("SUB2", {"last": last(subject="Winter  Labs and a welcome")}, {"last": last()}),
    ("SUB3", {"subject": "Winter labs! A welcome!"}, {"subject": "Winter labs!"}),
    ("SUB3", {"subject": "WINTER LABS"}, {"subject": "CCIN AGM"}),
    ("SUB3", {"subject": "x" * 61}, {"subject": "x" * 60}),
    ("PRE1", {"preview_text": ""}, {}),
    ("TXT1", {"subject": "News TBC"}, {}),
    ("TXT1", {"preview_text": "lorem ipsum"}, {}),
    ("AUD1", {"measured": Measured(anybody=False, octets=1)}, {}),
    (
        "AUD2",
        {"last": last(), "measured": Measured(True, 1, will=131, will_before=100)},
        {"last": last(), "measured": Measured(True, 1, will=110, will_before=100)},
    ),
    (
        "SND1",
        {"gate": Gate.ENFORCE, "obstacle": "No SPF.", "domain_checked": True},
        {"gate": Gate.ENFORCE, "obstacle": None, "domain_checked": True},
    ),
    ("FTR1", {"has_postal_address": False}, {}),
    ("SIZ1", {"measured": Measured(True, 108_000)}, {"measured": Measured(True, 99_000)}),
    ("CON1", {"accent": "#88AACC"}, {"accent": "#0F5E7A"}),
    ("TST1", {"tested_version": 2}, {"tested_version": 3}),
    (
        "CAL1",
        {"periods": (ElectionPeriod(
            id=1, first_day=date(2026, 12, 1), last_day=date(2026, 12, 8), words="6 member areas"
        ),)},
        {"periods": (ElectionPeriod(
            id=1, first_day=date(2026, 12, 9), last_day=date(2026, 12, 20), words="6 member areas"
        ),)},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "bad", "good"), AROUND)
def test_a_rule_about_what_surrounds_the_words(
    code: str, bad: dict[str, Any], good: dict[str, Any]
) -> None:
    assert code in codes(text(), **bad)
    assert code not in codes(text(), **good)


def test_before_an_election_the_blocks_that_quote_or_picture_somebody_are_named() -> None:
    period = ElectionPeriod(
        id=1, first_day=date(2026, 12, 1), last_day=date(2026, 12, 8), words="6 member areas"
    )
    quoting = {
        "type": "quote",
        "quote": "Come and cook.",
        "speaker": "Cllr P. Rowe",
        "permitted": True,
    }
    chair = {"type": "chairs_message", "text": "Dear all", "name": "Cllr A. Kaur"}

    def found(*blocks: Any) -> CheckFinding:
        facts = facts_of(*blocks, periods=(period,))
        return next(each for each in BeforeAnElection().look(facts))

    said = found(masthead("December 2026"), text(), image(), quoting, chair)
    assert said.message.startswith(
        "Sending during a pre-election period in 6 member areas: check quotes and photos of "
        "candidates. They may be in Image"
    )
    assert "(block 3)" in said.message
    assert "(block 3), Spotlight quote" in said.message
    assert "and Chair’s message (block 5)." in said.message
    assert "(block 2)" not in said.message
    assert found(text()).message.endswith("photos of candidates.")
    other = found(masthead("December 2026"), text(), image(), {**quoting, "quote": "No."}, chair)
    assert other.key != said.key


def test_an_issue_without_faults_has_none() -> None:
    assert codes(masthead("December 2026"), text(), story()) == []


def test_the_demo_issue_can_be_sent() -> None:
    blocks: Any = december_issue("https://pictures.example/")["blocks"]
    facts = facts_of(*blocks, subject=SUBJECT, preview_text=PREVIEW_TEXT)

    assert open_in(facts) == []


def test_every_rule_has_a_code_of_its_own_and_there_are_35() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES) == 35


def test_the_rules_are_those_that_hold_back_and_those_to_look_at() -> None:
    assert {rule.code for rule in RULES if rule.level == "fix"} == set(
        "ALT1 ALT2 LNK1 LNK2 LNK3 LNK4 TXT1 FLD1 SUB1 SUB2 DATE1 DATE2 EVT1 MRG1 AUD1 SND1 FTR1 "
        "SIZ1 CON1 HDG1".split()
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
