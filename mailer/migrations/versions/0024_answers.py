"""A table of answers to polls.

A running old version does not see it. It sends no poll either, so nobody has a link to answer by.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("id", _ID, nullable=False),
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("block_id", sa.String(64), nullable=False),
        sa.Column("contact_id", _ID, nullable=True),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_answers_campaign_id"),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name="fk_answers_contact_id",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
        sa.UniqueConstraint(
            "campaign_id",
            "block_id",
            "contact_id",
            name="uq_answers_campaign_id_block_id_contact_id",
        ),
    )
    op.create_index("ix_answers_contact_id", "answers", ["contact_id"])


def downgrade() -> None:
    op.drop_table("answers")
