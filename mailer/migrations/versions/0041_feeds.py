"""Feeds that are followed, and what items of the library came by them; which may be shown to all.

A running old version follows none, and shows nothing on public pages.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("title", sa.String(998), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_digest", sa.String(64), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.String(998), nullable=False),
        sa.Column("last_modified", sa.String(998), nullable=False),
        sa.Column("added_by", sa.String(998), nullable=False),
        sa.Column("added_at", _AT, nullable=False),
        sa.Column("asked_at", _AT, nullable=True),
        sa.Column("fresh_at", _AT, nullable=True),
        sa.Column("due_at", _AT, nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("left", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
        sa.UniqueConstraint("url_digest", name="uq_feeds_url_digest"),
    )
    with op.batch_alter_table("library_items") as table:
        table.add_column(sa.Column("feed_revision", sa.Integer(), nullable=True))
        table.add_column(sa.Column("feed_fields", sa.JSON(), nullable=True))
        table.add_column(sa.Column("feed_taken", sa.JSON(), nullable=True))
        table.add_column(
            sa.Column("is_public", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    with op.batch_alter_table("library_items") as table:
        table.drop_column("is_public")
        table.drop_column("feed_taken")
        table.drop_column("feed_fields")
        table.drop_column("feed_revision")
    op.drop_table("feeds")
