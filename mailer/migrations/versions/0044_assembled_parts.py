"""What issues are filled with, and why.

A running old version makes drafts with their template alone, and offers nothing later.
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0042"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "assembled_parts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("block_id", sa.String(64), nullable=False),
        sa.Column("item_id", _ID, nullable=True),
        sa.Column("title", sa.String(998), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_assembled_parts_campaign_id"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["library_items.id"],
            name="fk_assembled_parts_item_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assembled_parts"),
        sa.UniqueConstraint("campaign_id", "key", name="uq_assembled_parts_campaign_id_key"),
    )
    op.create_index("ix_assembled_parts_item_id", "assembled_parts", ["item_id"])


def downgrade() -> None:
    op.drop_table("assembled_parts")
