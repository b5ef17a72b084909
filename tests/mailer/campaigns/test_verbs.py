"""Verbs and states: one table, which every door goes by, walked over at random."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import SCHEDULE
from contacts.database import Database
from contacts.models import AuditEntry
from mailer.campaigns import approval, binning, editing, in_doubt, sending, timing
from mailer.campaigns.freezing import freeze
from mailer.campaigns.verbs import Verb
from mailer.errors import DocumentError, NotAllowed
from mailer.models import EDITABLE, Batch, Campaign, CampaignStatus, Delivery, DeliveryStatus
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_newsletter, many

S = CampaignStatus
Do = Callable[[Session, int], object]
FRAME = {
    "version": 1,
    "blocks": [
        {"type": "masthead", "title": "News", "date": "December"},
        {"type": "divider"},
        {"type": "footer", "legal_name": "N", "postal_address": "A", "why": "W"},
    ],
}


def _approve(session: Session, issue: int) -> object:
    version = session.get_one(Campaign, issue).version
    return approval.approve(session, issue, version=version, actor=TESTER, gate=Gate.OPEN, now=NOW)


def _plan(session: Session, issue: int) -> object:
    wall = (NOW + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    return timing.plan(
        session, issue, wall=wall, zone="Europe/London", actor=TESTER, gate=Gate.OPEN, now=NOW
    )


VERBS: dict[Verb, Do] = {
    Verb.EDIT: lambda s, i: editing.edit(s, i, subject="Other", actor=TESTER, now=NOW),
    Verb.SUBMIT: lambda s, i: approval.submit(s, i, actor=TESTER, gate=Gate.OPEN, now=NOW),
    Verb.APPROVE: _approve,
    Verb.PLAN: _plan,
    Verb.UNPLAN: lambda s, i: timing.unplan(s, i, actor=TESTER, now=NOW),
    Verb.HOLD: lambda s, i: timing.hold(s, i, why="Late.", actor=SCHEDULE, now=NOW),
    Verb.SKIP: lambda s, i: timing.skip(s, i, actor=TESTER, now=NOW),
    Verb.PUT_BACK: lambda s, i: timing.put_back(s, i, actor=TESTER, now=NOW),
    Verb.BIN: lambda s, i: binning.put_in_bin(s, i, actor=TESTER, now=NOW),
    Verb.REMOVE: lambda s, i: binning.remove(s, i, actor=TESTER, now=NOW),
    Verb.LAUNCH: lambda s, i: sending.launch(s, i, actor=TESTER, gate=Gate.OPEN, now=NOW),
    Verb.PAUSE: lambda s, i: sending.pause(s, i, actor=TESTER, now=NOW),
    Verb.RESUME: lambda s, i: sending.resume(s, i, actor=TESTER, now=NOW),
    Verb.STOP: lambda s, i: sending.stop(s, i, actor=TESTER, now=NOW),
    Verb.SEND_AGAIN: lambda s, i: in_doubt.send_again(s, i, actor=TESTER, now=NOW),
}
WALKED = [verb for verb in VERBS if verb is not Verb.REMOVE]  # after which there is no issue


def state_of(database: Database, issue: int) -> CampaignStatus:
    with database.reading() as session:
        return session.get_one(Campaign, issue).status


def issues(database: Database, number: int) -> list[int]:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, 2)
        return [a_campaign(session, newsletter.id).id for _ in range(number)]


@pytest.mark.parametrize("status", list(S))
@pytest.mark.parametrize("verb", list(Verb))
def test_a_refusal_is_a_sentence_that_says_how_the_issue_stands(
    verb: Verb, status: CampaignStatus
) -> None:
    if verb.allows(status):
        verb.check(status)
        return

    with pytest.raises(NotAllowed) as refused:
        verb.check(status)

    sentence = str(refused.value)
    assert sentence.startswith(("This issue ", "This is a template"))
    assert sentence.endswith(".")
    assert "_" not in sentence


@pytest.mark.parametrize("status", list(S))
def test_every_verb_is_allowed_or_refused_by_the_table_alone(
    sqlite_url: str, status: CampaignStatus
) -> None:
    database = Database(sqlite_url)
    [issue] = issues(database, 1)
    for verb, do in VERBS.items():
        with database.writing() as session:
            session.get_one(Campaign, issue).status = status
            session.flush()
            try:
                do(session, issue)
                refused = ""
            except NotAllowed as error:
                refused = str(error)
            session.rollback()
        if not verb.allows(status):
            assert refused == verb.refusal(status), verb
        else:
            assert refused != verb.refusal(status), verb
    database.dispose()


def carry(database: Database, issue: int) -> None:
    """What couriers do: every copy that waits is accepted, where the issue is being sent."""
    freeze(database, issue, clock=lambda: NOW)
    with database.writing() as session:
        if session.get_one(Campaign, issue).status is not S.SENDING:
            return
        for delivery in session.scalars(select(Delivery).where(Delivery.campaign_id == issue)):
            delivery.status = DeliveryStatus.ACCEPTED
        for batch in session.scalars(select(Batch).where(Batch.campaign_id == issue)):
            batch.open = False


def end(database: Database, issue: int) -> None:
    with database.writing() as session:
        sending.finish_if_done(session, issue, now=NOW)


@pytest.mark.parametrize("seed", range(12))
def test_a_walk_over_verbs_leaves_no_issue_stuck_and_no_other_held_up(
    database: Database, seed: int
) -> None:
    """Whatever is tried on some issues, states stay sound, and one that is let be is sent."""
    chance = Random(seed)
    walked, other = issues(database, 3), 0
    *walked, other = walked
    with database.writing() as session:
        VERBS[Verb.LAUNCH](session, other)

    for _ in range(40):
        issue, verb = chance.choice(walked), chance.choice(WALKED)
        before = state_of(database, issue)
        try:
            with database.writing() as session:
                VERBS[verb](session, issue)
        except (NotAllowed, DocumentError):
            assert state_of(database, issue) is before
        else:
            assert verb.allows(before)
        if chance.random() < 0.3:
            carry(database, issue)
            end(database, issue)
        with database.reading() as session:
            campaign = session.get_one(Campaign, issue)
            launched = campaign.status not in EDITABLE | {S.SKIPPED, S.BINNED}
            assert (campaign.started_at is not None) is launched
            assert (campaign.sent_version is not None) is launched
    carry(database, other)
    end(database, other)

    assert state_of(database, other) is S.SENT
    for issue in walked:  # and each can still be brought to an end
        if state_of(database, issue) is S.PAUSED:
            with database.writing() as session:
                VERBS[Verb.RESUME](session, issue)
        carry(database, issue)
        end(database, issue)
        assert state_of(database, issue) not in {S.SENDING, S.PAUSED}


def test_a_draft_is_not_resumed_into_being_sent(database: Database) -> None:
    [issue] = issues(database, 1)

    with database.writing() as session, pytest.raises(NotAllowed, match="is a draft: there is not"):
        sending.resume(session, issue, actor=TESTER, now=NOW)

    assert state_of(database, issue) is S.DRAFT


def test_an_issue_of_nothing_but_its_frame_is_not_sent(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, 1)
        issue = a_campaign(session, newsletter.id, FRAME).id

        for verb in (Verb.SUBMIT, Verb.APPROVE, Verb.LAUNCH):
            with pytest.raises(DocumentError, match="Add something to read"):
                VERBS[verb](session, issue)


def test_what_was_skipped_can_be_put_back(database: Database) -> None:
    [issue] = issues(database, 1)

    with database.writing() as session:
        _plan(session, issue)
        timing.skip(session, issue, actor=TESTER, now=NOW)
        campaign = timing.put_back(session, issue, actor=TESTER, now=NOW)
        acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()

    assert (campaign.status, campaign.send_wall) == (S.DRAFT, None)
    assert acts[-2:] == ["issue skipped", "issue put back"]
