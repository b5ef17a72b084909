"""Whom a schedule asks for stories by itself; nobody, until somebody chooses.

A running old version asks nobody, whatever is chosen.
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("schedules") as table:
        table.add_column(sa.Column("asks", sa.String(24), nullable=False, server_default="nobody"))
        table.add_column(
            sa.Column("asks_quiet_months", sa.SmallInteger(), nullable=False, server_default="6")
        )


def downgrade() -> None:
    with op.batch_alter_table("schedules") as table:
        table.drop_column("asks_quiet_months")
        table.drop_column("asks")
