"""Migrations: up, down, up again on both databases, and equal to the models."""

from datetime import date
from typing import Final

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from contacts.database import Base, Database
from mailer import migrations
from mailer.models import Campaign, CampaignStatus, PullIn, Schedule
from tests.factories import a_cast


def test_a_fresh_database_is_up_to_date_and_matches_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata
        )

    assert differences == []
    assert not migrations.is_behind(database.engine)


def test_every_migration_goes_down_and_up_again(database: Database) -> None:
    migrations.downgrade(database.engine, "base")
    behind = migrations.is_behind(database.engine)
    migrations.upgrade(database.engine)

    assert behind
    assert not migrations.is_behind(database.engine)


_OLD_RULES: Final = (
    ("weekday", 2, 1, "FREQ=MONTHLY;BYDAY=2TU"),
    ("weekday", -1, 4, "FREQ=MONTHLY;BYDAY=-1FR"),
    ("day", 15, None, "FREQ=MONTHLY;BYMONTHDAY=15"),
    ("day", 31, None, "FREQ=MONTHLY;BYMONTHDAY=-1"),
)


def test_monthly_rules_become_text_and_go_back(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_cast(session).newsletter
    migrations.downgrade(database.engine, "0028")
    with database.writing() as session:
        for rule, nth, weekday, _ in _OLD_RULES:
            session.execute(
                text(
                    "INSERT INTO schedules (newsletter_id, rule, nth, weekday, time, zone,"
                    " draft_days_before, subject, template, active, created_at) VALUES"
                    " (:newsletter, :rule, :nth, :weekday, '10:00', 'Europe/London', 14, 'News',"
                    " '{}', true, '2026-11-03 09:00:00')"
                ),
                {"newsletter": newsletter, "rule": rule, "nth": nth, "weekday": weekday},
            )

    migrations.upgrade(database.engine)
    with database.reading() as session:
        found = session.scalars(select(Schedule).order_by(Schedule.id)).all()
    migrations.downgrade(database.engine, "0028")
    with database.reading() as session:
        back = session.execute(text("SELECT rule, nth, weekday FROM schedules ORDER BY id")).all()
    migrations.upgrade(database.engine)

    assert [each.rrule for each in found] == [rrule for *_, rrule in _OLD_RULES]
    assert {each.starts_on for each in found} == {date(2026, 11, 3)}
    assert {(each.ask_days_before, each.stories_days_before) for each in found} == {(14, 9)}
    assert found[0].pulls_in == list(PullIn)
    assert [tuple(row) for row in back] == [row[:3] for row in _OLD_RULES]


def test_issues_of_a_schedule_come_through_every_change_of_both_tables(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_cast(session).newsletter
    migrations.downgrade(database.engine, "0028")
    with database.writing() as session:
        session.execute(
            text(
                "INSERT INTO schedules (id, newsletter_id, rule, nth, weekday, time, zone,"
                " draft_days_before, subject, template, active, created_at) VALUES"
                " (7, :newsletter, 'weekday', 2, 1, '10:00', 'Europe/London', 14, 'News',"
                " :document, true, '2026-11-03 09:00:00')"
            ),
            {"newsletter": newsletter, "document": '{"version": 1, "blocks": []}'},
        )
        session.execute(
            text(
                "INSERT INTO campaigns (id, newsletter_id, name, slug, status, subject,"
                " preview_text, document, version, schedule_id, occurrence, created_at, updated_at)"
                " VALUES (9, :newsletter, 'December', '2026-12', 'draft', 'News', '', '{}', 1, 7,"
                " '2026-12-08T10:00', '2026-11-03 09:00:00', '2026-11-03 09:00:00')"
            ),
            {"newsletter": newsletter},
        )

    for to in (migrations.HEAD, "0028", migrations.HEAD):
        (migrations.downgrade if to == "0028" else migrations.upgrade)(database.engine, to)
        with database.reading() as session:
            made = session.execute(text("SELECT schedule_id FROM campaigns WHERE id = 9")).scalar()
        assert made == 7

    with database.reading() as session:
        schedule = session.get_one(Schedule, 7)
        template = session.get_one(Campaign, schedule.template_id)
    assert template.status is CampaignStatus.TEMPLATE
    assert template.document == {"version": 1, "blocks": []}
