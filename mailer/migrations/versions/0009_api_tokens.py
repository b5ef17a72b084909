"""A table for the tokens of programs.

A running old version sees a table more, and has no API.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "api_tokens",
        sa.Column("id", row_id, nullable=False),
        sa.Column("operator_id", row_id, nullable=False),
        sa.Column("name", sa.String(998), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("last_used_on", sa.Date()),
        sa.Column("revoked_at", moment),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.ForeignKeyConstraint(
            ["operator_id"],
            ["operators.id"],
            ondelete="CASCADE",
            name="fk_api_tokens_operator_id",
        ),
    )
    op.create_index("ix_api_tokens_operator_id", "api_tokens", ["operator_id"])


def downgrade() -> None:
    op.drop_table("api_tokens")
