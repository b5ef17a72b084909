"""Receipts have a reason, a status code, and a key that keeps one thing from being told twice.

A running old version sees three columns more, which it neither reads nor writes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("receipts", sa.Column("reason", sa.String(24)))
    op.add_column("receipts", sa.Column("code", sa.String(12)))
    op.add_column("receipts", sa.Column("key", sa.String(64)))
    told = sa.text("key IS NOT NULL")
    op.create_index(
        "ix_receipts_key",
        "receipts",
        ["key"],
        unique=True,
        sqlite_where=told,
        postgresql_where=told,
    )


def downgrade() -> None:
    op.drop_index("ix_receipts_key", "receipts")
    for name in ("key", "code", "reason"):
        op.drop_column("receipts", name)
