"""Whoever read a test says so of one version, once, and of no later one."""

import pytest

from contacts.actors import Actor
from contacts.database import Database
from mailer.accounts import operators
from mailer.campaigns import editing
from mailer.campaigns.drafts import tests_read
from mailer.campaigns.drafts.versions import keep
from mailer.errors import NotAllowed
from mailer.models import Power, VersionReason
from tests.factories import NOW, TESTER, a_campaign, a_document, a_newsletter


def test_a_test_is_said_to_be_right_of_the_version_that_was_read(database: Database) -> None:
    with database.writing() as session:
        issue = a_campaign(session, a_newsletter(session).id)
        asha = Actor.operator(
            operators.create(
                session, email="a@a.example", name="Asha", power=Power.EDITOR, actor=TESTER, now=NOW
            ).id
        )
        keep(session, issue, VersionReason.TESTED, actor=asha, now=NOW)
        for _ in range(2):
            tests_read.say_it_is_right(session, issue.id, 1, actor=asha, now=NOW)
        assert tests_read.readers_of(session, issue) == ["Asha"]

        other = {"id": "o", "type": "text", "text": "Other words."}
        editing.edit(session, issue.id, document=a_document(other), actor=asha, now=NOW)

        assert tests_read.readers_of(session, issue) == []
        with pytest.raises(NotAllowed, match="at version 2 now"):
            tests_read.say_it_is_right(session, issue.id, 1, actor=asha, now=NOW)
