"""How many members of each category there were when an issue was launched.

A running old version writes none: an issue that it launches shows the figures as they are when
each copy is made, and the next issue compares its own with none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("figures", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("campaigns") as table:
        table.drop_column("figures")
