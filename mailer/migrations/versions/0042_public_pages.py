"""Which public pages of the library are switched on, and where members have their websites.

A running old version shows none of these pages.
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "installation",
        sa.Column("public_pages", sa.String(200), nullable=False, server_default=""),
    )
    op.add_column(
        "organisations", sa.Column("website", sa.String(998), nullable=False, server_default="")
    )


def downgrade() -> None:
    with op.batch_alter_table("organisations") as table:
        table.drop_column("website")
    with op.batch_alter_table("installation") as table:
        table.drop_column("public_pages")
