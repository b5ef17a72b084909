"""Templates: made, begun with, kept from going out, and put in the bin when nothing uses them."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from contacts.database import Database
from mailer.authoring.blocks.base import LEAVE_OUT, MUST_WRITE
from mailer.campaigns import approval, binning, editing, sending, timing
from mailer.campaigns.drafts import blocks, versions
from mailer.campaigns.naming.called import Called
from mailer.campaigns.starting import making, templates
from mailer.campaigns.starting.making import From, Start
from mailer.campaigns.verbs import Verb
from mailer.errors import FormError, NotAllowed
from mailer.models import Campaign, CampaignStatus, VersionReason
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_newsletter

_BLOCKS: list[dict[str, Any]] = [
    {"id": "masthead", "type": "masthead", "title": "Update", "date": ""},
    {
        "id": "chair",
        "type": "chairs_message",
        "name": "Ada",
        "role": "Chair",
        "if_unwritten": MUST_WRITE,
    },
    {"id": "story", "type": "story", "if_unwritten": LEAVE_OUT},
    {
        "id": "join",
        "type": "button",
        "words": "Join us",
        "url": "https://a.example/",
        "locked": True,
    },
]


def a_template(session: Session) -> Campaign:
    made = templates.make(session, a_newsletter(session), "Monthly", actor=TESTER, now=NOW)
    made.document = {"version": 1, "blocks": _BLOCKS}
    session.flush()
    return made


def an_issue(session: Session, template: Campaign) -> Campaign:
    called = Called("December", "2026-12", "2026-12")
    start = Start(From.TEMPLATE, template=template.id)
    newsletter = template.newsletter if template.newsletter else a_newsletter(session)
    return making.make(session, newsletter, called, start, actor=TESTER, now=NOW).campaign


def begun(session: Session) -> Campaign:
    template = a_template(session)
    return an_issue(session, editing.find(session, template.id))


def test_an_issue_begins_with_the_blocks_of_its_template_and_says_its_month(
    database: Database,
) -> None:
    with database.writing() as session:
        issue = begun(session)

        written = {each["id"]: each for each in issue.document["blocks"]}
    assert list(written) == ["masthead", "chair", "story", "join"]
    assert written["masthead"]["date"] == "December 2026"
    assert written["join"]["locked"] is True
    assert issue.status is CampaignStatus.DRAFT


def test_a_locked_block_can_be_edited_moved_and_removed_in_its_template_alone(
    database: Database,
) -> None:
    with database.writing() as session:
        issue = begun(session)
        locked = blocks.block_of(issue, "join")
        with pytest.raises(NotAllowed, match="comes from the template"):
            blocks.edit_block(
                session,
                issue.id,
                "join",
                {"words": "Leave"},
                expected=blocks.revision(locked),
                actor=TESTER,
                now=NOW,
            )
        with pytest.raises(NotAllowed, match="comes from the template"):
            blocks.remove_block(session, issue.id, "join", actor=TESTER, now=NOW)
        template = templates.of_newsletter(session, issue.newsletter_id)[0]
        blocks.edit_block(
            session,
            template.id,
            "join",
            {"words": "Leave"},
            expected=blocks.revision(locked),
            actor=TESTER,
            now=NOW,
        )

        assert blocks.block_of(template, "join").words == "Leave"  # type: ignore[attr-defined]
        assert blocks.block_of(editing.find(session, issue.id), "join").words == "Join us"  # type: ignore[attr-defined]


def test_a_copy_of_a_locked_block_is_free(database: Database) -> None:
    with database.writing() as session:
        issue = begun(session)

        copied = blocks.copy_block(session, issue.id, "join", actor=TESTER, now=NOW)
        blocks.remove_block(session, issue.id, copied.id, actor=TESTER, now=NOW)


def test_an_earlier_version_of_an_issue_comes_back_with_its_locked_blocks(
    database: Database,
) -> None:
    with database.writing() as session:
        issue = begun(session)
        versions.keep(session, issue, VersionReason.TESTED, actor=TESTER, now=NOW)
        blocks.add_block(session, issue.id, "divider", actor=TESTER, now=NOW)
        versions.restore(session, issue.id, 1, actor=TESTER, now=NOW)

        assert [each["id"] for each in issue.document["blocks"]][-1] == "join"


def test_a_template_never_goes_out_by_any_verb(database: Database) -> None:
    with database.writing() as session:
        template = a_template(session)
        acts: tuple[Callable[[], Campaign], ...] = (
            lambda: approval.submit(session, template.id, actor=TESTER, gate=Gate.OPEN, now=NOW),
            lambda: approval.approve(
                session, template.id, version=1, actor=TESTER, gate=Gate.OPEN, now=NOW
            ),
            lambda: timing.plan(
                session,
                template.id,
                wall="2027-01-05T10:00",
                zone="UTC",
                actor=TESTER,
                gate=Gate.OPEN,
                now=NOW,
            ),
            lambda: sending.launch(session, template.id, actor=TESTER, gate=Gate.OPEN, now=NOW),
        )
        for act in acts:
            with pytest.raises(NotAllowed, match="This is a template"):
                act()
        may = {verb for verb in Verb if verb.allows(CampaignStatus.TEMPLATE)}

    assert may == {Verb.EDIT, Verb.BIN}


def test_a_template_comes_out_of_the_bin_as_one(database: Database) -> None:
    with database.writing() as session:
        template = a_template(session)
        binning.put_in_bin(session, template.id, actor=TESTER, now=NOW)
        timing.put_back(session, template.id, actor=TESTER, now=NOW)

        assert template.status is CampaignStatus.TEMPLATE


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "Monthly"])
def test_a_name_that_is_none_or_taken_is_refused(database: Database, name: str) -> None:
    with database.writing() as session:
        template = editing.find(session, a_template(session).id)

        with pytest.raises(FormError):
            templates.make(session, template.newsletter, name, actor=TESTER, now=NOW)


def test_a_template_made_like_an_issue_has_its_blocks(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        issue = a_campaign(session, newsletter.id)
        made = templates.make(session, newsletter, "Like it", like=issue, actor=TESTER, now=NOW)

        assert made.document["blocks"][0]["text"] == issue.document["blocks"][0]["text"]
        assert [(each.template.name, each.schedules) for each in templates.listing(session)] == [
            ("Like it", 0)
        ]
