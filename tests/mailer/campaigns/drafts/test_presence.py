"""Who is in an issue, who asks for a block, and who has taken it over: each told once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.database import Database
from mailer.accounts import operators
from mailer.campaigns.drafts import presence
from mailer.campaigns.drafts.presence import Told
from mailer.models import Power, Presence
from tests.factories import NOW, TESTER, a_campaign, a_newsletter


def a_pair(session: Session) -> tuple[int, Sequence[int]]:
    """An issue, and the ids of Asha and Marc."""
    people = [
        operators.create(
            session, email=f"{name}@a.example", name=name, power=Power.EDITOR, actor=TESTER, now=NOW
        ).id
        for name in ("Asha", "Marc")
    ]
    return a_campaign(session, a_newsletter(session).id).id, people


def test_who_is_in_a_block_hears_once_who_asks_for_it(database: Database) -> None:
    with database.writing() as session:
        issue, (asha, marc) = a_pair(session)
        presence.be_here(session, issue, marc, block_id="t", now=NOW)
        asked = presence.ask_to_take_over(session, issue, "t", actor=Actor.operator(asha), now=NOW)
        heard = [presence.be_here(session, issue, marc, block_id="t", now=NOW) for _ in range(2)]

    assert asked == ["Marc"]
    assert heard == [Told(asked_by="Asha"), Told()]


def test_nobody_is_asked_who_has_gone(database: Database) -> None:
    with database.writing() as session:
        issue, (asha, marc) = a_pair(session)
        presence.be_here(session, issue, marc, block_id="t", now=NOW)
        later = NOW + presence.GONE_AFTER + timedelta(seconds=1)

        assert (
            presence.ask_to_take_over(session, issue, "t", actor=Actor.operator(asha), now=later)
            == []
        )


def test_who_took_over_is_told_and_the_block_is_left(database: Database) -> None:
    with database.writing() as session:
        issue, (asha, marc) = a_pair(session)
        presence.be_here(session, issue, marc, block_id="t", now=NOW)
        presence.take_over(session, issue, "t", actor=Actor.operator(asha), now=NOW)

        assert presence.be_here(session, issue, marc, block_id="t", now=NOW).taken_by == "Asha"
        assert session.get_one(Presence, (issue, marc)).block_id == ""


def test_two_pages_of_one_person_may_come_at_once(database: Database) -> None:
    with database.writing() as session:
        issue, (asha, _) = a_pair(session)

    def come(_: int) -> Told:
        with database.writing() as session:
            return presence.be_here(session, issue, asha, block_id="", now=NOW)

    with ThreadPoolExecutor(4) as pages:
        assert list(pages.map(come, range(8))) == [Told()] * 8
