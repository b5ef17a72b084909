"""A table for what DNS said of the domains that mail comes from.

A running old version sees a table more, and launches without looking at it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "domain_checks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("domain", sa.String(998), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("aligned", sa.Boolean()),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_domain_checks"),
    )
    op.create_index("ix_domain_checks_domain_checked_at", "domain_checks", ["domain", "checked_at"])


def downgrade() -> None:
    op.drop_table("domain_checks")
