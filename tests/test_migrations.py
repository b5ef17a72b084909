"""Migrations: up, down, up again on both databases, and equal to the models."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import mailer.models  # noqa: F401
from contacts.database import Base, Database
from mailer import migrations


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
