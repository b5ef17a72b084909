"""A network whose months pass in seconds: what the sweep does, and people who do their part."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from contacts.actors import Actor
from contacts.database import Database
from contacts.models import Newsletter
from mailer.accounts import operators
from mailer.bootstrap import Mailer
from mailer.campaigns import due, editing, freezing, schedules, sending
from mailer.campaigns.planning.plans import Plan
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import NthWeekday
from mailer.campaigns.timeline import replanning
from mailer.clock import UK, instant_of
from mailer.models import (
    Batch,
    Campaign,
    CampaignKind,
    CampaignStatus,
    Delivery,
    DeliveryStatus,
    Power,
    Relay,
    Step,
    StepKind,
)
from mailer.notices import issues
from mailer.settings.environment import Gate
from mailer.settings.relay_address import TlsMode
from mailer.worker.steps_at_work import take_step
from tests.factories import TESTER, TOKENS, a_cast, a_document, a_mailer

SITE = "https://news.network.example"
STORY = {"id": "s", "type": "text", "text": "The wood is ours: [read](https://a.example/wood)."}
HELLO = {"id": "t", "type": "text", "text": "Hello {{first_name|friend}}, welcome."}


def uk(text: str) -> datetime:
    """ "2027-03-09T10:00" by clocks in London."""
    return instant_of(text, UK)


@dataclass
class Network:
    """A newsletter with a schedule and four people. ``down`` are the times without a server."""

    database: Database
    mailer: Mailer
    people: dict[str, Actor]
    schedule: int
    now: datetime
    down: list[tuple[datetime, datetime]] = field(default_factory=list)
    plans: list[tuple[datetime, Callable[[], Any]]] = field(default_factory=list)

    @classmethod
    def begun(cls, database: Database, folder: Path, now: datetime, **plan: Any) -> "Network":
        powers = {
            "Asha": Power.EDITOR,
            "Jo": Power.EDITOR,
            "Marc": Power.APPROVER,
            "Priya": Power.APPROVER,
        }
        with database.writing() as session:
            cast = a_cast(session)
            session.add(_a_relay(now))
            people = {}
            for name, power in powers.items():
                email = f"{name.lower()}@network.example"
                made = operators.create(
                    session, email=email, name=name, power=power, actor=TESTER, now=now
                )
                people[name] = Actor.operator(made.id)
            comes = Recurrence(NthWeekday(2, 1), "10:00", UK, date(2026, 1, 1))
            whole = Plan(
                comes,
                None,
                21,
                "Update, {month} {year}",
                owner_id=people["Asha"].id,
                backup_id=people["Jo"].id,
                approver_ids=(people["Marc"].id or 0, people["Priya"].id or 0),
                **plan,
            )
            newsletter = session.get_one(Newsletter, cast.newsletter)
            made_schedule = schedules.make(session, newsletter, whole, now=now)
            schedule = made_schedule.id
        return cls(database, a_mailer(database, folder, sending_gate="warn"), people, schedule, now)

    def at(self, moment: str, do: Callable[[], Any]) -> None:
        """Let people do something at a wall time."""
        self.plans.append((uk(moment), do))

    def run(self, until: datetime) -> None:
        """Let time pass: whatever is due is done at its moment, or when the server is back."""
        while True:
            self.tick()
            following = self._next()
            if following is None or following > until:
                self.now = until
                return
            self.now = following
            for at, do in [each for each in self.plans if each[0] <= self.now]:
                self.plans.remove((at, do))
                do()

    def tick(self) -> None:
        """What a sweep does, until nothing is due."""
        if self._is_down(self.now):
            return
        while True:
            self._sweep_once()
            with self.database.reading() as session:
                if not due.due(session, now=self.now) and not replanning.waiting(session):
                    return

    def issue(self, month: str) -> Campaign:
        """The issue of a month as it is now."""
        with self.database.reading() as session:
            found = select(Campaign.id).where(
                Campaign.month == month, Campaign.kind == CampaignKind.ISSUE
            )
            return editing.find(session, session.scalars(found).one())

    def mailer_now(self) -> Mailer:
        return replace(self.mailer, clock=lambda: self.now)

    def write(self, month: str, by: str = "Asha") -> None:
        issue = self.issue(month)
        frame = [
            each for each in issue.document["blocks"] if each["type"] in {"masthead", "footer"}
        ]
        document = a_document(frame[0], HELLO, STORY, *frame[1:])
        with self.database.writing() as session:
            editing.edit(session, issue.id, document=document, actor=self.people[by], now=self.now)

    def _sweep_once(self) -> None:
        with self.database.reading() as session:
            waiting = replanning.waiting(session)
        for campaign_id in waiting:
            with self.database.writing() as session:
                replanning.replan(session, campaign_id, now=self.now)
        with self.database.reading() as session:
            steps = due.due(session, now=self.now)
        for step_id in steps:
            with self.database.writing() as session:
                take_step(session, step_id, gate=Gate.OPEN, site=SITE, tokens=TOKENS, now=self.now)
        with self.database.reading() as session:
            untold = issues.untold(session)
            sends = session.scalars(
                select(Campaign.id).where(Campaign.status == CampaignStatus.SENDING)
            ).all()
        for campaign_id in untold:
            with self.database.writing() as session:
                issues.tell(session, campaign_id, site=SITE, now=self.now)
        for campaign_id in sends:
            self._carry(campaign_id)

    def _carry(self, campaign_id: int) -> None:
        freezing.freeze(self.database, campaign_id, clock=lambda: self.now)
        with self.database.writing() as session:
            session.execute(
                update(Delivery)
                .where(
                    Delivery.campaign_id == campaign_id,
                    Delivery.status == DeliveryStatus.PENDING,
                )
                .values(status=DeliveryStatus.ACCEPTED)
            )
            session.execute(
                update(Batch).where(Batch.campaign_id == campaign_id).values(open=False)
            )
            sending.finish_if_done(session, campaign_id, now=self.now)

    def _next(self) -> datetime | None:
        with self.database.reading() as session:
            step = session.scalar(
                select(func.min(Step.due_at)).where(
                    Step.done_at.is_(None), Step.kind != StepKind.ADDRESSES
                )
            )
        moments = [at for at, _ in self.plans]
        if step is not None:
            moments.append(self._when_up(max(step, self.now)))
        return min(moments, default=None)

    def _is_down(self, moment: datetime) -> bool:
        return self._when_up(moment) != moment

    def _when_up(self, moment: datetime) -> datetime:
        return next((ends for begins, ends in self.down if begins <= moment < ends), moment)


def _a_relay(now: datetime) -> Relay:
    return Relay(
        name="First",
        position=0,
        enabled=True,
        from_environment=False,
        host="127.0.0.1",
        port=25,
        tls=TlsMode.NONE,
        verify=True,
        return_domain="",
        connections=1,
        failures=0,
        refused=False,
        created_at=now,
        updated_at=now,
    )
