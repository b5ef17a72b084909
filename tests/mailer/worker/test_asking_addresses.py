"""The sweep has the addresses of issues asked."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from contacts.database import Database
from mailer.clock import now
from mailer.delivery.claims.held_claims import HeldClaims
from mailer.worker.sweep import Sweep
from tests.factories import a_campaign, a_mailer, a_newsletter


@dataclass
class _Noted:
    """A queue that notes what it was sent."""

    sent: list[tuple[str, int]] = field(default_factory=list)

    def send(self, name: str, *ids: int) -> None:
        self.sent.append((name, ids[0]))

    def waiting(self, name: str) -> int:
        return 0


def test_the_addresses_of_a_changed_issue_are_a_chore(database: Database, tmp_path: Path) -> None:
    mailer, jobs = a_mailer(database, tmp_path), _Noted()
    with mailer.database.writing() as session:
        issue = a_campaign(session, a_newsletter(session).id).id
    sweep = Sweep(mailer, jobs, name="sweep", held=HeldClaims())

    sweep.tick(now() + timedelta(days=60))

    assert ("ask_addresses", issue) in jobs.sent
