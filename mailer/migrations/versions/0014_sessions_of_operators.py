"""A table for the sessions of operators, so that each can be ended.

A running old version sees a table more. It lets nobody in by a session of the new version, nor the
new one by an old: everybody signs in again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "operator_sessions",
        sa.Column("id", row_id, nullable=False),
        sa.Column("operator_id", row_id, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("device", sa.String(80), nullable=False),
        sa.Column("by_link", sa.Boolean(), nullable=False),
        sa.Column("begun_at", moment, nullable=False),
        sa.Column("last_seen_at", moment, nullable=False),
        sa.Column("ended_at", moment),
        sa.PrimaryKeyConstraint("id", name="pk_operator_sessions"),
        sa.UniqueConstraint("digest", name="uq_operator_sessions_digest"),
        sa.ForeignKeyConstraint(
            ["operator_id"],
            ["operators.id"],
            ondelete="CASCADE",
            name="fk_operator_sessions_operator_id",
        ),
    )
    op.create_index("ix_operator_sessions_operator_id", "operator_sessions", ["operator_id"])


def downgrade() -> None:
    op.drop_table("operator_sessions")
