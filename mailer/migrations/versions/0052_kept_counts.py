"""Counts that are kept, and the marks that say whether they still hold.

The triggers that move the marks are put in place after every migration. A running old version goes
on as it was, and what it changes moves the marks too.
"""

import sqlalchemy as sa
from alembic import op

from contacts.database import Instant, RowId

revision = "0052"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change_marks",
        sa.Column("campaign_id", RowId, primary_key=True, autoincrement=False),
        sa.Column("at", Instant(), primary_key=True),
        sa.Column("transaction", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("number", RowId, nullable=False),
    )
    op.create_table(
        "kept_counts",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("counted_at", Instant(), nullable=False),
        sa.Column("took", sa.Integer(), nullable=False),
        sa.Column("wanted_at", Instant(), nullable=True),
    )
    op.create_index(
        "ix_kept_counts_wanted_at",
        "kept_counts",
        ["wanted_at"],
        postgresql_where=sa.text("wanted_at IS NOT NULL"),
        sqlite_where=sa.text("wanted_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("kept_counts")
    op.drop_table("change_marks")
