"""Tables for what is heard about system mail, and for how far a mailbox has been read.

A running old version sees two tables more: bounces of system mail it sets aside, as it did before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "notice_receipts",
        sa.Column("id", row_id, nullable=False),
        sa.Column("notice_id", row_id, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("reason", sa.String(24)),
        sa.Column("code", sa.String(12)),
        sa.Column("key", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice_receipts"),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["notices.id"],
            ondelete="CASCADE",
            name="fk_notice_receipts_notice_id",
        ),
        sa.UniqueConstraint("key", name="uq_notice_receipts_key"),
    )
    op.create_index("ix_notice_receipts_notice_id", "notice_receipts", ["notice_id"])
    op.create_index("ix_notice_receipts_kind_at", "notice_receipts", ["kind", "at"])
    op.create_table(
        "mailboxes",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("read_through", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_mailboxes"),
    )


def downgrade() -> None:
    op.drop_table("mailboxes")
    op.drop_table("notice_receipts")
