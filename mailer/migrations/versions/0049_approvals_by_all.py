"""Approvals of one of several who all have to approve, and what is said until they have.

A running old version takes the first of them for all: stop it before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("approvals") as table:
        table.add_column(
            sa.Column("counts", sa.Boolean(), nullable=False, server_default=sa.true())
        )
    with op.batch_alter_table("campaigns") as table:
        table.add_column(sa.Column("part_version", sa.Integer(), nullable=True))
        table.add_column(sa.Column("part_said", sa.String(998), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("campaigns") as table:
        table.drop_column("part_said")
        table.drop_column("part_version")
    with op.batch_alter_table("approvals") as table:
        table.drop_column("counts")
