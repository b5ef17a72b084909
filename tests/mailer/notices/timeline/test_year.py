"""A year of issues in seconds: every step once, nothing sent unapproved, nobody told twice."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from contacts.database import Database
from mailer.campaigns import approval, deciding, timing
from mailer.campaigns.timeline.log import lines_of
from mailer.campaigns.timeline.replanning import OF_TIMELINES
from mailer.clock import UK, wall_of
from mailer.models import (
    AskedByItself,
    Campaign,
    CampaignKind,
    Notification,
    Operator,
    Step,
    StoryAsk,
    StoryRequest,
    SystemMail,
)
from mailer.network import days_off
from mailer.network.days_off import DaysOffDetails
from mailer.settings.environment import Gate
from tests.factories import TESTER
from tests.mailer.notices.timeline.simulating import Network, uk

# The days on which it goes out: the second Tuesday, or the day after where the office is closed.
_DAYS = {
    "2026-12": "2026-12-08",
    "2027-01": "2027-01-12",
    "2027-02": "2027-02-09",
    "2027-03": "2027-03-09",
    "2027-04": "2027-04-13",
    "2027-05": "2027-05-11",
    "2027-06": "2027-06-08",
    "2027-07": "2027-07-13",
    "2027-08": "2027-08-11",
    "2027-09": "2027-09-14",
    "2027-10": "2027-10-12",
    "2027-11": "2027-11-09",
}
_NOBODY_APPROVES = {"2027-01", "2027-06"}
_NOTHING_TO_TELL = "2027-04"
_OWNER_AWAY = "2027-05"


def _an_ordinary_month(network: Network, month: str) -> None:
    day = uk(f"{_DAYS[month]}T11:00")
    writer = "Jo" if month == _OWNER_AWAY else "Asha"
    before = 5 if month == _OWNER_AWAY else 12
    if month == _NOTHING_TO_TELL:
        return
    network.plans.append((day - timedelta(days=before), lambda: network.write(month, writer)))
    network.plans.append((day - timedelta(days=before, hours=-1), lambda: _submit(network, month)))
    if month not in _NOBODY_APPROVES:
        network.plans.append((day - timedelta(days=1), lambda: _approve(network, month)))


def _submit(network: Network, month: str) -> None:
    issue, asha = network.issue(month), network.people["Asha"]
    with network.database.writing() as session:
        approval.submit(session, issue.id, actor=asha, gate=Gate.OPEN, now=network.now)


def _approve(network: Network, month: str, by: str = "Marc") -> bool:
    issue = network.issue(month)
    return deciding.approve(
        network.mailer_now(), issue.id, actor=network.people[by], version=issue.version
    ).sent


def _skip(network: Network, month: str) -> None:
    issue, asha = network.issue(month), network.people["Asha"]
    with network.database.writing() as session:
        timing.skip(session, issue.id, actor=asha, now=network.now)


def _choose(network: Network, month: str, wall: str) -> None:
    issue, marc = network.issue(month), network.people["Marc"]
    with network.database.writing() as session:
        timing.plan(
            session, issue.id, wall=wall, zone=UK, actor=marc, gate=Gate.OPEN, now=network.now
        )


def _a_year(database: Database, folder: Path) -> Network:
    network = Network.begun(database, folder, uk("2026-11-12T09:00"), asks=AskedByItself.QUIET)
    with database.writing() as session:
        closed = DaysOffDetails("2027-08-09", "2027-08-10", "Office closed")
        days_off.add(session, closed, actor=TESTER, now=network.now)
    for month in _DAYS:
        _an_ordinary_month(network, month)
    network.at("2027-01-12T12:00", lambda: _approve(network, "2027-01", "Priya"))
    network.down.append((uk("2027-02-09T09:55"), uk("2027-02-09T10:23")))
    network.down.append((uk("2027-03-09T09:30"), uk("2027-03-09T15:00")))
    network.at("2027-03-09T15:30", lambda: _choose(network, "2027-03", "2027-03-10T10:00"))
    network.at("2027-04-08T09:00", lambda: _skip(network, "2027-04"))
    network.down.append((uk("2027-07-06T20:00"), uk("2027-07-10T09:00")))
    network.run(uk("2027-11-20T09:00"))
    return network


def _log(network: Network, month: str) -> list[str]:
    issue = network.issue(month)
    with network.database.reading() as session:
        lines = lines_of(session, issue)
    return [
        f"{wall_of(each.at, UK):%a %-d %b %H:%M} {each.words}: {each.outcome}"
        for each in lines
        if each.done
    ]


def test_a_year_passes_with_every_step_once_and_nothing_sent_that_nobody_approved(
    database: Database, tmp_path: Path
) -> None:
    network = _a_year(database, tmp_path)

    with database.reading() as session:
        issues = session.scalars(
            select(Campaign)
            .where(Campaign.kind == CampaignKind.ISSUE, Campaign.month <= "2027-11")
            .order_by(Campaign.month)
        ).all()
        steps = session.scalars(select(Step).where(Step.kind.in_(OF_TIMELINES))).all()
        told = session.scalars(select(Notification)).all()
        people = {each.id: each.email for each in session.scalars(select(Operator))}
        every = session.scalars(select(SystemMail)).all()
        requests = session.scalars(select(StoryRequest.campaign_id)).all()
        asks = session.scalars(select(StoryAsk).where(StoryAsk.left_out.is_(None))).all()
    mails = [each for each in every if each.to_address in people.values()]

    assert [each.month for each in issues] == list(_DAYS)
    sent = [each for each in issues if each.started_at]
    assert {each.month for each in issues} - {each.month for each in sent} == {
        _NOTHING_TO_TELL,
        "2027-06",
    }
    assert all(
        each.approval and each.started_at and each.approval.at <= each.started_at for each in sent
    )
    assert all(each.sent_version == each.approved_version for each in sent)
    began = {each.month: wall_of(each.started_at, UK) for each in sent if each.started_at}
    odd = {"2027-01": "12 12:00", "2027-02": "09 10:23", "2027-03": "10 10:00"}
    assert {month: f"{at:%d %H:%M}" for month, at in began.items()} == {
        month: odd.get(str(month), f"{day[-2:]} 10:00")
        for month, day in _DAYS.items()
        if month in began
    }
    # Whatever was due is done, or was taken away by what people did; each is one row.
    assert [each for each in steps if each.done_at is None and each.due_at <= network.now] == []
    assert all(each.outcome for each in steps if each.done_at)
    # One mail for one thing told: by whom, of what, for which time.
    keys = Counter(
        (each.operator_id, each.kind, each.campaign_id, each.occurrence) for each in told
    )
    assert max(keys.values()) == 1
    assert Counter(each.to_address for each in mails) == Counter(
        people[each.operator_id] for each in told
    )
    # Stories are asked for once for an issue; whoever is silent is reminded once.
    assert {each.id for each in issues} <= set(requests)
    assert max(Counter(requests).values()) == 1
    reminded = [each for each in asks if each.reminded_at]
    assert len(every) - len(mails) == len(asks) + len(reminded)
    alike = Counter(
        (each.to_address, each.subject, each.paragraphs)
        for each in mails
        if not each.subject.startswith("Still held")
    )
    assert [key for key, number in alike.items() if number > 1] == []


def test_the_log_of_the_year_can_be_read(database: Database, tmp_path: Path) -> None:
    network = _a_year(database, tmp_path)

    january, march, may, july = (
        _log(network, month) for month in ("2027-01", "2027-03", "2027-05", "2027-07")
    )
    assert january[-8:] == [
        "Tue 12 Jan 08:00 Last look before it goes out: nothing to do: it is not approved",
        "Tue 12 Jan 09:45 15 minutes before: nothing to do: it is not approved",
        "Tue 12 Jan 10:00 Time to go out: held: It wasn't approved by 10:00 GMT.",
        "Tue 12 Jan 11:00 Reminder that it is held: told Marc, Priya, Asha, Jo",
        "Tue 12 Jan 12:10 Numbers: Sent to 1 in less than a minute; told Asha, Priya",
        (
            "Wed 13 Jan 12:00 Numbers: After a day: accepted for 1, clicked by 0, 0 unsubscribed; "
            "told Asha"
        ),
        "Tue 19 Jan 12:00 Report is final: settled",
        (
            "Tue 19 Jan 12:00 Numbers: After a week: accepted for 1, clicked by 0, 0 unsubscribed; "
            "told Asha"
        ),
    ]
    assert march[7:15] == [
        "Fri 5 Mar 12:00 Reminder to approve: told Marc, Priya",
        "Fri 5 Mar 16:00 Reminder to approve: told Marc, Priya, Asha, Jo",
        "Tue 9 Mar 07:50 Addresses asked again: its addresses are asked once more",
        "Tue 9 Mar 08:00 Last look before it goes out: nothing has changed",
        "Tue 9 Mar 15:00 15 minutes before: skipped: it was due 5 hours ago",
        (
            "Tue 9 Mar 15:00 Time to go out: held: The server was away at 10:00 GMT and came back "
            "more than an hour later."
        ),
        "Wed 10 Mar 07:50 Addresses asked again: its addresses are asked once more",
        "Wed 10 Mar 08:00 Last look before it goes out: nothing has changed",
    ]
    assert may[4:7] == [
        "Wed 5 May 09:00 Look at what is left: nobody had opened it: Jo owns it now; told Asha, Jo",
        "Wed 5 May 09:00 Submit by today: told Jo",
        "Thu 6 May 09:00 Look at what is left: told Jo",
    ]
    assert july[4:9] == [
        "Sat 10 Jul 09:00 Look at what is left: skipped: it was due 3 days ago",
        "Sat 10 Jul 09:00 Submit by today: skipped: it was due 3 days ago",
        "Sat 10 Jul 09:00 Look at what is left: skipped: it was due 2 days ago",
        "Sat 10 Jul 09:00 Reminder to approve: skipped: it was due 21 hours ago",
        "Sat 10 Jul 09:00 Reminder to approve: told Marc, Priya, Asha, Jo",
    ]
    with database.reading() as session:
        asked = session.scalars(
            select(SystemMail.subject).where(SystemMail.subject.contains("skip it or send"))
        ).all()
    # Of the month that nobody wrote in, and of what the last days of the year leave unwritten.
    assert asked[0] == "Members' Update, April 2027: skip it or send a short one?"
