"""Undo takes back a person's own steps, never over newer words of somebody else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.database import Database
from mailer.campaigns.drafts import blocks, undoing, versions
from mailer.errors import MailerError, NotAllowed
from mailer.models import Campaign, Change, Version, VersionReason
from tests.factories import NOW, a_campaign, a_newsletter
from tests.mailer.campaigns.drafts.test_blocks import FRAME

ASHA, MARC = Actor.operator(1), Actor.operator(2)
HOUR = timedelta(hours=1)


@pytest.fixture
def issue(database: Database) -> int:
    with database.writing() as session:
        return a_campaign(session, a_newsletter(session).id, FRAME).id


class Desk:
    """What one person does to an issue, a moment apart each time."""

    def __init__(self, session: Session, issue: int, actor: Actor = ASHA) -> None:
        self.session, self.issue, self.actor = session, issue, actor
        self.now: datetime = NOW

    def _do(self, act: Callable[..., Any], *given: Any, **named: Any) -> Any:
        self.now += timedelta(minutes=1)
        return act(self.session, self.issue, *given, actor=self.actor, now=self.now, **named)

    def write(self, block_id: str, text: str) -> None:
        seen = blocks.revision(blocks.block_of(self.campaign, block_id))
        self._do(blocks.edit_block, block_id, {"text": text}, expected=seen)

    def add(self, after: str) -> str:
        return str(self._do(blocks.add_block, "text", after=after).id)

    def remove(self, block_id: str) -> None:
        self._do(blocks.remove_block, block_id)

    def move(self, block_id: str, to: str) -> None:
        self._do(blocks.move_block, block_id, to=to)

    def restore(self, number: int) -> None:
        self._do(versions.restore, number)

    def undo(self) -> str:
        return undoing.words_of(self._do(undoing.undo))

    def redo(self) -> str:
        return undoing.words_of(self._do(undoing.redo))

    @property
    def campaign(self) -> Campaign:
        return self.session.get_one(Campaign, self.issue)

    @property
    def texts(self) -> list[tuple[str, str]]:
        return [(each["id"], each.get("text", "")) for each in self.campaign.document["blocks"]]


def test_every_kind_of_step_is_taken_back_and_done_again(database: Database, issue: int) -> None:
    with database.writing() as session:
        desk = Desk(session, issue)
        before = [desk.texts]
        steps: list[Callable[[], object]] = [
            lambda: desk.write("one", "Other words."),
            lambda: desk.add("one"),
            lambda: desk.move("two", "top"),
            lambda: desk.remove("one"),
        ]
        for step in steps:
            step()
            before.append(desk.texts)

        undone = []
        for state in reversed(before[:-1]):
            undone.append(desk.undo())
            assert desk.texts == state
        for state in before[1:]:
            desk.redo()
            assert desk.texts == state

    assert [each.split()[0] for each in undone] == ["remove", "move", "add", "edit"]


def test_words_typed_in_one_go_are_one_step(database: Database, issue: int) -> None:
    with database.writing() as session:
        desk = Desk(session, issue)
        for text in ("Retro", "Retrofit, street", "Retrofit, street by street"):
            desk.now -= timedelta(seconds=59)
            desk.write("one", text)

        desk.undo()

        assert dict(desk.texts)["one"] == "One."


def test_words_that_were_deleted_are_a_step_of_their_own(database: Database, issue: int) -> None:
    with database.writing() as session:
        desk = Desk(session, issue)
        desk.write("one", "One. A long sentence")
        desk.now -= timedelta(seconds=50)
        desk.write("one", "")

        desk.undo()

        assert dict(desk.texts)["one"] == "One. A long sentence"


def test_an_undo_never_takes_somebody_elses_newer_words(database: Database, issue: int) -> None:
    with database.writing() as session:
        asha, marc = Desk(session, issue), Desk(session, issue, MARC)
        asha.write("one", "Hers.")
        added = asha.add("one")
        marc.write("one", "His.")
        marc.write(added, "His as well.")

        with pytest.raises(NotAllowed, match="changed since, so it stays"):
            asha.undo()

        assert dict(asha.texts)["one"] == "His."
        assert dict(asha.texts)[added] == "His as well."


def test_each_person_undoes_their_own_steps(database: Database, issue: int) -> None:
    with database.writing() as session:
        asha, marc = Desk(session, issue), Desk(session, issue, MARC)
        asha.write("one", "Hers.")
        marc.write("two", "His.")

        asha.undo()

        assert dict(asha.texts)["one"] == "One."
        assert dict(asha.texts)["two"] == "His."


def test_what_was_undone_cannot_be_done_again_after_another_step(
    database: Database, issue: int
) -> None:
    with database.writing() as session:
        desk = Desk(session, issue)
        desk.write("one", "First.")
        desk.undo()
        desk.write("two", "Second.")

        with pytest.raises(NotAllowed, match="nothing to do again"):
            desk.redo()


def test_a_version_is_put_back_and_what_was_there_is_kept(database: Database, issue: int) -> None:
    with database.writing() as session:
        desk = Desk(session, issue)
        versions.keep(session, desk.campaign, VersionReason.SUBMITTED, actor=ASHA, now=NOW)
        desk.write("one", "Later words.")
        desk.restore(1)

        assert dict(desk.texts)["one"] == "One."
        kept = session.scalars(select(Version).order_by(Version.number)).all()
        assert [each.number for each in kept] == [1, 2]
        assert kept[1].document["blocks"][1]["text"] == "Later words."
        desk.undo()
        assert dict(desk.texts)["one"] == "Later words."


def test_after_twenty_minutes_of_work_a_version_is_kept(database: Database, issue: int) -> None:
    with database.writing() as session:
        desk = Desk(session, issue)
        desk.write("one", "First.")
        desk.now += timedelta(minutes=21)
        desk.write("one", "Second.")
        desk.write("one", "Third.")

        kept = session.scalars(select(Version)).all()
        assert [each.document["blocks"][1]["text"] for each in kept] == ["First."]
        assert desk.campaign.version == 2


STEPS = st.tuples(
    st.sampled_from(
        ["write", "write", "write", "add", "remove", "move", "undo", "redo", "restore"]
    ),
    st.booleans(),
    st.integers(0, 9),
    st.integers(0, 9),
)


@given(steps=st.lists(STEPS, min_size=5, max_size=40))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_two_people_who_do_anything_lose_no_word_that_was_saved(
    database: Database, steps: list[tuple[str, bool, int, int]]
) -> None:
    with database.writing() as session:
        issue = a_campaign(session, a_newsletter_once(session), FRAME).id
        desks = Desk(session, issue), Desk(session, issue, MARC)
        saved: set[str] = set()
        for number, (act, second, one, two) in enumerate(steps):
            desk = desks[second]
            free = [each for each, _ in desk.texts if each not in ("top", "foot")]
            try:
                if act == "write" and free:
                    desk.write(free[one % len(free)], f"words{number}")
                    saved.add(f"words{number}")
                elif act == "add":
                    desk.add("top")
                elif act == "remove" and free:
                    desk.remove(free[one % len(free)])
                elif act == "move" and free:
                    desk.move(free[one % len(free)], free[two % len(free)])
                elif act == "restore" and desk.campaign.kept_version:
                    desk.restore(1 + one % desk.campaign.kept_version)
                elif act in ("undo", "redo"):
                    getattr(desk, act)()
            except MailerError:
                continue
        where = " ".join(
            str(each)
            for each in (
                desks[0].campaign.document,
                *session.scalars(select(Version.document).where(Version.campaign_id == issue)),
                *session.execute(
                    select(Change.before, Change.after).where(Change.campaign_id == issue)
                ).all(),
            )
        )
        placed = [each for each, _ in desks[0].texts]
        assert len(placed) == len(set(placed))
        assert (placed[0], placed[-1]) == ("top", "foot")
        assert {each for each in saved if each not in where} == set()
        session.rollback()


def a_newsletter_once(session: Session) -> int:
    return a_newsletter(session).id
