"""What an approval was for, who changed an issue last, comments, and who may approve their own.

A running old version approves versions alone, and by anybody: what it approves holds for as long
as that version does. Stop old processes first where that matters.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("approval_id", _ID, nullable=True))
    op.add_column("campaigns", sa.Column("edited_by", sa.String(998), nullable=True))
    op.add_column(
        "newsletters",
        sa.Column("self_approval", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "approvals",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(998), nullable=False),
        sa.Column("audience", sa.String(64), nullable=False),
        sa.Column("sender", sa.String(998), nullable=False),
        sa.Column("good_until", _AT, nullable=False),
        sa.Column("will", sa.Integer(), nullable=False),
        sa.Column("excluded", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(998), nullable=False),
        sa.Column("by_author", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_approvals_campaign_id"),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_campaign_id", "approvals", ["campaign_id"])
    op.create_table(
        "comments",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("block_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(998), nullable=False),
        sa.Column("by_name", sa.String(998), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("resolved_at", _AT, nullable=True),
        sa.Column("resolved_by", sa.String(998), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_comments_campaign_id"),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
    )
    op.create_index("ix_comments_campaign_id", "comments", ["campaign_id"])
    op.create_table(
        "review_copies",
        sa.Column("notice_id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["notices.id"],
            name="fk_review_copies_notice_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_review_copies_campaign_id"
        ),
        sa.PrimaryKeyConstraint("notice_id", name="pk_review_copies"),
    )


def downgrade() -> None:
    op.drop_table("review_copies")
    op.drop_table("comments")
    op.drop_table("approvals")
    with op.batch_alter_table("newsletters") as table:
        table.drop_column("self_approval")
    with op.batch_alter_table("campaigns") as table:
        table.drop_column("edited_by")
        table.drop_column("approval_id")
