"""The network's time zone, languages and privacy notice; who may hold a category.

A running old version leaves them as they are, and makes rows with what held before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_NETWORK = (
    ("time_zone", sa.String(64), "Europe/London"),
    ("languages", sa.String(998), "en-GB"),
    ("privacy_notice_url", sa.String(998), ""),
)


def upgrade() -> None:
    for name, kind, default in _NETWORK:
        column = sa.Column(name, kind, server_default=default, nullable=False)
        op.add_column("installation", column)
    held_by = sa.Column("held_by", sa.String(24), server_default="both", nullable=False)
    op.add_column("categories", held_by)


def downgrade() -> None:
    with op.batch_alter_table("categories") as table:
        table.drop_column("held_by")
    with op.batch_alter_table("installation") as table:
        for name, _, _ in reversed(_NETWORK):
            table.drop_column(name)
