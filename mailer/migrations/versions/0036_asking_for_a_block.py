"""Who asks to take over the block that somebody writes in.

A running old version tells nobody of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("presences", sa.Column("asked_by", sa.String(998), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("presences") as table:
        table.drop_column("asked_by")
