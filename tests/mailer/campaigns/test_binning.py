"""The bin: drafts go in and come back, are removed whole after thirty days, and sent ones never."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contacts.database import Base, Database
from contacts.models import AuditEntry
from mailer.campaigns import approval, binning, editing, sending, timing
from mailer.campaigns.drafts import blocks, presence, versions
from mailer.campaigns.naming.called import Called
from mailer.errors import NotAllowed, NotFound
from mailer.models import Campaign, CampaignStatus, Step, VersionReason
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_newsletter, many

S = CampaignStatus


def binned(session: Session) -> Campaign:
    issue = a_campaign(session, a_newsletter(session).id)
    return binning.put_in_bin(session, issue.id, actor=TESTER, now=NOW)


def hanging_on(issue_id: int, session: Session) -> dict[str, int]:
    """How many rows of each table name an issue."""
    found = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == "campaigns" for key in column.foreign_keys):
                query = select(func.count()).select_from(table).where(column == issue_id)
                found[f"{table.name}.{column.name}"] = session.scalar(query) or 0
    return found


def test_a_draft_that_is_put_back_is_a_draft_without_a_time(database: Database) -> None:
    with database.writing() as session:
        issue = a_campaign(session, a_newsletter(session).id)
        timing.plan(
            session,
            issue.id,
            wall="2026-12-09T10:00",
            zone="UTC",
            gate=Gate.OPEN,
            actor=TESTER,
            now=NOW,
        )
        binning.put_in_bin(session, issue.id, actor=TESTER, now=NOW)
        session.flush()
        steps = session.scalars(select(Step)).all()
        in_bin = binning.listed(session)
        timing.put_back(session, issue.id, actor=TESTER, now=NOW)
        acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()

    assert steps == []
    assert in_bin == [issue]
    assert (issue.status, issue.binned_at, issue.send_wall) == (S.DRAFT, None, None)
    assert acts[-2:] == ["issue binned", "issue put back"]


def test_nothing_else_is_done_to_an_issue_in_the_bin(database: Database) -> None:
    with database.writing() as session:
        issue = binned(session)
        for do in (
            lambda: editing.edit(session, issue.id, subject="x", actor=TESTER, now=NOW),
            lambda: editing.rename(
                session, issue.id, Called("x", "2026-12", "x"), actor=TESTER, now=NOW
            ),
            lambda: blocks.add_block(session, issue.id, "text", actor=TESTER, now=NOW),
            lambda: presence.take_over(session, issue.id, "t", actor=TESTER, now=NOW),
            lambda: versions.restore(session, issue.id, 1, actor=TESTER, now=NOW),
            lambda: approval.submit(session, issue.id, actor=TESTER, gate=Gate.OPEN, now=NOW),
            lambda: timing.skip(session, issue.id, actor=TESTER, now=NOW),
            lambda: sending.launch(session, issue.id, actor=TESTER, gate=Gate.OPEN, now=NOW),
            lambda: binning.put_in_bin(session, issue.id, actor=TESTER, now=NOW),
        ):
            with pytest.raises(NotAllowed, match="This issue is in the bin:"):
                do()


def test_an_issue_that_began_to_go_out_is_never_put_in_the_bin(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, 1)
        issue = a_campaign(session, newsletter.id)
        sending.launch(session, issue.id, actor=TESTER, gate=Gate.OPEN, now=NOW)

        for status in S:
            issue.status = status
            session.flush()
            with pytest.raises(NotAllowed):
                binning.put_in_bin(session, issue.id, actor=TESTER, now=NOW)
            with pytest.raises(NotAllowed):
                binning.remove(session, issue.id, actor=TESTER, now=NOW)


def test_a_scheduled_issue_loses_its_time_before_it_is_put_in_the_bin(database: Database) -> None:
    with database.writing() as session:
        issue = a_campaign(session, a_newsletter(session).id)
        issue.status = S.SCHEDULED
        session.flush()

        with pytest.raises(NotAllowed, match="take its time away before"):
            binning.put_in_bin(session, issue.id, actor=TESTER, now=NOW)


def test_what_is_removed_leaves_nothing_but_its_lines_in_the_audit(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        issue, other = (a_campaign(session, newsletter.id) for _ in range(2))
        for each in (issue, other):
            blocks.add_block(session, each.id, "text", actor=TESTER, now=NOW)
            versions.keep(session, each, VersionReason.TESTED, actor=TESTER, now=NOW)
            called = Called(f"Name {each.id}", "2026-12", f"moved-{each.id}")
            editing.rename(session, each.id, called, actor=TESTER, now=NOW)
        session.flush()
        before, kept = hanging_on(issue.id, session), hanging_on(other.id, session)
        binning.put_in_bin(session, issue.id, actor=TESTER, now=NOW)

        name = binning.remove(session, issue.id, actor=TESTER, now=NOW)

        after = hanging_on(issue.id, session)
        assert sum(before.values()) >= 3
        assert set(after.values()) == {0}
        assert hanging_on(other.id, session) == kept
        assert name == f"Name {issue.id}"
        assert session.get(Campaign, issue.id) is None
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert last is not None
        assert (last.act, last.detail["name"]) == ("issue removed", name)
        with pytest.raises(NotFound):
            editing.find(session, issue.id)


def test_the_bin_is_emptied_of_what_has_lain_there_for_thirty_days(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        old, young, draft = (a_campaign(session, newsletter.id) for _ in range(3))
        binning.put_in_bin(session, old.id, actor=TESTER, now=NOW)
        binning.put_in_bin(session, young.id, actor=TESTER, now=NOW + timedelta(seconds=1))

        number = binning.empty(session, now=NOW + binning.KEPT)

        assert number == 1
        left = session.scalars(select(Campaign.id).order_by(Campaign.id)).all()
        assert left == [young.id, draft.id]
        assert binning.empty(session, now=NOW + binning.KEPT) == 0
