"""System mails say what happened, and so which template shows them.

A running old version leaves the column empty and shows all of them alike, as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notices") as table:
        table.add_column(sa.Column("template", sa.String(80), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("notices") as table:
        table.drop_column("template")
