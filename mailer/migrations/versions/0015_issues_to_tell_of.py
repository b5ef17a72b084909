"""A column for what has happened to an issue of which its people have not been told yet.

A running old version leaves it empty, and then nobody is told.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("to_tell", sa.String(200)))
    op.create_index("ix_campaigns_to_tell", "campaigns", ["to_tell"])


def downgrade() -> None:
    op.drop_index("ix_campaigns_to_tell", "campaigns")
    with op.batch_alter_table("campaigns") as table:
        table.drop_column("to_tell")
