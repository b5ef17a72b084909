"""Each rule, firing and not firing."""

from datetime import date
from typing import Any

import pytest

from mailer.campaigns.checks.dated import BeforeAnElection
from mailer.campaigns.checks.facts import Measured
from mailer.campaigns.checks.finding import CheckFinding
from mailer.campaigns.checks.running import RULES
from mailer.demo.content import PREVIEW_TEXT, SUBJECT, december_issue
from mailer.models import ElectionPeriod
from mailer.settings.environment import Gate
from tests.mailer.campaigns.checks.issues import (
    PICTURE,
    URL,
    call,
    codes,
    events,
    facts_of,
    image,
    last,
    link,
    masthead,
    open_in,
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
