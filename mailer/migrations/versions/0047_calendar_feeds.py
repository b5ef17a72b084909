"""What the address of somebody's calendar feed is known by; none where they have no feed.

A running old version goes on as it was.
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("operators", sa.Column("calendar_key", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("operators") as table:
        table.drop_column("calendar_key")
